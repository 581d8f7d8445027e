import { LanecastError } from '../../errors.js';
import type { Access, Address, BlockRecord, CallFrame, Hash, KeccakPreimage, TransactionRecord } from '../../types.js';
import type { Database, StoredRow } from './client.js';
import { selectList, type Table } from './ddl.js';
import {
  decodeAccess,
  decodeBoolean,
  decodeCallFrame,
  decodeHex,
  decodeInteger,
  decodeKeccakPreimage,
  decodeNumber,
  decodeText,
  decodeTransaction,
  nullable,
} from './decode.js';
import { blockPages, type StoredBlock, type VisibleBlock } from './queries.js';
import type { BlockRange } from './range.js';
import { ACCESSES, CALL_FRAMES, CODE_HASHES, KECCAK_PREIMAGES, TRANSACTIONS, type ItemRow } from './schema.js';

/** Bounds what one read keeps in memory, unless a single block has more rows. */
const GROUP_ROWS = 50_000;

/**
 * The records of a range by chain and number, as they were ingested but for their logs, which the store does not keep
 * (the lists are empty). Error: STORE_FAILED where a block loses its rows to a replacement while it is read.
 */
export async function* readRecords(database: Database, range: BlockRange): AsyncGenerator<BlockRecord> {
  for await (const page of blockPages(database, range)) {
    for (const group of groupByRows(page)) yield* await readGroup(database, group);
  }
}

function* groupByRows(page: readonly VisibleBlock[]): Generator<readonly VisibleBlock[]> {
  let group: VisibleBlock[] = [];
  let rows = 0;
  for (const block of page) {
    const { transactions, accesses, keccakPreimages, callFrames, codeHashes } = block.stored;
    const added = transactions + accesses + keccakPreimages + callFrames + codeHashes;
    if (group.length > 0 && rows + added > GROUP_ROWS) {
      yield group;
      group = [];
      rows = 0;
    }
    group.push(block);
    rows += added;
  }
  if (group.length > 0) yield group;
}

/** Decoded rows of a child table by block, then by transaction index, in the order of their positions. */
type RowsByTransaction<T> = ReadonlyMap<string, readonly T[]>;

interface Children {
  readonly accesses: RowsByTransaction<Access>;
  readonly keccakPreimages: RowsByTransaction<KeccakPreimage>;
  readonly callFrames: RowsByTransaction<CallFrame>;
}

async function readGroup(database: Database, group: readonly VisibleBlock[]): Promise<BlockRecord[]> {
  const transactions = await readTransactions(database, group);
  const codeHashes = await readCodeHashes(database, group);
  const children: Children = {
    accesses: await readItems(database, group, { table: ACCESSES, decode: decodeAccess }),
    keccakPreimages: await readItems(database, group, { table: KECCAK_PREIMAGES, decode: decodeKeccakPreimage }),
    callFrames: await readItems(database, group, { table: CALL_FRAMES, decode: decodeCallFrame }),
  };
  return group.map((block) => {
    const own = (transactions.get(blockKey(block)) ?? []).map((partial) => complete(block, partial, children));
    const { origin, chainId, header } = block.stored;
    const hashes = new Map(codeHashes.get(blockKey(block)));
    const record: BlockRecord = { kind: 'record', origin, chainId, header, transactions: own, codeHashes: hashes };
    checkCounts(database, block.stored, record);
    return record;
  });
}

type PartialRecord = Pick<TransactionRecord, 'transaction' | 'gasUsed' | 'succeeded' | 'executionNs'>;

async function readTransactions(
  database: Database,
  group: readonly VisibleBlock[],
): Promise<ReadonlyMap<string, readonly PartialRecord[]>> {
  const sql = childQuery(TRANSACTIONS, 'block_number, ingest_id, transaction_index');
  const rows = await database.select({ sql, params: groupParams(group) }, (row) => ({
    key: rowKey(row),
    value: {
      transaction: decodeTransaction(row),
      gasUsed: decodeInteger(row, 'gas_used'),
      succeeded: nullable(row, 'succeeded', decodeBoolean),
      executionNs: nullable(row, 'execution_ns', decodeNumber),
    },
  }));
  return grouped(rows);
}

