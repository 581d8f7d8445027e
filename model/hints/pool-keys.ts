const MOST_KEYS = 1 << 19;

/**
 * Small numbers for the keys of waiting transactions, so that plans walk through small tables, and who names each: a key that
 * only one of them names, or that nobody changes, makes no dependency.
 */
export class PoolKeys {
  readonly #numbers = new Map<number, number>();
  #names = new Uint32Array(1024);
  #changes = new Uint32Array(1024);

  /** Numbers are below it. */
  get count(): number {
    return this.#numbers.size;
  }

  get isFull(): boolean {
    return this.#numbers.size >= MOST_KEYS;
  }

  clear(): void {
    this.#numbers.clear();
    this.#names.fill(0);
    this.#changes.fill(0);
  }

  /** The number of a key that one more transaction names; `changes`: it may write or add to it. */
  add(key: number, changes: boolean): number {
    const number = this.numberOf(key);
    this.#names[number] = (this.#names[number] ?? 0) + 1;
    if (changes) this.#changes[number] = (this.#changes[number] ?? 0) + 1;
    return number;
  }

  /** The number of a key that no transaction names by that. */
  numberOf(key: number): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    if (number === this.#names.length) this.#grow();
    return number;
  }

  /** Takes an `add` back. */
  remove(number: number, changes: boolean): void {
    this.#names[number] = Math.max(0, (this.#names[number] ?? 0) - 1);
    if (changes) this.#changes[number] = Math.max(0, (this.#changes[number] ?? 0) - 1);
  }

  /** Whether one transaction may see what another one changed. */
  isContended(number: number): boolean {
    return (this.#names[number] ?? 0) > 1 && (this.#changes[number] ?? 0) > 0;
  }

  #grow(): void {
    const [names, changes] = [new Uint32Array(2 * this.#names.length), new Uint32Array(2 * this.#names.length)];
    names.set(this.#names);
    changes.set(this.#changes);
    this.#names = names;
    this.#changes = changes;
  }
}
