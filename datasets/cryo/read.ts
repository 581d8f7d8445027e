import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { ZERO_WORD, type BlockHeader, type SourceBlock } from '../../types.js';
import type { ReadOutcome } from '../read.js';
import { connect, type Database, type StoredRow } from '../store/client.js';
import { filesOf, type CryoDataset, type CryoFolder } from './folder.js';
import { recordOfRows } from './records.js';
import { CryoRows, type NumberRange } from './rows.js';

/** Bounds what is in memory: some two hundred transactions a block, with their calldata and slots. */
const BLOCKS_PER_PAGE = 32;

/**
 * The blocks of a cryo folder in order, as records; ClickHouse reads the Parquet files. On a server it could not see them, so
 * without an embedded `database` an empty one is opened, in a folder that is gone afterwards.
 * What is wrong with one block is an outcome. Throws STORE_UNAVAILABLE where there is no embedded engine.
 */
export async function* readCryo(folder: CryoFolder, database: Database | null): AsyncGenerator<ReadOutcome> {
  if (database !== null && database.exclusive) {
    yield* readWith(database, folder);
    return;
  }
  const path = await mkdtemp(join(tmpdir(), 'lanecast-parquet-'));
  try {
    const own = await connect({ path });
    try {
      yield* readWith(own, folder);
    } finally {
      await own.close();
    }
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function* readWith(database: Database, folder: CryoFolder): AsyncGenerator<ReadOutcome> {
  const rows = new CryoRows(database, folder);
  const leading: CryoDataset = folder.files.has('blocks') ? 'blocks' : 'transactions';
  let read = -1;
  let parent: BlockHeader | null = null;
  for (const file of folder.files.get(leading) ?? []) {
    const numbers = (await rows.numbers(file)).filter((number) => number > read);
    for (let start = 0; start < numbers.length; start += BLOCKS_PER_PAGE) {
      for (const outcome of await readPage(rows, folder, numbers.slice(start, start + BLOCKS_PER_PAGE))) {
        const followed: ReadOutcome = outcome.ok ? { ok: true, block: following(outcome.block, parent) } : outcome;
        parent = followed.ok ? followed.block.header : null;
        yield followed;
      }
    }
    read = numbers.at(-1) ?? read;
  }
}

/** cryo states no parents unless told to; what it collected in a row is one chain. */
function following(block: SourceBlock, parent: BlockHeader | null): SourceBlock {
  const { header } = block;
  if (header.parentHash !== ZERO_WORD || parent?.number !== header.number - 1) return block;
  return { ...block, header: { ...header, parentHash: parent.hash } };
}

async function readPage(rows: CryoRows, folder: CryoFolder, numbers: readonly number[]): Promise<ReadOutcome[]> {
  const range = { first: numbers[0] ?? 0, last: numbers.at(-1) ?? 0 };
  const found = new Map<CryoDataset, ReadonlyMap<number, readonly StoredRow[]>>();
  for (const dataset of folder.files.keys()) found.set(dataset, await rows.byBlock(dataset, range));
  return numbers.map((number) => readBlock(folder, found, number));
}

function readBlock(
  folder: CryoFolder,
  found: ReadonlyMap<CryoDataset, ReadonlyMap<number, readonly StoredRow[]>>,
  number: number,
): ReadOutcome {
  try {
    const range: NumberRange = { first: number, last: number };
    const entries = [...found].map(([dataset, byBlock]) => {
      if (filesOf(folder, dataset, range).length === 0) throw uncovered(folder, dataset, number);
      return [dataset, byBlock.get(number) ?? []] as const;
    });
    const { path: origin, network } = folder;
    return { ok: true, block: recordOfRows({ origin, network, number, rows: Object.fromEntries(entries) }) };
  } catch (error) {
    if (error instanceof InputError) return { ok: false, error };
    // What the decoders of rows throw for a value that is not of the column's kind, such as null.
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    const location = { origin: folder.path, blockNumber: number };
    return { ok: false, error: new InputError(location, error.message, { cause: error }) };
  }
}

function uncovered(folder: CryoFolder, dataset: CryoDataset, number: number): InputError {
  const problem = `no file of the dataset ${dataset} has this block, while others have it: collect it with cryo too`;
  return new InputError({ origin: folder.path, blockNumber: number }, problem);
}
