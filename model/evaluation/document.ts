import type { BlockClassification, ClassificationScores } from './classification.js';
import type { ErrorAnalysis } from './errors.js';
import type { BinaryScores, ReliabilityBin } from './metrics.js';
import type { QuantityScores } from './quantity.js';

/** Scores of the contender named `model`, null without one, and of the others that predict such a thing, by name. */
export interface Judged<Scores> {
  readonly model: Scores | null;
  readonly baselines: Readonly<Record<string, Scores>>;
}

/** Through storage slots, at the threshold for conflicts. */
export interface TransactionScores {
  /** Whether a transaction depends on any earlier one. */
  readonly dependent: BinaryScores;
  /** Of the dependent transactions: the share whose latest blocker is the predicted one. Null without any. */
  readonly latestBlockerAccuracy: number | null;
}

/** The model's own, null where it is absent or predicts no conflicts, and the baselines'. */
export interface PerTransaction {
  readonly dependent: BinaryScores | null;
  readonly latestBlockerAccuracy: number | null;
  readonly baselines: Readonly<Record<string, TransactionScores>>;
}

export interface BlockScores {
  readonly chainId: number;
  readonly number: number;
  readonly transactions: number;
  /** True pairs through slots. */
  readonly conflictPairs: number;
  readonly dependentTransactions: number;
  readonly conflicts: Judged<BlockClassification>;
}

export interface KindScores {
  readonly transactions: number;
  /** True pairs of which the later transaction is of this kind. */
  readonly conflictPairs: number;
  readonly conflicts: Judged<BinaryScores>;
  readonly gas: Judged<QuantityScores>;
}

/** What `evaluate` comes to. Counts and scores are of the judged blocks unless their name says otherwise. */
export interface EvaluateDocument {
  readonly schema: 'lanecast.evaluate/1';
  /** Number of the last block that was learned before judging. */
  readonly trainUntil: number;
  /** Whether each judged block was learned after it was judged. */
  readonly online: boolean;
  readonly trainingBlocks: number;
  readonly blocks: number;
  readonly transactions: number;
  /** True pairs through slots. */
  readonly conflictPairs: number;
  readonly conflictPairsWithAccounts: number;
  readonly dependentTransactions: number;
  /** Ordered pairs (i < j) of which j reads or writes a storage slot that i wrote. */
  readonly conflicts: Judged<ClassificationScores>;
  /** The same, or j accesses an account that i changed, the fee recipient's aside. */
  readonly conflictsWithAccounts: Judged<ClassificationScores>;
  /** Storage slots that a transaction reads or writes. */
  readonly accesses: Judged<ClassificationScores>;
  /** Storage slots that it writes. */
  readonly writes: Judged<ClassificationScores>;
  /** Gas used by a transaction; errors in gas. */
  readonly gas: Judged<QuantityScores>;
  /** Wall time of a transaction; errors in ns. Null where the records or the contenders know no times. */
  readonly executionNs: Judged<QuantityScores> | null;
  readonly perTransaction: PerTransaction;
  readonly perBlock: readonly BlockScores[];
  readonly perKind: Readonly<Record<string, KindScores>>;
  /** Of the model's conflicts; null without a model. */
  readonly reliability: readonly ReliabilityBin[] | null;
  /** Of the model; null without one. */
  readonly errors: ErrorAnalysis | null;
}
