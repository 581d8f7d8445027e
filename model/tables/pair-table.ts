import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { int32At, grownInt32, paddedInt32 } from '../numbers.js';

const INITIAL_CAPACITY = 64;
const EMPTY = -1;

/**
 * Numbers pairs of 32-bit integers from 0 in the order of their first appearance: open addressing over flat arrays,
 * because a Map would need a string or a boxed number per look-up.
 */
export class PairTable {
  #firsts = new Int32Array(INITIAL_CAPACITY / 2);
  #seconds = new Int32Array(INITIAL_CAPACITY / 2);
  #slots = new Int32Array(INITIAL_CAPACITY).fill(EMPTY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Memory held, in bytes. */
  get byteLength(): number {
    return this.#firsts.byteLength + this.#seconds.byteLength + this.#slots.byteLength;
  }

  /** The number of a pair, or -1. */
  find(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = mix(first, second) & mask; ; slot = (slot + 1) & mask) {
      const entry = int32At(this.#slots, slot);
      if (entry === EMPTY) return -1;
      if (this.#firsts[entry] === first && this.#seconds[entry] === second) return entry;
    }
  }

  /** The number of a pair, which is added where it is new: then it equals the size before the call. */
  add(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let slot = mix(first, second) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const entry = int32At(this.#slots, slot);
      if (entry === EMPTY) break;
      if (this.#firsts[entry] === first && this.#seconds[entry] === second) return entry;
    }
    const entry = this.#size;
    if (entry === this.#firsts.length) {
      this.#grow();
      this.#place(entry, first, second);
    } else {
      this.#slots[slot] = entry;
    }
    this.#firsts[entry] = first;
    this.#seconds[entry] = second;
    this.#size += 1;
    return entry;
  }

  first(entry: number): number {
    return int32At(this.#firsts, entry);
  }

  second(entry: number): number {
    return int32At(this.#seconds, entry);
  }

  save(to: SectionWriter): void {
    to.int32('firsts', this.#firsts.subarray(0, this.#size));
    to.int32('seconds', this.#seconds.subarray(0, this.#size));
  }

  /** Takes over what was saved in place of what the table held. */
  restore(from: SectionReader): void {
    const firsts = from.int32('firsts');
    this.#size = firsts.length;
    this.#firsts = paddedInt32(firsts, INITIAL_CAPACITY / 2);
    this.#seconds = paddedInt32(from.int32('seconds', this.#size), INITIAL_CAPACITY / 2);
    this.#slots = new Int32Array(this.#firsts.length * 2).fill(EMPTY);
    for (let entry = 0; entry < this.#size; entry++) {
      if (this.find(this.first(entry), this.second(entry)) >= 0) from.refuse('firsts', `pair ${entry} is there twice`);
      this.#place(entry, this.first(entry), this.second(entry));
    }
  }

  #grow(): void {
    this.#firsts = grownInt32(this.#firsts);
    this.#seconds = grownInt32(this.#seconds);
    this.#slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    for (let entry = 0; entry < this.#size; entry++) this.#place(entry, this.first(entry), this.second(entry));
  }

  #place(entry: number, first: number, second: number): void {
    const mask = this.#slots.length - 1;
    let slot = mix(first, second) & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }
}

function mix(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
