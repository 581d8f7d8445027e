import { hostname } from 'node:os';
import type { BlockRecord } from '../../types.js';
import { LanecastError } from '../../errors.js';
import type { Database } from './client.js';
import { decodeBigInt, decodeHex, decodeInteger } from './decode.js';
import { encodeBatch, encodeRows } from './encode.js';
import { discard, reclaim, type IngestedBlock } from './reclaim.js';
import { INGESTS, type IngestRow } from './schema.js';
import { idAfter } from './write-id.js';

/** Counts of one call of `ingest`; `blocks` = `added` + `alreadyPresent`. */
export interface IngestSummary {
  /** Blocks that the source gave. */
  readonly blocks: number;
  /** Blocks that were written, those that replace another included. */
  readonly added: number;
  /** Blocks that the store held already, by chain, number and hash: nothing was written for them. */
  readonly alreadyPresent: number;
  /** Blocks that took the place of another one of the same chain and number (a reorganisation). */
  readonly replaced: number;
  /** Of the added blocks. */
  readonly transactions: number;
  /** Of the added blocks. */
  readonly accesses: number;
}

export interface IngestOptions {
  /** Called after each batch with the counts so far. */
  readonly onProgress?: ((soFar: IngestSummary) => void) | undefined;
}

/** A batch is written with one insert a table; both limits bound its memory. */
const MAX_BATCH_BLOCKS = 64;
const MAX_BATCH_ROWS = 50_000;

/** A batch that took longer than this to write must not be committed: reclaiming may have begun (see `reclaim.ts`). */
const MAX_BATCH_AGE_MS = 6 * 60 * 60 * 1_000;

/** Of an ingest of nothing. */
export const NOTHING_INGESTED: IngestSummary = {
  blocks: 0,
  added: 0,
  alreadyPresent: 0,
  replaced: 0,
  transactions: 0,
  accesses: 0,
};

/**
 * Writes blocks to the store. A block that is there already changes nothing; another block of the same chain and number
 * replaces it. The rows of a block become visible all at once, when its row of `blocks` is written; what a crash leaves
 * is never visible and is removed by a later ingest. Logs are not stored.
 * Throws InputError for a record that the schema can't hold; nothing of its batch is written then.
 */
export async function ingest(
  database: Database,
  records: AsyncIterable<BlockRecord> | Iterable<BlockRecord>,
  options: IngestOptions = {},
): Promise<IngestSummary> {
  const writer = writerOfThisProcess();
  await reclaim(database, writer);
  let summary = NOTHING_INGESTED;
  for await (const batch of inBatches(records)) {
    summary = addSummaries(summary, await writeBatch(database, writer, batch));
    options.onProgress?.(summary);
  }
  return summary;
}

/** Blocks of one chain, each number at most once. */
async function* inBatches(
  records: AsyncIterable<BlockRecord> | Iterable<BlockRecord>,
): AsyncGenerator<readonly BlockRecord[]> {
  let batch: BlockRecord[] = [];
  let rows = 0;
  for await (const record of records) {
    if (batch.length > 0 && (rows >= MAX_BATCH_ROWS || !fits(batch, record))) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(record);
    rows += countRows(record);
  }
  if (batch.length > 0) yield batch;
}

function fits(batch: readonly BlockRecord[], record: BlockRecord): boolean {
  if (batch.length >= MAX_BATCH_BLOCKS) return false;
  return batch.every(({ chainId, header }) => chainId === record.chainId && header.number !== record.header.number);
}

function countRows(record: BlockRecord): number {
  return record.transactions.reduce(
    (sum, { accesses, keccakPreimages, callFrames }) =>
      sum + 1 + accesses.length + keccakPreimages.length + callFrames.length,
    1 + record.codeHashes.size,
  );
}

