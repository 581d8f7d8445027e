import { z } from 'zod';
import { LanecastError } from '../../errors.js';
import { fitIsotonicKnots, thinKnots } from './isotonic.js';
import { fitSigmoidScaling, sigmoid } from './sigmoid-scaling.js';

/**
 * Maps raw logits to calibrated probabilities; plain data for JSON. `isotonic`: straight lines between knots of strictly
 * ascending score, constant beyond the ends, where it may be exactly 0 or 1. `sigmoid`: sigmoid(slope · logit + intercept).
 */
export type Calibration =
  | { readonly kind: 'isotonic'; readonly scores: readonly number[]; readonly probabilities: readonly number[] }
  | { readonly kind: 'sigmoid'; readonly slope: number; readonly intercept: number };

/** What a calibration is fitted on; held out from training. All of one length. */
export interface CalibrationData {
  /** Raw logits, finite. */
  readonly logits: ArrayLike<number>;
  /** What happened: 0 or 1, or a probability in between. */
  readonly labels: ArrayLike<number>;
  /** Not negative; by default 1. */
  readonly weights?: ArrayLike<number> | undefined;
}

const Stored = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('isotonic'),
    scores: z.array(z.number()).min(1),
    probabilities: z.array(z.number().min(0).max(1)).min(1),
  }),
  z.object({ kind: z.literal('sigmoid'), slope: z.number(), intercept: z.number() }),
]);

/**
 * Isotonic regression (Zadrozny and Elkan, 2002), thinned so that it moves by at most `tolerance`.
 * Throws `INVALID_ARGUMENT` on data that are empty or do not fit.
 */
export function fitIsotonic(data: CalibrationData, tolerance = 1e-4): Calibration {
  checkData(data);
  const knots = thinKnots(fitIsotonicKnots(data.logits, data.labels, data.weights ?? null), tolerance);
  return {
    kind: 'isotonic',
    scores: knots.map(({ score }) => score),
    // Rounding in a weighted mean can leave the range.
    probabilities: knots.map(({ probability }) => Math.min(1, Math.max(0, probability))),
  };
}

/**
 * Platt scaling (Platt, 1999): slope and intercept of least cross-entropy against labels drawn slightly towards each other.
 * Throws `INVALID_ARGUMENT` on data that are empty or do not fit.
 */
export function fitPlatt(data: CalibrationData): Calibration {
  checkData(data);
  return { kind: 'sigmoid', ...fitSigmoidScaling(data, 'slope and intercept') };
}

/**
 * Temperature scaling (Guo et al., 2017): the slope alone, 1 / temperature, of least cross-entropy.
 * Throws `INVALID_ARGUMENT` on data that are empty or do not fit.
 */
export function fitTemperature(data: CalibrationData): Calibration {
  checkData(data);
  return { kind: 'sigmoid', ...fitSigmoidScaling(data, 'slope') };
}

/** A function from raw logit to calibrated probability, for many calls. */
export function createCalibrator(calibration: Calibration): (logit: number) => number {
  if (calibration.kind === 'sigmoid') {
    const { slope, intercept } = calibration;
    return (logit) => sigmoid(slope * logit + intercept);
  }
  const scores = Float64Array.from(calibration.scores);
  const probabilities = Float64Array.from(calibration.probabilities);
  return (logit) => interpolateKnots(scores, probabilities, logit);
}

/** Checks what was stored. Throws `INVALID_INPUT` with what is wrong. */
export function decodeCalibration(value: unknown): Calibration {
  const parsed = Stored.safeParse(value);
  if (!parsed.success) {
    throw invalid(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  }
  const calibration = parsed.data;
  if (calibration.kind === 'sigmoid') return calibration;
  const { scores, probabilities } = calibration;
  if (scores.length !== probabilities.length) throw invalid('scores and probabilities differ in number');
  if (scores.some((score, index) => score <= (scores[index - 1] ?? -Infinity))) throw invalid('scores do not ascend');
  if (probabilities.some((each, index) => each < (probabilities[index - 1] ?? 0))) throw invalid('probabilities fall');
  return calibration;
}

function interpolateKnots(scores: Float64Array, probabilities: Float64Array, score: number): number {
  const last = scores.length - 1;
  if (score <= (scores[0] ?? 0)) return probabilities[0] ?? 0;
  if (score >= (scores[last] ?? 0)) return probabilities[last] ?? 0;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((scores[middle] ?? 0) <= score) low = middle;
    else high = middle;
  }
  const from = probabilities[low] ?? 0;
  const share = (score - (scores[low] ?? 0)) / ((scores[high] ?? 0) - (scores[low] ?? 0));
  return from + share * ((probabilities[high] ?? 0) - from);
}

function checkData({ logits, labels, weights }: CalibrationData): void {
  if (labels.length !== logits.length || (weights !== undefined && weights.length !== logits.length)) {
    throw new LanecastError('INVALID_ARGUMENT', 'Calibration: logits, labels and weights differ in number');
  }
  let total = 0;
  for (let index = 0; index < logits.length; index++) {
    const [label, weight] = [labels[index] ?? Number.NaN, weights?.[index] ?? 1];
    if (!Number.isFinite(logits[index]) || !(label >= 0 && label <= 1) || !(weight >= 0 && weight < Infinity)) {
      throw new LanecastError('INVALID_ARGUMENT', `Calibration: bad logit, label or weight at ${index}`);
    }
    total += weight;
  }
  if (total === 0) throw new LanecastError('INVALID_ARGUMENT', 'Calibration: no example has a weight');
}

function invalid(problem: string): LanecastError {
  return new LanecastError('INVALID_INPUT', `Calibration: ${problem}`);
}
