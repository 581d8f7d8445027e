import type { Hex } from '../../types.js';

/** The byte that two characters stand for, by their codes as a 16-bit number; what is no hexadecimal digit counts as 0. */
const PAIRS: Readonly<Uint8Array> = createPairs();

const WORD_BYTES = 32;
const LIMB_BITS = 64n;
const LIMB_END = 1n << LIMB_BITS;
/** Hex is decoded in batches of so many pieces or, about, so many characters. */
const BATCH_PIECES = 64;
const BATCH_CHARACTERS = 8192;

function createPairs(): Uint8Array {
  const pairs = new Uint8Array(1 << 16);
  const digits = Array.from('0123456789abcdef0123456789ABCDEF', (digit) => digit.charCodeAt(0));
  for (const [high, first] of digits.entries()) {
    for (const [low, second] of digits.entries()) pairs[(second << 8) | first] = ((high & 15) << 4) | (low & 15);
  }
  return pairs;
}

/** Bytes that a hex string stands for. */
export function byteLength(hex: Hex): number {
  return (hex.length - 2) >> 1;
}

/**
 * A cursor over zeroed bytes that somebody has reserved, at multiples of 8 but for 32-bit numbers: everything is written
 * little-endian, as the engine reads it. Hex is collected, because one copy of many strings is cheaper than a look at each
 * character of each: it is in its place after `finish`.
 */
export class Encoder {
  readonly #start: number;
  readonly #bytes: Uint8Array;
  readonly #numbers: Uint32Array;
  readonly #limbs: BigUint64Array;
  /** From `#start`: small numbers make fast indices, and the engine's memory reaches beyond them. */
  #at = 0;
  #text = '';
  #pieces = 0;
  /** Of each piece: where it goes, its bytes, and whether they are reversed. */
  readonly #places = new Int32Array(3 * BATCH_PIECES);
  #staged = new Uint16Array(BATCH_CHARACTERS);
  #stagedBytes = Buffer.from(this.#staged.buffer);

  /** `start` is a multiple of 16. */
  constructor(memory: Uint8Array, start: number, sizeBytes: number) {
    this.#start = start;
    this.#bytes = new Uint8Array(memory.buffer, start, sizeBytes);
    this.#numbers = new Uint32Array(memory.buffer, start, sizeBytes >>> 2);
    this.#limbs = new BigUint64Array(memory.buffer, start, sizeBytes >>> 3);
  }

  get at(): number {
    return this.#start + this.#at;
  }

  moveTo(at: number): void {
    this.#at = at - this.#start;
  }

  /** A word from hex of at most 64 digits. */
  hexWord(hex: Hex): void {
    this.#collect(hex, 1);
    this.#at += WORD_BYTES;
  }

  word(value: bigint): void {
    const [limbs, at] = [this.#limbs, this.#at / 8];
    // An element takes the lowest 64 bits.
    limbs[at] = value;
    if (value >= LIMB_END) {
      const upper = value >> LIMB_BITS;
      limbs[at + 1] = upper;
      if (upper >= LIMB_END) {
        limbs[at + 2] = upper >> LIMB_BITS;
        limbs[at + 3] = upper >> (2n * LIMB_BITS);
      }
    }
    this.#at += WORD_BYTES;
  }

  u32(value: number): void {
    this.#numbers[this.#at / 4] = value;
    this.#at += 4;
  }

  u64(value: bigint): void {
    this.#limbs[this.#at / 8] = value;
    this.#at += 8;
  }

  /** Bytes in their order, up to a multiple of 16. Answers where they begin. */
  hexBytes(hex: Hex): number {
    const start = this.#at;
    this.#collect(hex, 0);
    this.#at = start + ((byteLength(hex) + 15) & ~15);
    return this.#start + start;
  }

  /** Puts all hex in its place. */
  finish(): void {
    this.#decode();
  }

  #collect(hex: Hex, reversed: number): void {
    if (hex.length <= 2) return;
    // An odd piece would shift all that follow.
    const even = hex.length % 2 === 0 ? hex : `0x0${hex.slice(2)}`;
    const place = 3 * this.#pieces;
    this.#places[place] = this.#at;
    this.#places[place + 1] = (even.length - 2) / 2;
    this.#places[place + 2] = reversed;
    this.#text += even;
    this.#pieces += 1;
    if (this.#pieces === BATCH_PIECES || this.#text.length >= BATCH_CHARACTERS) this.#decode();
  }

  #decode(): void {
    if (this.#text.length > this.#stagedBytes.length) {
      this.#staged = new Uint16Array(this.#text.length);
      this.#stagedBytes = Buffer.from(this.#staged.buffer);
    }
    this.#stagedBytes.write(this.#text, 'latin1');
    const [bytes, staged, places, end] = [this.#bytes, this.#staged, this.#places, 3 * this.#pieces];
    let from = 0;
    for (let place = 0; place < end; place += 3) {
      const [at = 0, length = 0] = [places[place], places[place + 1]];
      // The first pair is the 0x.
      from += 1;
      if (places[place + 2] === 1) putReversed(bytes, at, { staged, from, length });
      else put(bytes, at, { staged, from, length });
      from += length;
    }
    this.#text = '';
    this.#pieces = 0;
  }
}

interface Piece {
  readonly staged: Uint16Array;
  readonly from: number;
  readonly length: number;
}

function put(bytes: Uint8Array, at: number, { staged, from, length }: Piece): void {
  for (let i = 0; i < length; i += 1) bytes[at + i] = PAIRS[staged[from + i] ?? 0] ?? 0;
}

function putReversed(bytes: Uint8Array, at: number, { staged, from, length }: Piece): void {
  const last = from + length - 1;
  for (let i = 0; i < length; i += 1) bytes[at + i] = PAIRS[staged[last - i] ?? 0] ?? 0;
}
