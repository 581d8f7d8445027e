import type { Transaction } from '../types.js';
import { ACCESS_FEATURES, type AccessCandidates } from './accesses/candidates.js';
import type { BlockCall } from './conflicts/block-call.js';
import type { CostPredictor } from './costs/cost-predictor.js';
import type { Evidence } from './evidence.js';
import type { QuantisedEnsemble } from './network/quantised.js';

/** All that is expected of a transaction whatever block it comes to be in. */
export interface PreparedCall {
  readonly version: number;
  readonly call: BlockCall;
  /** Slots with the probabilities that they are touched, and changed. */
  readonly keys: readonly number[];
  readonly touch: readonly number[];
  readonly write: readonly number[];
  /** As many values as `QUANTILE_LEVELS`. */
  readonly gasUsed: Float64Array;
  readonly executionNs: Float64Array | null;
}

export interface CallPredictors {
  readonly evidence: Evidence;
  /** Null: the statistics speak alone. */
  readonly accesses: QuantisedEnsemble | null;
  readonly gasUsed: CostPredictor;
  /** Null where the history holds no times. */
  readonly executionNs: CostPredictor | null;
}

/** Keys less likely than this are not worth mentioning. */
export const MIN_ACCESS_PROBABILITY = 0.02;

/**
 * Prepares transactions, by identity, and remembers it as long as nothing was learned and no contract became known: then what
 * was prepared on arrival need not be worked out again when a block is predicted.
 */
export class PreparedCalls {
  readonly #predictors: CallPredictors;
  readonly #known = new WeakMap<Transaction, PreparedCall>();

  constructor(predictors: CallPredictors) {
    this.#predictors = predictors;
  }

  of(transaction: Transaction): PreparedCall {
    const known = this.#known.get(transaction);
    if (known?.version === this.#predictors.evidence.version) return known;
    const prepared = this.#prepare(transaction);
    this.#known.set(transaction, prepared);
    return prepared;
  }

  #prepare(transaction: Transaction): PreparedCall {
    const { evidence, gasUsed, executionNs } = this.#predictors;
    const call = evidence.describeCall(transaction);
    return {
      version: evidence.version,
      call,
      ...this.#slots(evidence.candidates),
      gasUsed: gasUsed.predictGas(call),
      executionNs: executionNs === null ? null : executionNs.predict(call),
    };
  }

  #slots({ keys, features, lanes, readEvidence, writeEvidence }: AccessCandidates): Likely {
    const { accesses } = this.#predictors;
    const likely = { keys: [] as number[], touch: [] as number[], write: [] as number[] };
    for (let position = 0; position < keys.length; position++) {
      let touch = readEvidence[position] ?? 0;
      let write = writeEvidence[position] ?? 0;
      if (accesses !== null) {
        const found = accesses.find(features, lanes, position * ACCESS_FEATURES);
        touch = accesses.result(found, 0);
        write = Math.min(touch, accesses.result(found, 1));
      }
      if (touch < MIN_ACCESS_PROBABILITY) continue;
      likely.keys.push(keys[position] ?? 0);
      likely.touch.push(touch);
      likely.write.push(write);
    }
    return likely;
  }
}

type Likely = Pick<PreparedCall, 'keys' | 'touch' | 'write'>;
