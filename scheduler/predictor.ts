import type { Address, BlockRecord, Hash, Transaction } from '../types.js';

/** A block before it is executed: all that a proposer or a validator knows of it. */
export interface PendingBlock {
  readonly chainId: number;
  readonly number: number;
  readonly feeRecipient: Address;
  /**
   * Code hashes (Keccak-256) of recipients that are contracts in the state before the block, as far as the caller looked them
   * up. A recipient that is absent is taken for what history says of it.
   */
  readonly recipientCodeHashes: ReadonlyMap<Address, Hash>;
  readonly transactions: readonly Transaction[];
}

/** A storage slot or (slot null) the balance and nonce of an account. */
export interface PredictedKey {
  readonly address: Address;
  readonly slot: Hash | null;
}

/** The keys that transactions are expected to touch, as compressed rows: row i is `offsets[i]` … `offsets[i + 1] - 1`. */
export interface PredictedAccesses {
  /** Each key once. */
  readonly keys: readonly PredictedKey[];
  /** One more than there are transactions; starts with 0. */
  readonly offsets: Uint32Array;
  /** Index into `keys`. */
  readonly keyIndices: Uint32Array;
  /** Probability that the transaction touches the key at all, 0 to 1. */
  readonly readProbability: Float32Array;
  /** Probability that it changes the key, 0 to 1. */
  readonly writeProbability: Float32Array;
}

/** Ordered pairs of which the later transaction may depend on the earlier, as compressed rows by the later one. */
export interface PredictedConflicts {
  /** One more than there are transactions; starts with 0. */
  readonly offsets: Uint32Array;
  /** Index of the earlier transaction, ascending within a row. */
  readonly earlier: Uint32Array;
  /** Probability that the later one reads or writes a storage slot that the earlier one writes, 0 to 1. */
  readonly probability: Float32Array;
}

/** Quantiles of one quantity for every transaction of a block. */
export interface PredictedQuantiles {
  /** Levels, ascending, 0 to 1; 0.5 among them. */
  readonly levels: readonly number[];
  /** Transaction by transaction: as many values as there are levels, ascending. */
  readonly values: Float64Array;
}

/** What is expected of a block. A hint: nothing about correctness may rest on it. */
export interface BlockPrediction {
  readonly accesses: PredictedAccesses;
  readonly conflicts: PredictedConflicts;
  /** Gas that the transactions will use. */
  readonly gasUsed: PredictedQuantiles;
  /** Wall time of their sequential execution in ns; null where the history holds no times. */
  readonly executionNs: PredictedQuantiles | null;
}

/** Predicts blocks before they are executed and learns from them afterwards. */
export interface Predictor {
  predict(block: PendingBlock): BlockPrediction;
  /** Learns an executed block. Blocks come in the order of the chain. */
  learn(record: BlockRecord): void;
}
