import type { PendingBlock, PredictedConflicts, PredictedQuantiles } from '../../scheduler/predictor.js';
import type { BlockRecord, TransactionRecord } from '../../types.js';
import { accountsOf, conflictsThroughKeys, uniteConflicts } from '../conflict-rows.js';
import { at } from '../numbers.js';
import { Classification, type BlockClassification } from './classification.js';
import { comparePairs, compareSlots } from './compare.js';
import { DEFAULT_THRESHOLDS, type Contender, type ExplainSlots, type PartialPrediction } from './contender.js';
import type { TransactionScores } from './document.js';
import { ErrorAnalyst, mistakeOf, type ErrorAnalysis } from './errors.js';
import type { TransactionKind } from './kinds.js';
import { BinaryCounts, Mean } from './metrics.js';
import { QuantityErrors } from './quantity.js';
import type { BlockTruth } from './truth.js';

/** A block to be judged, with all that is worked out once for all contenders. */
export interface JudgedBlock {
  readonly record: BlockRecord;
  readonly pending: PendingBlock;
  readonly truth: BlockTruth;
  readonly kinds: readonly TransactionKind[];
}

/** Judges one contender, block by block. What it never predicted stays null. */
export class Judge {
  readonly #contender: Contender;
  #thresholds = DEFAULT_THRESHOLDS;
  readonly #analyst: ErrorAnalyst | null;
  readonly #dependent = new BinaryCounts();
  readonly #latestBlocker = new Mean();
  readonly conflictsByKind = new Map<TransactionKind, BinaryCounts>();
  readonly gasByKind = new Map<TransactionKind, QuantityErrors>();
  conflicts: Classification | null = null;
  conflictsWithAccounts: Classification | null = null;
  accesses: Classification | null = null;
  writes: Classification | null = null;
  gas: QuantityErrors | null = null;
  executionNs: QuantityErrors | null = null;

  /** Errors are analysed where `analyses` is true: that takes time for each of them. */
  constructor(contender: Contender, analyses: boolean) {
    this.#contender = contender;
    this.#analyst = analyses ? new ErrorAnalyst(contender.explain) : null;
  }

  /** To be awaited before the first block is judged. */
  async prepare(): Promise<void> {
    await this.#contender.prepare?.();
    this.#thresholds = { ...DEFAULT_THRESHOLDS, ...this.#contender.thresholds };
  }

  learn(record: BlockRecord): void {
    this.#contender.predictor.learn(record);
    this.#analyst?.learn(record);
  }

  /** Predicts and scores; learns nothing. Returns the block's own scores for conflicts, null where it predicts none. */
  judge(block: JudgedBlock): BlockClassification | null {
    const prediction = this.#contender.predictor.predict(block.pending);
    this.#judgeSlots(block, prediction);
    this.#judgeCosts(block, prediction);
    this.#judgeAccounts(block, prediction);
    return this.#judgeConflicts(block, prediction);
  }

