import { findBlockers } from './graph.js';
import { compressRows, emptyRows, type CompressedRows } from './rows.js';
import { rankDescending, upwardRanks } from './upward-rank.js';
import type { Workload } from './workload.js';

/** How to run a block. A hint: whatever it says, the result is that of the block's order, and only the time differs. */
export interface Plan {
  /** By transaction: the smaller, the earlier; equal ones in block order. */
  readonly priority: Uint32Array;
  /** By transaction: the earlier transactions whose first execution it waits for. Others than earlier ones are ignored. */
  readonly blockers: CompressedRows;
  /** By transaction: the keys that it is expected to write; marked ESTIMATE until it was executed. */
  readonly writes: CompressedRows;
  /** Threads to use, at least 1. One thread needs neither versions nor validation: it runs the block in its order. */
  readonly workers: number;
}

/** Plain Block-STM in block order. */
export function emptyPlan(transactions: number, workers: number): Plan {
  const nothing = emptyRows(transactions);
  return { priority: new Uint32Array(transactions), blockers: nothing, writes: nothing, workers };
}

/** The plan of one who knows: true dependencies, and the longest remaining path first (upward rank). */
export function oraclePlan(workload: Workload, workers: number): Plan {
  const blockers = findBlockers(workload);
  const costs = Float64Array.from(workload.transactions, ({ cost }) => cost);
  return {
    priority: rankDescending(upwardRanks(costs, blockers)),
    blockers,
    writes: compressRows(
      workload.transactions.map(({ accesses }) => accesses.filter(({ kind }) => kind !== 'read').map(({ key }) => key)),
    ),
    workers,
  };
}
