import type { KeySpace } from '../tables/key-space.js';

const FILTER_BITS = 24;

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

  constructor(space: KeySpace) {
    this.#space = space;
  }

  get size(): number {
    return this.#codes.size;
  }

  /** All are words. */
  learnCode(address: number, codeHash: number): void {
    this.#codes.set(address, codeHash);
    const bytes = this.#space.words.bytes(address);
    const prefix = prefixAt(bytes, 12);
    this.#filter[prefix >>> 3] = (this.#filter[prefix >>> 3] ?? 0) | (1 << (prefix & 7));
  }

  learnImplementation(proxy: number, implementation: number): void {
    if (proxy !== implementation) this.#implementations.set(proxy, implementation);
  }

  isContract(address: number): boolean {
    return this.#codes.has(address);
  }

  /** The hash of the code that runs when the address is called, as a word; -1 where it is not known. */
  runningCode(address: number): number {
    const target = this.#implementations.get(address) ?? address;
    return this.#codes.get(target) ?? this.#codes.get(address) ?? -1;
  }

  /** The address of the contract at a position of calldata, as a word, or -1. */
  findAt(bytes: Uint8Array, position: number): number {
    const prefix = prefixAt(bytes, position);
    if (((this.#filter[prefix >>> 3] ?? 0) & (1 << (prefix & 7))) === 0) return -1;
    const word = new Uint8Array(32);
    word.set(bytes.subarray(position, position + 20), 12);
    const address = this.#space.words.addBytes(word);
    return this.#codes.has(address) ? address : -1;
  }

  *entries(): Generator<{ readonly address: number; readonly codeHash: number; readonly implementation: number }> {
    for (const [address, codeHash] of this.#codes) {
      yield { address, codeHash, implementation: this.#implementations.get(address) ?? -1 };
    }
  }
}

function prefixAt(bytes: Uint8Array, position: number): number {
  return ((bytes[position] ?? 0) << 16) | ((bytes[position + 1] ?? 0) << 8) | (bytes[position + 2] ?? 0);
}
