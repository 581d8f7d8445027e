import { float32At, float64At } from '../numbers.js';
import { Random } from '../../datasets/generate/random.js';
import { FORECAST_LEVELS, MEDIAN } from './levels.js';

/**
 * Continuous ranked probability score of quantiles: twice the mean pinball loss over their levels, in the unit of the outcome
 * (Gneiting and Ranjan, 2011). The grid is the same for all that are compared.
 */
export function crpsOf(quantiles: Float64Array, outcome: number): number {
  let sum = 0;
  for (let index = 0; index < quantiles.length; index++) {
    const above = outcome - float64At(quantiles, index);
    const level = FORECAST_LEVELS[index] ?? 0.5;
    sum += above >= 0 ? level * above : (level - 1) * above;
  }
  return (2 * sum) / quantiles.length;
}

export interface ForecastScores {
  /** Mean absolute error of the median. */
  readonly mae: number;
  readonly crps: number;
  /** Share of outcomes from the 5 % to the 95 % quantile. */
  readonly coverage90: number;
}

/** Scores of one contender on one quantity at one horizon, outcome by outcome. */
export class ScoreSheet {
  readonly #crps: Float32Array;
  #error = 0;
  #sum = 0;
  #covered = 0;
  #count = 0;

  constructor(outcomes: number) {
    this.#crps = new Float32Array(outcomes);
  }

  add(quantiles: Float64Array, outcome: number): void {
    const crps = crpsOf(quantiles, outcome);
    this.#crps[this.#count] = crps;
    this.#sum += crps;
    this.#error += Math.abs(outcome - float64At(quantiles, MEDIAN));
    const last = quantiles.length - 1;
    if (outcome >= float64At(quantiles, 0) && outcome <= float64At(quantiles, last)) this.#covered += 1;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  scores(): ForecastScores {
    const mean = (sum: number): number => sum / this.#count;
    return { mae: mean(this.#error), crps: mean(this.#sum), coverage90: mean(this.#covered) };
  }

  /** CRPS of each outcome, in their order. */
  get each(): Float32Array {
    return this.#crps.subarray(0, this.#count);
  }
}

export interface Difference {
  /** Mean CRPS of the baseline less that of the model, over that of the baseline: positive where the model is better. */
  readonly gain: number;
  /** Bounds that hold the gain with 95 %. */
  readonly interval: readonly [number, number];
}

export interface BootstrapOptions {
  readonly seed: number;
  /** Consecutive outcomes that are drawn together; they depend on each other. */
  readonly blockLength: number;
  readonly resamples: number;
}

/** By the moving-block bootstrap of Künsch, 1989: blocks of consecutive outcomes are drawn anew, percentiles taken. */
export function compareScores(model: Float32Array, baseline: Float32Array, options: BootstrapOptions): Difference {
  const { seed, resamples } = options;
  const blockLength = Math.max(1, Math.min(options.blockLength, model.length));
  const random = new Random(seed);
  const [own, other] = [prefixSums(model), prefixSums(baseline)];
  const draws = Math.max(1, Math.round(model.length / blockLength));
  const gains = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    let [ownSum, otherSum] = [0, 0];
    for (let draw = 0; draw < draws; draw++) {
      const start = random.below(model.length - blockLength + 1);
      ownSum += float64At(own, start + blockLength) - float64At(own, start);
      otherSum += float64At(other, start + blockLength) - float64At(other, start);
    }
    gains[resample] = gainOf(ownSum, otherSum);
  }
  gains.sort();
  const bound = (share: number): number => float64At(gains, Math.round(share * (resamples - 1)));
  const total = gainOf(float64At(own, model.length), float64At(other, model.length));
  return { gain: total, interval: [bound(0.025), bound(0.975)] };
}

function gainOf(own: number, other: number): number {
  return other === 0 ? (own === 0 ? 0 : -1) : 1 - own / other;
}

function prefixSums(values: Float32Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let index = 0; index < values.length; index++) {
    sums[index + 1] = float64At(sums, index) + float32At(values, index);
  }
  return sums;
}
