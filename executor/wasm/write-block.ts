import { SECP256K1_ORDER_DIV_2, eoaCode7702RecoverAuthority } from '@ethereumjs/util';
import type { AccessListEntry, Address, Authorization, BlockSnapshot, Hex, Transaction } from '../../types.js';
import { withinTables } from './capacity.js';
import { byteLength, Encoder } from './encode.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';
import { blobBaseFeeWeiOf, blobLimitOf, isAtLeast, rulesOf } from './rules.js';

const SET_CODE_TYPE = 4;
const MAX_NONCE = 2n ** 64n - 1n;
const MAX_WORD = 2n ** 256n - 1n;
const MAX_BYTE = 255;
const WORD_BYTES = 32;

/** Writes what all transactions of a block share. The state is offered already. */
export function writeEnvironment(engine: EngineInstance, snapshot: BlockSnapshot): void {
  const { header, fork, chainId, blockHashes } = snapshot;
  const random = isAtLeast(fork, 'paris') ? BigInt(header.mixHash ?? 0) : header.difficulty;
  engine.setU32(layout.B_FORK, rulesOf(fork));
  engine.setU64(layout.B_NUMBER, BigInt(header.number));
  engine.setU64(layout.B_TIMESTAMP, BigInt(header.timestampSeconds));
  engine.setU64(layout.B_GAS_LIMIT, BigInt(header.gasLimit));
  engine.setU64(layout.B_CHAIN_ID, BigInt(chainId));
  engine.setWord(layout.B_FEE_RECIPIENT, BigInt(header.feeRecipient));
  engine.setWord(layout.B_BASE_FEE, isAtLeast(fork, 'london') ? (header.baseFeePerGasWei ?? 0n) : 0n);
  engine.setWord(layout.B_RANDOM, random);
  engine.setWord(layout.B_BLOB_BASE_FEE, blobBaseFeeWeiOf(snapshot));
  engine.setU32(layout.B_BLOB_LIMIT, blobLimitOf(fork));
  engine.bytes.fill(0, layout.B_HASHES, layout.B_HASHES + WORD_BYTES * layout.B_HASH_COUNT);
  for (const [number, hash] of blockHashes) {
    engine.setWord(layout.B_HASHES + WORD_BYTES * (number % layout.B_HASH_COUNT), BigInt(hash));
  }
  withinTables(engine, () => engine.exports.beginBlock());
}

/** Writes the transactions of a block one after another and answers where they begin. */
export function writeTransactions(engine: EngineInstance, transactions: readonly Transaction[]): number {
  const recordBytes = layout.TRANSACTION_BYTES * (transactions.length + 1);
  const extraBytes = extraBytesOf(transactions);
  const start = engine.allocate(recordBytes + extraBytes);
  const records = new Encoder(engine.bytes, start, recordBytes);
  const extras = new Encoder(engine.bytes, start + recordBytes, extraBytes);
  const last = new Map<Address, number>();
  for (const transaction of transactions) {
    const places = writeExtras(extras, transaction, last.get(transaction.from) ?? 0);
    records.moveTo(start + layout.TRANSACTION_BYTES * transaction.index);
    writeRecord(records, transaction, places);
    last.set(transaction.from, transaction.index + 1);
  }
  extras.finish();
  records.finish();
  return start;
}

/** What lies outside of a transaction's record, an upper bound. */
function extraBytesOf(transactions: readonly Transaction[]): number {
  let sizeBytes = 0;
  for (const { input, accessList, blobVersionedHashes, authorizationList } of transactions) {
    sizeBytes += byteLength(input) + 2 * WORD_BYTES;
    for (const { storageKeys } of accessList) sizeBytes += WORD_BYTES * (2 + storageKeys.length);
    sizeBytes += WORD_BYTES * blobVersionedHashes.length + layout.AUTHORIZATION_BYTES * authorizationList.length;
  }
  return sizeBytes;
}