  /** Null where the contender predicts no conflicts. */
  transactionScores(): TransactionScores | null {
    if (this.conflicts === null) return null;
    return { dependent: this.#dependent.scores(), latestBlockerAccuracy: this.#latestBlocker.value() };
  }

  errors(): ErrorAnalysis | null {
    return this.#analyst?.analysis() ?? null;
  }

  #judgeConflicts({ pending, truth, kinds }: JudgedBlock, prediction: PartialPrediction): BlockClassification | null {
    if (prediction.conflicts === undefined) return null;
    const scores = (this.conflicts ??= new Classification(this.#thresholds.conflict));
    let [row, kindCounts]: [number, BinaryCounts | null] = [-1, null];
    comparePairs(prediction.conflicts, truth.conflicts, (earlier, later, probability, actual) => {
      if (later !== row) {
        row = later;
        kindCounts = entryOf(this.conflictsByKind, kinds[later], () => new BinaryCounts());
      }
      addTo(scores, probability, actual);
      const mistake = mistakeOf(probability, this.#thresholds.conflict, actual);
      kindCounts?.add(mistake === null ? actual : mistake === 'invented', actual);
      if (mistake !== null) this.#analyst?.notePair(pending, [earlier, later], mistake);
    });
    this.#judgeTransactions(truth, prediction.conflicts, prediction);
    return scores.endBlock();
  }

  #judgeTransactions(truth: BlockTruth, conflicts: PredictedConflicts, prediction: PartialPrediction): void {
    const threshold = Math.fround(this.#thresholds.conflict);
    const dependentThreshold = Math.fround(this.#thresholds.dependent ?? this.#thresholds.conflict);
    const latest = prediction.latestBlocker ?? latestBlockers(conflicts, threshold);
    const { dependentProbability } = prediction;
    for (const [index, blocker] of truth.latestBlocker.entries()) {
      const isDependent =
        dependentProbability === undefined
          ? latestBlocker(conflicts, index, dependentThreshold) >= 0
          : at(dependentProbability, index) >= dependentThreshold;
      this.#dependent.add(isDependent, blocker >= 0);
      if (blocker >= 0) this.#latestBlocker.add(latest[index] === blocker ? 1 : 0);
    }
  }

  #judgeAccounts({ pending, truth }: JudgedBlock, prediction: PartialPrediction): void {
    const conflicts = prediction.conflictsWithAccounts ?? withAccounts(pending, prediction);
    if (conflicts === null) return;
    const scores = (this.conflictsWithAccounts ??= new Classification(this.#thresholds.conflict));
    comparePairs(conflicts, truth.conflictsWithAccounts, (_earlier, _later, probability, actual) =>
      addTo(scores, probability, actual),
    );
    scores.endBlock();
  }

  #judgeSlots({ record, pending, truth }: JudgedBlock, { accesses }: PartialPrediction): void {
    if (accesses === undefined) return;
    const touches = (this.accesses ??= new Classification(this.#thresholds.access));
    const writes = (this.writes ??= new Classification(this.#thresholds.write));
    let explain: ReturnType<ExplainSlots> | undefined;
    compareSlots(accesses, truth.accesses, (index, use, probability, actual) => {
      addTo(use === 'touch' ? touches : writes, probability, actual !== null);
      const threshold = use === 'touch' ? this.#thresholds.access : this.#thresholds.write;
      const mistake = mistakeOf(probability, threshold, actual !== null);
      const transaction = pending.transactions[index];
      if (mistake === null || transaction === undefined || this.#analyst === null) return;
      if (actual !== null) explain ??= this.#contender.explainSlots?.(record);
      const reason = actual === null ? null : (explain?.(index, actual) ?? null);
      this.#analyst.noteSlot(transaction, { use, mistake, reason });
    });
    touches.endBlock();
    writes.endBlock();
  }

  #judgeCosts({ record, kinds }: JudgedBlock, { gasUsed, executionNs }: PartialPrediction): void {
    if (gasUsed !== undefined) {
      const errors = (this.gas ??= new QuantityErrors());
      for (const [index, outcome] of record.transactions.entries()) {
        errors.add(outcome.gasUsed, gasUsed, index);
        const kindErrors = entryOf(this.gasByKind, kinds[index], () => new QuantityErrors());
        kindErrors?.add(outcome.gasUsed, gasUsed, index);
      }
    }
    if (executionNs !== undefined && executionNs !== null) this.#judgeTimes(record.transactions, executionNs);
  }

  #judgeTimes(transactions: readonly TransactionRecord[], predicted: PredictedQuantiles): void {
    for (const [index, outcome] of transactions.entries()) {
      if (outcome.executionNs === null) continue;
      this.executionNs ??= new QuantityErrors();
      this.executionNs.add(outcome.executionNs, predicted, index);
    }
  }
}

function addTo(scores: Classification, probability: number | null, actual: boolean): void {
  if (probability === null) scores.miss(1);
  else scores.add(probability, actual);
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key | undefined, create: () => Value): Value | null {
  if (key === undefined) return null;
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = create();
  map.set(key, value);
  return value;
}

function withAccounts(pending: PendingBlock, prediction: PartialPrediction): PredictedConflicts | null {
  const { conflicts, accesses } = prediction;
  if (conflicts === undefined || accesses === undefined) return conflicts ?? null;
  return uniteConflicts(conflicts, conflictsThroughKeys(accesses, accountsOf(accesses, pending.feeRecipient)));
}

function latestBlockers(conflicts: PredictedConflicts, threshold: number): Int32Array {
  return Int32Array.from({ length: conflicts.offsets.length - 1 }, (_, index) =>
    latestBlocker(conflicts, index, threshold),
  );
}

function latestBlocker(
  { offsets, earlier, probability }: PredictedConflicts,
  later: number,
  threshold: number,
): number {
  for (let entry = at(offsets, later + 1) - 1; entry >= at(offsets, later); entry -= 1) {
    if (at(probability, entry) >= threshold && at(probability, entry) > 0) return at(earlier, entry);
  }
  return -1;
}
