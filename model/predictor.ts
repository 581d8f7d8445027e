import type { BlockPrediction, PendingBlock, PredictedQuantiles, Predictor } from '../scheduler/predictor.js';
import type { Address, BlockRecord, Transaction } from '../types.js';
import type { KeyUse } from './access-rows.js';
import { ACCESS_FEATURES } from './accesses/candidates.js';
import type { BlockCall } from './conflicts/block-call.js';
import type { Evidence } from './evidence.js';
import { EvidenceBound } from './evidence-bound.js';
import { PAIR_FEATURES } from './conflicts/pair-features.js';
import { CostPredictor } from './costs/cost-predictor.js';
import { QuantisedEnsemble } from './network/quantised.js';
import { at } from './numbers.js';
import { PreExecutedCalls, type PreExecutionHints } from './pre-executed.js';
import { PredictionBuilder } from './prediction-builder.js';
import { MIN_ACCESS_PROBABILITY, PreparedCalls, type PreparedCall } from './prepared-calls.js';
import { QUANTILE_LEVELS } from './quantiles.js';
import { ACCOUNT } from './tables/key-space.js';
import { MIN_PAIR_PROBABILITY, type Model, type ModelThresholds } from './training/trainer.js';

/** What the model says of a block beside the pairs and keys. */
export interface ModelPrediction extends BlockPrediction {
  /** By transaction: P(it depends on any earlier one through a slot), its pairs taken as independent. */
  readonly dependentProbability: Float32Array;
  /** By transaction: the latest earlier one that it probably depends on; -1 for none. */
  readonly latestBlocker: Int32Array;
}

export interface ModelPredictorOptions {
  /** Also predict which balances and nonces transactions touch. */
  readonly accounts?: boolean | undefined;
  /** Evidence beyond is compacted; 1 GiB unless told. */
  readonly maxEvidenceBytes?: number | undefined;
}

/** Predicts blocks by a trained model, and learns statistics from those that were executed; its networks stay as they are. */
export class ModelPredictor implements Predictor {
  #model: Model;
  readonly #conflicts: QuantisedEnsemble | null;
  readonly #accesses: QuantisedEnsemble | null;
  readonly #withAccounts: boolean;
  readonly #predictsTimes: boolean;
  #prepared: PreparedCalls;
  readonly #bound: EvidenceBound;

  constructor(model: Model, { accounts = false, maxEvidenceBytes }: ModelPredictorOptions = {}) {
    this.#model = model;
    this.#bound = new EvidenceBound({ maxBytes: maxEvidenceBytes });
    this.#withAccounts = accounts;
    this.#conflicts = model.conflicts === null ? null : new QuantisedEnsemble(model.conflicts, PAIR_FEATURES);
    this.#accesses = model.accesses === null ? null : new QuantisedEnsemble(model.accesses, ACCESS_FEATURES);
    this.#predictsTimes = model.executionNs.length > 0;
    this.#prepared = this.#preparedCalls();
  }

  /** The model with what was learned since; its evidence is another one each time that it was compacted. */
  get model(): Model {
    return this.#model;
  }

  get thresholds(): ModelThresholds {
    return this.#model.thresholds;
  }

  /**
   * Works out what does not depend on the block, when transactions arrive or when a block was learned, so that `predict` need
   * not. `recipientCodeHashes` as for `predict`: a contract that is new there makes it start over.
   */
  prepare({ recipientCodeHashes, transactions }: Pick<PendingBlock, 'recipientCodeHashes' | 'transactions'>): void {
    this.#model.evidence.noteCodes({ recipientCodeHashes });
    for (const transaction of transactions) this.#prepared.of(transaction);
  }

  /** What is expected of a transaction whatever block it comes to be in. */
  prepared(transaction: Transaction): PreparedCall {
    return this.#prepared.of(transaction);
  }

