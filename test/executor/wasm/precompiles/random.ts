import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { toBigInt } from './oracle.js';

/** The seed of every test of precompiles, printed with a failing test's name. */
export const SEED = 20_251_203;

/** Bytes from a seed of their own, the same in every run. */
export class RandomBytes {
  readonly #generator;

  constructor(offset: number) {
    this.#generator = xoroshiro128plus(SEED + offset);
  }

  below(limit: number): number {
    return uniformInt(this.#generator, 0, limit - 1);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** From 1 to `limit` − 1. */
  scalar(limit: bigint): bigint {
    return (toBigInt(this.bytes(64)) % (limit - 1n)) + 1n;
  }
}
