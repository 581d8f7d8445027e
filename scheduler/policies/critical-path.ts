import { emptyPlan, type Plan } from '../plan.js';
import type { BlockPrediction, PendingBlock, PredictedConflicts } from '../predictor.js';
import { at, rowOf, type CompressedRows } from '../rows.js';
import { rankDescending, upwardRanks } from '../upward-rank.js';
import type { PlanInput } from './plan-input.js';
import { predictedCosts } from './predicted-costs.js';
import { predictedKeys, type PredictedKeys } from './predicted-keys.js';
import { RowWriter } from './row-writer.js';

const THRESHOLD = 0.5;
const NOBODY = -1;

/**
 * `critical-path`: waits for whatever a transaction depends on with a probability of at least 0.5, and starts first what the
 * most costly chain waits for (list scheduling by upward rank; HEFT, Topcuoglu et al., TPDS 2002). A transaction depends on
 * the earlier ones of predicted pairs and, for each key that it touches, on the latest earlier one that writes the key.
 * Expects no writes. Block order without a prediction. Sorts; otherwise time in proportion to predicted accesses and pairs.
 */
export function criticalPathPlan({ block, prediction, workers }: PlanInput): Plan {
  const plan = emptyPlan(block.transactions.length, workers);
  if (prediction === null) return plan;
  const blockers = probableBlockers(block, prediction);
  return { ...plan, priority: rankDescending(upwardRanks(predictedCosts(prediction), blockers)), blockers };
}

function probableBlockers(block: PendingBlock, { accesses, conflicts }: BlockPrediction): CompressedRows {
  const keys = predictedKeys(accesses, { feeRecipient: block.feeRecipient, threshold: THRESHOLD });
  const { length } = block.transactions;
  const collector = new BlockerCollector(length, conflicts.earlier.length + keys.reads.indices.length);
  const latestWriters = new Int32Array(keys.keyCount).fill(NOBODY);
  for (let later = 0; later < length; later++) {
    addPairs(collector, conflicts, later);
    addWriters(collector, { keys, latestWriters }, later);
    collector.endRow();
  }
  return collector.finish();
}

function addPairs(
  collector: BlockerCollector,
  { offsets, earlier, probability }: PredictedConflicts,
  later: number,
): void {
  for (let pair = at(offsets, later); pair < at(offsets, later + 1); pair++) {
    if (at(probability, pair) >= THRESHOLD) collector.add(at(earlier, pair));
  }
}

function addWriters(
  collector: BlockerCollector,
  { keys, latestWriters }: { readonly keys: PredictedKeys; readonly latestWriters: Int32Array },
  later: number,
): void {
  for (const key of rowOf(keys.reads, later)) collector.add(at(latestWriters, key));
  for (const key of rowOf(keys.writes, later)) latestWriters[key] = later;
}

/** Rows of earlier transactions, each once in a row; others are ignored. */
class BlockerCollector {
  readonly #rows: RowWriter;
  /** By transaction: the latest row that it was added to. */
  readonly #addedTo: Int32Array;
  #row = 0;

  constructor(transactions: number, capacity: number) {
    this.#rows = new RowWriter(transactions, capacity);
    this.#addedTo = new Int32Array(transactions).fill(NOBODY);
  }

  add(blocker: number): void {
    if (blocker === NOBODY || blocker >= this.#row || this.#addedTo[blocker] === this.#row) return;
    this.#addedTo[blocker] = this.#row;
    this.#rows.add(blocker);
  }

  endRow(): void {
    this.#rows.endRow();
    this.#row++;
  }

  finish(): CompressedRows {
    return this.#rows.finish();
  }
}
