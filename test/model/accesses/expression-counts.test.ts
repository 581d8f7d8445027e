import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CountList,
  CountsRenamer,
  CountsSharer,
  EXPRESSION_LIMIT,
  ExpressionUses,
  MAX_EXPRESSIONS,
  NO_COUNTS,
  type ExpressionCounts,
} from '../../../model/accesses/expression-counts.js';

const expression = fc.oneof(fc.nat(40), fc.integer({ min: EXPRESSION_LIMIT - 3, max: EXPRESSION_LIMIT - 1 }));
const count = fc.oneof(fc.constantFrom(0, 0.5, 1, 3), fc.double({ min: 0, max: 100, noNaN: true }));
const entries = fc.uniqueArray(fc.tuple(expression, count, count), { selector: ([id]) => id, maxLength: 40 });
const call = fc.uniqueArray(fc.tuple(expression, fc.boolean()), { selector: ([id]) => id, maxLength: 20 });

function listOf(rows: readonly (readonly [number, number, number])[]): CountList {
  const list = new CountList();
  for (const [id, reads, writes] of rows) list.add(id, reads, writes);
  return list;
}

function rowsOf(counts: ExpressionCounts): (readonly [number, number, number])[] {
  const { expressions, reads, writes } = new CountList().unpack(counts);
  return expressions.map((id, index) => [id, reads[index] ?? -1, writes[index] ?? -1]);
}

describe('packed counts', () => {
  it('give back to the bit what was packed, in its order', () => {
    fc.assert(
      fc.property(entries, (rows) => {
        expect(rowsOf(listOf(rows).pack())).toEqual(rows);
      }),
    );
  });

  it('count and age as a plain map does', () => {
    const step = fc.record({ factor: fc.constantFrom(1, 0.5, 0.9), uses: call });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const plain = new Map<number, readonly [number, number]>();
        let counts = NO_COUNTS;
        for (const { factor, uses } of steps) {
          const list = new CountList().unpack(counts);
          list.age(factor);
          list.count(new ExpressionUses(new Map(uses)));
          counts = list.pack();
          for (const [id, [reads, writes]] of plain) plain.set(id, [reads * factor, writes * factor]);
          for (const [id, written] of uses) {
            const [reads, writes] = plain.get(id) ?? [0, 0];
            plain.set(id, [reads + 1, writes + (written ? 1 : 0)]);
          }
        }
        expect(rowsOf(counts)).toEqual([...plain].map(([id, [reads, writes]]) => [id, reads, writes]));
      }),
    );
  });

  it('forget the rarest half of too many, of equals the earlier', () => {
    const many = Array.from({ length: MAX_EXPRESSIONS + 1 }, (_, id) => [id, id < 5 ? 2 : 1, 0] as const);
    const list = listOf(many.slice(0, MAX_EXPRESSIONS));
    list.count(new ExpressionUses(new Map([[MAX_EXPRESSIONS, true]])));
    const kept = [...many.slice(0, 5), ...many.slice(5 - MAX_EXPRESSIONS / 2, -1), [MAX_EXPRESSIONS, 1, 1]];
    expect(rowsOf(list.pack())).toEqual(kept);
  });

  it('of one call are one list for all that saw nothing else, also after renaming and reading', () => {
    const uses = new ExpressionUses(
      new Map([
        [7, true],
        [3, false],
        [9, true],
      ]),
    );
    const list = new CountList();
    const counts = uses.counts(list);
    expect(uses.counts(list)).toBe(counts);
    const renamer = new CountsRenamer((id) => id + 100);
    expect(renamer.of(counts)).toBe(renamer.of(counts));
    expect(rowsOf(renamer.of(counts)).map(([id]) => id)).toEqual([107, 103, 109]);
    const sharer = new CountsSharer();
    expect(sharer.of(counts.slice())).toBe(sharer.of(counts.slice()));
    expect(sharer.of([])).toBe(NO_COUNTS);
  });
});
