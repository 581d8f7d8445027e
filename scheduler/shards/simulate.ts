import { LanecastError } from '../../errors.js';
import { at } from '../rows.js';
import type { ShardAssignment } from '../shards.js';
import type { Workload } from '../workload.js';
import { NO_SHARD } from './placement.js';

export interface SimulateShardsOptions {
  /** What agreeing costs, for each cross-shard transaction, in the unit of the workload's costs. 0 if absent. */
  readonly agreementCost?: number | undefined;
}

/** Times are in the unit of the workload's costs, from the start of the block. */
export interface ShardedRun {
  readonly makespanCost: number;
  /** Cost of all transactions, one after the other, over the makespan; 1 where there is no work. */
  readonly speedup: number;
  readonly crossShardShare: number;
  /**
   * What is written to the ledger: one record for the local transactions of each shard that has some (a batch, as of a
   * rollup), and one for each cross-shard transaction.
   */
  readonly recordsCommitted: number;
  /** By transaction. */
  readonly startCost: Float64Array;
  readonly finishCost: Float64Array;
}

/**
 * Runs a block on shards of one worker each. Every shard takes the transactions that touch its keys in block order; a
 * cross-shard transaction starts when all its shards have come to it, and holds them until it ends (ordered locks, as in Calvin, SIGMOD 2012).
 * Whoever conflicts meets at the shard that owns the key, so the result is that of the block's order. Keys that are only
 * read are the same everywhere, and those that are only credited are summed up at the end.
 * Throws LanecastError INVALID_ARGUMENT for an assignment of another block or a cost below 0.
 */
export function simulateShards(
  { transactions }: Workload,
  assignment: ShardAssignment,
  { agreementCost = 0 }: SimulateShardsOptions = {},
): ShardedRun {
  if (assignment.shardOfTransaction.length !== transactions.length) {
    const got = assignment.shardOfTransaction.length;
    refuse(`expected an assignment of ${transactions.length} transactions, got one of ${got}`);
  }
  if (!(agreementCost >= 0 && agreementCost < Infinity))
    refuse(`expected an agreement cost from 0, got ${agreementCost}`);
  const freeAt = new Float64Array(assignment.shards);
  const startCost = new Float64Array(transactions.length);
  const finishCost = new Float64Array(transactions.length);
  for (const [index, { cost }] of transactions.entries()) {
    const shards = shardsOf(transactions[index]?.accesses ?? [], assignment, index);
    const start = shards.reduce((latest, shard) => Math.max(latest, at(freeAt, shard)), 0);
    const finish = start + cost + (shards.length > 1 ? agreementCost : 0);
    for (const shard of shards) freeAt[shard] = finish;
    startCost[index] = start;
    finishCost[index] = finish;
  }
  const makespanCost = finishCost.reduce((latest, finish) => Math.max(latest, finish), 0);
  const totalCost = transactions.reduce((sum, { cost }) => sum + cost, 0);
  return {
    makespanCost,
    speedup: makespanCost === 0 ? 1 : totalCost / makespanCost,
    crossShardShare: assignment.crossShardShare,
    recordsCommitted: countBatches(assignment) + assignment.crossShard,
    startCost,
    finishCost,
  };
}

function refuse(message: string): never {
  throw new LanecastError('INVALID_ARGUMENT', message);
}

/** The shards that a transaction needs. */
function shardsOf(
  accesses: Workload['transactions'][number]['accesses'],
  { shardOfKey, shardOfTransaction, isCrossShard }: ShardAssignment,
  index: number,
): number[] {
  if (isCrossShard[index] !== 1) return [at(shardOfTransaction, index)];
  return [...new Set(accesses.map(({ key }) => at(shardOfKey, key)))].filter((shard) => shard !== NO_SHARD);
}

function countBatches({ shardOfTransaction, isCrossShard }: ShardAssignment): number {
  return new Set(shardOfTransaction.filter((_, index) => isCrossShard[index] !== 1)).size;
}
