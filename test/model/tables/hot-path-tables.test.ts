import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentLists } from '../../../model/conflicts/recent-lists.js';
import { evidenceLevel } from '../../../model/tables/levels.js';
import { StampedIndex } from '../../../model/tables/stamped-index.js';

describe('the level of evidence', () => {
  it('is twice the binary logarithm of one more than the count, rounded and bounded', () => {
    const count = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.double({ min: 0, max: 1e12, noNaN: true }));
    fc.assert(
      fc.property(count, (value) => {
        expect(evidenceLevel(value)).toBe(Math.min(60, Math.round(2 * Math.log2(1 + value))));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an index that is cleared', () => {
  it('numbers values as a new Map would', () => {
    const rounds = fc.array(fc.array(fc.integer({ min: -5, max: 400 }), { maxLength: 500 }), { maxLength: 5 });
    fc.assert(
      fc.property(rounds, (all) => {
        const index = new StampedIndex();
        for (const values of all) {
          index.clear();
          const numbers = new Map<number, number>();
          for (const value of values) {
            expect(index.find(value)).toBe(numbers.get(value) ?? -1);
            if (!numbers.has(value)) numbers.set(value, numbers.size);
            expect(index.add(value)).toBe(numbers.get(value));
          }
          expect(index.size).toBe(numbers.size);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('recent lists', () => {
  it('give the entries of each list, the last first, and nothing of before they were cleared', () => {
    const entries = fc.array(fc.tuple(fc.nat(600), fc.nat(1000)), { maxLength: 1500 });
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 3 }), (all) => {
        const lists = new RecentLists();
        for (const added of all) {
          lists.clear();
          for (const [list, value] of added) lists.add(list, value);
          for (let list = 0; list <= 600; list += 1) {
            const values: number[] = [];
            for (let entry = lists.last(list); entry >= 0; entry = lists.previous(entry))
              values.push(lists.value(entry));
            expect(values).toEqual(added.flatMap(([to, value]) => (to === list ? [value] : [])).reverse());
          }
        }
      }),
      { numRuns: 10 },
    );
  });
});
