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

/**
 * What a plan is made from: the predicted accesses and costs of a block without names, ready to be walked through. Rows by
 * transaction: row i is `offsets[i]` … `offsets[i + 1] - 1`.
 */
export interface BlockHints {
  /** One more than there are transactions; starts with 0. */
  readonly offsets: Uint32Array;
  /** Numbers of keys, below `keyCount`. */
  readonly keys: Uint32Array;
  readonly keyCount: number;
  /** Probability that the transaction sees the value of the key, 0 to 1. */
  readonly read: Float32Array;
  /** Probability that it changes the key, 0 to 1. */
  readonly write: Float32Array;
  /** Probability that it adds to the key without looking, which commutes, 0 to 1. */
  readonly add: Float32Array;
  /** Pairs that are known otherwise than by keys; null for none. */
  readonly conflicts: PredictedConflicts | null;
  /** Expected cost by transaction, at least 1; all in one unit, which is ns where the history holds times and gas otherwise. */
  readonly costs: Float64Array;
}

/** The hints of a prediction. What it changes it reads, as an SSTORE does. */
export function hintsOf(prediction: BlockPrediction): BlockHints {
  const { accesses, conflicts } = prediction;
  return {
    offsets: accesses.offsets,
    keys: accesses.keyIndices,
    keyCount: accesses.keys.length,
    read: accesses.readProbability,
    write: accesses.writeProbability,
    add: new Float32Array(accesses.keyIndices.length),
    conflicts,
    costs: mediansOf(prediction.executionNs ?? prediction.gasUsed),
  };
}

/** By transaction, and at least 1. */
export function mediansOf({ levels, values }: PredictedQuantiles): Float64Array {
  const middle = levels.indexOf(0.5);
  const medians = new Float64Array(values.length / levels.length);
  for (let index = 0; index < medians.length; index++) {
    medians[index] = Math.max(1, values[index * levels.length + middle] ?? 0);
  }
  return medians;
}

/** Predicts blocks before they are executed and learns from them afterwards. */
export interface Predictor {
  predict(block: PendingBlock): BlockPrediction;
  /** Learns an executed block. Blocks come in the order of the chain. */
  learn(record: BlockRecord): void;
}

/** Gives hints for plans. `prepare` is for the time when transactions arrive, `learn` for the time between blocks. */
export interface HintSource {
  prepare(block: Pick<PendingBlock, 'recipientCodeHashes' | 'transactions'>): void;
  hint(block: PendingBlock): BlockHints;
  /** Learns an executed block, and forgets its transactions: those objects that were prepared. Blocks come in the order of the chain. */
  learn(record: BlockRecord): void;
}