interface RecordPlaces {
  /** The last transaction of the same sender (index + 1), or 0. */
  readonly previous: number;
  readonly input: number;
  readonly accessList: number;
  readonly blobs: number;
  readonly authorizations: number;
  readonly authorizationCount: number;
}

function writeExtras(encoder: Encoder, transaction: Transaction, previous: number): RecordPlaces {
  const input = encoder.hexBytes(transaction.input);
  const accessList = encoder.at;
  for (const entry of transaction.accessList) writeAccessListEntry(encoder, entry);
  const blobs = encoder.at;
  for (const hash of transaction.blobVersionedHashes) encoder.hexWord(hash);
  const authorizations = encoder.at;
  const list = authorizationsOf(transaction);
  for (const authorization of list) writeAuthorization(encoder, authorization);
  return { previous, input, accessList, blobs, authorizations, authorizationCount: list.length };
}

/** A list that no transaction can hold is left out: the engine refuses a transaction of this type without one. */
function authorizationsOf({ type, authorizationList }: Transaction): readonly Authorization[] {
  return type === SET_CODE_TYPE && authorizationList.every(fitsItsFields) ? authorizationList : [];
}

function writeAccessListEntry(encoder: Encoder, { address, storageKeys }: AccessListEntry): void {
  encoder.hexWord(address);
  const end = encoder.at + WORD_BYTES;
  encoder.u32(storageKeys.length);
  encoder.moveTo(end);
  for (const key of storageKeys) encoder.hexWord(key);
}

function writeAuthorization(encoder: Encoder, authorization: Authorization): void {
  const end = encoder.at + layout.AUTHORIZATION_BYTES;
  const authority = authorityOf(authorization);
  encoder.word(authorization.chainId);
  encoder.hexWord(authorization.address);
  encoder.word(authority ?? 0n);
  encoder.u64(authorization.nonce);
  encoder.u32(authority === null ? 0 : 1);
  encoder.moveTo(end);
}

/** The bounds of EIP-7702. */
function fitsItsFields({ chainId, nonce, yParity, r, s }: Authorization): boolean {
  const words = [chainId, BigInt(r), BigInt(s)];
  return words.every((word) => word <= MAX_WORD) && nonce <= MAX_NONCE && yParity <= MAX_BYTE;
}

/** Null where the authorization is void whatever the state is (EIP-7702). */
function authorityOf({ chainId, address, nonce, yParity, r, s }: Authorization): bigint | null {
  if (nonce === MAX_NONCE || yParity > 1 || BigInt(s) > SECP256K1_ORDER_DIV_2) return null;
  const terms = { chainId: quantity(chainId), address, nonce: quantity(nonce) };
  try {
    return BigInt(eoaCode7702RecoverAuthority({ ...terms, yParity: quantity(BigInt(yParity)), r, s }).toString());
  } catch {
    // No point of the curve: nobody signed.
    return null;
  }
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** In the order of the engine's layout (T_*). */
function writeRecord(encoder: Encoder, transaction: Transaction, places: RecordPlaces): void {
  encoder.u32(transaction.type);
  encoder.u32(transaction.to === null ? 1 : 0);
  encoder.u64(BigInt(transaction.gasLimit));
  encoder.u64(BigInt(transaction.nonce));
  encoder.u32(places.input);
  encoder.u32(byteLength(transaction.input));
  encoder.word(transaction.valueWei);
  encoder.word((transaction.type < 2 ? transaction.gasPriceWei : transaction.maxFeePerGasWei) ?? 0n);
  encoder.word(transaction.maxPriorityFeePerGasWei ?? 0n);
  encoder.word(transaction.maxFeePerBlobGasWei ?? 0n);
  encoder.hexWord(transaction.from);
  encoder.hexWord(transaction.to ?? '0x');
  encoder.u32(places.accessList);
  encoder.u32(transaction.accessList.length);
  encoder.u32(places.blobs);
  encoder.u32(transaction.blobVersionedHashes.length);
  encoder.u32(places.authorizations);
  encoder.u32(places.authorizationCount);
  encoder.u32(places.previous);
}
