import type { PredictedQuantiles } from '../../scheduler/predictor.js';
import { at } from '../numbers.js';
import { Mean } from './metrics.js';

/** Errors of a predicted quantity; mae and pinball are in its unit. */
export interface QuantityScores {
  readonly count: number;
  /** Mean absolute error of the median. */
  readonly mae: number | null;
  /** Mean of the median's absolute error over the actual value, as a fraction; items of actual value 0 are left out. */
  readonly mape: number | null;
  /** Mean pinball loss over items and levels. Comparable between predictors of equal `levels` only. */
  readonly pinball: number | null;
  /** Share of actual values within the outermost quantiles, both included. */
  readonly coverage: number | null;
  /** What `coverage` should be: the difference of the outermost levels. */
  readonly nominalCoverage: number | null;
  readonly levels: readonly number[];
}

/** Accumulates the errors of predicted quantiles. */
export class QuantityErrors {
  readonly #absolute = new Mean();
  readonly #relative = new Mean();
  readonly #pinball = new Mean();
  readonly #inside = new Mean();
  #levels: readonly number[] = [];
  #count = 0;

  /** Adds transaction `index`. Throws RangeError where the levels lack 0.5 or differ from those before. */
  add(actual: number, predicted: PredictedQuantiles, index: number): void {
    const levels = this.#agree(predicted.levels);
    const start = index * levels.length;
    const error = Math.abs(actual - at(predicted.values, start + levels.indexOf(0.5)));
    this.#count += 1;
    this.#absolute.add(error);
    this.#relative.add(actual === 0 ? null : error / Math.abs(actual));
    for (const [position, level] of levels.entries()) {
      this.#pinball.add(pinballLoss(actual, at(predicted.values, start + position), level));
    }
    const last = start + levels.length - 1;
    this.#inside.add(actual >= at(predicted.values, start) && actual <= at(predicted.values, last) ? 1 : 0);
  }

  scores(): QuantityScores {
    const [first, last] = [this.#levels.at(0), this.#levels.at(-1)];
    return {
      count: this.#count,
      mae: this.#absolute.value(),
      mape: this.#relative.value(),
      pinball: this.#pinball.value(),
      coverage: this.#inside.value(),
      nominalCoverage: first === undefined || last === undefined ? null : last - first,
      levels: this.#levels,
    };
  }

  #agree(levels: readonly number[]): readonly number[] {
    if (this.#levels === levels) return levels;
    if (!levels.includes(0.5)) throw new RangeError(`levels are ${levels.join(', ')}, expected 0.5 among them`);
    if (this.#count > 0 && levels.join() !== this.#levels.join()) {
      throw new RangeError(`levels changed from ${this.#levels.join(', ')} to ${levels.join(', ')}`);
    }
    return (this.#levels = levels);
  }
}

/** (y − q) τ where y ≥ q, else (q − y)(1 − τ). Koenker and Bassett, Regression Quantiles, 1978. */
export function pinballLoss(actual: number, quantile: number, level: number): number {
  return actual >= quantile ? (actual - quantile) * level : (quantile - actual) * (1 - level);
}
