import { BinaryCounts, Mean, RankedScores, Reliability, type BinaryScores, type ReliabilityBin } from './metrics.js';

/** Scores of one block, or averages of such. */
export interface BlockClassification {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly prAuc: number | null;
}

/** How well probabilities tell which items are true; precision, recall and f1 at `threshold`. */
export interface ClassificationScores extends BinaryScores {
  /** Average precision; what was never predicted counts as missed. */
  readonly prAuc: number | null;
  /** Expected calibration error over items with p ≥ 0.05. */
  readonly ece: number | null;
  /** A probability of at least this counts as a yes. */
  readonly threshold: number;
  /** Means over the blocks in which a metric is defined. */
  readonly macro: BlockClassification;
}

/** Judges probabilities block by block. */
export class Classification {
  readonly #threshold: number;
  readonly #counts = new BinaryCounts();
  readonly #ranked = new RankedScores();
  readonly #reliability = new Reliability();
  readonly #macro = { precision: new Mean(), recall: new Mean(), f1: new Mean(), prAuc: new Mean() };
  #blockCounts = new BinaryCounts();
  #blockRanked = new RankedScores();

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  add(probability: number, actual: boolean): void {
    // Probabilities are single precision: 0.7 must not fall short of a threshold of 0.7.
    this.#blockCounts.add(probability >= Math.fround(this.#threshold), actual);
    this.#blockRanked.add(probability, actual);
    this.#reliability.add(probability, actual);
  }

  /** True items that were not predicted at all. */
  miss(count: number): void {
    this.#blockCounts.miss(count);
    this.#blockRanked.miss(count);
  }

  endBlock(): BlockClassification {
    const { precision, recall, f1 } = this.#blockCounts.scores();
    const scores = { precision, recall, f1, prAuc: this.#blockRanked.averagePrecision() };
    this.#macro.precision.add(precision);
    this.#macro.recall.add(recall);
    this.#macro.f1.add(f1);
    this.#macro.prAuc.add(scores.prAuc);
    this.#counts.merge(this.#blockCounts);
    this.#ranked.merge(this.#blockRanked);
    this.#blockCounts = new BinaryCounts();
    this.#blockRanked = new RankedScores();
    return scores;
  }

  /** Of all ended blocks. */
  scores(): ClassificationScores {
    const { precision, recall, f1, prAuc } = this.#macro;
    return {
      ...this.#counts.scores(),
      prAuc: this.#ranked.averagePrecision(),
      ece: this.#reliability.error(),
      threshold: this.#threshold,
      macro: { precision: precision.value(), recall: recall.value(), f1: f1.value(), prAuc: prAuc.value() },
    };
  }

  reliability(): ReliabilityBin[] {
    return this.#reliability.table();
  }
}
