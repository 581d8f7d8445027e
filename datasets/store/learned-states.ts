import { LanecastError } from '../../errors.js';
import type { Hash } from '../../types.js';
import type { Database } from './client.js';
import { hexOf } from './columns.js';
import { deleteRows } from './ddl.js';
import { decodeBigInt, decodeHex, decodeInteger } from './decode.js';
import { encodeRows } from './encode.js';
import { LEARNED_STATES, type LearnedState } from './learned-state-schema.js';
import { idAfter, timeOfId } from './write-id.js';

/** Which state is wanted: the one with the greatest last block below `before`. */
export interface LearnedStateQuery extends Pick<LearnedState, 'chainId' | 'name' | 'format'> {
  readonly before: number;
}

/** One insert writes one chunk; this bounds its memory. */
const CHUNK_BYTES = 2 ** 20;

/** Of each chain and name the states of so many last blocks are kept: those that were written last. */
const KEPT_STATES = 4;

/** On a server a write that is not whole may still be at work; after this time it is not. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1_000;

/**
 * Writes a state. It becomes visible when its last chunk is written, and takes the place of an earlier one of the same chain,
 * name and last block; what a crash leaves is never visible and is removed by a later write. All but the few states of the
 * chain and name that were written last are removed. Throws RangeError for a value that the table can't hold; nothing is
 * written then.
 */
export async function writeState(database: Database, state: LearnedState): Promise<void> {
  const { payload } = state;
  const writeId = idAfter(await latestWriteId(database), Date.now());
  const chunkCount = Math.max(1, Math.ceil(payload.length / CHUNK_BYTES));
  for (let chunk = 0; chunk < chunkCount; chunk += 1) {
    const bytes = payload.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
    await database.insert(...encodeRows(LEARNED_STATES, [{ state, writeId, chunk, chunkCount, bytes }]));
  }
  await discard(database, superfluous(await readWrites(database, state), abandonedBeforeMs(database)));
}

/**
 * The state of a chain, name and format with the greatest last block below `before`; null where there is none. Error:
 * STORE_FAILED where another process removes it while it is read.
 */
export async function readState(database: Database, query: LearnedStateQuery): Promise<LearnedState | null> {
  const { chainId, name, format } = query;
  const found = await findWrite(database, query);
  if (found === null) return null;
  const { lastBlock, lastHash, chunkCount } = found;
  const chunks: Buffer[] = [];
  while (chunks.length < chunkCount) chunks.push(await readChunk(database, query, found, chunks.length));
  return { chainId, name, format, lastBlock, lastHash, payload: Buffer.concat(chunks) };
}

interface StateWrite {
  readonly writeId: bigint;
  readonly lastBlock: number;
  readonly lastHash: Hash;
  readonly chunkCount: number;
}

/** The latest write of the block that is asked for. */
async function findWrite(database: Database, { before, ...state }: LearnedStateQuery): Promise<StateWrite | null> {
  const sql = `SELECT last_block, write_id, ${hexOf('any(last_hash)')} AS hash, any(chunk_count) AS due
    FROM ${LEARNED_STATES.name}
    WHERE chain_id = {chain_id:UInt64} AND name = {name:String} AND format = {format:UInt16}
      AND last_block < {before:UInt64}
    GROUP BY last_block, write_id HAVING uniqExact(chunk) = due
    ORDER BY last_block DESC, write_id DESC LIMIT 1`;
  const params = { chain_id: state.chainId, name: state.name, format: state.format, before };
  const rows = await database.select({ sql, params }, (row) => ({
    writeId: decodeBigInt(row, 'write_id'),
    lastBlock: decodeInteger(row, 'last_block'),
    lastHash: decodeHex(row, 'hash'),
    chunkCount: decodeInteger(row, 'due'),
  }));
  return rows[0] ?? null;
}

async function readChunk(
  database: Database,
  { chainId, name }: LearnedStateQuery,
  { writeId, lastBlock }: StateWrite,
  chunk: number,
): Promise<Buffer> {
  const sql = `SELECT ${hexOf('payload')} AS digits FROM ${LEARNED_STATES.name}
    WHERE chain_id = {chain_id:UInt64} AND name = {name:String} AND last_block = {last_block:UInt64}
      AND write_id = {write_id:UInt128} AND chunk = {chunk:UInt32}`;
  const params = { chain_id: chainId, name, last_block: lastBlock, write_id: writeId, chunk };
  const rows = await database.select({ sql, params }, (row) => Buffer.from(decodeHex(row, 'digits').slice(2), 'hex'));
  const [bytes] = rows;
  if (bytes !== undefined) return bytes;
  const message = `What was learned of chain ${chainId} up to block ${lastBlock} left ${database.target} while it was read.`;
  throw new LanecastError('STORE_FAILED', message);
}

interface KnownWrite {
  readonly writeId: bigint;
  readonly lastBlock: number;
  readonly isWhole: boolean;
}

/** All writes of a chain and name, the latest first. */
function readWrites(database: Database, { chainId, name }: LearnedState): Promise<KnownWrite[]> {
  const sql = `SELECT last_block, write_id, uniqExact(chunk) = any(chunk_count) AS is_whole
    FROM ${LEARNED_STATES.name} WHERE chain_id = {chain_id:UInt64} AND name = {name:String}
    GROUP BY last_block, write_id ORDER BY write_id DESC`;
  return database.select({ sql, params: { chain_id: chainId, name } }, (row) => ({
    writeId: decodeBigInt(row, 'write_id'),
    lastBlock: decodeInteger(row, 'last_block'),
    isWhole: decodeInteger(row, 'is_whole') === 1,
  }));
}

/** Writes that another one replaced, that are too old, or that were abandoned half-way. `writes`: the latest first. */
function superfluous(writes: readonly KnownWrite[], abandonedBefore: number): KnownWrite[] {
  const kept = new Set<number>();
  return writes.filter(({ writeId, lastBlock, isWhole }) => {
    if (!isWhole) return timeOfId(writeId) < abandonedBefore;
    if (kept.has(lastBlock) || kept.size >= KEPT_STATES) return true;
    kept.add(lastBlock);
    return false;
  });
}

/** An embedded database has one process at a time, so what an earlier process did not finish is dead. In ms since 1970. */
function abandonedBeforeMs({ exclusive }: Database): number {
  return exclusive ? performance.timeOrigin : Date.now() - ABANDONED_AFTER_MS;
}

async function discard(database: Database, writes: readonly KnownWrite[]): Promise<void> {
  if (writes.length === 0) return;
  const ids = writes.map(({ writeId }) => `toUInt128('${writeId}')`).join(', ');
  await database.command(deleteRows(LEARNED_STATES, `write_id IN (${ids})`, database.cluster));
}

async function latestWriteId(database: Database): Promise<bigint> {
  const query = { sql: `SELECT max(write_id) AS latest FROM ${LEARNED_STATES.name}` };
  const [latest = 0n] = await database.select(query, (row) => decodeBigInt(row, 'latest'));
  return latest;
}
