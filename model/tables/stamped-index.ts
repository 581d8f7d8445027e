import { int32At } from '../numbers.js';

const INITIAL_SLOTS = 256;

/** Numbers integers from 0 in the order of their first appearance, and forgets them all at no cost: for one call or one block. */
export class StampedIndex {
  #slots = new Int32Array(3 * INITIAL_SLOTS);
  #mask = INITIAL_SLOTS - 1;
  #stamp = 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#size = 0;
    this.#stamp += 1;
    if (this.#stamp < 0x7fffffff) return;
    this.#slots.fill(0);
    this.#stamp = 1;
  }

  /** The number of a value, which is added where it is new: then it equals the size before the call. */
  add(value: number): number {
    const slots = this.#slots;
    let slot = mix(value) & this.#mask;
    for (; slots[3 * slot] === this.#stamp; slot = (slot + 1) & this.#mask) {
      if (slots[3 * slot + 1] === value) return int32At(slots, 3 * slot + 2);
    }
    const index = this.#size;
    this.#size += 1;
    slots[3 * slot] = this.#stamp;
    slots[3 * slot + 1] = value;
    slots[3 * slot + 2] = index;
    if (2 * this.#size > this.#mask) this.#grow();
    return index;
  }

  /** The number of a value, or -1. */
  find(value: number): number {
    const slots = this.#slots;
    for (let slot = mix(value) & this.#mask; slots[3 * slot] === this.#stamp; slot = (slot + 1) & this.#mask) {
      if (slots[3 * slot + 1] === value) return int32At(slots, 3 * slot + 2);
    }
    return -1;
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = 2 * this.#mask + 1;
    this.#slots = new Int32Array(3 * (this.#mask + 1));
    for (let from = 0; from < old.length; from += 3) {
      if (old[from] !== this.#stamp) continue;
      let slot = mix(int32At(old, from + 1)) & this.#mask;
      while (this.#slots[3 * slot] === this.#stamp) slot = (slot + 1) & this.#mask;
      this.#slots.set(old.subarray(from, from + 3), 3 * slot);
    }
  }
}

function mix(value: number): number {
  const hash = Math.imul(value, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}
