import { describe, expect, it } from 'vitest';
import { emptyPlan } from '../../../scheduler/plan.js';
import { smfPlan } from '../../../scheduler/policies/smf.js';
import { blockersIn, changeOf, creditOf, orderIn, readOf, type HintsDraft } from '../hints.js';
import { hintedInput, inputOf } from './inputs.js';

const [reads, changes, credits] = [readOf(0), changeOf(0), creditOf(0)];
const seeds = Array.from({ length: 50 }, (_, number) => number);

/** The orders that come from many seeds. The sample is the whole rest, as blocks are small. */
function ordersOf(count: number, hints: HintsDraft): number[][] {
  const transactions = Array.from({ length: count }, () => ({}));
  return seeds.map((number) => orderIn(smfPlan(inputOf(transactions, { hints, number }))));
}

describe('smf', () => {
  it('after the first, puts what conflicts with it last', () => {
    const orders = ordersOf(4, { costs: [10, 10, 10, 10], uses: [[changes], [changes], [changeOf(1)], [changeOf(2)]] });
    const afterAChange = orders.filter(([first]) => first === 0 || first === 1);
    expect(afterAChange.length).toBeGreaterThan(0);
    for (const order of afterAChange) expect(order[3]).toBe(1 - (order[0] ?? 0));
  });

  it('starts with any', () => {
    expect(new Set(ordersOf(3, {}).map(([first]) => first))).toEqual(new Set([0, 1, 2]));
  });

  it('takes the least increase of the makespan first', () => {
    const sorted = ordersOf(4, { costs: [10, 20, 30, 40] }).filter(([first]) => first === 0);
    expect(sorted.length).toBeGreaterThan(0);
    for (const order of sorted) expect(order).toEqual([0, 1, 2, 3]);
  });

  it('lets reads of a key overlap, but no write with a read', () => {
    const uses = [[reads], [reads], [changes]];
    const orders = ordersOf(3, { costs: [10, 12, 5], uses }).filter(([first]) => first === 0);
    expect(orders.length).toBeGreaterThan(0);
    // The second read ends at 12, the write would end at 15.
    for (const order of orders) expect(order).toEqual([0, 1, 2]);
  });

  it('lets credits of a key overlap, but no credit with a read or a change', () => {
    const costs = [10, 12, 5];
    const overlapping = ordersOf(3, { costs, uses: [[credits], [credits], [reads]] }).filter(([first]) => first === 0);
    expect(overlapping.length).toBeGreaterThan(0);
    // The second credit ends at 12, the read would end at 15.
    for (const order of overlapping) expect(order).toEqual([0, 1, 2]);
    const apart = ordersOf(3, { costs, uses: [[credits], [changes], [changeOf(1)]] }).filter(([first]) => first === 0);
    expect(apart.length).toBeGreaterThan(0);
    // The change would end at 22.
    for (const order of apart) expect(order).toEqual([0, 2, 1]);
  });

  it('samples 5, so that a long block is not simply sorted', () => {
    const costs = Array.from({ length: 100 }, (_, index) => index + 1);
    const order = orderIn(smfPlan(hintedInput(100, { costs, uses: costs.map(() => [changes]) })));
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
            { hints: {}, number },
          ),
        ),
      );
    expect(block(7)).toEqual(block(7));
    expect(block(7)).not.toEqual(block(8));
  });

  it('waits for nothing', () => {
    const input = hintedInput(2, { uses: [[changes], [changes]], pairs: [[0, 1, 1]] });
    expect(blockersIn(smfPlan(input))).toEqual([[], []]);
  });

  it('is Block-STM in block order without hints', () => {
    expect(smfPlan(inputOf([{}, {}]))).toEqual(emptyPlan(2, 4));
  });
});
