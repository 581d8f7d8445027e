import { ZERO_WORD } from '../../types.js';
import type {
  Access,
  AccessListEntry,
  Address,
  Authorization,
  BlockRecord,
  CallFrame,
  Hash,
  KeccakPreimage,
  TransactionRecord,
} from '../../types.js';
import {
  arrayOf,
  boolean,
  bytes,
  encodeArray,
  encodeBytes,
  encodeUnsigned,
  fixedBytes,
  frequentBytes,
  frequentText,
  hexOf,
  nullableBoolean,
  nullableFixedBytes,
  nullableFloat,
  nullableUnsigned,
  oneOf,
  quoted,
  unsigned,
  type Column,
} from './columns.js';
import { shardByBlock, type Table } from './ddl.js';

/** A block under the number of the ingest that writes it. */
export interface BlockRow {
  readonly ingestId: bigint;
  readonly record: BlockRecord;
}

export interface TransactionRow extends BlockRow {
  readonly outcome: TransactionRecord;
}

/** The `position` keeps the order that the list had in the record. */
export interface ItemRow<Item> extends TransactionRow {
  readonly position: number;
  readonly item: Item;
}

export interface CodeHashRow extends BlockRow {
  readonly address: Address;
  readonly codeHash: Hash;
}

/** One batch of an ingest: its log is what finds the leftovers of one that died. */
export interface IngestRow {
  readonly ingestId: bigint;
  readonly writer: string;
  readonly chainId: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly finished: boolean;
}

export interface MigrationRow {
  readonly version: number;
  readonly name: string;
}

/** Wide enough that a chain of a few hundred million blocks stays at a few hundred partitions. */
const BLOCKS_PER_PARTITION = 1_000_000;

export const ACCESS_FIELDS = ['account', 'code', 'slot'] as const;
export const ACCESS_KINDS = ['read', 'write', 'add'] as const;
export const CALL_KINDS = ['call', 'callcode', 'delegatecall', 'staticcall', 'create', 'create2'] as const;

/**
 * One row a block; written after all rows that belong to it, it is the mark that they count. Of several rows with the
 * same chain and number, the one of the latest ingest counts: read it with FINAL.
 */
export const BLOCKS: Table<BlockRow> = {
  name: 'blocks',
  engine: { replacingBy: 'ingest_id' },
  partitionBy: `(chain_id, intDiv(number, ${BLOCKS_PER_PARTITION}))`,
  orderBy: ['chain_id', 'number'],
  shardBy: shardByBlock('number'),
  columns: [
    unsigned('chain_id', 64, (row) => row.record.chainId),
    unsigned('number', 64, (row) => row.record.header.number, { differences: true }),
    unsigned('ingest_id', 128, (row) => row.ingestId),
    frequentText('origin', (row) => row.record.origin),
    fixedBytes('hash', 32, (row) => row.record.header.hash),
    fixedBytes('parent_hash', 32, (row) => row.record.header.parentHash),
    fixedBytes('fee_recipient', 20, (row) => row.record.header.feeRecipient),
    unsigned('timestamp_seconds', 64, (row) => row.record.header.timestampSeconds, { differences: true }),
    unsigned('gas_limit', 64, (row) => row.record.header.gasLimit),
    unsigned('gas_used', 64, (row) => row.record.header.gasUsed),
    nullableUnsigned('base_fee_per_gas_wei', 256, (row) => row.record.header.baseFeePerGasWei),
    nullableFixedBytes('receipts_root', 32, (row) => row.record.header.receiptsRoot),
    nullableFixedBytes('logs_bloom', 256, (row) => row.record.header.logsBloom),
    unsigned('difficulty', 256, (row) => row.record.header.difficulty),
    nullableFixedBytes('mix_hash', 32, (row) => row.record.header.mixHash),
    bytes('extra_data', (row) => row.record.header.extraData),
    nullableUnsigned('excess_blob_gas', 64, (row) => row.record.header.excessBlobGas),
    nullableUnsigned('blob_gas_used', 64, (row) => row.record.header.blobGasUsed),
    nullableFixedBytes('parent_beacon_block_root', 32, (row) => row.record.header.parentBeaconBlockRoot),
    unsigned('transaction_count', 32, (row) => row.record.transactions.length),
    unsigned('access_count', 32, (row) => total(row.record, (outcome) => outcome.accesses)),
    unsigned('keccak_preimage_count', 32, (row) => total(row.record, (outcome) => outcome.keccakPreimages)),
    unsigned('call_frame_count', 32, (row) => total(row.record, (outcome) => outcome.callFrames)),
    unsigned('code_hash_count', 32, (row) => row.record.codeHashes.size),
  ],
};

