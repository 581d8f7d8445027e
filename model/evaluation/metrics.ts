/**
 * Streaming metrics. A metric that has nothing to be computed from is null, not 0: a predictor that predicts nothing has no
 * precision.
 */

export interface BinaryScores {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/** Counts of a yes-or-no prediction. */
export class BinaryCounts {
  #truePositives = 0;
  #falsePositives = 0;
  #falseNegatives = 0;

  add(predicted: boolean, actual: boolean): void {
    if (predicted && actual) this.#truePositives += 1;
    else if (predicted) this.#falsePositives += 1;
    else if (actual) this.#falseNegatives += 1;
  }

  /** Positives that were never considered. */
  miss(count: number): void {
    this.#falseNegatives += count;
  }

  merge(other: BinaryCounts): void {
    this.#truePositives += other.#truePositives;
    this.#falsePositives += other.#falsePositives;
    this.#falseNegatives += other.#falseNegatives;
  }

  scores(): BinaryScores {
    const [hits, inventions, misses] = [this.#truePositives, this.#falsePositives, this.#falseNegatives];
    return {
      precision: ratio(hits, hits + inventions),
      recall: ratio(hits, hits + misses),
      f1: ratio(2 * hits, 2 * hits + inventions + misses),
      truePositives: hits,
      falsePositives: inventions,
      falseNegatives: misses,
    };
  }
}

interface ScoreCount {
  readonly score: number;
  positives: number;
  negatives: number;
}

/** Items by score, for average precision. Memory in proportion to distinct scores. */
export class RankedScores {
  readonly #counts = new Map<number, ScoreCount>();
  #latest: ScoreCount | null = null;
  #misses = 0;

  add(score: number, actual: boolean): void {
    const count = this.#countOf(score);
    if (actual) count.positives += 1;
    else count.negatives += 1;
  }

  /** Positives without a score: no threshold recalls them. */
  miss(count: number): void {
    this.#misses += count;
  }

  merge(other: RankedScores): void {
    for (const { score, positives, negatives } of other.#counts.values()) {
      const count = this.#countOf(score);
      count.positives += positives;
      count.negatives += negatives;
    }
    this.#misses += other.#misses;
  }

  /**
   * Average precision Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct scores, descending, without interpolation; items of equal score
   * enter at once. Null without positives.
   */
  averagePrecision(): number | null {
    const ranked = [...this.#counts.values()].sort((a, b) => b.score - a.score);
    const total = ranked.reduce((sum, { positives }) => sum + positives, this.#misses);
    let [seen, hits, area] = [0, 0, 0];
    for (const { positives, negatives } of ranked) {
      seen += positives + negatives;
      hits += positives;
      area += positives * (hits / seen);
    }
    return ratio(area, total);
  }

  /** A rule gives all its pairs the same score, so the latest is kept at hand. */
  #countOf(score: number): ScoreCount {
    if (this.#latest?.score === score) return this.#latest;
    const count = this.#counts.get(score) ?? { score, positives: 0, negatives: 0 };
    this.#counts.set(score, count);
    return (this.#latest = count);
  }
}

/** One bin of a reliability table. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanProbability: number | null;
  /** Share of the bin's items that were true. */
  readonly frequency: number | null;
}

const BINS = 10;

/** Predictions of a lower probability than this say nothing about calibration: there is no end of them. */
export const CALIBRATION_FLOOR = 0.05;

/** Ten bins of equal width over [0, 1], of predictions with p ≥ 0.05. */
export class Reliability {
  readonly #count = new Float64Array(BINS);
  readonly #probability = new Float64Array(BINS);
  readonly #actual = new Float64Array(BINS);

  add(probability: number, actual: boolean): void {
    if (!(probability >= CALIBRATION_FLOOR)) return;
    const bin = Math.min(BINS - 1, Math.floor(probability * BINS));
    this.#count[bin] = (this.#count[bin] ?? 0) + 1;
    this.#probability[bin] = (this.#probability[bin] ?? 0) + probability;
    this.#actual[bin] = (this.#actual[bin] ?? 0) + (actual ? 1 : 0);
  }

  table(): ReliabilityBin[] {
    return Array.from(this.#count, (count, bin) => ({
      from: bin / BINS,
      to: (bin + 1) / BINS,
      count,
      meanProbability: ratio(this.#probability[bin] ?? 0, count),
      frequency: ratio(this.#actual[bin] ?? 0, count),
    }));
  }

  /** Expected calibration error: Σ of count / all · |frequency − mean probability|. Null without predictions. */
  error(): number | null {
    const gaps = this.#count.map((_, bin) => Math.abs((this.#actual[bin] ?? 0) - (this.#probability[bin] ?? 0)));
    return ratio(sumOf(gaps), sumOf(this.#count));
  }
}

/** Mean of the values that there are. */
export class Mean {
  #sum = 0;
  #count = 0;

  add(value: number | null): void {
    if (value === null) return;
    this.#sum += value;
    this.#count += 1;
  }

  value(): number | null {
    return ratio(this.#sum, this.#count);
  }
}

/** Null where there is nothing to divide by. */
export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
