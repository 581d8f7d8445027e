import { at, grownFloat32 } from '../numbers.js';

/** How often keys and addresses were touched: decayed numbers of transactions, by the numbers of the key space. */
export class Popularity {
  readonly #keys = new DecayedCounts();
  readonly #addresses = new DecayedCounts();

  ofKey(key: number): number {
    return this.#keys.get(key);
  }

  ofAddress(address: number): number {
    return this.#addresses.get(address);
  }

  /** Counts one transaction; weights of later blocks grow instead of older ones shrinking. */
  count(keys: Iterable<number>, addresses: Iterable<number>): void {
    for (const key of keys) this.#keys.add(key);
    for (const address of addresses) this.#addresses.add(address);
  }

  /** Starts a block: what was counted before weighs `factor` of what it did. */
  age(factor: number): void {
    this.#keys.age(factor);
    this.#addresses.age(factor);
  }
}

const RENORMALISE_AT = 1e12;

class DecayedCounts {
  #values = new Float32Array(1024);
  #unit = 1;

  get(index: number): number {
    return at(this.#values, index) / this.#unit;
  }

  add(index: number): void {
    while (index >= this.#values.length) this.#values = grownFloat32(this.#values);
    this.#values[index] = at(this.#values, index) + this.#unit;
  }

  age(factor: number): void {
    this.#unit /= factor;
    if (this.#unit < RENORMALISE_AT) return;
    for (let index = 0; index < this.#values.length; index++)
      this.#values[index] = at(this.#values, index) / this.#unit;
    this.#unit = 1;
  }
}