export const TRANSACTIONS: Table<TransactionRow> = {
  ...childTable('transactions'),
  orderBy: ['chain_id', 'block_number', 'ingest_id', 'transaction_index'],
  columns: [
    ...transactionKey<TransactionRow>(),
    fixedBytes('hash', 32, ({ outcome }) => outcome.transaction.hash),
    unsigned('type', 8, ({ outcome }) => outcome.transaction.type),
    fixedBytes('from_address', 20, ({ outcome }) => outcome.transaction.from),
    nullableFixedBytes('to_address', 20, ({ outcome }) => outcome.transaction.to),
    unsigned('nonce', 64, ({ outcome }) => outcome.transaction.nonce),
    unsigned('value_wei', 256, ({ outcome }) => outcome.transaction.valueWei),
    bytes('input', ({ outcome }) => outcome.transaction.input),
    unsigned('gas_limit', 64, ({ outcome }) => outcome.transaction.gasLimit),
    nullableUnsigned('gas_price_wei', 256, ({ outcome }) => outcome.transaction.gasPriceWei),
    nullableUnsigned('max_fee_per_gas_wei', 256, ({ outcome }) => outcome.transaction.maxFeePerGasWei),
    nullableUnsigned('max_priority_fee_per_gas_wei', 256, ({ outcome }) => outcome.transaction.maxPriorityFeePerGasWei),
    nullableUnsigned('max_fee_per_blob_gas_wei', 256, ({ outcome }) => outcome.transaction.maxFeePerBlobGasWei),
    arrayOf('access_list', ({ outcome }) => outcome.transaction.accessList, {
      type: 'Tuple(address FixedString(20), storage_keys Array(FixedString(32)))',
      encode: encodeAccessListEntry,
      select: `(${hexOf('item.1')}, arrayMap(key -> ${hexOf('key')}, item.2))`,
    }),
    arrayOf('blob_versioned_hashes', ({ outcome }) => outcome.transaction.blobVersionedHashes, {
      type: 'FixedString(32)',
      encode: (hash) => quoted(encodeBytes(hash, 32)),
      select: hexOf('item'),
    }),
    arrayOf('authorization_list', ({ outcome }) => outcome.transaction.authorizationList, {
      type: 'Tuple(chain_id UInt256, address FixedString(20), nonce UInt256, y_parity UInt8, r String, s String)',
      encode: encodeAuthorization,
      select: `(item.1, ${hexOf('item.2')}, item.3, item.4, item.5, item.6)`,
    }),
    unsigned('gas_used', 64, ({ outcome }) => outcome.gasUsed),
    nullableBoolean('succeeded', ({ outcome }) => outcome.succeeded),
    nullableFloat('execution_ns', ({ outcome }) => outcome.executionNs),
  ],
};

/** One row an access; `slot` is zero where `field` is not `slot`. */
export const ACCESSES: Table<ItemRow<Access>> = {
  ...itemTable('accesses'),
  columns: [
    ...itemKey<Access>(),
    fixedBytes('address', 20, ({ item }) => item.address),
    oneOf('field', ACCESS_FIELDS, ({ item }) => item.field),
    fixedBytes('slot', 32, ({ item }) => item.slot ?? ZERO_WORD),
    oneOf('kind', ACCESS_KINDS, ({ item }) => item.kind),
    nullableUnsigned('at_gas', 64, ({ item }) => item.atGas),
    nullableFixedBytes('value', 32, ({ item }) => item.value),
  ],
};

export const KECCAK_PREIMAGES: Table<ItemRow<KeccakPreimage>> = {
  ...itemTable('keccak_preimages'),
  columns: [
    ...itemKey<KeccakPreimage>(),
    fixedBytes('hash', 32, ({ item }) => item.hash),
    bytes('preimage', ({ item }) => item.preimage),
  ],
};

export const CALL_FRAMES: Table<ItemRow<CallFrame>> = {
  ...itemTable('call_frames'),
  columns: [
    ...itemKey<CallFrame>(),
    unsigned('depth', 16, ({ item }) => item.depth),
    oneOf('kind', CALL_KINDS, ({ item }) => item.kind),
    fixedBytes('from_address', 20, ({ item }) => item.from),
    fixedBytes('to_address', 20, ({ item }) => item.to),
    nullableFixedBytes('code_address', 20, ({ item }) => item.codeAddress),
    frequentBytes('selector', ({ item }) => item.selector),
    unsigned('value_wei', 256, ({ item }) => item.valueWei),
    unsigned('gas_used', 64, ({ item }) => item.gasUsed),
    boolean('reverted', ({ item }) => item.reverted),
  ],
};

