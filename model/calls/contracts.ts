import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import type { KeySpace } from '../tables/key-space.js';
import { NUMBER_MAP_ENTRY_BYTES, restoreNumberMap, saveNumberMap } from '../tables/number-map.js';

const FILTER_BITS = 24;
const SUFFIX_BITS = 17;
const ADDRESS_BYTES = 20;

/**
 * The contracts that history showed, with the code that runs for each: a proxy's is its implementation's. Also finds
 * their addresses in calldata, where they may stand at any byte.
 */
export class Contracts {
  readonly #space: KeySpace;
  readonly #codes = new Map<number, number>();
  readonly #implementations = new Map<number, number>();
  /** One bit for each first three bytes of a known address. */
  readonly #filter = new Uint8Array(1 << (FILTER_BITS - 3));
  /** The same for a hash of its last bytes: calldata is full of zeros, and some addresses begin with them. */
  readonly #suffixes = new Uint8Array(1 << (SUFFIX_BITS - 3));

  /** An address at its end. */
  readonly #word = new Uint8Array(32);

  #version = 0;

  constructor(space: KeySpace) {
    this.#space = space;
  }

  /** Grows with everything that changes which code runs where. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#codes.size;
  }

  /** As `learnCode`, where what is known already is not met anew. */
  noteCode(address: number, codeHash: number): void {
    if (this.#codes.get(address) !== codeHash) this.learnCode(address, codeHash);
  }

  /** All are words. */
  learnCode(address: number, codeHash: number): void {
    if (this.#codes.get(address) !== codeHash) this.#version += 1;
    // The last of the map is the one that was met last.
    this.#codes.delete(address);
    this.#codes.set(address, codeHash);
    this.#addToFilter(address);
  }

  learnImplementation(proxy: number, implementation: number): void {
    if (proxy === implementation) return;
    if (this.#implementations.get(proxy) !== implementation) this.#version += 1;
    this.#implementations.delete(proxy);
    this.#implementations.set(proxy, implementation);
  }

  isContract(address: number): boolean {
    return this.#codes.has(address);
  }

  /** Whether it was seen to run another contract's code. */
  isProxy(address: number): boolean {
    return this.#implementations.has(address);
  }

  /** The hash of the code that runs when the address is called, as a word; -1 where it is not known. */
  runningCode(address: number): number {
    const target = this.#implementations.get(address) ?? address;
    return this.#codes.get(target) ?? this.#codes.get(address) ?? -1;
  }

  /** The first position from `first` to `last` where the address of a contract may stand; -1 where there is none. */
  nextPossible(bytes: Uint8Array, first: number, last: number): number {
    let prefix = ((bytes[first] ?? 0) << 8) | (bytes[first + 1] ?? 0);
    for (let position = first; position <= last; position++) {
      prefix = ((prefix << 8) & 0xffffff) | (bytes[position + 2] ?? 0);
      if (((this.#filter[prefix >>> 3] ?? 0) & (1 << (prefix & 7))) === 0) continue;
      const suffix = suffixAt(bytes, position);
      if (((this.#suffixes[suffix >>> 3] ?? 0) & (1 << (suffix & 7))) !== 0) return position;
    }
    return -1;
  }

  /** The address of the contract at a position that `nextPossible` found, as a word, or -1. */
  findAt(bytes: Uint8Array, position: number): number {
    this.#word.set(bytes.subarray(position, position + ADDRESS_BYTES), 32 - ADDRESS_BYTES);
    const address = this.#space.words.findBytes(this.#word);
    return address >= 0 && this.#codes.has(address) ? address : -1;
  }

  /** Addresses and the hashes of their code, as words; those that were met longest ago first. */
  codes(): ReadonlyMap<number, number> {
    return this.#codes;
  }

  /** Proxies and what they last ran the code of, as words. */
  implementations(): ReadonlyMap<number, number> {
    return this.#implementations;
  }

  /** Memory held, in bytes, roughly. */
  get byteLength(): number {
    return this.#filter.byteLength + (this.#codes.size + this.#implementations.size) * NUMBER_MAP_ENTRY_BYTES;
  }

  save(to: SectionWriter): void {
    saveNumberMap(this.#codes, to.within('codes'));
    saveNumberMap(this.#implementations, to.within('implementations'));
  }

  /** Takes over what was saved; to be called on new ones. */
  restore(from: SectionReader): void {
    const words = this.#space.words.size;
    restoreNumberMap(this.#codes, from.within('codes'), { keys: words, values: words });
    restoreNumberMap(this.#implementations, from.within('implementations'), { keys: words, values: words });
    for (const address of this.#codes.keys()) this.#addToFilter(address);
    this.#version += 1;
  }

  #addToFilter(address: number): void {
    const bytes = this.#space.words.bytes(address);
    const prefix = prefixAt(bytes, 12);
    this.#filter[prefix >>> 3] = (this.#filter[prefix >>> 3] ?? 0) | (1 << (prefix & 7));
    const suffix = suffixAt(bytes, 12);
    this.#suffixes[suffix >>> 3] = (this.#suffixes[suffix >>> 3] ?? 0) | (1 << (suffix & 7));
  }
}

function prefixAt(bytes: Uint8Array, position: number): number {
  return ((bytes[position] ?? 0) << 16) | ((bytes[position + 1] ?? 0) << 8) | (bytes[position + 2] ?? 0);
}

function suffixAt(bytes: Uint8Array, position: number): number {
  const last = ((bytes[position + 17] ?? 0) << 16) | ((bytes[position + 18] ?? 0) << 8) | (bytes[position + 19] ?? 0);
  return Math.imul(last ^ ((bytes[position + 16] ?? 0) << 24), 0x9e3779b1) >>> (32 - SUFFIX_BITS);
}
