import type { Hex } from '../../types.js';

/** The two digits of a byte, as character codes in one 16-bit number. */
const DIGITS: Readonly<Uint16Array> = Uint16Array.from({ length: 256 }, (_, byte) => {
  const [high = '', low = ''] = byte.toString(16).padStart(2, '0');
  return (low.charCodeAt(0) << 8) | high.charCodeAt(0);
});
const PREFIX = ('x'.charCodeAt(0) << 8) | '0'.charCodeAt(0);

/**
 * Writes many pieces of hex as one text, because one text is cheaper to make than many strings: `take` then cuts it into the
 * pieces, in the order in which they were put.
 */
export class HexText {
  #pairs = new Uint16Array(1 << 12);
  #characters = Buffer.from(this.#pairs.buffer);
  #end = 0;
  #text = '';
  #taken = 0;

  /** Bytes in their order. */
  put(bytes: Uint8Array, at: number, length: number): void {
    const from = this.#begin(length);
    const pairs = this.#pairs;
    for (let i = 0; i < length; i += 1) pairs[from + i] = DIGITS[bytes[at + i] ?? 0] ?? 0;
  }

  /** The lowest `length` bytes of a little-endian word. */
  putWord(bytes: Uint8Array, at: number, length: number): void {
    const from = this.#begin(length);
    const pairs = this.#pairs;
    const last = at + length - 1;
    for (let i = 0; i < length; i += 1) pairs[from + i] = DIGITS[bytes[last - i] ?? 0] ?? 0;
  }

  /** All pieces are put; another text begins with the next one. */
  finish(): void {
    this.#text = this.#characters.toString('latin1', 0, 2 * this.#end);
    this.#end = 0;
    this.#taken = 0;
  }

  /** The next piece, which has so many bytes. */
  take(length: number): Hex {
    const start = this.#taken;
    this.#taken = start + 2 + 2 * length;
    return this.#text.slice(start, this.#taken) as Hex;
  }

  #begin(length: number): number {
    const from = this.#end + 1;
    this.#end = from + length;
    if (this.#end > this.#pairs.length) this.#grow();
    this.#pairs[from - 1] = PREFIX;
    return from;
  }

  #grow(): void {
    const grown = new Uint16Array(2 * this.#end);
    grown.set(this.#pairs);
    this.#pairs = grown;
    this.#characters = Buffer.from(grown.buffer);
  }
}
