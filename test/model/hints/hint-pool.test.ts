import { describe, expect, it } from 'vitest';
import { CERTAIN_CHANGE, CERTAIN_CREDIT, type AccountUse } from '../../../model/hints/account-use.js';
import { HintPool, HintRow } from '../../../model/hints/hint-pool.js';
import { describeHints } from '../../scheduler/hints.js';

const MOST_KEYS = 64;
const SEEN: AccountUse = { read: 1, write: 0, add: 0 };
type Uses = readonly (readonly [key: number, use: AccountUse])[];

function rowOf(uses: Uses): HintRow {
  const row = new HintRow();
  for (const [key, use] of uses) row.add(key, use);
  return row;
}

/** A pool with transactions that use keys so, and their rows. */
function poolOf(...transactions: readonly Uses[]): { readonly pool: HintPool; readonly rows: Uint32Array } {
  const pool = new HintPool();
  const rows = Uint32Array.from(transactions, (uses, index) => pool.add(rowOf(uses), index + 5));
  return { pool, rows };
}

describe('the keys of a transaction', () => {
  it('are there once, by their strongest use', () => {
    const { keys, uses } = rowOf([
      [5, { read: 0.25, write: 0.125, add: 0 }],
      [6, SEEN],
      [5, { read: 0.125, write: 0.25, add: 0.5 }],
    ]);
    expect(keys).toEqual([5, 6]);
    expect(uses).toEqual([{ read: 0.25, write: 0.25, add: 0.5 }, SEEN]);
  });

  it('are not merely credited where they are seen', () => {
    const { uses } = rowOf([
      [5, CERTAIN_CREDIT],
      [5, { read: 0.75, write: 0, add: 0 }],
      [6, CERTAIN_CREDIT],
      [6, CERTAIN_CHANGE],
    ]);
    expect(uses).toEqual([{ read: 0.75, write: 0, add: 0.25 }, CERTAIN_CHANGE]);
  });

  it('are left out where they are hardly likely', () => {
    expect(rowOf([0.049, 0.05].map((read, key) => [key, { read, write: 0, add: 0 }])).keys).toEqual([1]);
  });

  it('are no more than fit, the first ones; those may still become likelier', () => {
    const uses = Array.from({ length: MOST_KEYS + 10 }, (_, key) => [key, SEEN] as const);
    const row = rowOf([...uses, [0, CERTAIN_CHANGE]]);
    expect(row.keys).toEqual(Array.from({ length: MOST_KEYS }, (_, key) => key));
    expect(row.uses[0]).toEqual(CERTAIN_CHANGE);
  });
});

describe('the hints of a block', () => {
  it('are those of its transactions, without keys that nobody else names or nobody changes', () => {
    const { pool, rows } = poolOf(
      [
        [10, CERTAIN_CHANGE],
        [11, SEEN],
        [13, SEEN],
      ],
      [[12, CERTAIN_CHANGE]],
      [
        [11, CERTAIN_CREDIT],
        [10, SEEN],
        [13, SEEN],
      ],
    );
    const hints = pool.hintsOf(rows, null);
    expect(describeHints(hints)).toEqual([['0 1 1 0', '1 1 0 0'], [], ['1 0 0 1', '0 1 0 0']]);
    expect(hints.costs).toEqual(Float64Array.of(5, 6, 7));
    expect(hints.keys).toHaveLength(hints.offsets[3] ?? -1);
    expect(hints.conflicts).toBeNull();
  });

  it('may have any order and leave transactions out', () => {
    const { pool, rows } = poolOf([[10, CERTAIN_CHANGE]], [[10, SEEN]], [[10, CERTAIN_CREDIT]]);
    expect(describeHints(pool.hintsOf(rows.slice(1).reverse(), null))).toEqual([['0 0 0 1'], ['0 1 0 0']]);
  });

  it('let all add to a key that is credited by all', () => {
    const { pool, rows } = poolOf([[10, CERTAIN_CHANGE]], [], [[10, SEEN]]);
    const hints = pool.hintsOf(rows, pool.numberOf(99));
    expect(describeHints(hints)).toEqual([['0 1 1 0', '1 0 0 1'], ['1 0 0 1'], ['0 1 0 0', '1 0 0 1']]);
    expect(hints.keyCount).toBe(2);
  });

  it('have probabilities to a byte', () => {
    const uses: Uses = [[10, { read: 0.3, write: 0.6, add: 0 }]];
    const { pool, rows } = poolOf(uses, uses);
    const { read, write } = pool.hintsOf(rows, null);
    expect(Math.abs((read[0] ?? 0) - 0.3)).toBeLessThanOrEqual(0.5 / 255 + 1e-6);
    expect(Math.abs((write[0] ?? 0) - 0.6)).toBeLessThanOrEqual(0.5 / 255 + 1e-6);
  });

  it('forget whoever has left', () => {
    const { pool, rows } = poolOf([[10, CERTAIN_CHANGE]], [[10, SEEN]], [[10, SEEN]]);
    pool.release(rows[0] ?? -1);
    expect(describeHints(pool.hintsOf(rows.slice(1), null))).toEqual([[], []]);
  });

  it('of no transactions are empty', () => {
    const hints = new HintPool().hintsOf(new Uint32Array(0), null);
    expect([hints.offsets, hints.costs]).toEqual([Uint32Array.of(0), new Float64Array(0)]);
  });
});

describe('a pool', () => {
  it('has room for many transactions', () => {
    const transactions = Array.from({ length: 3_000 }, (_, index): Uses => [
      [index % 100, CERTAIN_CHANGE],
      [500 + index, SEEN],
    ]);
    const { pool, rows } = poolOf(...transactions);
    const { offsets, keys } = pool.hintsOf(rows, null);
    expect(offsets[3_000]).toBe(3_000);
    expect(new Set(keys).size).toBe(100);
  });

  it('holds nothing of what was there before it started over', () => {
    const { pool, rows } = poolOf([[10, CERTAIN_CHANGE]], [[10, SEEN]]);
    pool.startOver();
    expect(Array.from(rows, (row) => pool.holds(row))).toEqual([false, false]);
    const again = Uint32Array.of(pool.add(rowOf([[10, SEEN]]), 1), pool.add(rowOf([[10, CERTAIN_CHANGE]]), 1));
    expect(Array.from(again, (row) => pool.holds(row))).toEqual([true, true]);
    pool.release(rows[0] ?? -1);
    expect(describeHints(pool.hintsOf(again, null))).toEqual([['0 1 0 0'], ['0 1 1 0']]);
  });
});
