import type { BlockHints, PendingBlock } from '../predictor.js';

/** All that a policy may know of a block before its execution. */
export interface PlanInput {
  readonly block: PendingBlock;
  /** Of this block; null where nothing predicts it. */
  readonly hints: BlockHints | null;
  /** Threads that there are, at least 1. */
  readonly workers: number;
}
