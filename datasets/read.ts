import { InputError } from '../errors.js';
import type { SourceBlock } from '../types.js';
import { Field } from './fields.js';
import { findBlockFiles, numberInName, readDocuments, type TextDocument } from './read-files.js';
import { readSnapshot } from './snapshot.js';
import { readTracerOutput } from './tracer.js';

/** A block, or why this one could not be read; a strict caller throws the error, another goes on to the next. */
export type ReadOutcome =
  { readonly ok: true; readonly block: SourceBlock } | { readonly ok: false; readonly error: InputError };

/**
 * Reads the blocks of a file (`*.json`: one block; `*.jsonl`, `*.ndjson`: one a line) or of the files of a folder, each
 * plain or gzipped, in ascending order of block number. Block snapshots and tracer output are told apart by their
 * content. One block is in memory at a time.
 *
 * Throws LanecastError SOURCE_NOT_FOUND where the path does not exist or the folder has no block files; what is wrong
 * with a single file or block is an outcome.
 */
export async function* readBlocks(path: string): AsyncGenerator<ReadOutcome> {
  let previous: number | null = null;
  for (const file of await inBlockOrder(await findBlockFiles(path))) {
    for await (const outcome of readFile(file)) {
      const checked: ReadOutcome = previous === null ? outcome : refuseDisorder(outcome, previous);
      if (checked.ok) previous = checked.block.header.number;
      yield checked;
    }
  }
}

/** Reads one parsed JSON document of either shape. Throws InputError. */
export function readBlock(json: unknown, origin: string): SourceBlock {
  const document = new Field(json, { origin, blockNumber: findBlockNumber(json) });
  if (document.has('prestateTracer') || document.has('prestateTracerDiff')) return readTracerOutput(document, origin);
  if (document.has('preState') || document.has('fork')) return readSnapshot(document, origin);
  return document.refuse(
    'a block snapshot {chainId, fork, block, preState, blockHashes} or tracer output {chainId, block, receipts, ' +
      'prestateTracer, prestateTracerDiff}',
  );
}

async function* readFile(path: string): AsyncGenerator<ReadOutcome> {
  try {
    for await (const document of readDocuments(path)) yield readDocument(document);
  } catch (error) {
    yield failure(error);
  }
}

function readDocument({ origin, text }: TextDocument): ReadOutcome {
  try {
    return { ok: true, block: readBlock(parseJson(text, origin), origin) };
  } catch (error) {
    return failure(error);
  }
}

/** Anything but bad input is a bug and is thrown on. */
function failure(error: unknown): ReadOutcome {
  if (error instanceof InputError) return { ok: false, error };
  throw error;
}

function parseJson(text: string, origin: string): unknown {
  if (text.trim() === '') throw new InputError({ origin }, 'is empty, expected a block as JSON');
  try {
    return JSON.parse(text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new InputError({ origin }, `is neither JSON nor gzipped JSON: ${problem}`, { cause: error });
  }
}

function refuseDisorder(outcome: ReadOutcome, previous: number): ReadOutcome {
  if (!outcome.ok || outcome.block.header.number > previous) return outcome;
  const { origin, header } = outcome.block;
  const location = { origin, blockNumber: header.number, field: 'block.number' };
  return failure(new InputError(location, `expected a block above ${previous}, which was read before it`));
}

/** By the number that the name ends with; other files are looked into for their first block. Unreadable ones come last. */
async function inBlockOrder(files: readonly string[]): Promise<string[]> {
  if (files.length < 2) return [...files];
  const numbered: { file: string; number: number }[] = [];
  for (const file of files) {
    numbered.push({ file, number: numberInName(file) ?? (await firstBlockNumber(file)) ?? Number.MAX_SAFE_INTEGER });
  }
  numbered.sort((a, b) => a.number - b.number || (a.file < b.file ? -1 : 1));
  return numbered.map(({ file }) => file);
}

async function firstBlockNumber(path: string): Promise<number | undefined> {
  for await (const outcome of readFile(path)) {
    return outcome.ok ? outcome.block.header.number : outcome.error.location.blockNumber;
  }
  return undefined;
}

/** For messages about a document that may turn out bad. */
function findBlockNumber(json: unknown): number | undefined {
  try {
    return new Field(json, { origin: '', blockNumber: undefined }).at('block').at('number').count();
  } catch {
    return undefined;
  }
}
