import { describe, expect, it } from 'vitest';
import { emptyPlan } from '../../../scheduler/plan.js';
import { smfPlan } from '../../../scheduler/policies/smf.js';
import { blockersIn, inputOf, orderIn, predictedInput, type PredictionDraft, type Use } from './inputs.js';

const reads: Use = [0, 1, 0];
const changes: Use = [0, 1, 1];
const seeds = Array.from({ length: 50 }, (_, number) => number);

/** The orders that come from many seeds. The sample is the whole rest, as blocks are small. */
function ordersOf(count: number, prediction: PredictionDraft): number[][] {
  const transactions = Array.from({ length: count }, () => ({}));
  return seeds.map((number) => orderIn(smfPlan(inputOf(transactions, { prediction, number }))));
}

describe('smf', () => {
  it('after the first, puts what conflicts with it last', () => {
    const orders = ordersOf(4, { gas: [10, 10, 10, 10], uses: [[changes], [changes], [[1, 1, 1]], [[2, 1, 1]]] });
    const afterAChange = orders.filter(([first]) => first === 0 || first === 1);
    expect(afterAChange.length).toBeGreaterThan(0);
    for (const order of afterAChange) expect(order[3]).toBe(1 - (order[0] ?? 0));
  });

  it('starts with any', () => {
    expect(new Set(ordersOf(3, {}).map(([first]) => first))).toEqual(new Set([0, 1, 2]));
  });

  it('takes the least increase of the makespan first', () => {
    const sorted = ordersOf(4, { gas: [10, 20, 30, 40] }).filter(([first]) => first === 0);
    expect(sorted.length).toBeGreaterThan(0);
    for (const order of sorted) expect(order).toEqual([0, 1, 2, 3]);
  });

  it('lets reads of a key overlap, but no write with a read', () => {
    const uses: Use[][] = [[reads], [reads], [changes]];
    const orders = ordersOf(3, { gas: [10, 12, 5], uses }).filter(([first]) => first === 0);
    expect(orders.length).toBeGreaterThan(0);
    // The second read ends at 12, the write would end at 15.
    for (const order of orders) expect(order).toEqual([0, 1, 2]);
  });

  it('samples 5, so that a long block is not simply sorted', () => {
    const gas = Array.from({ length: 100 }, (_, index) => index + 1);
    const order = orderIn(smfPlan(predictedInput(100, { gas, uses: gas.map(() => [changes]) })));
    const [early, late] = [order.slice(0, 50), order.slice(50)];
    const sum = (list: readonly number[]): number => list.reduce((total, index) => total + index, 0);
    expect(sum(early)).toBeLessThan(sum(late));
    expect(order.slice(1)).not.toEqual(order.slice(1).toSorted((a, b) => a - b));
  });

  it('is the same for the same block, and another for another number', () => {
    const block = (number: number): number[] =>
      orderIn(
        smfPlan(
          inputOf(
            Array.from({ length: 30 }, () => ({})),
            { prediction: {}, number },
          ),
        ),
      );
    expect(block(7)).toEqual(block(7));
    expect(block(7)).not.toEqual(block(8));
  });

  it('waits for nothing', () => {
    const input = predictedInput(2, { uses: [[changes], [changes]], pairs: [[0, 1, 1]] });
    expect(blockersIn(smfPlan(input))).toEqual([[], []]);
  });

  it('is Block-STM in block order without a prediction', () => {
    expect(smfPlan(inputOf([{}, {}]))).toEqual(emptyPlan(2, 4));
  });
});
