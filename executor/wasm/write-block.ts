import type { TypedTransaction } from '@ethereumjs/tx';
import {
  SECP256K1_ORDER_DIV_2,
  bytesToBigInt,
  eoaCode7702RecoverAuthority,
  hexToBytes,
  type EOACode7702AuthorizationListBytesItem,
} from '@ethereumjs/util';
import { FORKS, type AccessListEntry, type Fork, type Transaction } from '../../types.js';
import { toTypedTransaction } from '../reference/transactions.js';
import type { Work } from './base-state.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';

/** The first fork of each rule set that the engine knows, in its numbering. */
const RULES: readonly Fork[] = ['berlin', 'london', 'paris', 'shanghai', 'cancun', 'prague', 'osaka'];
const PREVRANDAO_SINCE = FORKS.indexOf('paris');
const MAX_NONCE = 2n ** 64n - 1n;

/** The engine's number of a fork; −1 for those before Berlin. */
export function rulesOf(fork: Fork): number {
  return RULES.findLastIndex((first) => FORKS.indexOf(first) <= FORKS.indexOf(fork));
}

/** Blobs that one transaction may carry: EIP-4844, EIP-7691, EIP-7594. */
function blobLimitOf(fork: Fork): number {
  return fork === 'prague' ? 9 : 6;
}

/** Makes the engine ready for the transactions of a block; what it knew of other blocks' state is forgotten. */
export function writeEnvironment(engine: EngineInstance, { snapshot, machine }: Work): void {
  const { header, fork, chainId, blockHashes } = snapshot;
  const random = FORKS.indexOf(fork) >= PREVRANDAO_SINCE ? BigInt(header.mixHash ?? 0) : header.difficulty;
  const blobBaseFeeWei = machine.common.isActivatedEIP(4844) ? machine.block.header.getBlobGasPrice() : 0n;
  engine.exports.forgetKeys();
  engine.exports.resetHeap();
  engine.setU32(layout.B_FORK, rulesOf(fork));
  engine.setU64(layout.B_NUMBER, BigInt(header.number));
  engine.setU64(layout.B_TIMESTAMP, BigInt(header.timestampSeconds));
  engine.setU64(layout.B_GAS_LIMIT, BigInt(header.gasLimit));
  engine.setU64(layout.B_CHAIN_ID, BigInt(chainId));
  engine.setWord(layout.B_FEE_RECIPIENT, BigInt(header.feeRecipient));
  engine.setWord(layout.B_BASE_FEE, machine.block.header.baseFeePerGas ?? 0n);
  engine.setWord(layout.B_RANDOM, random);
  engine.setWord(layout.B_BLOB_BASE_FEE, blobBaseFeeWei);
  engine.setU32(layout.B_BLOB_LIMIT, blobLimitOf(fork));
  engine.bytes.fill(0, layout.B_HASHES, layout.B_HASHES + 32 * layout.B_HASH_COUNT);
  for (const [number, hash] of blockHashes) {
    engine.setWord(layout.B_HASHES + 32 * (number % layout.B_HASH_COUNT), BigInt(hash));
  }
  engine.exports.beginBlock();
}

/** Writes the transactions of a block one after another and answers where they begin. */
export function writeTransactions(engine: EngineInstance, { snapshot, machine }: Work): number {
  const start = engine.allocate(layout.TRANSACTION_BYTES * snapshot.transactions.length + layout.TRANSACTION_BYTES);
  for (const transaction of snapshot.transactions) {
    const at = start + layout.TRANSACTION_BYTES * transaction.index;
    writeTransaction(engine, at, transaction);
    if (transaction.authorizationList.length === 0) continue;
    writeAuthorizations(engine, at, toTypedTransaction(transaction, machine.common));
  }
  return start;
}

function writeTransaction(engine: EngineInstance, at: number, transaction: Transaction): void {
  const input = hexToBytes(transaction.input);
  engine.setU32(at + layout.T_TYPE, transaction.type);
  engine.setU32(at + layout.T_CREATES, transaction.to === null ? 1 : 0);
  engine.setU64(at + layout.T_GAS_LIMIT, BigInt(transaction.gasLimit));
  engine.setU64(at + layout.T_NONCE, BigInt(transaction.nonce));
  engine.setU32(at + layout.T_INPUT, engine.put(input));
  engine.setU32(at + layout.T_INPUT_LENGTH, input.length);
  engine.setWord(at + layout.T_VALUE, transaction.valueWei);
  const feeCapWei = transaction.type < 2 ? transaction.gasPriceWei : transaction.maxFeePerGasWei;
  engine.setWord(at + layout.T_FEE_CAP, feeCapWei ?? 0n);
  engine.setWord(at + layout.T_TIP_CAP, transaction.maxPriorityFeePerGasWei ?? 0n);
  engine.setWord(at + layout.T_BLOB_FEE_CAP, transaction.maxFeePerBlobGasWei ?? 0n);
  engine.setWord(at + layout.T_SENDER, BigInt(transaction.from));
  engine.setWord(at + layout.T_TO, BigInt(transaction.to ?? 0));
  engine.setU32(at + layout.T_ACCESS_LIST, writeAccessList(engine, transaction.accessList));
  engine.setU32(at + layout.T_ACCESS_COUNT, transaction.accessList.length);
  engine.setU32(at + layout.T_BLOBS, writeWords(engine, transaction.blobVersionedHashes.map(BigInt)));
  engine.setU32(at + layout.T_BLOB_COUNT, transaction.blobVersionedHashes.length);
}

function writeAccessList(engine: EngineInstance, accessList: readonly AccessListEntry[]): number {
  const words = accessList.flatMap(({ address, storageKeys }) => [
    BigInt(address),
    BigInt(storageKeys.length),
    ...storageKeys.map(BigInt),
  ]);
  return writeWords(engine, words);
}

function writeWords(engine: EngineInstance, words: readonly bigint[]): number {
  if (words.length === 0) return 0;
  const start = engine.allocate(32 * words.length);
  for (const [place, word] of words.entries()) engine.setWord(start + 32 * place, word);
  return start;
}

function writeAuthorizations(engine: EngineInstance, at: number, typed: TypedTransaction): void {
  const list = 'authorizationList' in typed ? typed.authorizationList : [];
  const start = engine.allocate(layout.AUTHORIZATION_BYTES * list.length);
  for (const [place, item] of list.entries()) {
    const authority = authorityOf(item);
    const entry = start + layout.AUTHORIZATION_BYTES * place;
    engine.setWord(entry + layout.A_CHAIN_ID, bytesToBigInt(item[0]));
    engine.setWord(entry + layout.A_ADDRESS, bytesToBigInt(item[1]));
    engine.setWord(entry + layout.A_AUTHORITY, authority ?? 0n);
    engine.setU64(entry + layout.A_NONCE, bytesToBigInt(item[2]));
    engine.setU32(entry + layout.A_VALID, authority === null ? 0 : 1);
  }
  engine.setU32(at + layout.T_AUTHORIZATIONS, start);
  engine.setU32(at + layout.T_AUTHORIZATION_COUNT, list.length);
}

/** Null where the authorization is void whatever the state is (EIP-7702). */
function authorityOf(item: EOACode7702AuthorizationListBytesItem): bigint | null {
  const [, , nonce, yParity, , s] = item;
  if (bytesToBigInt(nonce) >= MAX_NONCE || bytesToBigInt(yParity) > 1n) return null;
  if (bytesToBigInt(s) > SECP256K1_ORDER_DIV_2) return null;
  try {
    return BigInt(eoaCode7702RecoverAuthority(item).toString());
  } catch {
    return null;
  }
}
