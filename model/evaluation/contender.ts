import type { BlockPrediction, PendingBlock, PredictedConflicts, PredictedKey } from '../../scheduler/predictor.js';
import type { BlockRecord } from '../../types.js';

/** Any part of a prediction, and what follows from pairs where the predictor knows better. What is absent is not judged. */
export interface PartialPrediction extends Partial<BlockPrediction> {
  /**
   * Pairs of which the later transaction may also depend on the earlier through an account. Where absent: the predicted
   * conflicts and those that follow from the accounts among the predicted accesses.
   */
  readonly conflictsWithAccounts?: PredictedConflicts;
  /** By transaction: P(it depends on any earlier one). Where absent: its likeliest pair's. */
  readonly dependentProbability?: Float32Array;
  /** By transaction: the latest earlier one that it depends on, -1 for none. Where absent: the latest pair at the threshold. */
  readonly latestBlocker?: Int32Array;
}

/** Predicts some part of a block. Every `Predictor` is one. */
export interface PartialPredictor {
  predict(block: PendingBlock): PartialPrediction;
  /** Learns an executed block. Blocks come in the order of the chain. */
  learn(record: BlockRecord): void;
}

/** From which probability on a prediction counts as a yes. */
export interface Thresholds {
  readonly conflict: number;
  /** Of `dependentProbability`, or of the likeliest pair; where absent that of `conflict`. */
  readonly dependent?: number;
  readonly access: number;
  readonly write: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = { conflict: 0.5, access: 0.5, write: 0.5 };

/** Says why a pair (earlier, later) of a block was misjudged; null where it has nothing to say. */
export type ExplainPair = (block: PendingBlock, earlier: number, later: number) => string | null;

/** Says why a slot of an executed block was not foreseen; null where it has nothing to say. Asked before the block is learned. */
export type ExplainSlots = (record: BlockRecord) => (transaction: number, key: PredictedKey) => string | null;

/** A predictor that takes part in an evaluation. */
export interface Contender {
  readonly predictor: PartialPredictor;
  /** Awaited once, between what is learned before judging and the first judged block: the place for training. */
  readonly prepare?: () => Promise<void>;
  /** 0.5 each where absent. Read after `prepare`. */
  readonly thresholds?: Partial<Thresholds>;
  /** Preferred to the causes that the evaluation finds by itself. */
  readonly explain?: ExplainPair;
  readonly explainSlots?: ExplainSlots;
}
