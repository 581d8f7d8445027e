import { snapshotToJson } from '../../datasets/snapshot.js';
import type { BlockSnapshot } from '../../types.js';
import { compareBlock, withoutTransaction, type Comparison, type NamedExecutor } from './compare.js';
import { shrink } from './shrink.js';

/** What blocks came to, to tell whether the fuzzing reaches anything. */
export interface FuzzCounts {
  blocks: number;
  transactions: number;
  refused: number;
  unsupported: number;
}

export interface FuzzFailure {
  readonly block: BlockSnapshot;
  readonly differences: readonly string[];
}

/** Compares a block, and where all refuse one of its transactions, the block without it. */
export async function fuzzBlock(
  block: BlockSnapshot,
  executors: readonly NamedExecutor[],
  counts: FuzzCounts,
): Promise<FuzzFailure | null> {
  counts.blocks += 1;
  let rest = block;
  for (;;) {
    const comparison = await compareBlock(rest, executors);
    if (comparison.kind === 'different') return { block: rest, differences: comparison.differences };
    if (comparison.kind === 'unsupported') counts.unsupported += 1;
    if (comparison.kind === 'equal') counts.transactions += rest.transactions.length;
    if (comparison.kind !== 'refused') return null;
    counts.refused += 1;
    rest = withoutTransaction(rest, comparison.transactionIndex);
  }
}

/** A failure as a message: how to see it again, what differs, and the smallest block found that still differs. */
export async function describeFailure(failure: FuzzFailure, executors: readonly NamedExecutor[]): Promise<string> {
  const small = await shrink(failure.block, async (block) => isDifferent(await compareBlock(block, executors)));
  const comparison = await compareBlock(small, executors);
  const seed = failure.block.origin.replace('fuzz:', '');
  return [
    `Seed ${seed} (LANECAST_FUZZ_SEED=${seed} LANECAST_FUZZ_BLOCKS=1 npm run fuzz):`,
    ...failure.differences,
    'Shrunk, it differs in:',
    ...(comparison.kind === 'different' ? comparison.differences : []),
    'The shrunk block:',
    JSON.stringify(snapshotToJson(small)),
    'The whole block:',
    JSON.stringify(snapshotToJson(failure.block)),
  ].join('\n');
}

function isDifferent(comparison: Comparison): boolean {
  return comparison.kind === 'different';
}
