import type { Database } from './client.js';
import { deleteRows } from './ddl.js';
import { decodeBigInt, decodeInteger, decodeText } from './decode.js';
import { encodeRows } from './encode.js';
import { EXPRESSION_TABLES } from './expression-schema.js';
import { CHILD_TABLES, INGESTS, type IngestRow } from './schema.js';
import { timeOfId } from './write-id.js';

/** A block as one ingest wrote it. */
export interface IngestedBlock {
  readonly number: number;
  readonly ingestId: bigint;
}

/** On a server an unfinished batch may still be at work; after this time it is not (ingest.ts gives up earlier). */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1_000;

/**
 * Removes what unfinished batches left: rows that no row of `blocks` commits, and rows of blocks that they replaced. An
 * embedded database has one process at a time, so every unfinished batch of another process is dead; on a server it is
 * given a day. Batches of `writer`, this process, are left alone where they may be running.
 */
export async function reclaim(database: Database, writer: string, nowMs: number = Date.now()): Promise<void> {
  const unfinished = await unfinishedBatches(database);
  for (const batch of unfinished) {
    const startedMs = timeOfId(batch.ingestId);
    const dead = database.exclusive ? batch.writer !== writer : nowMs - startedMs > ABANDONED_AFTER_MS;
    if (dead) await reclaimBatch(database, batch);
  }
}

/** Deletes the rows of blocks that do not count any more. */
export async function discard(database: Database, chainId: number, blocks: readonly IngestedBlock[]): Promise<void> {
  if (blocks.length === 0) return;
  const pairs = blocks.map(({ number, ingestId }) => `(${number}, toUInt128('${ingestId}'))`).join(', ');
  // Transactions go last: an interrupted deletion is found again by them.
  for (const table of [...CHILD_TABLES, ...EXPRESSION_TABLES].reverse()) {
    const condition = `chain_id = ${chainId} AND (block_number, ingest_id) IN (${pairs})`;
    await database.command(deleteRows(table, condition, database.cluster));
  }
}

async function reclaimBatch(database: Database, batch: IngestRow): Promise<void> {
  await discard(database, batch.chainId, await invisibleBlocks(database, batch));
  await database.insert(...encodeRows(INGESTS, [{ ...batch, finished: true }]));
}

function unfinishedBatches(database: Database): Promise<IngestRow[]> {
  const sql = 'SELECT * FROM ingests FINAL WHERE finished = 0 ORDER BY ingest_id';
  return database.select({ sql }, (row) => ({
    ingestId: decodeBigInt(row, 'ingest_id'),
    writer: decodeText(row, 'writer'),
    chainId: decodeInteger(row, 'chain_id'),
    firstBlock: decodeInteger(row, 'first_block'),
    lastBlock: decodeInteger(row, 'last_block'),
    finished: false,
  }));
}

/** Blocks of the batch's range that this or an earlier ingest wrote and that do not count. */
function invisibleBlocks(database: Database, batch: IngestRow): Promise<IngestedBlock[]> {
  const sql = `SELECT DISTINCT block_number, ingest_id FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
      AND ingest_id <= {ingest_id:UInt128}
      AND (block_number, ingest_id) NOT IN (
        SELECT number, ingest_id FROM blocks FINAL
        WHERE chain_id = {chain_id:UInt64} AND number BETWEEN {first:UInt64} AND {last:UInt64})`;
  const { chainId, firstBlock, lastBlock, ingestId } = batch;
  const params = { chain_id: chainId, first: firstBlock, last: lastBlock, ingest_id: ingestId };
  return database.select({ sql, params }, (row) => ({
    number: decodeInteger(row, 'block_number'),
    ingestId: decodeBigInt(row, 'ingest_id'),
  }));
}
