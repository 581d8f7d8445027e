import { LanecastError } from '../../errors.js';
import type { Database } from './client.js';
import { decodeBigInt, decodeHex, decodeInteger } from './decode.js';
import { encodeRows } from './encode.js';
import {
  CALL_EXPRESSIONS,
  EXPRESSION_BLOCKS,
  type BlockExpressions,
  type CallExpressionRow,
  type ExpressionBlockRow,
} from './expression-schema.js';
import { inRange, type BlockRange } from './range.js';

/** Counts of one call of `writeExpressions`; `blocks` = `added` + `alreadyPresent`. */
export interface ExpressionSummary {
  readonly blocks: number;
  readonly added: number;
  /** Blocks whose expressions the store held already: nothing was written for them. */
  readonly alreadyPresent: number;
  /** Of the added blocks. */
  readonly calls: number;
}

/** A batch is written with one insert a table; both limits bound its memory. */
const MAX_BATCH_BLOCKS = 64;
const MAX_BATCH_ROWS = 100_000;

const NOTHING: ExpressionSummary = { blocks: 0, added: 0, alreadyPresent: 0, calls: 0 };

/**
 * Writes what the calls of blocks teach about accesses; the blocks must be in the store. The expressions of a block become
 * visible all at once, and go when another block takes its place. A block that has some already keeps them. What a
 * crash leaves is never visible, and is replaced when the block is written again: a block always has the same calls.
 * What is written while another process replaces the block never counts, but stays.
 * Throws INVALID_ARGUMENT for a block that the store does not hold; nothing of its batch is written then.
 */
export async function writeExpressions(
  database: Database,
  blocks: AsyncIterable<BlockExpressions> | Iterable<BlockExpressions>,
): Promise<ExpressionSummary> {
  let summary = NOTHING;
  for await (const batch of inBatches(blocks)) {
    const fresh = await writeBatch(database, batch);
    summary = {
      blocks: summary.blocks + batch.length,
      added: summary.added + fresh.length,
      alreadyPresent: summary.alreadyPresent + batch.length - fresh.length,
      calls: summary.calls + fresh.reduce((sum, { block }) => sum + block.calls.length, 0),
    };
  }
  return summary;
}

/** Numbers of the blocks of a chain in the store that have no expressions yet, ascending. */
export function readBlocksWithoutExpressions(
  database: Database,
  range: BlockRange & { readonly chainId: number },
): Promise<number[]> {
  const { sql: condition, params } = inRange(range);
  const sql = `SELECT number FROM blocks FINAL
    WHERE ${condition} AND (number, ingest_id) NOT IN (
      SELECT block_number, ingest_id FROM expression_blocks WHERE chain_id = {chain_id:UInt64})
    ORDER BY number`;
  return database.select({ sql, params }, (row) => decodeInteger(row, 'number'));
}

/** Blocks of one chain, each number at most once. */
async function* inBatches(
  blocks: AsyncIterable<BlockExpressions> | Iterable<BlockExpressions>,
): AsyncGenerator<readonly BlockExpressions[]> {
  let batch: BlockExpressions[] = [];
  let rows = 0;
  for await (const block of blocks) {
    if (batch.length > 0 && (rows >= MAX_BATCH_ROWS || !fits(batch, block))) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(block);
    rows += block.calls.reduce((sum, { subjects, uses }) => sum + subjects.length + uses.length, 1);
  }
  if (batch.length > 0) yield batch;
}

function fits(batch: readonly BlockExpressions[], { chainId, number }: BlockExpressions): boolean {
  if (batch.length >= MAX_BATCH_BLOCKS) return false;
  return batch.every((other) => other.chainId === chainId && other.number !== number);
}

/** Answers what was written. Its calls come first, and the rows that make them count after them. */
async function writeBatch(
  database: Database,
  batch: readonly BlockExpressions[],
): Promise<readonly ExpressionBlockRow[]> {
  const held = await heldBlocks(database, batch);
  const fresh = batch.flatMap((block): ExpressionBlockRow[] => {
    const stored = held.get(block.number);
    if (stored?.hash !== block.hash) throw unknownBlock(database, block);
    return stored.hasExpressions ? [] : [{ ingestId: stored.ingestId, block }];
  });
  if (fresh.length === 0) return [];
  const calls = fresh.flatMap((row) => row.block.calls.map((call): CallExpressionRow => ({ ...row, call })));
  const inserts = [encodeRows(CALL_EXPRESSIONS, calls), encodeRows(EXPRESSION_BLOCKS, fresh)];
  for (const insert of inserts) if (insert[2].length > 0) await database.insert(...insert);
  return fresh;
}

interface HeldBlock {
  readonly hash: string;
  readonly ingestId: bigint;
  readonly hasExpressions: boolean;
}

async function heldBlocks(
  database: Database,
  batch: readonly BlockExpressions[],
): Promise<ReadonlyMap<number, HeldBlock>> {
  const sql = `SELECT number, ingest_id, lower(hex(hash)) AS hash,
      (number, ingest_id) IN (
        SELECT block_number, ingest_id FROM expression_blocks
        WHERE chain_id = {chain_id:UInt64} AND block_number IN {numbers:Array(UInt64)}) AS has_expressions
    FROM blocks FINAL WHERE chain_id = {chain_id:UInt64} AND number IN {numbers:Array(UInt64)}`;
  const params = { chain_id: batch[0]?.chainId ?? 0, numbers: batch.map(({ number }) => number) };
  const rows = await database.select({ sql, params }, (row) => ({
    number: decodeInteger(row, 'number'),
    hash: decodeHex(row, 'hash'),
    ingestId: decodeBigInt(row, 'ingest_id'),
    hasExpressions: decodeInteger(row, 'has_expressions') === 1,
  }));
  return new Map(rows.map((row) => [row.number, row]));
}

function unknownBlock({ target }: Database, { chainId, number, hash }: BlockExpressions): LanecastError {
  const message = `The store in ${target} does not hold block ${number} of chain ${chainId} with the hash ${hash}. Ingest it first.`;
  return new LanecastError('INVALID_ARGUMENT', message);
}
