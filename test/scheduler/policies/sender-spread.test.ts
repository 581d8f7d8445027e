import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { senderSpreadPlan } from '../../../scheduler/policies/sender-spread.js';
import { blockersIn, orderIn } from '../hints.js';
import { addressOf, inputOf } from './inputs.js';

const WINDOW = 32;

function spread(senders: readonly number[]): number[] {
  return orderIn(senderSpreadPlan(inputOf(senders.map((sender) => ({ from: addressOf(sender) })))));
}

const times = <Item>(count: number, itemOf: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => itemOf(index));

/** AIP-27 word by word, in quadratic time. */
function publishedOrder(senders: readonly number[]): number[] {
  const [order, unseen, pending]: [number[], number[], number[]] = [[], [...senders.keys()], []];
  const inWindow = (sender: number, end: number): boolean =>
    order.slice(Math.max(0, end - WINDOW), end).some((index) => senders[index] === sender);
  const choose = (): number => {
    const left = senders[order[order.length - 1 - WINDOW] ?? -1];
    const waiting = pending.findIndex((index) => senders[index] === left);
    if (left !== undefined && waiting >= 0 && !inWindow(left, order.length)) return pending.splice(waiting, 1)[0] ?? -1;
    for (let next = unseen.shift(); next !== undefined; next = unseen.shift()) {
      if (!inWindow(senders[next] ?? -1, order.length)) return next;
      pending.push(next);
    }
    return pending.shift() ?? -1;
  };
  while (order.length < senders.length) order.push(choose());
  return order;
}

describe('sender-spread', () => {
  it('keeps the order of the block where all senders differ, or none do', () => {
    expect(spread(times(40, (index) => index))).toEqual(times(40, (index) => index));
    expect(spread(times(40, () => 7))).toEqual(times(40, (index) => index));
  });

  it('puts 32 others between two transactions of a sender', () => {
    const senders = [0, 0, ...times(40, (index) => index + 1)];
    expect(spread(senders).indexOf(1)).toBe(WINDOW + 1);
  });

  it('deals out senders in turns where they come in runs', () => {
    const senders = times(33 * 3, (index) => Math.floor(index / 3));
    expect(spread(senders)).toEqual(times(33 * 3, (place) => (place % 33) * 3 + Math.floor(place / 33)));
  });

  it('takes what was passed over in block order when nothing else is left', () => {
    expect(spread([1, 1, 2, 1, 2])).toEqual([0, 2, 1, 3, 4]);
  });

  it('waits for nothing', () => {
    const plan = senderSpreadPlan(inputOf([{}, {}]));
    expect(blockersIn(plan)).toEqual([[], []]);
  });

  it('is the published order, and keeps that of each sender', () => {
    const blocks = fc
      .integer({ min: 1, max: 60 })
      .chain((count) => fc.array(fc.nat(count), { maxLength: 160, size: 'max' }));
    fc.assert(
      fc.property(blocks, (senders) => {
        const order = spread(senders);
        expect(order).toEqual(publishedOrder(senders));
        for (const sender of new Set(senders)) {
          const own = order.filter((index) => senders[index] === sender);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 200, seed: 15_000_001 },
    );
  });
});
