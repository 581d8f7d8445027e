import type { Address, Hash } from '../../types.js';
import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { int32At, grownInt32, paddedInt32 } from '../numbers.js';

const WORD_BYTES = 32;
const LANES = 8;
const INITIAL_WORDS = 1024;
const EMPTY = -1;
/** A string of an address and its entry in a Map, as measured. */
const ADDRESS_BYTES = 104;

const DIGIT_VALUES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 0 : value;
});

/** Numbers 32-byte words from 0 by their content; all that the model compares are these numbers. */
export class WordTable {
  #lanes = new Int32Array(INITIAL_WORDS * LANES);
  #bytes = new Uint8Array(this.#lanes.buffer);
  #slots = new Int32Array(INITIAL_WORDS * 2).fill(EMPTY);
  #size = 0;
  readonly #addresses = new Map<string, number>();
  readonly #scratch = new Int32Array(LANES);
  readonly #scratchBytes = new Uint8Array(this.#scratch.buffer);

  get size(): number {
    return this.#size;
  }

  /** Memory held, in bytes, roughly. */
  get byteLength(): number {
    return this.#lanes.byteLength + this.#slots.byteLength + this.#addresses.size * ADDRESS_BYTES;
  }

  /** The word at a position of an array that is aligned to four bytes. */
  add(lanes: Int32Array, position: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(lanes, position) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const word = int32At(this.#slots, slot);
      if (word === EMPTY) break;
      if (this.#equals(word, lanes, position)) return word;
    }
    const word = this.#size;
    if (word * 2 >= this.#slots.length - 1) {
      this.#grow();
      this.#place(word, lanes, position);
    } else {
      this.#slots[slot] = word;
    }
    for (let lane = 0; lane < LANES; lane++) this.#lanes[word * LANES + lane] = int32At(lanes, position + lane);
    this.#size += 1;
    return word;
  }

  /** The word with these bytes, or -1. */
  findBytes(bytes: Uint8Array): number {
    this.#scratchBytes.set(bytes);
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(this.#scratch, 0) & mask; ; slot = (slot + 1) & mask) {
      const word = int32At(this.#slots, slot);
      if (word === EMPTY || this.#equals(word, this.#scratch, 0)) return word;
    }
  }

  addBytes(bytes: Uint8Array): number {
    this.#scratchBytes.set(bytes);
    return this.add(this.#scratch, 0);
  }

  /** `hex`: up to 64 digits, filled up with zeros on the left, with or without `0x`. */
  addHex(hex: string): number {
    const first = hex.startsWith('0x') ? 2 : 0;
    this.#scratch.fill(0);
    for (let [index, digit] = [hex.length - 1, 0]; index >= first; index--, digit++) {
      const value = DIGIT_VALUES[hex.charCodeAt(index)] ?? 0;
      const position = WORD_BYTES - 1 - (digit >>> 1);
      this.#scratchBytes[position] = (this.#scratchBytes[position] ?? 0) | ((digit & 1) === 0 ? value : value << 4);
    }
    return this.add(this.#scratch, 0);
  }

  /** An address as a word, zeros on the left. */
  addAddress(address: Address): number {
    const known = this.#addresses.get(address);
    if (known !== undefined) return known;
    const word = this.addHex(address);
    this.#addresses.set(address, word);
    return word;
  }

  /** The bytes of a word, a view that the next addition may move. */
  bytes(word: number): Uint8Array {
    return this.#bytes.subarray(word * WORD_BYTES, (word + 1) * WORD_BYTES);
  }

  hash(word: number): Hash {
    return `0x${Buffer.from(this.bytes(word)).toString('hex')}`;
  }

  address(word: number): Address {
    return `0x${Buffer.from(this.bytes(word).subarray(12)).toString('hex')}`;
  }

  save(to: SectionWriter): void {
    to.bytes('bytes', this.#bytes.subarray(0, this.#size * WORD_BYTES));
  }

  /** Takes over what was saved in place of what the table held. */
  restore(from: SectionReader): void {
    const bytes = from.bytes('bytes');
    if (bytes.length % WORD_BYTES !== 0) from.refuse('bytes', `${bytes.length} bytes are no whole number of words`);
    this.#size = bytes.length / WORD_BYTES;
    this.#lanes = paddedInt32(new Int32Array(bytes.buffer), INITIAL_WORDS * LANES);
    this.#bytes = new Uint8Array(this.#lanes.buffer);
    this.#slots = new Int32Array((this.#lanes.length / LANES) * 2).fill(EMPTY);
    this.#addresses.clear();
    for (let word = 0; word < this.#size; word++) {
      if (this.#find(this.#lanes, word * LANES) !== -1) from.refuse('bytes', `word ${word} is there twice`);
      this.#place(word, this.#lanes, word * LANES);
    }
  }

  #find(lanes: Int32Array, position: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(lanes, position) & mask; ; slot = (slot + 1) & mask) {
      const word = int32At(this.#slots, slot);
      if (word === EMPTY || this.#equals(word, lanes, position)) return word;
    }
  }

  #equals(word: number, lanes: Int32Array, position: number): boolean {
    const base = word * LANES;
    for (let lane = LANES - 1; lane >= 0; lane--) {
      if (this.#lanes[base + lane] !== lanes[position + lane]) return false;
    }
    return true;
  }

  #grow(): void {
    this.#lanes = grownInt32(this.#lanes);
    this.#bytes = new Uint8Array(this.#lanes.buffer);
    this.#slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    for (let word = 0; word < this.#size; word++) this.#place(word, this.#lanes, word * LANES);
  }

  #place(word: number, lanes: Int32Array, position: number): void {
    const mask = this.#slots.length - 1;
    let slot = hashOf(lanes, position) & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = word;
  }
}

function hashOf(lanes: Int32Array, position: number): number {
  let hash = 0;
  for (let lane = 0; lane < LANES; lane++) {
    hash = Math.imul(hash ^ int32At(lanes, position + lane), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
