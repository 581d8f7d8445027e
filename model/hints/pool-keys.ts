/** Keys of transactions that wait for a block; beyond, numbering starts over. */
const MOST_KEYS = 1 << 18;

/**
 * Small numbers for the keys of waiting transactions, so that plans walk through small tables, and how many transactions name
 * each: a key that only one of them names makes no dependency.
 */
export class PoolKeys {
  readonly #numbers = new Map<number, number>();
  #counts = new Uint32Array(1024);
  #generation = 1;

  /** Numbers of one generation fit together. */
  get generation(): number {
    return this.#generation;
  }

  /** Numbers are below it. */
  get count(): number {
    return this.#numbers.size;
  }

  /** Starts a new generation where there are too many keys. To be called before the keys of transactions are added. */
  makeRoom(): void {
    if (this.#numbers.size < MOST_KEYS) return;
    this.#numbers.clear();
    this.#counts.fill(0);
    this.#generation += 1;
  }

  /** The number of a key that one more transaction names. */
  add(key: number): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(key, number);
      if (number === this.#counts.length) {
        const longer = new Uint32Array(2 * number);
        longer.set(this.#counts);
        this.#counts = longer;
      }
    }
    this.#counts[number] = (this.#counts[number] ?? 0) + 1;
    return number;
  }

  isShared(number: number): boolean {
    return (this.#counts[number] ?? 0) > 1;
  }
}
