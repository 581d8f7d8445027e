import fc from 'fast-check';
import type { Plan } from '../../scheduler/plan.js';
import type { BlockHints } from '../../scheduler/predictor.js';
import { at, rowCount, rowOf } from '../../scheduler/rows.js';
import { rowsOf } from '../model/blocks.js';

/** Key, P(read), P(write), P(add). */
export type Use = readonly [key: number, read: number, write?: number, add?: number];
type Pair = readonly [earlier: number, later: number, probability: number];

export const readOf = (key: number, probability = 1): Use => [key, probability];
export const changeOf = (key: number, probability = 1): Use => [key, probability, probability];
export const creditOf = (key: number, probability = 1): Use => [key, 0, 0, probability];

/** What a test says of hints, by transaction; the rest is plain: each costs 100, no keys, no pairs. */
export interface HintsDraft {
  readonly costs?: readonly number[];
  readonly uses?: readonly (readonly Use[])[];
  readonly pairs?: readonly Pair[];
}

/** The hints of a block of `count` transactions. */
export function hintsFrom(count: number, { costs, uses = [], pairs }: HintsDraft = {}): BlockHints {
  const rows = Array.from({ length: count }, (_, index) => uses[index] ?? []);
  const entries = rows.flat();
  return {
    offsets: Uint32Array.from({ length: count + 1 }, (_, row) => rows.slice(0, row).flat().length),
    keys: Uint32Array.from(entries, ([key]) => key),
    keyCount: Math.max(-1, ...entries.map(([key]) => key)) + 1,
    read: Float32Array.from(entries, ([, read]) => read),
    write: Float32Array.from(entries, ([, , write = 0]) => write),
    add: Float32Array.from(entries, ([, , , add = 0]) => add),
    conflicts: pairs === undefined ? null : rowsOf(count, pairs),
    costs: Float64Array.from(costs ?? rows.map(() => 100)),
  };
}

/** By transaction: `key read write add`, to three decimals. */
export function describeHints({ offsets, keys, read, write, add }: BlockHints): string[][] {
  return Array.from(offsets.subarray(1)).map((end, row) =>
    Array.from({ length: end - at(offsets, row) }, (_, position) => {
      const access = at(offsets, row) + position;
      const chances = [read, write, add].map((list) => Number(at(list, access).toFixed(3)));
      return [at(keys, access), ...chances].join(' ');
    }),
  );
}

export function blockersIn({ blockers }: Pick<Plan, 'blockers'>): number[][] {
  return Array.from({ length: rowCount(blockers) }, (_, row) => [...rowOf(blockers, row)].sort((a, b) => a - b));
}

/** The transactions by priority, then in block order. */
export function orderIn({ priority }: Pick<Plan, 'priority'>): number[] {
  return [...priority.keys()].sort((a, b) => at(priority, a) - at(priority, b) || a - b);
}

const probabilities = fc.constantFrom(0, 0.03, 0.25, 0.5, 0.75, 1);

const lists = <Item>(items: fc.Arbitrary<Item>, count: number): fc.Arbitrary<Item[]> =>
  fc.array(items, { minLength: count, maxLength: count });

/** Any hints, right or wrong, for a block of `count` transactions. Pairs are of any two, if `unordered`, or as they should be. */
export function anyHints(count: number, pairs: 'ordered' | 'unordered' = 'ordered'): fc.Arbitrary<BlockHints> {
  const uses = fc.uniqueArray(fc.tuple(fc.nat(5), probabilities, probabilities, probabilities), {
    maxLength: 4,
    selector: ([key]) => key,
  });
  const anyPairs = fc.uniqueArray(fc.tuple(fc.nat(count), fc.nat(count), probabilities), {
    maxLength: 2 * count,
    selector: ([earlier, later]) => `${earlier} ${later}`,
  });
  const isOrdered = ([earlier, later]: Pair): boolean => earlier < later && later < count;
  const somePairs = pairs === 'ordered' ? anyPairs.map((list) => list.filter(isOrdered)) : anyPairs;
  return fc
    .record(
      {
        costs: lists(fc.constantFrom(1, 21_000, 33_333.5, 400_000), count),
        uses: lists(uses, count),
        pairs: somePairs,
      },
      { requiredKeys: ['costs', 'uses'] },
    )
    .map((draft) => hintsFrom(count, draft));
}
