import { float32At } from '../numbers.js';
import { createEvaluator } from '../network/evaluate.js';
import type { NetworkWeights } from '../network/network.js';
import { fitNormaliser } from '../network/training-data.js';
import { applyFit } from './least-squares.js';
import { FORECAST_LEVELS } from './levels.js';

/** Features enter a network as (x - mean) / scale, and no further from 0 than `MOST_DEVIATIONS`: plain data. */
export interface FeatureScaler {
  readonly mean: Float32Array;
  /** Not negative; 0 for a feature that is left out. */
  readonly scale: Float32Array;
}

/**
 * One quantity at one horizon: quantiles are linear(features) + centre + scale × the network's. What is linear in lags and moving
 * averages is found by least squares, as NLinear and DLinear do (Zeng et al., Are Transformers Effective for Time Series
 * Forecasting?, 2023); the network adds what bends, and how wide the quantiles are.
 */
export interface ForecastOutput {
  readonly horizon: number;
  /** A constant, then one for each scaled feature. */
  readonly linear: Float64Array;
  readonly centre: number;
  /** Positive. */
  readonly scale: number;
}

/** Networks that speak together about one list of outputs, `FORECAST_LEVELS` for each; plain data. */
export interface ForecastNetwork {
  readonly scaler: FeatureScaler;
  readonly outputs: readonly ForecastOutput[];
  /** Their quantiles are averaged, level by level. */
  readonly members: readonly NetworkWeights[];
}

/** What is further from the usual is taken for this far: a network knows nothing beyond what it saw. */
const MOST_DEVIATIONS = 8;

/** Rows that a feature has to have come round in, or looked back over, so many times. */
const LEAST_ROUNDS = 10;

/** Whether rows can teach what a feature means: in a day nobody learns what is usual of a week. */
function isTaught(reachBlocks: number, rows: number): boolean {
  return reachBlocks * LEAST_ROUNDS <= rows;
}

/**
 * Mean and deviation of rows of features; one that its reach in blocks keeps so many rows of blocks from teaching is left out.
 * `features` may be a sample of the rows.
 */
export function fitScaler(features: Float32Array, reaches: readonly number[], rows: number): FeatureScaler {
  const sampled = Uint32Array.from({ length: features.length / reaches.length }, (_, row) => row);
  const { mean, scale } = fitNormaliser(features, reaches.length, sampled);
  return { mean, scale: scale.map((unit, input) => (isTaught(reaches[input] ?? 0, rows) ? unit : 0)) };
}

/** Brings features to the scale of a network, in place, from an index on. */
export function scaleFeatures(features: Float32Array, offset: number, { mean, scale }: FeatureScaler): void {
  for (let input = 0; input < mean.length; input++) {
    const unit = float32At(scale, input);
    const scaled = unit === 0 ? 0 : (float32At(features, offset + input) - float32At(mean, input)) / unit;
    features[offset + input] = Math.min(MOST_DEVIATIONS, Math.max(-MOST_DEVIATIONS, scaled));
  }
}

/** Evaluates networks without TensorFlow.js, in flat arrays; holds scratch space. */
export class ForecastEvaluator {
  readonly #network: ForecastNetwork;
  readonly #evaluators;
  readonly #one: Float32Array;

  constructor(network: ForecastNetwork) {
    this.#network = network;
    this.#evaluators = network.members.map(createEvaluator);
    this.#one = new Float32Array(network.outputs.length * FORECAST_LEVELS.length);
  }

  /** Scales the features in place, and writes `FORECAST_LEVELS` quantiles for each output. */
  evaluate(features: Float32Array, quantiles: Float32Array): void {
    const { scaler, outputs } = this.#network;
    scaleFeatures(features, 0, scaler);
    quantiles.fill(0);
    const share = 1 / this.#evaluators.length;
    for (const { evaluate } of this.#evaluators) {
      evaluate(features, 0, this.#one);
      for (let place = 0; place < this.#one.length; place++) {
        quantiles[place] = float32At(quantiles, place) + share * float32At(this.#one, place);
      }
    }
    const levels = FORECAST_LEVELS.length;
    for (const [index, { linear, centre, scale }] of outputs.entries()) {
      const start = applyFit(linear, features, 0) + centre;
      for (let place = index * levels; place < (index + 1) * levels; place++) {
        quantiles[place] = start + scale * float32At(quantiles, place);
      }
    }
  }
}
