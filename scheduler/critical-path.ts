import { findBlockers } from './graph.js';
import { at, rowOf } from './rows.js';
import type { Workload } from './workload.js';

/** In the unit of the workload's costs. Each transaction counts as waiting at its start, wherever its reads are. */
export interface CriticalPath {
  /** All transactions one after the other. */
  readonly totalCost: number;
  /** The most costly chain of transactions of which each reads what the one before wrote. */
  readonly longestCost: number;
  /**
   * `totalCost / longestCost`: where all reads are at the start, no number of workers is faster than sequential by more.
   * A run whose transactions read late may be: they overlap with what they wait for. Null where there is no work.
   */
  readonly bound: number | null;
}

/**
 * The critical path of a workload: finish(j) = cost(j) + the largest finish(i) over the blockers i of j.
 * The published figures are those of `createWorkload(record, { cost: 'gas', balances: 'strict' })`.
 */
export function criticalPath(workload: Workload): CriticalPath {
  const { transactions } = workload;
  const blockers = findBlockers(workload);
  const finish = new Float64Array(transactions.length);
  let [totalCost, longestCost] = [0, 0];
  for (const [index, { cost }] of transactions.entries()) {
    const start = rowOf(blockers, index).reduce((latest, blocker) => Math.max(latest, at(finish, blocker)), 0);
    finish[index] = start + cost;
    totalCost += cost;
    longestCost = Math.max(longestCost, start + cost);
  }
  return { totalCost, longestCost, bound: longestCost === 0 ? null : totalCost / longestCost };
}
