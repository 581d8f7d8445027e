import { constants } from 'node:buffer';
import { createReadStream, type Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError, LanecastError } from '../errors.js';

/** One block as text. */
export interface TextDocument {
  /** The path; in a file of lines, the path and the number of the line. */
  readonly origin: string;
  readonly text: string;
}

const BLOCK_FILE = /\.(?:json|jsonl|ndjson)(?:\.gz)?$/i;
const NUMBERED_FILE = /^\D*(\d+)\.(?:json|jsonl|ndjson)(?:\.gz)?$/i;
const LINES_FILE = /\.(?:jsonl|ndjson)(?:\.gz)?$/i;
const INDEX_FILE = /^index\.json(?:\.gz)?$/i;
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** The block files of a folder (sub-folders left out), in no particular order; a file stands for itself. */
export async function findBlockFiles(path: string): Promise<string[]> {
  const entries = await listFolder(path);
  if (entries === null) return [path];
  const files = entries.filter((entry) => !entry.isDirectory() && BLOCK_FILE.test(entry.name));
  const blocks = files.filter((entry) => !INDEX_FILE.test(entry.name)).map((entry) => join(path, entry.name));
  if (blocks.length > 0) return blocks;
  throw new LanecastError(
    'SOURCE_NOT_FOUND',
    `${path}: no block files in this folder. Expected *.json or *.jsonl, as they are or gzipped (*.gz).`,
  );
}

async function listFolder(path: string): Promise<Dirent[] | null> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? await readdir(path, { withFileTypes: true }) : null;
  } catch (error) {
    throw new LanecastError('SOURCE_NOT_FOUND', `${path}: ${describeSystemError(error)}.`, { cause: error });
  }
}

/** The number that a block file is named after, with or without a word in front; null where its name is another. */
export function numberInName(path: string): number | null {
  const digits = NUMBERED_FILE.exec(basename(path))?.[1];
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : null;
}

/**
 * The documents of a file: one, or one a line where the name says so. Gzip is recognised by its first bytes. No more
 * than one document is held in memory. Throws InputError.
 */
export async function* readDocuments(path: string): AsyncGenerator<TextDocument> {
  try {
    if (LINES_FILE.test(path)) yield* readLines(path);
    else yield { origin: path, text: await readText(path) };
  } catch (error) {
    throw error instanceof LanecastError
      ? error
      : new InputError({ origin: path }, describeReadError(error), { cause: error });
  }
}

async function readText(path: string): Promise<string> {
  const buffer = new DocumentBuffer(path);
  for await (const chunk of openContent(path)) buffer.append(chunk);
  return buffer.take();
}

async function* readLines(path: string): AsyncGenerator<TextDocument> {
  const buffer = new DocumentBuffer(path);
  let line = 0;
  let found = false;
  const next = (): TextDocument => ({ origin: `${path}:${++line}`, text: buffer.take() });
  for await (const chunk of openContent(path)) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      buffer.append(chunk.subarray(start, end));
      start = end + 1;
      const document = next();
      if (document.text.trim() === '') continue;
      found = true;
      yield document;
    }
    buffer.append(chunk.subarray(start));
  }
  const last = next();
  if (last.text.trim() !== '' || !found) yield last;
}

/** Gathers the bytes of one document; refuses more than a string can hold. */
class DocumentBuffer {
  private readonly path: string;
  private chunks: Buffer[] = [];
  private sizeBytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  append(chunk: Buffer): void {
    this.sizeBytes += chunk.length;
    if (this.sizeBytes > constants.MAX_STRING_LENGTH) {
      throw new InputError({ origin: this.path }, `expected a block of at most ${constants.MAX_STRING_LENGTH} bytes`);
    }
    this.chunks.push(chunk);
  }

  /** The text so far; then empty again. */
  take(): string {
    const text = new TextDecoder().decode(Buffer.concat(this.chunks, this.sizeBytes));
    this.chunks = [];
    this.sizeBytes = 0;
    return text;
  }
}

/** The bytes of a file in pieces, unzipped where it is gzipped. Throws InputError. */
export async function* readPieces(path: string): AsyncGenerator<Buffer> {
  try {
    yield* openContent(path);
  } catch (error) {
    throw error instanceof LanecastError
      ? error
      : new InputError({ origin: path }, describeReadError(error), { cause: error });
  }
}

async function* openContent(path: string): AsyncGenerator<Buffer> {
  const source = createReadStream(path);
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    const first = await chunks.next();
    if (first.done === true) return;
    const content = startingWith(first.value, chunks);
    const zipped = GZIP_MAGIC.every((byte, position) => first.value[position] === byte);
    // What the pipeline reports to its callback, the iteration throws.
    yield* zipped ? pipeline(Readable.from(content), createGunzip(), () => undefined) : content;
  } finally {
    source.destroy();
  }
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function describeReadError(error: unknown): string {
  const code = errorCode(error);
  if (code === 'Z_BUF_ERROR') return 'the gzip data ends too early: the file is truncated';
  if (code.startsWith('Z_')) return `the gzip data is corrupt: ${(error as Error).message}`;
  return describeSystemError(error);
}

function describeSystemError(error: unknown): string {
  const code = errorCode(error);
  if (code === 'ENOENT') return 'no such file or folder';
  if (code.startsWith('E')) return `cannot be read (${code})`;
  throw error;
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
