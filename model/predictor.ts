import type { BlockPrediction, PendingBlock, PredictedQuantiles, Predictor } from '../scheduler/predictor.js';
import type { BlockRecord } from '../types.js';
import { ACCESS_FEATURES, type AccessCandidates } from './accesses/candidates.js';
import type { BlockCall } from './conflicts/block-call.js';
import { PAIR_FEATURES } from './conflicts/pair-features.js';
import { CostPredictor } from './costs/cost-predictor.js';
import { QuantisedEnsemble } from './network/quantised.js';
import { at } from './numbers.js';
import { PredictionBuilder } from './prediction-builder.js';
import { ACCOUNT } from './tables/key-space.js';
import type { Model, ModelThresholds } from './training/trainer.js';

/** What the model says of a block beside the pairs and keys. */
export interface ModelPrediction extends BlockPrediction {
  /** By transaction: P(it depends on any earlier one through a slot). */
  readonly dependentProbability: Float32Array;
  /** By transaction: the latest earlier one that it probably depends on; -1 for none. */
  readonly latestBlocker: Int32Array;
}

/** Keys less likely than this are not worth mentioning. */
const MIN_ACCESS_PROBABILITY = 0.02;
const MIN_PAIR_PROBABILITY = 0.01;

/** Predicts blocks by a trained model, and learns statistics from those that were executed; its networks stay as they are. */
export class ModelPredictor implements Predictor {
  readonly #model: Model;
  readonly #conflicts: QuantisedEnsemble | null;
  readonly #accesses: QuantisedEnsemble | null;
  readonly #withAccounts: boolean;
  readonly #gasUsed: CostPredictor;
  readonly #executionNs: CostPredictor;

  /** `accounts`: also predict which balances and nonces transactions touch. */
  constructor(model: Model, { accounts = false }: { readonly accounts?: boolean } = {}) {
    this.#model = model;
    this.#withAccounts = accounts;
    this.#conflicts = model.conflicts === null ? null : new QuantisedEnsemble(model.conflicts, PAIR_FEATURES);
    this.#accesses = model.accesses === null ? null : new QuantisedEnsemble(model.accesses, ACCESS_FEATURES);
    this.#gasUsed = new CostPredictor(model.evidence.gasUsed, model.gasUsed);
    this.#executionNs = new CostPredictor(model.evidence.executionNs, model.executionNs);
  }

  get thresholds(): ModelThresholds {
    return this.#model.thresholds;
  }

  predict(pending: PendingBlock): ModelPrediction {
    const { evidence } = this.#model;
    const builder = new PredictionBuilder(evidence.space, pending.transactions.length);
    const calls = evidence.describe(pending, (index, candidates) => this.#addSlots(builder, index, candidates));
    if (this.#withAccounts) this.#addAccounts(builder, calls);
    this.#addPairs(builder, calls);
    return {
      ...builder.build(this.#model.thresholds),
      gasUsed: this.#gasUsed.predictGas(calls),
      executionNs: this.#timesOf(calls),
    };
  }

  learn(record: BlockRecord): void {
    this.#model.evidence.learn(record);
  }

  #addSlots(builder: PredictionBuilder, index: number, candidates: AccessCandidates): void {
    const { keys, features, lanes, readEvidence, writeEvidence } = candidates;
    for (let position = 0; position < keys.length; position++) {
      let [touch, write] = [at(readEvidence, position), at(writeEvidence, position)];
      if (this.#accesses !== null) {
        const found = this.#accesses.find(features, lanes, position * ACCESS_FEATURES);
        touch = this.#accesses.result(found, 0);
        write = Math.min(touch, this.#accesses.result(found, 1));
      }
      if (touch >= MIN_ACCESS_PROBABILITY) builder.addKey(index, at(keys, position), { touch, write });
    }
  }

  /** A sender pays and counts; value changes its recipient; what contracts do besides is taken from their history. */
  #addAccounts(builder: PredictionBuilder, calls: readonly BlockCall[]): void {
    const { evidence } = this.#model;
    evidence.describeAccounts(calls, (index, { keys, readEvidence, writeEvidence }) => {
      const call = calls[index]?.call;
      if (call === undefined) return;
      const certain = new Map([[evidence.space.key(call.from, ACCOUNT), { touch: 1, write: 1 }]]);
      const hasValue = call.transaction.valueWei > 0n;
      const recipient = evidence.space.key(call.to, ACCOUNT);
      if (call.to >= 0 && call.to !== call.from && hasValue) certain.set(recipient, { touch: 1, write: 1 });
      for (const [key, use] of certain) builder.addKey(index, key, use);
      for (const [position, key] of keys.entries()) {
        if (certain.has(key)) continue;
        const touch = key === recipient ? 1 : at(readEvidence, position);
        if (touch >= MIN_ACCESS_PROBABILITY) builder.addKey(index, key, { touch, write: at(writeEvidence, position) });
      }
    });
  }

  #addPairs(builder: PredictionBuilder, calls: readonly BlockCall[]): void {
    const { evidence } = this.#model;
    const { values, lanes } = evidence.describer;
    evidence.forEachPair(calls, ({ earlierIndex, laterIndex, relation }) => {
      let probability = 0;
      if (this.#conflicts !== null) probability = this.#conflicts.result(this.#conflicts.find(values, lanes, 0), 0);
      else if (relation.sameRecipient) probability = 0.5;
      if (probability >= MIN_PAIR_PROBABILITY) builder.addPair(earlierIndex, laterIndex, probability);
    });
  }

  #timesOf(calls: readonly BlockCall[]): PredictedQuantiles | null {
    return this.#model.executionNs.length === 0 ? null : this.#executionNs.predict(calls);
  }
}
