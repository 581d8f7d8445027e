import type { WasmExecutor } from '../../executor/wasm/index.js';
import { oraclePlan, type Plan } from '../../scheduler/plan.js';
import { withDenseKeys, workloadOfPrediction } from '../../scheduler/predicted-workload.js';
import type { BlockHints } from '../../scheduler/predictor.js';
import { permuteWorkload } from '../../scheduler/reorder.js';
import { emptyRows } from '../../scheduler/rows.js';
import type { Workload } from '../../scheduler/workload.js';
import type { BlockRecord, BlockSnapshot } from '../../types.js';
import { reorderRecord, reorderSnapshot, type ReorderSettings } from './reorder-block.js';
import type { ReplayReorder, ReplayShards } from './reorder-document.js';
import { shardBlock, type ShardSettings } from './shard-block.js';

/** What a builder or a sharded chain would make of a block; null where that is not asked for. */
export interface BuildOptions {
  readonly reorder: ReorderSettings | null;
  readonly shards: ShardSettings | null;
}

export interface BuiltBlock {
  readonly reorder: ReplayReorder | null;
  readonly shards: ReplayShards | null;
}

/** A block that was replayed and is not yet learned. */
export interface ReplayedBlock {
  readonly record: BlockRecord;
  /** True accesses, to judge by. */
  readonly actual: Workload;
  /** What is expected of it. */
  readonly hints: () => BlockHints;
  /** Where the WASM engine can execute its transactions in another order; null where it cannot. */
  readonly onEngine: { readonly wasm: WasmExecutor; readonly snapshot: BlockSnapshot } | null;
}

const NOTHING: BuildOptions = { reorder: null, shards: null };

/**
 * Gives a block another order, and assigns it to shards, by its predicted accesses alone. What the order was made for is then
 * judged by the true accesses, and executed where that is possible. Errors: those of `reorderSnapshot` and `assignShards`.
 */
export async function buildBlock(block: ReplayedBlock, { reorder, shards } = NOTHING): Promise<BuiltBlock> {
  if (reorder === null && shards === null) return NOTHING_BUILT;
  const expected = withDenseKeys(workloadOfPrediction(block.hints()));
  return {
    reorder: reorder && (await reorderBlock(block, expected, reorder)),
    shards: shards && shardBlock(expected, shards),
  };
}

const NOTHING_BUILT: BuiltBlock = { reorder: null, shards: null };

async function reorderBlock(
  { record, actual, onEngine }: ReplayedBlock,
  expected: Workload,
  settings: ReorderSettings,
): Promise<ReplayReorder> {
  const planFor = (order: readonly number[]): Plan => planOrder(expected, order, settings.threads);
  const hints = { expected, actual, planFor };
  if (onEngine === null) return reorderRecord(record, hints, settings);
  return reorderSnapshot(onEngine.wasm, onEngine.snapshot, hints, settings);
}

/** Waits for whatever is expected. Predicted keys have numbers of their own, so that none is marked. */
function planOrder(expected: Workload, order: readonly number[], workers: number): Plan {
  const plan = oraclePlan(permuteWorkload(expected, order), workers);
  return { ...plan, writes: emptyRows(order.length) };
}
