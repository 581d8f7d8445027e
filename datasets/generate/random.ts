import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

type Generator = Parameters<typeof uniformInt>[0];

/** A seeded stream of draws: the same seed gives the same draws in the same order. */
export class Random {
  readonly #generator: Generator;

  /** `seed`: 32 bits. */
  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** Uniform in [0, count). */
  below(count: number): number {
    return uniformInt(this.#generator, 0, count - 1);
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return uniformFloat64(this.#generator);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  /** Log-normal with the given median; `sigma` is the deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** Two different numbers of [0, count); `count` is at least 2. */
  twoBelow(count: number): readonly [number, number] {
    const first = this.below(count);
    const second = this.below(count - 1);
    return [first, second < first ? second : second + 1];
  }
}

/** Draws one of a fixed list with probability in proportion to its weight. */
export class Weighted {
  readonly #cumulative: Float64Array;
  readonly #total: number;

  constructor(weights: readonly number[]) {
    let total = 0;
    this.#cumulative = Float64Array.from(weights, (weight) => (total += weight));
    this.#total = total;
  }

  /** Index of the drawn weight. */
  draw(random: Random): number {
    const target = random.unit() * this.#total;
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#cumulative[middle] ?? 0) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Rank r (from 0) with probability in proportion to (r + 1)^−exponent. */
export function zipf(count: number, exponent: number): Weighted {
  return new Weighted(Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent));
}
