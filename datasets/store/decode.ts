import { ZERO_WORD } from '../../types.js';
import type {
  Access,
  AccessListEntry,
  Authorization,
  BlockHeader,
  CallFrame,
  Hash,
  Hex,
  KeccakPreimage,
  Transaction,
} from '../../types.js';
import type { StoredRow } from './client.js';
import { ACCESS_FIELDS, ACCESS_KINDS, CALL_KINDS } from './schema.js';

/**
 * The way back from rows, as `selectList` reads them, to the vocabulary. A row of another form means that the database
 * is not ours: every function throws an Error that names the column.
 */

export function decodeHeader(row: StoredRow): BlockHeader {
  return {
    number: decodeInteger(row, 'number'),
    hash: decodeHex(row, 'hash'),
    parentHash: decodeHex(row, 'parent_hash'),
    feeRecipient: decodeHex(row, 'fee_recipient'),
    timestampSeconds: decodeInteger(row, 'timestamp_seconds'),
    gasLimit: decodeInteger(row, 'gas_limit'),
    gasUsed: decodeInteger(row, 'gas_used'),
    baseFeePerGasWei: nullable(row, 'base_fee_per_gas_wei', decodeBigInt),
    receiptsRoot: nullable(row, 'receipts_root', decodeHex),
    logsBloom: nullable(row, 'logs_bloom', decodeHex),
    difficulty: decodeBigInt(row, 'difficulty'),
    mixHash: nullable(row, 'mix_hash', decodeHex),
    extraData: decodeHex(row, 'extra_data'),
    excessBlobGas: nullable(row, 'excess_blob_gas', decodeInteger),
    blobGasUsed: nullable(row, 'blob_gas_used', decodeInteger),
    parentBeaconBlockRoot: nullable(row, 'parent_beacon_block_root', decodeHex),
  };
}

export function decodeTransaction(row: StoredRow): Transaction {
  return {
    index: decodeInteger(row, 'transaction_index'),
    hash: decodeHex(row, 'hash'),
    type: decodeInteger(row, 'type'),
    from: decodeHex(row, 'from_address'),
    to: nullable(row, 'to_address', decodeHex),
    nonce: decodeInteger(row, 'nonce'),
    valueWei: decodeBigInt(row, 'value_wei'),
    input: decodeHex(row, 'input'),
    gasLimit: decodeInteger(row, 'gas_limit'),
    gasPriceWei: nullable(row, 'gas_price_wei', decodeBigInt),
    maxFeePerGasWei: nullable(row, 'max_fee_per_gas_wei', decodeBigInt),
    maxPriorityFeePerGasWei: nullable(row, 'max_priority_fee_per_gas_wei', decodeBigInt),
    maxFeePerBlobGasWei: nullable(row, 'max_fee_per_blob_gas_wei', decodeBigInt),
    accessList: decodeList(row, 'access_list').map(decodeAccessListEntry),
    blobVersionedHashes: decodeList(row, 'blob_versioned_hashes').map(toHex),
    authorizationList: decodeList(row, 'authorization_list').map(decodeAuthorization),
  };
}

export function decodeAccess(row: StoredRow): Access {
  const field = decodeName(row, 'field', ACCESS_FIELDS);
  return {
    address: decodeHex(row, 'address'),
    field,
    slot: field === 'slot' ? decodeHex(row, 'slot') : null,
    kind: decodeName(row, 'kind', ACCESS_KINDS),
    atGas: nullable(row, 'at_gas', decodeInteger),
    value: nullable(row, 'value', decodeSlotValue),
  };
}

export function decodeKeccakPreimage(row: StoredRow): KeccakPreimage {
  return { hash: decodeHex(row, 'hash'), preimage: decodeHex(row, 'preimage') };
}

export function decodeCallFrame(row: StoredRow): CallFrame {
  return {
    depth: decodeInteger(row, 'depth'),
    kind: decodeName(row, 'kind', CALL_KINDS),
    from: decodeHex(row, 'from_address'),
    to: decodeHex(row, 'to_address'),
    codeAddress: nullable(row, 'code_address', decodeHex),
    selector: decodeHex(row, 'selector'),
    valueWei: decodeBigInt(row, 'value_wei'),
    gasUsed: decodeInteger(row, 'gas_used'),
    reverted: decodeBoolean(row, 'reverted'),
  };
}

// ---------------------------------------------------------------------------------------------------------- columns

/** A whole number up to 2^53 - 1. */
export function decodeInteger(row: StoredRow, column: string): number {
  const value = row[column];
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw unexpected(column, 'a whole number', value);
  return number;
}

/** A double, or an aggregate that may have no value. */
export function decodeNumber(row: StoredRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw unexpected(column, 'a number', value);
  return value;
}

export function decodeBigInt(row: StoredRow, column: string): bigint {
  return toBigInt(row[column], column);
}

export function decodeBoolean(row: StoredRow, column: string): boolean {
  const value = row[column];
  if (typeof value !== 'boolean') throw unexpected(column, 'true or false', value);
  return value;
}

export function decodeText(row: StoredRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw unexpected(column, 'text', value);
  return value;
}

/** Bytes that were read as hexadecimal digits. */
export function decodeHex(row: StoredRow, column: string): Hex {
  return `0x${decodeText(row, column)}`;
}

/** Zero, the most frequent value, is always the same string. */
function decodeSlotValue(row: StoredRow, column: string): Hash {
  const value = decodeHex(row, column);
  return value === ZERO_WORD ? ZERO_WORD : value;
}

export function decodeName<Name extends string>(row: StoredRow, column: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === row[column]);
  if (found === undefined) throw unexpected(column, names.join(' or '), row[column]);
  return found;
}

export function decodeList(row: StoredRow, column: string): readonly unknown[] {
  const value = row[column];
  if (!Array.isArray(value)) throw unexpected(column, 'a list', value);
  return value as readonly unknown[];
}

export function nullable<T>(row: StoredRow, column: string, decode: (row: StoredRow, column: string) => T): T | null {
  return row[column] === null ? null : decode(row, column);
}

function decodeAccessListEntry(entry: unknown): AccessListEntry {
  const [address, keys] = entry as readonly [unknown, readonly unknown[]];
  return { address: toHex(address), storageKeys: keys.map(toHex) };
}

function decodeAuthorization(entry: unknown): Authorization {
  const [chainId, address, nonce, yParity, r, s] = entry as readonly unknown[];
  return {
    chainId: toBigInt(chainId, 'authorization_list'),
    address: toHex(address),
    nonce: toBigInt(nonce, 'authorization_list'),
    yParity: Number(yParity),
    r: r as Hex,
    s: s as Hex,
  };
}

function toHex(value: unknown): Hex {
  return `0x${String(value)}`;
}

function toBigInt(value: unknown, column: string): bigint {
  if (typeof value !== 'string' && typeof value !== 'number') throw unexpected(column, 'a whole number', value);
  return BigInt(value);
}

function unexpected(column: string, expected: string, value: unknown): Error {
  return new Error(`Column ${column} of the store: expected ${expected}, got ${JSON.stringify(value)}`);
}
