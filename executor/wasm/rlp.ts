const SHORT = 56;
const STRING = 0x80;
const LIST = 0xc0;
/** Below it a byte is its own encoding. */
const SINGLE = 0x80;

/** Bytes of a number without leading zeros. */
export function bytesOfNumber(value: number): number {
  let count = 0;
  for (let rest = value; rest >= 1; rest /= 256) count += 1;
  return count;
}

/** Bytes of a list or string with a content of so many; not of a string of one byte. */
export function encodedBytes(contentBytes: number): number {
  return contentBytes < SHORT ? 1 + contentBytes : 1 + bytesOfNumber(contentBytes) + contentBytes;
}

/** Bytes of a number as a string. */
export function encodedNumberBytes(value: number): number {
  return value < SINGLE ? 1 : 1 + bytesOfNumber(value);
}

/** Writes RLP from front to back: whoever uses it knows how long the content of each list and string will be. */
export class RlpWriter {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byteAt(place: number): number {
    return this.#bytes[place] ?? 0;
  }

  /** Announces a list. */
  list(contentBytes: number): void {
    this.#header(LIST, contentBytes);
  }

  /** Announces a string other than one byte below 0x80. */
  string(contentBytes: number): void {
    this.#header(STRING, contentBytes);
  }

  byte(value: number): void {
    this.#bytes[this.at] = value;
    this.at += 1;
  }

  number(value: number): void {
    if (value > 0 && value < SINGLE) {
      this.byte(value);
      return;
    }
    const count = bytesOfNumber(value);
    this.byte(STRING + count);
    this.#bigEndian(value, count);
  }

  /** Bytes that lie elsewhere in the same memory, without a header. */
  copy(from: number, length: number): void {
    const [bytes, at] = [this.#bytes, this.at];
    if (length > 48) bytes.copyWithin(at, from, from + length);
    else for (let i = 0; i < length; i += 1) bytes[at + i] = bytes[from + i] ?? 0;
    this.at = at + length;
  }

  zeros(length: number): void {
    this.#bytes.fill(0, this.at, this.at + length);
    this.at += length;
  }

  #header(kind: number, contentBytes: number): void {
    if (contentBytes < SHORT) {
      this.byte(kind + contentBytes);
      return;
    }
    const count = bytesOfNumber(contentBytes);
    this.byte(kind + SHORT - 1 + count);
    this.#bigEndian(contentBytes, count);
  }

  #bigEndian(value: number, count: number): void {
    let rest = value;
    for (let place = count - 1; place >= 0; place -= 1) {
      this.#bytes[this.at + place] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.at += count;
  }
}
