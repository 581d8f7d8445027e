import { at } from '../rows.js';
import type { Workload } from '../workload.js';

/**
 * A time below which no order of a block comes on the workers, where each transaction waits at its start for what it reads:
 * the most of the mean work of a worker, the most costly transaction, and the work of all that see and replace one key.
 * Where somebody replaces a key without seeing it, that breaks the chain, and the key does not count.
 */
export function leastMakespan({ transactions, keyCount }: Workload, workers: number): number {
  const inTurn = new Float64Array(keyCount);
  let [total, longest] = [0, 0];
  for (const { cost, accesses } of transactions) {
    total += cost;
    longest = Math.max(longest, cost);
    const seen = new Set(accesses.filter(({ kind }) => kind === 'read').map(({ key }) => key));
    for (const { key, kind } of accesses) {
      if (kind === 'write') inTurn[key] = seen.has(key) ? at(inTurn, key) + cost : -Infinity;
    }
  }
  return inTurn.reduce((least, cost) => Math.max(least, cost), Math.max(longest, total / workers));
}
