import type { Address, Hash } from '../../types.js';
import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { grownInt32, int32At } from '../numbers.js';
import { PairTable } from './pair-table.js';
import { WordTable } from './word-table.js';

export type Keccak256 = (data: Uint8Array) => Uint8Array;

/** In place of a slot: the balance and nonce of the account. */
export const ACCOUNT = -1;
const WORD_BYTES = 32;

/** Numbers words and access keys, and remembers hashes: a storage key that was computed once costs a look-up. */
export class KeySpace {
  readonly words = new WordTable();
  readonly #keys = new PairTable();
  readonly #hashes = new PairTable();
  #hashed = new Int32Array(1024);
  readonly #sums = new PairTable();
  #summed = new Int32Array(64);
  readonly #keccak256: Keccak256;
  readonly #input = new Uint8Array(2 * WORD_BYTES);

  constructor(keccak256: Keccak256) {
    this.#keccak256 = keccak256;
  }

  /** Memory held, in bytes, roughly. */
  get byteLength(): number {
    const tables = this.words.byteLength + this.#keys.byteLength + this.#hashes.byteLength + this.#sums.byteLength;
    return tables + this.#hashed.byteLength + this.#summed.byteLength;
  }

  get keyCount(): number {
    return this.#keys.size;
  }

  /** keccak256(first ‖ second), each a word: the place of a mapping's entry in Solidity with (key, place). */
  hashPair(first: number, second: number): number {
    const entry = this.#hashes.add(first, second);
    if (entry < this.#hashed.length && int32At(this.#hashed, entry) !== 0) return int32At(this.#hashed, entry) - 1;
    while (entry >= this.#hashed.length) this.#hashed = grownInt32(this.#hashed);
    this.#input.set(this.words.bytes(first), 0);
    this.#input.set(this.words.bytes(second), WORD_BYTES);
    const word = this.words.addBytes(this.#keccak256(this.#input));
    this.#hashed[entry] = word + 1;
    return word;
  }

  /** keccak256(word): where the elements of a dynamic array begin. */
  hashOne(word: number): number {
    return this.#remember(word, -1, () => this.#keccak256(this.words.bytes(word).slice()));
  }

  /** word + offset modulo 2^256, offset below 2^31: fields of a struct, elements of an array. */
  plus(word: number, offset: number): number {
    if (offset === 0) return word;
    return this.#remember(word, offset, () => addTo(this.words.bytes(word), offset));
  }

  /** Number of an access key; `slot` is a word, or `ACCOUNT`. */
  key(address: number, slot: number): number {
    return this.#keys.add(address, slot);
  }

  /** The number of a key that was met before, or -1. */
  findKey(address: number, slot: number): number {
    return this.#keys.find(address, slot);
  }

  keyAddressWord(key: number): number {
    return this.#keys.first(key);
  }

  keySlotWord(key: number): number {
    return this.#keys.second(key);
  }

  keyAddress(key: number): Address {
    return this.words.address(this.#keys.first(key));
  }

  keySlot(key: number): Hash | null {
    const slot = this.#keys.second(key);
    return slot < 0 ? null : this.words.hash(slot);
  }

  /** Hashes and sums are left out: using them finds them again, under the same numbers. */
  save(to: SectionWriter): void {
    this.words.save(to.within('words'));
    this.#keys.save(to.within('keys'));
  }

  /** Takes over what was saved; to be called before the space is used. */
  restore(from: SectionReader): void {
    this.words.restore(from.within('words'));
    const keys = from.within('keys');
    keys.indices('firsts', { count: this.words.size });
    keys.indices('seconds', { count: this.words.size, orNone: true });
    this.#keys.restore(keys);
  }

  #remember(word: number, offset: number, compute: () => Uint8Array): number {
    const entry = this.#sums.add(word, offset);
    while (entry >= this.#summed.length) this.#summed = grownInt32(this.#summed);
    const known = int32At(this.#summed, entry);
    if (known !== 0) return known - 1;
    const result = this.words.addBytes(compute());
    this.#summed[entry] = result + 1;
    return result;
  }
}

function addTo(bytes: Uint8Array, offset: number): Uint8Array {
  const sum = Uint8Array.from(bytes);
  let carry = offset;
  for (let index = WORD_BYTES - 1; index >= 0 && carry > 0; index--) {
    const value = (sum[index] ?? 0) + (carry & 0xff);
    sum[index] = value & 0xff;
    carry = (carry >>> 8) + (value >>> 8);
  }
  return sum;
}
