import { findBlockers } from './graph.js';
import { at, compressRows, emptyRows, rowOf, type CompressedRows } from './rows.js';
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
  return {
    priority: rankDescending(upwardRanks(workload, blockers)),
    blockers,
    writes: compressRows(
      workload.transactions.map(({ accesses }) => accesses.filter(({ kind }) => kind !== 'read').map(({ key }) => key)),
    ),
    workers,
  };
}

/** By transaction: its cost and that of the most costly chain that waits for it. */
function upwardRanks({ transactions }: Workload, blockers: CompressedRows): Float64Array {
  const waiting = new Float64Array(transactions.length);
  for (let index = transactions.length - 1; index >= 0; index--) {
    const rank = at(waiting, index) + (transactions[index]?.cost ?? 0);
    waiting[index] = rank;
    for (const blocker of rowOf(blockers, index)) waiting[blocker] = Math.max(at(waiting, blocker), rank);
  }
  return waiting;
}

/** Positions in the order of descending values; equal values keep their order. */
function rankDescending(values: Float64Array): Uint32Array {
  const order = [...values.keys()].sort((a, b) => at(values, b) - at(values, a) || a - b);
  const ranks = new Uint32Array(values.length);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  return ranks;
}
