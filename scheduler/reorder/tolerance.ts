import { at } from '../rows.js';

const BILLION = 1_000_000_000n;

/**
 * Which tips may change places, as ranks: transactions may be swapped against the given order where the lower tip is at
 * least (1 − tolerance) of the higher one. Ranks number the different tips, ascending.
 */
export interface TipRanks {
  /** By transaction. */
  readonly rank: Uint32Array;
  /** By rank: the lowest and the highest rank of those that it may change places with. */
  readonly lowest: Uint32Array;
  readonly highest: Uint32Array;
}

/** Exact in wei; the tolerance, from 0 to 1, is rounded to billionths. */
export function rankTips(tipsWei: readonly bigint[], tolerance: number): TipRanks {
  const values = [...new Set(tipsWei)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const rankOf = new Map(values.map((value, rank) => [value, rank]));
  const kept = BILLION - BigInt(Math.round(tolerance * 1e9));
  const lowest = new Uint32Array(values.length);
  const highest = new Uint32Array(values.length);
  let low = 0;
  for (const [rank, value] of values.entries()) {
    while ((values[low] ?? value) * BILLION < value * kept) low += 1;
    lowest[rank] = low;
  }
  let high = 0;
  for (const rank of values.keys()) {
    while (high + 1 < values.length && at(lowest, high + 1) <= rank) high += 1;
    highest[rank] = high;
  }
  return { rank: Uint32Array.from(tipsWei, (tip) => rankOf.get(tip) ?? 0), lowest, highest };
}

/** Pairs of which the later one pays a higher tip. */
export function countFeeInversions(tipRanks: ArrayLike<number>, order: readonly number[]): number {
  const counts = new Uint32Array(order.length + 1);
  const addTo = (rank: number): void => {
    for (let place = rank + 1; place < counts.length; place += place & -place) counts[place] = at(counts, place) + 1;
  };
  const below = (rank: number): number => {
    let sum = 0;
    for (let place = rank; place > 0; place -= place & -place) sum += at(counts, place);
    return sum;
  };
  let inversions = 0;
  for (const index of order) {
    inversions += below(at(tipRanks, index));
    addTo(at(tipRanks, index));
  }
  return inversions;
}
