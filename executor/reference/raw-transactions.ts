import { Hardfork, Mainnet, createCustomCommon, type Common } from '@ethereumjs/common';
import { RLP } from '@ethereumjs/rlp';
import {
  createTxFromRLP,
  isAccessList2930Tx,
  isBlob4844Tx,
  isEOACode7702Tx,
  isFeeMarket1559Tx,
  isLegacyTx,
  type TypedTransaction,
} from '@ethereumjs/tx';
import { bytesToHex, bytesToInt, hexToBytes } from '@ethereumjs/util';
import { LanecastError } from '../../errors.js';
import type { AccessListEntry, Address, Authorization, Hash, Hex, Transaction } from '../../types.js';
import { createCustomCrypto, keccak256 } from './crypto.js';

/** The address that signed: input and output as those of the precompile at address 1 (hash, v, r, s; a padded address). */
export type RecoverSigner = (input: Uint8Array) => Uint8Array | null;

/** Decodes raw signed transactions, as `eth_sendRawTransaction` takes them. Throws LanecastError INVALID_INPUT. */
export type DecodeRawTransaction = (raw: Hex, index: number) => Transaction;

const MOST_CHAINS = 64;
const FIRST_TYPED_BYTE = 0x80;
/** EIP-2: half of the order of secp256k1; signatures with a greater s are not valid. */
const MOST_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** `recoverSigner`: handed in, because the quick library for it belongs to precompiles. */
export function createRawDecoder(recoverSigner: RecoverSigner): DecodeRawTransaction {
  const customCrypto = createCustomCrypto();
  const commons = new Map<number, Common>();
  const commonOf = (chainId: number): Common => {
    const known = commons.get(chainId);
    if (known !== undefined) return known;
    if (commons.size >= MOST_CHAINS) commons.clear();
    const common = createCustomCommon({ chainId }, Mainnet, { hardfork: Hardfork.Prague, customCrypto });
    commons.set(chainId, common);
    return common;
  };
  return (raw, index) => {
    try {
      const bytes = hexToBytes(raw);
      const tx: TypedTransaction = createTxFromRLP(bytes, { common: commonOf(chainIdOf(bytes)), freeze: false });
      return describe(tx, { index, hash: bytesToHex(keccak256(bytes)), from: signerOf(tx, recoverSigner) });
    } catch (error) {
      if (error instanceof LanecastError) throw error;
      throw new LanecastError('INVALID_INPUT', reasonOf(error), { cause: error });
    }
  };
}

/** Messages of the library end with a dump of the transaction. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split(' (')[0] ?? message).slice(0, 200);
}

/** A legacy transaction names its chain by v (EIP-155), or none. */
function chainIdOf(bytes: Uint8Array): number {
  const isLegacy = (bytes[0] ?? 0) >= FIRST_TYPED_BYTE;
  const fields = RLP.decode(isLegacy ? bytes : bytes.subarray(1));
  const field = Array.isArray(fields) ? fields[isLegacy ? 6 : 0] : undefined;
  if (!(field instanceof Uint8Array) || field.length > 6) throw refusal('is no list of the fields of a transaction');
  const number = field.length === 0 ? 0 : bytesToInt(field);
  if (!isLegacy) return number;
  return number < 35 ? 1 : Math.floor((number - 35) / 2);
}

function signerOf(tx: TypedTransaction, recoverSigner: RecoverSigner): Address {
  const { v, r, s } = tx;
  if (v === undefined || r === undefined || s === undefined || !tx.isSigned()) throw refusal('is not signed');
  if (s > MOST_S) throw refusal('has a signature with a greater s than EIP-2 allows');
  const input = new Uint8Array(128);
  input.set(tx.getMessageToVerifySignature(), 0);
  input[63] = 27 + parityOf(tx, v);
  input.set(hexToBytes(wordOf(r)), 64);
  input.set(hexToBytes(wordOf(s)), 96);
  const output = recoverSigner(input);
  if (output?.length !== 32) throw refusal('has a signature that no key can have made');
  return bytesToHex(output.subarray(12));
}

function parityOf(tx: TypedTransaction, v: bigint): number {
  if (!isLegacyTx(tx)) return Number(v);
  return v < 35n ? Number(v - 27n) : Number((v - 35n) % 2n);
}

function describe(tx: TypedTransaction, known: Pick<Transaction, 'index' | 'hash' | 'from'>): Transaction {
  const hasFees = isFeeMarket1559Tx(tx) || isBlob4844Tx(tx) || isEOACode7702Tx(tx);
  const hasList = !isLegacyTx(tx);
  return {
    ...known,
    type: tx.type,
    to: tx.to === undefined ? null : tx.to.toString(),
    nonce: safeNumber(tx.nonce, 'nonce'),
    valueWei: tx.value,
    input: bytesToHex(tx.data),
    gasLimit: safeNumber(tx.gasLimit, 'gas limit'),
    gasPriceWei: isLegacyTx(tx) || isAccessList2930Tx(tx) ? tx.gasPrice : null,
    maxFeePerGasWei: hasFees ? tx.maxFeePerGas : null,
    maxPriorityFeePerGasWei: hasFees ? tx.maxPriorityFeePerGas : null,
    maxFeePerBlobGasWei: isBlob4844Tx(tx) ? tx.maxFeePerBlobGas : null,
    accessList: hasList ? tx.accessList.map(([address, keys]) => entryOf(address, keys)) : [],
    blobVersionedHashes: isBlob4844Tx(tx) ? tx.blobVersionedHashes.map((hash) => hash.toLowerCase() as Hash) : [],
    authorizationList: isEOACode7702Tx(tx) ? tx.authorizationList.map(authorizationOf) : [],
  };
}

function entryOf(address: Uint8Array, keys: readonly Uint8Array[]): AccessListEntry {
  return { address: bytesToHex(address), storageKeys: keys.map((key) => bytesToHex(key)) };
}

function authorizationOf(fields: readonly Uint8Array[]): Authorization {
  const [chainId, address, nonce, yParity, r, s] = fields;
  const number = (bytes: Uint8Array | undefined): bigint =>
    bytes === undefined || bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes));
  return {
    chainId: number(chainId),
    address: bytesToHex(address ?? new Uint8Array(20)),
    nonce: number(nonce),
    yParity: Number(number(yParity)),
    r: wordOf(number(r)),
    s: wordOf(number(s)),
  };
}

function wordOf(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

function safeNumber(value: bigint, name: string): number {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw refusal(`has a ${name} of ${value.toString().slice(0, 40)}, expected at most 2^53 - 1`);
}

function refusal(problem: string): LanecastError {
  return new LanecastError('INVALID_INPUT', problem);
}
