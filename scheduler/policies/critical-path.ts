import { emptyPlan, type Plan } from '../plan.js';
import type { BlockHints, PredictedConflicts } from '../predictor.js';
import { at, type CompressedRows } from '../rows.js';
import { rankDescending, upwardRanks } from '../upward-rank.js';
import type { PlanInput } from './plan-input.js';
import { RowWriter } from './row-writer.js';

const THRESHOLD = 0.5;
const NOBODY = -1;

/**
 * `critical-path`: waits for whatever a transaction depends on with a probability of at least 0.5, and starts first what the
 * most costly chain waits for (list scheduling by upward rank; HEFT, Topcuoglu et al., TPDS 2002). A transaction depends on
 * the earlier ones of predicted pairs and, for each key that it sees, on the latest earlier one that changes the key and on
 * those that have added to it since. Expects no writes. Block order without hints. Sorts; otherwise time in proportion to
 * predicted accesses, pairs and blockers.
 */
export function criticalPathPlan({ block, hints, workers }: PlanInput): Plan {
  const plan = emptyPlan(block.transactions.length, workers);
  if (hints === null) return plan;
  const blockers = probableBlockers(hints);
  return { ...plan, priority: rankDescending(upwardRanks(hints.costs, blockers)), blockers };
}

function probableBlockers(hints: BlockHints): CompressedRows {
  const count = hints.offsets.length - 1;
  const [collector, writers] = [new BlockerCollector(count), new LatestWriters(hints)];
  for (let later = 0; later < count; later++) {
    if (hints.conflicts !== null) addPairs(collector, hints.conflicts, later);
    writers.addTo(collector, later);
    writers.note(later);
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

/** Of each key the transaction that probably changed it last, and those that probably added to it since. */
class LatestWriters {
  readonly #hints: BlockHints;
  /** By key: the latest change. */
  readonly #changes: Int32Array;
  /** By key: the access that added last; by access: the one that added to its key before. */
  readonly #lastAdds: Int32Array;
  readonly #previousAdds: Int32Array;
  /** By access: its transaction. */
  readonly #transactions: Uint32Array;

  constructor(hints: BlockHints) {
    this.#hints = hints;
    this.#changes = new Int32Array(hints.keyCount).fill(NOBODY);
    this.#lastAdds = new Int32Array(hints.keyCount).fill(NOBODY);
    this.#previousAdds = new Int32Array(hints.keys.length);
    this.#transactions = new Uint32Array(hints.keys.length);
  }

  /** Adds whom a transaction depends on by the keys that it sees. */
  addTo(collector: BlockerCollector, later: number): void {
    const { offsets, keys, read } = this.#hints;
    for (let access = at(offsets, later); access < at(offsets, later + 1); access++) {
      if (at(read, access) < THRESHOLD) continue;
      const key = at(keys, access);
      collector.add(at(this.#changes, key));
      for (let added = at(this.#lastAdds, key); added !== NOBODY; added = at(this.#previousAdds, added)) {
        collector.add(at(this.#transactions, added));
      }
    }
  }

  /** Takes over what a transaction probably writes. */
  note(transaction: number): void {
    const { offsets, keys, write, add } = this.#hints;
    for (let access = at(offsets, transaction); access < at(offsets, transaction + 1); access++) {
      const key = at(keys, access);
      if (at(write, access) >= THRESHOLD) {
        this.#changes[key] = transaction;
        this.#lastAdds[key] = NOBODY;
      } else if (at(add, access) >= THRESHOLD) {
        this.#previousAdds[access] = at(this.#lastAdds, key);
        this.#lastAdds[key] = access;
        this.#transactions[access] = transaction;
      }
    }
  }
}

/** Rows of earlier transactions, each once in a row; others are ignored. */
class BlockerCollector {
  readonly #rows: RowWriter;
  /** By transaction: the latest row that it was added to. */
  readonly #addedTo: Int32Array;
  #row = 0;

  constructor(transactions: number) {
    this.#rows = new RowWriter(transactions);
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
