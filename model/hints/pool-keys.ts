const MOST_KEYS = 1 << 19;
/** A count: who names the key in the lower half, who changes it in the upper. */
const ONE_CHANGE = 1 << 16;
const NAMES = ONE_CHANGE - 1;

/**
 * Small numbers for the keys of waiting transactions, so that plans walk through small tables, and who names each: a key that
 * only one of them names, or that nobody changes, makes no dependency. Counts stop at what 16 bits hold.
 */
export class PoolKeys {
  readonly #numbers = new Map<number, number>();
  #counts = new Uint32Array(1024);

  /** Numbers are below it. */
  get count(): number {
    return this.#numbers.size;
  }

  get isFull(): boolean {
    return this.#numbers.size >= MOST_KEYS;
  }

  clear(): void {
    this.#numbers.clear();
    this.#counts.fill(0);
  }

  /** The number of a key that one more transaction names; `changes`: it may write or add to it. */
  add(key: number, changes: boolean): number {
    const number = this.numberOf(key);
    const count = this.#counts[number] ?? 0;
    // Once so many name a key, it stays contended until the numbers are given anew.
    if ((count & NAMES) < NAMES) this.#counts[number] = count + 1 + (changes ? ONE_CHANGE : 0);
    return number;
  }

  /** The number of a key that no transaction names by that. */
  numberOf(key: number): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    if (number === this.#counts.length) {
      const longer = new Uint32Array(2 * number);
      longer.set(this.#counts);
      this.#counts = longer;
    }
    return number;
  }

  /** Takes an `add` back. */
  remove(number: number, changes: boolean): void {
    const count = this.#counts[number] ?? 0;
    const names = count & NAMES;
    if (names === 0 || names === NAMES) return;
    this.#counts[number] = count - 1 - (changes && count >= ONE_CHANGE ? ONE_CHANGE : 0);
  }

  /** Whether one transaction may see what another one changed. */
  isContended(number: number): boolean {
    const count = this.#counts[number] ?? 0;
    return (count & NAMES) > 1 && count >= ONE_CHANGE;
  }
}
