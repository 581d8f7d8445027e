import { float64At } from '../numbers.js';

/**
 * Exponentially weighted means of one quantity over several spans: each observation counts for 1 / span, and until a span has
 * passed all count alike.
 */
export class MovingAverages {
  readonly #spans: readonly number[];
  readonly #means: Float64Array;
  #count = 0;

  /** `spans`: in observations. */
  constructor(spans: readonly number[]) {
    this.#spans = spans;
    this.#means = new Float64Array(spans.length);
  }

  observe(value: number): void {
    this.#count += 1;
    for (let index = 0; index < this.#means.length; index++) this.#move(index, value);
  }

  /** Each mean takes a value of its own. */
  observeEach(valueOf: (index: number) => number): void {
    this.#count += 1;
    for (let index = 0; index < this.#means.length; index++) this.#move(index, valueOf(index));
  }

  /** The mean over the span at an index; 0 before the first observation. */
  mean(index: number): number {
    return float64At(this.#means, index);
  }

  #move(index: number, value: number): void {
    const weight = Math.max(1 / (this.#spans[index] ?? 1), 1 / this.#count);
    const mean = float64At(this.#means, index);
    this.#means[index] = mean + weight * (value - mean);
  }
}