async function readCodeHashes(
  database: Database,
  group: readonly VisibleBlock[],
): Promise<ReadonlyMap<string, readonly (readonly [Address, Hash])[]>> {
  const sql = childQuery(CODE_HASHES, 'block_number, ingest_id, address');
  const rows = await database.select({ sql, params: groupParams(group) }, (row) => ({
    key: rowKey(row),
    value: [decodeHex(row, 'address'), decodeHex(row, 'code_hash')] as const,
  }));
  return grouped(rows);
}

async function readItems<Item>(
  database: Database,
  group: readonly VisibleBlock[],
  { table, decode }: { readonly table: Table<ItemRow<Item>>; readonly decode: (row: StoredRow) => Item },
): Promise<RowsByTransaction<Item>> {
  const sql = childQuery(table, 'block_number, ingest_id, transaction_index, position');
  const rows = await database.select({ sql, params: groupParams(group) }, (row) => ({
    key: `${rowKey(row)}:${decodeInteger(row, 'transaction_index')}`,
    value: decode(row),
  }));
  return grouped(rows);
}

/** By the ingests that wrote the blocks of the group; rows of other blocks of those ingests are never looked up. */
function childQuery<Row>(table: Table<Row>, order: string): string {
  return `SELECT ${selectList(table)} FROM ${table.name}
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
      AND ingest_id IN {ingest_ids:Array(UInt128)}
    ORDER BY ${order}`;
}

function groupParams(group: readonly VisibleBlock[]): Record<string, number | bigint[]> {
  return {
    chain_id: group[0]?.stored.chainId ?? 0,
    first: group[0]?.stored.header.number ?? 0,
    last: group.at(-1)?.stored.header.number ?? 0,
    ingest_ids: [...new Set(group.map((block) => block.ingestId))],
  };
}

function grouped<T>(rows: readonly { readonly key: string; readonly value: T }[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const { key, value } of rows) {
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [value]);
    else list.push(value);
  }
  return groups;
}

function blockKey(block: VisibleBlock): string {
  return `${block.stored.header.number}:${block.ingestId}`;
}

function rowKey(row: StoredRow): string {
  return `${decodeText(row, 'block_number')}:${decodeText(row, 'ingest_id')}`;
}

function complete(block: VisibleBlock, partial: PartialRecord, children: Children): TransactionRecord {
  const key = `${blockKey(block)}:${partial.transaction.index}`;
  return {
    ...partial,
    logs: [],
    accesses: children.accesses.get(key) ?? [],
    keccakPreimages: children.keccakPreimages.get(key) ?? [],
    callFrames: children.callFrames.get(key) ?? [],
  };
}

function checkCounts(database: Database, block: StoredBlock, { transactions, codeHashes }: BlockRecord): void {
  const total = (items: (outcome: TransactionRecord) => readonly unknown[]): number =>
    transactions.reduce((sum, outcome) => sum + items(outcome).length, 0);
  const counts = [
    [block.transactions, transactions.length],
    [block.accesses, total((outcome) => outcome.accesses)],
    [block.keccakPreimages, total((outcome) => outcome.keccakPreimages)],
    [block.callFrames, total((outcome) => outcome.callFrames)],
    [block.codeHashes, codeHashes.size],
  ];
  if (counts.every(([expected, found]) => expected === found)) return;
  const [expected, found] = [counts.map(([first]) => first), counts.map(([, second]) => second)];
  throw new LanecastError(
    'STORE_FAILED',
    `Block ${block.header.number} of chain ${block.chainId} in ${database.target}: expected ${expected.join(', ')} ` +
      `transactions, accesses, keccak preimages, call frames and code hashes, found ${found.join(', ')}. ` +
      'The block was replaced while it was read, or the store is damaged.',
  );
}
