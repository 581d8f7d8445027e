import { at, rowOf } from '../rows.js';
import type { Cluster } from './clusters.js';
import { listOwned, type OwnedKeys } from './owned-keys.js';
import { NO_SHARD, Placement } from './placement.js';

/**
 * Gives clusters to shards one after the other: to the one that already has most of a cluster's keys and has room, else to
 * the one with the least work. Then each key lives where most of its transactions are.
 */
export function packClusters(
  owned: OwnedKeys,
  clusters: readonly Cluster[],
  { shards, mostCost }: { readonly shards: number; readonly mostCost: number },
): Placement {
  const shardOfTransaction = new Int32Array(owned.costs.length).fill(NO_SHARD);
  const work = new Float64Array(shards);
  for (const { transactions, cost } of clusters) {
    const shared = sharedKeys(owned, transactions, { shardOfTransaction, shards });
    const shard = chooseShard(shared, work, mostCost - cost);
    work[shard] = at(work, shard) + cost;
    for (const index of transactions) shardOfTransaction[index] = shard;
  }
  const shardOfKey = new Int32Array(owned.isOwned.length).fill(NO_SHARD);
  for (const key of listOwned(owned)) shardOfKey[key] = majorityOf(rowOf(owned.users, key), shardOfTransaction, shards);
  return new Placement(owned, shards, shardOfKey);
}

/** By shard: how often its transactions use a key of the cluster. */
function sharedKeys(
  { keys, users }: OwnedKeys,
  transactions: readonly number[],
  { shardOfTransaction, shards }: { readonly shardOfTransaction: Int32Array; readonly shards: number },
): Float64Array {
  const shared = new Float64Array(shards);
  for (const key of new Set(transactions.flatMap((index) => [...rowOf(keys, index)]))) {
    for (const user of rowOf(users, key)) {
      const shard = at(shardOfTransaction, user);
      if (shard !== NO_SHARD) shared[shard] = at(shared, shard) + 1;
    }
  }
  return shared;
}

function chooseShard(shared: Float64Array, work: Float64Array, mostWork: number): number {
  let [chosen, least] = [NO_SHARD, 0];
  for (const [shard, cost] of work.entries()) {
    if (cost < at(work, least)) least = shard;
    if (cost > mostWork) continue;
    const known = chosen === NO_SHARD ? -1 : at(shared, chosen);
    if (at(shared, shard) > known || (at(shared, shard) === known && cost < at(work, chosen))) chosen = shard;
  }
  return chosen === NO_SHARD ? least : chosen;
}

/** Where most of the users are; of several shards the first. */
function majorityOf(users: Uint32Array, shardOfTransaction: Int32Array, shards: number): number {
  const votes = new Uint32Array(shards);
  for (const user of users) {
    const shard = at(shardOfTransaction, user);
    votes[shard] = at(votes, shard) + 1;
  }
  return votes.reduce((most, count, shard) => (count > at(votes, most) ? shard : most), 0);
}
