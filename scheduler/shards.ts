import { LanecastError } from '../errors.js';
import { clusterByKeys } from './shards/clusters.js';
import { ownedKeysOf, type OwnedKeys } from './shards/owned-keys.js';
import { packClusters } from './shards/pack.js';
import { NO_SHARD, Placement } from './shards/placement.js';
import { joinTransactions, placeFree, relieveShards } from './shards/refine.js';
import type { Workload } from './workload.js';

/** Of a key that is not owned: each shard has a copy of it. */
export const EVERY_SHARD = NO_SHARD;

export interface ShardInput {
  /** What the transactions access and cost, as known or as expected. */
  readonly workload: Workload;
  /** Number of shards, 1 to 1,024. */
  readonly shards: number;
  /** How much more than an equal share of the block's work a shard may have, as a fraction: from 0. */
  readonly balanceBound: number;
}

/** Costs are in the unit of the workload's. */
export interface ShardAssignment {
  readonly shards: number;
  /** By transaction: where it runs; of a cross-shard one the shard that owns most of its keys, which leads it. */
  readonly shardOfTransaction: Int32Array;
  /** By key: the one shard that owns it, or EVERY_SHARD for keys that are only read or only credited. */
  readonly shardOfKey: Int32Array;
  /** By transaction: 1 where it touches keys that different shards own. */
  readonly isCrossShard: Uint8Array;
  readonly crossShard: number;
  /** Of the transactions; 0 without any. */
  readonly crossShardShare: number;
  /** By shard: the cost of the transactions that need no other shard. */
  readonly localCost: Float64Array;
  /** Most local cost of a shard over the mean; 1 where there is none. */
  readonly imbalance: number;
  /** (1 + balanceBound) × cost of the block / shards. */
  readonly limitCost: number;
  /** False where a shard has more than that: a transaction, or what hangs on a single key, is larger or does not fit. */
  readonly isWithinBound: boolean;
  /** Above the limit its shard is over the bound, unless it is cross-shard. */
  readonly largestTransactionCost: number;
  /** The most costly set of transactions that owned keys connect: above the limit it has to be cut. */
  readonly largestComponentCost: number;
}

export const MOST_SHARDS = 1_024;

/**
 * Assigns transactions and the keys that they change to shards, so that few transactions need several shards and no shard has
 * more local work than the bound allows, best effort. Transactions are joined by the keys that few share, as far as a shard
 * has room, then packed, then refined by moving keys. Deterministic; the order of the block is not changed.
 * Throws LanecastError INVALID_ARGUMENT for options out of range.
 */
export function assignShards({ workload, shards, balanceBound }: ShardInput): ShardAssignment {
  checkOptions(shards, balanceBound);
  const owned = ownedKeysOf(workload);
  const totalCost = owned.costs.reduce((sum, cost) => sum + cost, 0);
  const limitCost = ((1 + balanceBound) * totalCost) / shards;
  // To cut below the most costly transaction gains nothing: no run is shorter than that.
  const mostCost = owned.costs.reduce((most, cost) => Math.max(most, cost), limitCost);
  const placement = packClusters(owned, clusterByKeys(owned, mostCost), { shards, mostCost });
  joinTransactions(owned, placement, mostCost);
  relieveShards(owned, placement, mostCost);
  joinTransactions(owned, placement, mostCost);
  // Sums that grew and shrank are made anew.
  return describe(owned, new Placement(owned, shards, placement.shardOfKey), limitCost);
}

function checkOptions(shards: number, balanceBound: number): void {
  if (!Number.isInteger(shards) || shards < 1 || shards > MOST_SHARDS) {
    throw new LanecastError('INVALID_ARGUMENT', `expected 1 to ${MOST_SHARDS} shards, got ${shards}`);
  }
  if (!(balanceBound >= 0 && balanceBound < Infinity)) {
    throw new LanecastError('INVALID_ARGUMENT', `expected a balance bound from 0, as a fraction, got ${balanceBound}`);
  }
}

function describe(owned: OwnedKeys, placement: Placement, limitCost: number): ShardAssignment {
  const free = placeFree(owned, placement);
  const { shards, shardOfKey, localCost, crossShard } = placement;
  const transactions = owned.costs.length;
  const most = Math.max(...localCost);
  const mean = localCost.reduce((sum, cost) => sum + cost, 0) / shards;
  return {
    shards,
    shardOfTransaction: Int32Array.from(owned.costs, (_, index) => free.get(index) ?? placement.mainShard(index)),
    shardOfKey,
    isCrossShard: Uint8Array.from(owned.costs, (_, index) => (placement.isCrossShard(index) ? 1 : 0)),
    crossShard,
    crossShardShare: transactions === 0 ? 0 : crossShard / transactions,
    localCost,
    imbalance: mean === 0 ? 1 : most / mean,
    limitCost,
    isWithinBound: most <= limitCost,
    largestTransactionCost: owned.costs.reduce((largest, cost) => Math.max(largest, cost), 0),
    largestComponentCost: clusterByKeys(owned, Infinity)[0]?.cost ?? 0,
  };
}
