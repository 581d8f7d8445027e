import { Classification } from '../../model/evaluation/classification.js';
import { comparePairs } from '../../model/evaluation/compare.js';
import { truthOf } from '../../model/evaluation/truth.js';
import type { ModelHints } from '../../model/hints/model-hints.js';
import type { PendingBlock } from '../../scheduler/predictor.js';
import type { BlockRecord } from '../../types.js';
import type { JudgedConflicts } from './document.js';

/** Compares the conflicts that were predicted of replayed blocks, each before it was learned, with those that happened. */
export class ConflictJudge {
  readonly #hints: ModelHints;
  readonly #classification: Classification;

  constructor(hints: ModelHints) {
    this.#hints = hints;
    this.#classification = new Classification(hints.predictor.thresholds.conflict);
  }

  /** To be called before the hints learn the block. */
  judge(block: PendingBlock, record: BlockRecord): void {
    this.#hints.prepare(block);
    const { conflicts } = this.#hints.predictor.predict(block);
    comparePairs(conflicts, truthOf(record).conflicts, (_earlier, _later, probability, actual) => {
      this.#classification.add(probability ?? 0, actual);
    });
    this.#classification.endBlock();
  }

  summary(): JudgedConflicts {
    const { precision, recall, f1, ece, threshold } = this.#classification.scores();
    return { precision, recall, f1, ece, threshold, reliability: this.#classification.reliability() };
  }
}
