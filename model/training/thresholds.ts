import { at } from '../numbers.js';

/** What a threshold is chosen on: probabilities with what happened, and hits that no candidate foresaw. */
export interface ThresholdData {
  readonly probabilities: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly missed: number;
  /** How much each counts; 1 where absent. */
  readonly weights?: ArrayLike<number>;
}

const STEP = 0.02;
const [LOWEST, HIGHEST] = [0.1, 0.9];
const DEFAULT_THRESHOLD = 0.5;
const TOLERANCE = 0.004;

/**
 * The threshold of highest F1 for calibrated probabilities: half of that F1 (Lipton, Elkan and Naryanaswamy, 2014). Steadier
 * than the threshold that the data themselves like best, which is often one of many.
 */
export function bestThreshold(data: ThresholdData): number {
  const best = Math.max(...THRESHOLDS.map((threshold) => f1At(data, threshold)));
  return best > 0 ? best / 2 : DEFAULT_THRESHOLD;
}

/** The middle of the thresholds whose score is within 0.004 of the best. */
export function middleOfBest(scoreAt: (threshold: number) => number): number {
  const scores = THRESHOLDS.map(scoreAt);
  const best = Math.max(...scores);
  if (!(best > 0)) return DEFAULT_THRESHOLD;
  const good = THRESHOLDS.filter((_, index) => (scores[index] ?? 0) >= best - TOLERANCE);
  return good[Math.floor(good.length / 2)] ?? DEFAULT_THRESHOLD;
}

const THRESHOLDS = Array.from({ length: Math.round((HIGHEST - LOWEST) / STEP) + 1 }, (_, step) => LOWEST + step * STEP);

export function f1At({ probabilities, labels, missed, weights }: ThresholdData, threshold: number): number {
  let [hits, predicted, positive] = [0, 0, missed];
  for (let index = 0; index < probabilities.length; index++) {
    const isPredicted = at(probabilities, index) >= threshold;
    const isPositive = at(labels, index) === 1;
    const weight = weights === undefined ? 1 : at(weights, index);
    if (isPredicted) predicted += weight;
    if (isPositive) positive += weight;
    if (isPredicted && isPositive) hits += weight;
  }
  return predicted + positive === 0 ? 0 : (2 * hits) / (predicted + positive);
}
