import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NextPlaces } from '../../../scheduler/reorder/next-places.js';
import { countFeeInversions, rankTips } from '../../../scheduler/reorder/tolerance.js';

const COUNT = 9;
const perTransaction = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
  fc.array(value, { minLength: COUNT, maxLength: COUNT });

/** Rules of a small block, and which of the allowed transactions is taken each time. */
const cases = fc.record({
  senders: perTransaction(fc.nat(COUNT - 1)),
  tips: perTransaction(fc.constantFrom(0n, 90n, 100n, 101n, 1000n)),
  tolerance: fc.constantFrom(0, 0.01, 0.1, 0.5, 1),
  pinned: fc.uniqueArray(fc.nat(COUNT - 1), { maxLength: 2 }),
  mostPositions: fc.constantFrom(1, 2, 4, COUNT),
  choices: perTransaction(fc.nat(1_000)),
});
type Case = typeof cases extends fc.Arbitrary<infer Value> ? Value : never;

/** Whether two transactions may change places, told from the definition. */
function mayPass({ senders, tips, tolerance, pinned }: Case, earlier: number, later: number): boolean {
  if (senders[earlier] === senders[later] || pinned.includes(earlier) || pinned.includes(later)) return false;
  const [low = 0n, high = 0n] = [tips[earlier] ?? 0n, tips[later] ?? 0n].sort((a, b) => (a < b ? -1 : 1));
  return low * 100n >= high * BigInt(Math.round(100 - tolerance * 100));
}

function placesOf({ senders, tips, tolerance, pinned, mostPositions }: Case): NextPlaces {
  return new NextPlaces({
    senders: Uint32Array.from(senders),
    tips: rankTips(tips, tolerance),
    pinned: Uint8Array.from(senders, (_, index) => (pinned.includes(index) ? 1 : 0)),
    mostPositions,
  });
}

describe('the next places of an order', () => {
  it('allow whoever may pass all that have no place, and may be taken in any way to the end', () => {
    fc.assert(
      fc.property(cases, (each) => {
        const places = placesOf(each);
        let left = [...Array(COUNT).keys()];
        for (const [place, choice] of each.choices.entries()) {
          const rest = left;
          const allowed = places.allowed();
          const expected = rest.filter((index) => {
            const passed = rest.filter((other) => other < index);
            // Were the others to follow in the given order, nobody would be too far from where it was.
            const order = [index, ...rest.filter((other) => other !== index)];
            const isNear = order.every((other, at) => Math.abs(place + at - other) <= each.mostPositions);
            return isNear && passed.every((other) => mayPass(each, other, index));
          });
          expect(allowed).toEqual(expected);
          const taken = allowed[choice % allowed.length] ?? -1;
          expect(rest).toContain(taken);
          places.take(taken);
          left = rest.filter((index) => index !== taken);
        }
        expect(places.allowed()).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('tips', () => {
  it('are compared exactly, far above what doubles hold', () => {
    const tips = [10n ** 30n, 10n ** 30n - 10n ** 21n, 10n ** 30n - 10n ** 21n - 1n];
    const { rank, lowest } = rankTips(tips, 1e-9);
    expect([...rank]).toEqual([2, 1, 0]);
    expect(lowest[2]).toBe(1);
  });

  it('count as inversions where the higher one comes later', () => {
    expect(countFeeInversions([0, 1, 1, 2], [0, 1, 2, 3])).toBe(5);
    expect(countFeeInversions([0, 1, 1, 2], [3, 1, 2, 0])).toBe(0);
  });
});