async function writeBatch(database: Database, writer: string, batch: readonly BlockRecord[]): Promise<IngestSummary> {
  const visible = await visibleBlocks(database, batch);
  const fresh = batch.filter(({ header }) => visible.get(header.number)?.hash !== header.hash);
  const replaced = fresh.flatMap(({ header }) => visible.get(header.number) ?? []);
  if (fresh.length > 0) await writeBlocks(database, writer, { fresh, replaced });
  return {
    blocks: batch.length,
    added: fresh.length,
    alreadyPresent: batch.length - fresh.length,
    replaced: replaced.length,
    transactions: fresh.reduce((sum, { transactions }) => sum + transactions.length, 0),
    accesses: fresh.reduce((sum, { transactions }) => sum + countAccesses(transactions), 0),
  };
}

interface VisibleBlock extends IngestedBlock {
  readonly hash: string;
}

async function visibleBlocks(
  database: Database,
  batch: readonly BlockRecord[],
): Promise<ReadonlyMap<number, VisibleBlock>> {
  const sql = `SELECT number, ingest_id, lower(hex(hash)) AS hash FROM blocks FINAL
    WHERE chain_id = {chain_id:UInt64} AND number IN {numbers:Array(UInt64)}`;
  const params = { chain_id: batch[0]?.chainId ?? 0, numbers: batch.map(({ header }) => header.number) };
  const rows = await database.select({ sql, params }, (row) => ({
    number: decodeInteger(row, 'number'),
    ingestId: decodeBigInt(row, 'ingest_id'),
    hash: decodeHex(row, 'hash'),
  }));
  return new Map(rows.map((row) => [row.number, row]));
}

interface Change {
  readonly fresh: readonly BlockRecord[];
  readonly replaced: readonly IngestedBlock[];
}

async function writeBlocks(database: Database, writer: string, { fresh, replaced }: Change): Promise<void> {
  const startedMs = Date.now();
  const ingestId = await nextIngestId(database, startedMs);
  const inserts = encodeBatch(fresh, ingestId);
  const log = logEntry(fresh, { ingestId, writer });
  await database.insert(...encodeRows(INGESTS, [log]));
  for (const insert of inserts.children) await database.insert(...insert);
  if (Date.now() - startedMs > MAX_BATCH_AGE_MS) throw staleBatch(database);
  await database.insert(...inserts.blocks);
  await discard(database, log.chainId, replaced);
  await database.insert(...encodeRows(INGESTS, [{ ...log, finished: true }]));
}

async function nextIngestId(database: Database, nowMs: number): Promise<bigint> {
  const query = { sql: 'SELECT max(ingest_id) AS latest FROM ingests' };
  const [latest = 0n] = await database.select(query, (row) => decodeBigInt(row, 'latest'));
  return idAfter(latest, nowMs);
}

function logEntry(fresh: readonly BlockRecord[], batch: { ingestId: bigint; writer: string }): IngestRow {
  const numbers = fresh.map(({ header }) => header.number);
  const [firstBlock, lastBlock] = [Math.min(...numbers), Math.max(...numbers)];
  return { ...batch, chainId: fresh[0]?.chainId ?? 0, firstBlock, lastBlock, finished: false };
}

function staleBatch(database: Database): LanecastError {
  const hours = MAX_BATCH_AGE_MS / 3_600_000;
  const message = `Writing a batch of blocks to ${database.target} took more than ${hours} hours; it was not committed.`;
  return new LanecastError('STORE_FAILED', message);
}

/** Differs between two processes, even where the system gives a process number again. */
function writerOfThisProcess(): string {
  return `${hostname()}:${process.pid}:${performance.timeOrigin}`;
}

function countAccesses(transactions: BlockRecord['transactions']): number {
  return transactions.reduce((sum, { accesses }) => sum + accesses.length, 0);
}

/** Counts of two ingests together. */
export function addSummaries(a: IngestSummary, b: IngestSummary): IngestSummary {
  return {
    blocks: a.blocks + b.blocks,
    added: a.added + b.added,
    alreadyPresent: a.alreadyPresent + b.alreadyPresent,
    replaced: a.replaced + b.replaced,
    transactions: a.transactions + b.transactions,
    accesses: a.accesses + b.accesses,
  };
}
