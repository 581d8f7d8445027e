import { float32At, float64At } from '../numbers.js';
import { FORECAST_LEVELS } from './levels.js';

/** How far an outcome moves a quantile, in parts of the distance between the outer ones, at one block ahead. */
const RATE = 0.002;
/** Where more outcomes than this fall outside of the outer quantiles, which a tenth should, the world has changed: quantiles learn faster. */
const ALARM_SHARE = 0.3;
const ALARM_FACTOR = 10;
const USUAL_SHARE = 0.1;
/** Outcomes that do not overlap, over which that is averaged. */
const ALARM_OUTCOMES = 50;

/**
 * Keeps quantiles honest while the world drifts: each is moved up a little when an outcome was above it and down when it was
 * below, in proportion to its level, so that in the long run outcomes fall below it as often as it says. Gibbs and Candès,
 * Adaptive Conformal Inference under Distribution Shift, 2021, for each level of a grid; an offset counts in parts of the
 * forecast's own width, so that it means the same in calm and in wild times.
 */
export class Recalibration {
  readonly #offsets: Float64Array;
  readonly #rate: number;
  readonly #horizon: number;
  /** Share of outcomes outside of the outer quantiles, lately. */
  #outside = USUAL_SHARE;

  /** `horizon`: outcomes so many blocks ahead overlap, and each says that much less. `rate` 0 learns nothing. */
  constructor(horizon: number, rate = RATE) {
    this.#offsets = new Float64Array(FORECAST_LEVELS.length);
    this.#rate = rate / horizon;
    this.#horizon = horizon;
  }

  /** Turns ascending raw quantiles, from an index of an array on, into ascending ones. */
  apply(raw: Float32Array, offset: number, quantiles: Float64Array): void {
    const last = this.#offsets.length - 1;
    const width = float32At(raw, offset + last) - float32At(raw, offset);
    let least = -Infinity;
    for (let index = 0; index <= last; index++) {
      const moved = float32At(raw, offset + index) + float64At(this.#offsets, index) * width;
      least = Math.max(least, moved);
      quantiles[index] = least;
    }
  }

  /** Learns what came out where these quantiles were forecast. Where they are all one number there is nothing to learn. */
  learn(raw: Float32Array, offset: number, outcome: number): void {
    const last = this.#offsets.length - 1;
    const width = float32At(raw, offset + last) - float32At(raw, offset);
    if (!(width > 0) || Number.isNaN(outcome)) return;
    const quantile = (index: number): number =>
      float32At(raw, offset + index) + float64At(this.#offsets, index) * width;
    const isOutside = outcome < quantile(0) || outcome > quantile(last);
    this.#outside += ((isOutside ? 1 : 0) - this.#outside) / (ALARM_OUTCOMES * this.#horizon);
    const rate = this.#outside > ALARM_SHARE ? ALARM_FACTOR * this.#rate : this.#rate;
    for (let index = 0; index <= last; index++) {
      const below = outcome <= quantile(index) ? 1 : 0;
      this.#offsets[index] = float64At(this.#offsets, index) + rate * ((FORECAST_LEVELS[index] ?? 0) - below);
    }
  }
}
