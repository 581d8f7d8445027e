import type { BlockHeader, Hash } from '../../types.js';
import type { Database, StoredRow } from './client.js';
import { selectList } from './ddl.js';
import { decodeBigInt, decodeHeader, decodeHex, decodeInteger, decodeText } from './decode.js';
import { inRange, type BlockRange } from './range.js';
import { BLOCKS } from './schema.js';

/** What the store knows of a block without reading its transactions. */
export interface StoredBlock {
  readonly chainId: number;
  readonly origin: string;
  readonly header: BlockHeader;
  readonly transactions: number;
  readonly accesses: number;
  readonly keccakPreimages: number;
  readonly callFrames: number;
  readonly codeHashes: number;
}

/** What the store holds of a chain. */
export interface StoredChain {
  readonly chainId: number;
  readonly blocks: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly transactions: number;
  readonly accesses: number;
}

/** Where a stored block stands in its chain. */
export interface StoredLink {
  readonly number: number;
  readonly hash: Hash;
  readonly parentHash: Hash;
}

/** A block with the ingest that wrote the rows which count. */
export interface VisibleBlock {
  readonly ingestId: bigint;
  readonly stored: StoredBlock;
}

/** Bounds what a page keeps in memory. */
const PAGE_BLOCKS = 256;

/** All chains, by chain id. */
export function readChains(database: Database): Promise<StoredChain[]> {
  const sql = `SELECT chain_id, count() AS blocks, min(number) AS first_block, max(number) AS last_block,
      sum(transaction_count) AS transactions, sum(access_count) AS accesses
    FROM blocks FINAL GROUP BY chain_id ORDER BY chain_id`;
  return database.select({ sql }, (row) => ({
    chainId: decodeInteger(row, 'chain_id'),
    blocks: decodeInteger(row, 'blocks'),
    firstBlock: decodeInteger(row, 'first_block'),
    lastBlock: decodeInteger(row, 'last_block'),
    transactions: decodeInteger(row, 'transactions'),
    accesses: decodeInteger(row, 'accesses'),
  }));
}

/** The hashes of the blocks of a range, by number. */
export function readLinks(database: Database, range: BlockRange & { readonly chainId: number }): Promise<StoredLink[]> {
  const { sql: condition, params } = inRange(range);
  const sql = `SELECT number, lower(hex(hash)) AS hash, lower(hex(parent_hash)) AS parent_hash FROM blocks FINAL
    WHERE ${condition} ORDER BY number`;
  return database.select({ sql, params }, (row) => ({
    number: decodeInteger(row, 'number'),
    hash: decodeHex(row, 'hash'),
    parentHash: decodeHex(row, 'parent_hash'),
  }));
}

/** The blocks of a range by chain and number. */
export async function* readBlocks(database: Database, range: BlockRange): AsyncGenerator<StoredBlock> {
  for await (const page of blockPages(database, range)) {
    for (const { stored } of page) yield stored;
  }
}

/** Pages of visible blocks, read one after the other by their key. Pages never mix chains. */
export async function* blockPages(database: Database, range: BlockRange): AsyncGenerator<readonly VisibleBlock[]> {
  for (const { chainId } of await readChains(database)) {
    if (range.chainId !== undefined && range.chainId !== chainId) continue;
    let from = range.from ?? 0;
    for (;;) {
      const page = await readPage(database, { ...range, chainId, from });
      const last = page.at(-1);
      if (last === undefined) break;
      yield page;
      from = last.stored.header.number + 1;
    }
  }
}

function readPage(database: Database, range: BlockRange): Promise<VisibleBlock[]> {
  const { sql: condition, params } = inRange(range);
  const sql = `SELECT ${selectList(BLOCKS)} FROM blocks FINAL
    WHERE ${condition} ORDER BY chain_id, number LIMIT ${PAGE_BLOCKS}`;
  return database.select({ sql, params }, (row) => ({
    ingestId: decodeBigInt(row, 'ingest_id'),
    stored: decodeBlock(row),
  }));
}

function decodeBlock(row: StoredRow): StoredBlock {
  return {
    chainId: decodeInteger(row, 'chain_id'),
    origin: decodeText(row, 'origin'),
    header: decodeHeader(row),
    transactions: decodeInteger(row, 'transaction_count'),
    accesses: decodeInteger(row, 'access_count'),
    keccakPreimages: decodeInteger(row, 'keccak_preimage_count'),
    callFrames: decodeInteger(row, 'call_frame_count'),
    codeHashes: decodeInteger(row, 'code_hash_count'),
  };
}
