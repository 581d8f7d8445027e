import { inflateRawSync } from 'node:zlib';
import { LanecastError } from '../../errors.js';
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

interface Section {
  readonly kind: SectionKind;
  readonly compressed: Buffer;
  readonly valuesBytes: number;
}

/**
 * The sections of a file, all checked before the first is used. Whatever is wrong throws LanecastError INVALID_INPUT naming
 * the file, or UNSUPPORTED where another version wrote it.
 */
export class SectionReader {
  readonly #file: string;
  readonly #prefix: string;
  readonly #sections: ReadonlyMap<string, Section>;

  private constructor(file: string, prefix: string, sections: ReadonlyMap<string, Section>) {
    this.#file = file;
    this.#prefix = prefix;
    this.#sections = sections;
  }

  /** `file`: its path, for messages. */
  static open(file: string, bytes: Uint8Array): SectionReader {
    return new SectionReader(file, '', readSections(file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)));
  }

  within(name: string): SectionReader {
    return new SectionReader(this.#file, `${this.#prefix}${name}.`, this.#sections);
  }

  /** `length`: what it must be, where another section decides that. */
  int32(name: string, length?: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#numbers(name, 'int32', length));
  }

  float32(name: string, length?: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#numbers(name, 'float32', length));
  }

  float64(name: string, length?: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#numbers(name, 'float64', length));
  }

  bytes(name: string): Uint8Array {
    return Uint8Array.from(this.#find(name, 'bytes'));
  }

  texts(name: string): string[] {
    const data = this.#find(name, 'texts');
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const texts: string[] = [];
    for (let position = 0; position < data.length;) {
      const start = position + 4;
      const end = start > data.length ? Infinity : start + data.readUInt32LE(position);
      if (end > data.length) this.refuse(name, `text ${texts.length} does not end within the section`);
      try {
        texts.push(decoder.decode(data.subarray(start, end)));
      } catch {
        this.refuse(name, `text ${texts.length} is not UTF-8`);
      }
      position = end;
    }
    return texts;
  }

  /** Numbers of things of which there are `count`; with `orNone` also -1. */
  indices(name: string, limits: { readonly count: number; readonly length?: number; readonly orNone?: boolean }) {
    const values = this.int32(name, limits.length);
    const least = limits.orNone === true ? -1 : 0;
    const position = values.findIndex((value) => value < least || value >= limits.count);
    if (position >= 0) this.refuse(name, `entry ${position} is ${values[position] ?? 0}, of ${limits.count}`);
    return values;
  }

  refuse(name: string, problem: string): never {
    throw invalid(this.#file, `section ${this.#prefix}${name}: ${problem}`);
  }

  #numbers(name: string, kind: 'int32' | 'float32' | 'float64', length: number | undefined): ArrayBuffer {
    const data = this.#find(name, kind);
    const width = kind === 'float64' ? 8 : 4;
    if (data.length % width !== 0) this.refuse(name, `${data.length} bytes are no whole number of ${kind}`);
    const count = data.length / width;
    if (length !== undefined && count !== length) this.refuse(name, `${count} values where ${length} are due`);
    const copy = new ArrayBuffer(data.length);
    Buffer.from(copy).set(data);
    swapIfBigEndian(Buffer.from(copy), width);
    return copy;
  }

  #find(name: string, kind: SectionKind): Buffer {
    const section = this.#sections.get(this.#prefix + name);
    if (section === undefined) this.refuse(name, 'missing');
    if (section.kind !== kind) this.refuse(name, `holds ${section.kind} where ${kind} is due`);
    const data = inflate(section);
    if (data === null) this.refuse(name, `does not hold the ${section.valuesBytes} bytes that it says`);
    return data;
  }
}

/** Null where there is something else than said. */
function inflate({ compressed, valuesBytes }: Section): Buffer | null {
  try {
    const data = inflateRawSync(compressed, { maxOutputLength: Math.max(1, valuesBytes) });
    return data.length === valuesBytes ? data : null;
  } catch {
    return null;
  }
}

function readSections(file: string, bytes: Buffer): Map<string, Section> {
  let position = FILE_HEADER_BYTES;
  const count = readCount(file, bytes);
  const sections = new Map<string, Section>();
  for (let index = 0; index < count; index++) {
    const start = position + SECTION_HEADER_BYTES;
    if (start > bytes.length) throw truncated(file, bytes.length);
    const nameEnd = start + bytes.readUInt32LE(position + 4);
    const end = nameEnd + bytes.readUInt32LE(position + 8);
    if (end > bytes.length) throw truncated(file, bytes.length);
    const checksum = checksumOf(bytes.subarray(position, position + CHECKSUM_AT), bytes.subarray(start, end));
    if (checksum !== bytes.readUInt32LE(position + CHECKSUM_AT)) {
      throw invalid(file, `section ${index} at byte ${position}: checksum does not match, the file is corrupted`);
    }
    const name = bytes.toString('utf8', start, nameEnd);
    const kind = SECTION_KINDS[bytes.readUInt32LE(position)];
    if (kind === undefined || sections.has(name)) throw invalid(file, `section ${name}: unknown kind, or there twice`);
    const valuesBytes = bytes.readUInt32LE(position + 12);
    sections.set(name, { kind, compressed: bytes.subarray(nameEnd, end), valuesBytes });
    position = end;
  }
  if (position !== bytes.length) throw invalid(file, `${bytes.length - position} bytes after the last section`);
  return sections;
}

function readCount(file: string, bytes: Buffer): number {
  if (bytes.length < FILE_HEADER_BYTES) throw truncated(file, bytes.length);
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw invalid(file, `does not begin with "${MAGIC}"`);
  if (checksumOf(bytes.subarray(0, 16)) !== bytes.readUInt32LE(16)) {
    throw invalid(file, 'the checksum of its header does not match, the file is corrupted');
  }
  const version = bytes.readUInt32LE(8);
  if (version !== SECTION_FORMAT) {
    const message = `${file}: has format ${version}, this version reads ${SECTION_FORMAT}: train again with this version`;
    throw new LanecastError('UNSUPPORTED', message);
  }
  return bytes.readUInt32LE(12);
}

function truncated(file: string, byteLength: number): LanecastError {
  return invalid(file, `ends too early, after ${byteLength} bytes: it is truncated`);
}

function invalid(file: string, problem: string): LanecastError {
  return new LanecastError('INVALID_INPUT', `${file}: ${problem}`);
}
