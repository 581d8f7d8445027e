import { float64At } from '../numbers.js';

/**
 * What recurs within a period, learned as it comes: the mean of a quantity at each slot of the period. Contracts are called on
 * the minute and on the hour, and what belongs to an epoch comes once in an epoch.
 */
export class PhaseProfile {
  readonly #periodSeconds: number;
  readonly #slotSeconds: number;
  readonly #means: Float64Array;
  readonly #visits: number;

  /** `visits`: of a slot after which what it showed counts for about a third. */
  constructor(periodSeconds: number, slotSeconds: number, visits: number) {
    this.#periodSeconds = periodSeconds;
    this.#slotSeconds = slotSeconds;
    this.#means = new Float64Array(Math.max(1, Math.round(periodSeconds / slotSeconds)));
    this.#visits = visits;
  }

  observe(timestampSeconds: number, value: number): void {
    const phase = this.#phaseOf(timestampSeconds);
    const mean = float64At(this.#means, phase);
    this.#means[phase] = mean + (value - mean) / this.#visits;
  }

  /** What is usual at a time. */
  expect(timestampSeconds: number): number {
    return float64At(this.#means, this.#phaseOf(timestampSeconds));
  }

  #phaseOf(timestampSeconds: number): number {
    const phase = Math.floor((timestampSeconds % this.#periodSeconds) / this.#slotSeconds);
    return Math.min(phase, this.#means.length - 1);
  }
}
