import { at } from './rows.js';

/** A measured value and what it may be proportional to. */
export interface Observation {
  readonly features: readonly number[];
  readonly value: number;
  /** In units of which its error counts. */
  readonly scale: number;
}

const REWEIGHTINGS = 20;
const SWEEPS = 60;
/** Errors below this share count as one of this share. */
const LEAST_ERROR = 1e-3;

/**
 * Coefficients from 0 to `most` with which the features add up to the values, as near as can be in the sum of absolute
 * errors, so that single outliers tell little: least squares, reweighted by the errors that are left.
 */
export function boundedFit(observations: readonly Observation[], most: readonly number[]): number[] {
  const coefficients = most.map(() => 0);
  const weights = observations.map(() => 1);
  for (let round = 0; round < REWEIGHTINGS; round++) {
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      for (const [place, bound] of most.entries()) {
        coefficients[place] = Math.min(bound, Math.max(0, bestAt(place, coefficients, { observations, weights })));
      }
    }
    for (const [index, observation] of observations.entries()) {
      weights[index] = 1 / Math.max(LEAST_ERROR, Math.abs(errorOf(observation, coefficients)));
    }
  }
  return coefficients;
}

interface Weighted {
  readonly observations: readonly Observation[];
  readonly weights: readonly number[];
}

/** The best coefficient at one place, the others as they are. */
function bestAt(place: number, coefficients: readonly number[], { observations, weights }: Weighted): number {
  let [products, squares] = [0, 0];
  for (const [index, observation] of observations.entries()) {
    const feature = at(observation.features, place) / observation.scale;
    const error = errorOf(observation, coefficients) + feature * at(coefficients, place);
    products += at(weights, index) * feature * error;
    squares += at(weights, index) * feature * feature;
  }
  return squares === 0 ? 0 : products / squares;
}

function errorOf({ features, value, scale }: Observation, coefficients: readonly number[]): number {
  return features.reduce((left, feature, place) => left - feature * at(coefficients, place), value) / scale;
}

/** The middle value, or the mean of the two in the middle; 0 for an empty list. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (at(sorted, Math.floor((sorted.length - 1) / 2)) + at(sorted, Math.ceil((sorted.length - 1) / 2))) / 2;
}