/** One row an account with code that a block touched. */
export const CODE_HASHES: Table<CodeHashRow> = {
  ...childTable('code_hashes'),
  orderBy: ['chain_id', 'block_number', 'ingest_id', 'address'],
  columns: [
    ...blockKey<CodeHashRow>(),
    fixedBytes('address', 20, (row) => row.address),
    fixedBytes('code_hash', 32, (row) => row.codeHash),
  ],
};

/** One row when a batch starts and one when it is finished, of which the latter counts. */
export const INGESTS: Table<IngestRow> = {
  name: 'ingests',
  engine: { replacingBy: 'finished' },
  orderBy: ['ingest_id'],
  columns: [
    unsigned('ingest_id', 128, (row) => row.ingestId),
    frequentText('writer', (row) => row.writer),
    unsigned('chain_id', 64, (row) => row.chainId),
    unsigned('first_block', 64, (row) => row.firstBlock),
    unsigned('last_block', 64, (row) => row.lastBlock),
    unsigned('finished', 8, (row) => (row.finished ? 1 : 0)),
  ],
};

export const MIGRATIONS: Table<MigrationRow> = {
  name: 'migrations',
  engine: { replacingBy: 'version' },
  orderBy: ['version'],
  columns: [unsigned('version', 32, (row) => row.version), frequentText('name', (row) => row.name)],
};

/** The tables whose rows an ingest hangs on a row of `blocks`. */
export const CHILD_TABLES = [TRANSACTIONS, ACCESSES, KECCAK_PREIMAGES, CALL_FRAMES, CODE_HASHES] as const;

/** What all tables by chain and block number have in common. */
export function childTable(
  name: string,
): Pick<Table<never>, 'name' | 'engine'> & { readonly partitionBy: string; readonly shardBy: string } {
  const partitionBy = `(chain_id, intDiv(block_number, ${BLOCKS_PER_PARTITION}))`;
  return { name, engine: 'MergeTree', partitionBy, shardBy: shardByBlock('block_number') };
}

function itemTable(name: string): ReturnType<typeof childTable> & Pick<Table<never>, 'orderBy'> {
  return {
    ...childTable(name),
    orderBy: ['chain_id', 'block_number', 'ingest_id', 'transaction_index', 'position'],
  };
}

function blockKey<Row extends BlockRow>(): Column<Row>[] {
  return [
    unsigned('chain_id', 64, (row) => row.record.chainId),
    unsigned('block_number', 64, (row) => row.record.header.number),
    unsigned('ingest_id', 128, (row) => row.ingestId),
  ];
}

function transactionKey<Row extends TransactionRow>(): Column<Row>[] {
  return [...blockKey<Row>(), unsigned('transaction_index', 32, (row) => row.outcome.transaction.index)];
}

function itemKey<Item>(): Column<ItemRow<Item>>[] {
  return [...transactionKey<ItemRow<Item>>(), unsigned('position', 32, (row) => row.position, { differences: true })];
}

function total(record: BlockRecord, items: (outcome: TransactionRecord) => readonly unknown[]): number {
  return record.transactions.reduce((sum, outcome) => sum + items(outcome).length, 0);
}

function encodeAccessListEntry(entry: AccessListEntry): string {
  const keys = encodeArray(entry.storageKeys, (key) => quoted(encodeBytes(key, 32)));
  return `(${quoted(encodeBytes(entry.address, 20))},${keys})`;
}

/** The parts of the signature are quantities, of any number of digits, and are kept as text. */
function encodeAuthorization(authorization: Authorization): string {
  const { chainId, address, nonce, yParity, r, s } = authorization;
  const integers = [encodeUnsigned(chainId, 256), quoted(encodeBytes(address, 20)), encodeUnsigned(nonce, 256)];
  return `(${[...integers, encodeUnsigned(yParity, 8), quoted(hexText(r)), quoted(hexText(s))].join(',')})`;
}

function hexText(value: string): string {
  if (!/^0x[0-9a-fA-F]*$/.test(value))
    throw new RangeError(`expected 0x and hexadecimal digits, got ${value.slice(0, 80)}`);
  return value;
}
