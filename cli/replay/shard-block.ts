import { assignShards, EVERY_SHARD } from '../../scheduler/shards.js';
import { simulateShards } from '../../scheduler/shards/simulate.js';
import { verifyShardedRun } from '../../scheduler/shards/verify.js';
import type { Workload } from '../../scheduler/workload.js';
import type { ReplayShards } from './reorder-document.js';
import { totalCost } from './simulated-runs.js';

export interface ShardSettings {
  readonly shards: number;
  readonly balanceBound: number;
}

/**
 * Assigns a block to shards by its accesses and simulates it on them.
 * Errors: those of `assignShards`.
 */
export function shardBlock(workload: Workload, { shards, balanceBound }: ShardSettings): ReplayShards {
  const assignment = assignShards({ workload, shards, balanceBound });
  const run = simulateShards(workload, assignment);
  const total = totalCost(workload);
  const copiedKeys = assignment.shardOfKey.filter((shard) => shard === EVERY_SHARD).length;
  return {
    ...{ shards, balanceBound },
    crossShard: assignment.crossShard,
    crossShardShare: assignment.crossShardShare,
    localCost: [...assignment.localCost],
    imbalance: assignment.imbalance,
    isWithinBound: assignment.isWithinBound,
    largestComponentShare: total === 0 ? 0 : assignment.largestComponentCost / total,
    ...{ ownedKeys: workload.keyCount - copiedKeys, copiedKeys },
    makespanCost: run.makespanCost,
    speedup: run.speedup,
    recordsCommitted: run.recordsCommitted,
    verified: verifyShardedRun(workload, run),
  };
}