  /** `hints`: what was executed ahead of the block; it counts for more than history does. */
  predict(pending: PendingBlock, hints: PreExecutionHints = {}): ModelPrediction {
    const { evidence, thresholds } = this.#model;
    evidence.noteCodes(pending);
    const ahead = new PreExecutedCalls(evidence.space, hints);
    const prepared = pending.transactions.map((transaction) => this.#prepared.of(transaction));
    const calls = ahead.replace(prepared.map(({ call }) => call));
    const builder = new PredictionBuilder(evidence.space, prepared.length);
    for (let index = 0; index < prepared.length; index++) {
      const call = prepared[index];
      if (call !== undefined && !ahead.has(index)) builder.addKeys(index, call);
    }
    this.#addPreExecuted(builder, calls, { ahead, feeRecipient: pending.feeRecipient });
    if (this.#withAccounts) this.#addAccounts(builder, calls, ahead);
    this.#addPairs(builder, calls, ahead);
    const gasUsed = quantilesOf(prepared.map((call) => call.gasUsed));
    ahead.adjustGas(calls, gasUsed);
    return {
      ...builder.build(thresholds),
      gasUsed,
      executionNs: this.#predictsTimes ? quantilesOf(prepared.map(({ executionNs }) => executionNs ?? NO_TIMES)) : null,
    };
  }

  learn(record: BlockRecord): void {
    const { evidence } = this.#model;
    evidence.learn(record);
    this.#replaceEvidence(this.#bound.apply(evidence));
  }

  /** Transactions that are only asked about leave names behind, too: compacts the evidence where it is too large. */
  tidy(): void {
    this.#replaceEvidence(this.#bound.applyNow(this.#model.evidence));
  }

  #replaceEvidence(bounded: Evidence): void {
    if (bounded === this.#model.evidence) return;
    this.#model = { ...this.#model, evidence: bounded };
    this.#prepared = this.#preparedCalls();
  }

  /** Of the networks for accesses and pairs: rows asked for, and those that no earlier evaluation spared. */
  get evaluations(): { readonly accesses: NetworkUse | null; readonly conflicts: NetworkUse | null } {
    const useOf = (network: QuantisedEnsemble | null): NetworkUse | null =>
      network === null ? null : { rows: network.rows, evaluations: network.evaluations };
    return { accesses: useOf(this.#accesses), conflicts: useOf(this.#conflicts) };
  }

  #preparedCalls(): PreparedCalls {
    const { evidence, gasUsed, executionNs } = this.#model;
    return new PreparedCalls({
      evidence,
      accesses: this.#accesses,
      gasUsed: new CostPredictor(evidence.gasUsed, gasUsed),
      executionNs: this.#predictsTimes ? new CostPredictor(evidence.executionNs, executionNs) : null,
    });
  }

  #addPreExecuted(
    builder: PredictionBuilder,
    calls: readonly BlockCall[],
    { ahead, feeRecipient }: { readonly ahead: PreExecutedCalls; readonly feeRecipient: Address },
  ): void {
    const addKey = (index: number, key: number, use: KeyUse): void => {
      if (use.touch >= MIN_ACCESS_PROBABILITY) builder.addKey(index, key, use);
    };
    ahead.forEachKey(calls, addKey);
    if (this.#withAccounts) ahead.forEachAccount(calls, feeRecipient, addKey);
  }

  /** A sender pays and counts; value changes its recipient; what contracts do besides is taken from their history. */
  #addAccounts(builder: PredictionBuilder, calls: readonly BlockCall[], ahead: PreExecutedCalls): void {
    const { evidence } = this.#model;
    evidence.describeAccounts(calls, (index, { keys, readEvidence, writeEvidence }) => {
      const call = calls[index]?.call;
      if (call === undefined || ahead.has(index)) return;
      const certain = new Map([[evidence.space.key(call.from, ACCOUNT), { touch: 1, write: 1 }]]);
      const hasValue = call.transaction.valueWei > 0n;
      // What creates a contract has no recipient: no key may be numbered for it, or it would be saved with the others.
      const recipient = call.to < 0 ? -1 : evidence.space.key(call.to, ACCOUNT);
      if (call.to >= 0 && call.to !== call.from && hasValue) certain.set(recipient, { touch: 1, write: 1 });
      for (const [key, use] of certain) builder.addKey(index, key, use);
      for (const [position, key] of keys.entries()) {
        if (certain.has(key)) continue;
        const touch = key === recipient ? 1 : at(readEvidence, position);
        if (touch >= MIN_ACCESS_PROBABILITY) builder.addKey(index, key, { touch, write: at(writeEvidence, position) });
      }
    });
  }

  #addPairs(builder: PredictionBuilder, calls: readonly BlockCall[], ahead: PreExecutedCalls): void {
    const { evidence } = this.#model;
    const { values, lanes } = evidence.describer;
    evidence.forEachCandidate(calls, (earlier, later) => {
      let probability = 0;
      if (this.#conflicts !== null) probability = this.#conflicts.result(this.#conflicts.find(values, lanes, 0), 0);
      else if (evidence.describer.relation.sameRecipient) probability = 0.5;
      if (ahead.has(earlier) || ahead.has(later))
        probability = ahead.pairProbability(calls, [earlier, later], probability);
      if (probability >= MIN_PAIR_PROBABILITY) builder.addPair(earlier, later, probability);
    });
  }
}

export interface NetworkUse {
  readonly rows: number;
  readonly evaluations: number;
}

const NO_TIMES = new Float64Array(QUANTILE_LEVELS.length);

function quantilesOf(rows: readonly Float64Array[]): PredictedQuantiles {
  const values = new Float64Array(rows.length * QUANTILE_LEVELS.length);
  for (const [index, row] of rows.entries()) values.set(row, index * QUANTILE_LEVELS.length);
  return { levels: QUANTILE_LEVELS, values };
}
