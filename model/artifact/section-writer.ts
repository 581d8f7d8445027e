import { deflateRawSync } from 'node:zlib';
import {
  CHECKSUM_AT,
  checksumOf,
  FILE_HEADER_BYTES,
  MAGIC,
  SECTION_FORMAT,
  SECTION_HEADER_BYTES,
  SECTION_KINDS,
  swapIfBigEndian,
  type SectionKind,
} from './section-format.js';

/** Higher levels take more than twice as long for a tenth less. */
const FASTEST = 1;

/** Collects named sections; what `within` gives adds to the same file under longer names. */
export class SectionWriter {
  readonly #prefix: string;
  readonly #sections: Buffer[];

  constructor(prefix = '', sections: Buffer[] = []) {
    this.#prefix = prefix;
    this.#sections = sections;
  }

  within(name: string): SectionWriter {
    return new SectionWriter(`${this.#prefix}${name}.`, this.#sections);
  }

  int32(name: string, values: Int32Array): void {
    this.#add(name, 'int32', swapIfBigEndian(copyOf(values), 4));
  }

  float32(name: string, values: Float32Array): void {
    this.#add(name, 'float32', swapIfBigEndian(copyOf(values), 4));
  }

  float64(name: string, values: Float64Array): void {
    this.#add(name, 'float64', swapIfBigEndian(copyOf(values), 8));
  }

  bytes(name: string, values: Uint8Array): void {
    this.#add(name, 'bytes', copyOf(values));
  }

  texts(name: string, values: readonly string[]): void {
    const parts = values.flatMap((value) => {
      const text = Buffer.from(value, 'utf8');
      return [uint32s(text.length), text];
    });
    this.#add(name, 'texts', Buffer.concat(parts));
  }

  /** The whole file. */
  finish(): Buffer {
    const start = Buffer.concat([Buffer.from(MAGIC, 'latin1'), uint32s(SECTION_FORMAT, this.#sections.length / 2)]);
    return Buffer.concat([start, uint32s(checksumOf(start)), ...this.#sections], this.#byteLength());
  }

  #byteLength(): number {
    return this.#sections.reduce((sum, { length }) => sum + length, FILE_HEADER_BYTES);
  }

  #add(name: string, kind: SectionKind, values: Buffer): void {
    const data = deflateRawSync(values, { level: FASTEST });
    const fullName = Buffer.from(this.#prefix + name, 'utf8');
    const header = Buffer.alloc(SECTION_HEADER_BYTES + fullName.length);
    header.writeUInt32LE(SECTION_KINDS.indexOf(kind), 0);
    header.writeUInt32LE(fullName.length, 4);
    header.writeUInt32LE(data.length, 8);
    header.writeUInt32LE(values.length, 12);
    header.writeUInt32LE(checksumOf(header.subarray(0, CHECKSUM_AT), fullName, data), CHECKSUM_AT);
    header.set(fullName, SECTION_HEADER_BYTES);
    this.#sections.push(header, data);
  }
}

function copyOf({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Buffer {
  return Buffer.from(Buffer.from(buffer, byteOffset, byteLength));
}

function uint32s(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}
