import { at } from '../rows.js';
import type { Workload } from '../workload.js';
import type { ShardedRun } from './simulate.js';

/**
 * Whether a sharded run comes to what the block's order comes to, on memory of one version: whoever sees or replaces what
 * another replaces, or sees what another credits, starts after the earlier one has ended.
 */
export function verifyShardedRun({ transactions, keyCount }: Workload, { startCost, finishCost }: ShardedRun): boolean {
  const [read, written, credited] = [0, 1, 2].map(() => new Float64Array(keyCount));
  const latest = (key: number, ends: readonly (Float64Array | undefined)[]): number =>
    Math.max(...ends.map((end) => at(end ?? [], key)));
  for (const [index, { accesses }] of transactions.entries()) {
    for (const { key, kind } of accesses) {
      const before = { read: [written, credited], write: [read, written, credited], add: [read, written] }[kind];
      if (at(startCost, index) < latest(key, before)) return false;
    }
    for (const { key, kind } of accesses) {
      const ends = { read, write: written, add: credited }[kind];
      if (ends !== undefined) ends[key] = Math.max(at(ends, key), at(finishCost, index));
    }
  }
  return true;
}
