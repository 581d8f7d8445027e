import type { Hex } from '../../types.js';

/** Values of hexadecimal digits by character code. */
const DIGITS: Readonly<Uint8Array> = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase())),
);

const WORD_BYTES = 32;
const LIMB_BITS = 64n;
const LIMB_MASK = (1n << LIMB_BITS) - 1n;
const SMALL = 1n << LIMB_BITS;

function byteAt(hex: string, place: number): number {
  return ((DIGITS[hex.charCodeAt(place)] ?? 0) << 4) | (DIGITS[hex.charCodeAt(place + 1)] ?? 0);
}

/** Bytes that a hex string stands for. */
export function byteLength(hex: Hex): number {
  return (hex.length - 2) >> 1;
}

/** A cursor over bytes that somebody has reserved: everything is written little-endian, as the engine reads it. */
export class Encoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  /** A word from hex of an even number of digits, at most 64. */
  hexWord(hex: Hex): void {
    const bytes = this.#bytes;
    let at = this.#at;
    const end = at + WORD_BYTES;
    for (let place = hex.length - 2; place >= 2; place -= 2) {
      bytes[at] = byteAt(hex, place);
      at += 1;
    }
    bytes.fill(0, at, end);
    this.#at = end;
  }

  word(value: bigint): void {
    const [view, at] = [this.#view, this.#at];
    view.setBigUint64(at, value & LIMB_MASK, true);
    const upper = value < SMALL ? 0n : value >> LIMB_BITS;
    view.setBigUint64(at + 8, upper & LIMB_MASK, true);
    view.setBigUint64(at + 16, upper < SMALL ? 0n : (upper >> LIMB_BITS) & LIMB_MASK, true);
    view.setBigUint64(at + 24, upper < SMALL ? 0n : upper >> (2n * LIMB_BITS), true);
    this.#at = at + WORD_BYTES;
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  u64(value: bigint): void {
    this.#view.setBigUint64(this.#at, value, true);
    this.#at += 8;
  }

  /** Bytes in their order, then zeros up to a multiple of 16. Answers where they begin. */
  hexBytes(hex: Hex): number {
    const start = this.#at;
    let at = start;
    for (let place = 2; place < hex.length; place += 2) {
      this.#bytes[at] = byteAt(hex, place);
      at += 1;
    }
    this.#at = start + ((at - start + 15) & ~15);
    this.#bytes.fill(0, at, this.#at);
    return start;
  }

  /** Zeros up to `end`, which lies ahead. */
  zerosTo(end: number): void {
    this.#bytes.fill(0, this.#at, end);
    this.#at = end;
  }
}
