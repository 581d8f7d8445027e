import { ZERO_WORD } from '../../types.js';
import type { AccessListEntry, Authorization, Hash, Hex, Transaction } from '../../types.js';
import { invalid } from '../problem.js';
import {
  isHash,
  readAddress,
  readBytes,
  readCount,
  readHash,
  readList,
  readObject,
  readQuantity,
  refuse,
  refuseUnknown,
  type Json,
} from './fields.js';

/** What viem calls the types of EIP-2718. */
export const TYPE_NAMES: ReadonlyMap<string, number> = new Map([
  ['legacy', 0],
  ['eip2930', 1],
  ['eip1559', 2],
  ['eip4844', 3],
  ['eip7702', 4],
]);

/** Fields that prediction reads. */
export const READ_FIELDS = [
  ...['from', 'to', 'nonce', 'value', 'input', 'data', 'gas', 'gasLimit', 'hash', 'type', 'chainId'],
  ...['gasPrice', 'maxFeePerGas', 'maxPriorityFeePerGas', 'maxFeePerBlobGas'],
  ...['accessList', 'blobVersionedHashes', 'authorizationList'],
] as const;

/** Fields that nodes and client libraries add, which say nothing of what a transaction will do. */
export const IGNORED_FIELDS = [
  ...['blockHash', 'blockNumber', 'blockTimestamp', 'transactionIndex', 'index', 'v', 'r', 's', 'yParity', 'signature'],
  ...['typeHex', '_type', 'creates', 'publicKey', 'raw', 'standardV', 'condition', 'networkV', 'wrapperVersion'],
  ...['sourceHash', 'mint', 'isSystemTx', 'depositReceiptVersion', 'requestId', 'blobs', 'kzg', 'sidecars'],
] as const;

const KNOWN: ReadonlySet<string> = new Set<string>([...READ_FIELDS, ...IGNORED_FIELDS]);
const LIST_FIELDS: ReadonlySet<string> = new Set(['address', 'storageKeys']);
const AUTHORIZATION_FIELDS: ReadonlySet<string> = new Set([
  'chainId',
  'address',
  'contractAddress',
  'nonce',
  'yParity',
  'v',
  'r',
  's',
  'signature',
]);
const MOST_TYPE = 0x7f;

/**
 * A transaction as JSON-RPC, viem or ethers write it. Throws Problem `invalid_request` naming the field under `path`: a wrong value, an
 * unknown field, no sender, no gas limit, or two names of one field that say different things.
 */
export function readTransaction(value: unknown, index: number, path: string): Transaction {
  const json = readObject(value, path);
  refuseUnknown(json, KNOWN, path);
  const type = readType(json, path);
  return {
    index,
    hash: optional(json, 'hash', path, readHash) ?? ZERO_WORD,
    type,
    from: readAddress(json['from'], `${path}.from`),
    to: optional(json, 'to', path, readAddress),
    nonce: optional(json, 'nonce', path, readCount) ?? 0,
    valueWei: optional(json, 'value', path, readQuantity) ?? 0n,
    input: either(json, ['input', 'data'], path, readBytes) ?? '0x',
    gasLimit: either(json, ['gas', 'gasLimit'], path, readCount) ?? refuse(`${path}.gas`, 'a gas limit', undefined),
    ...readFees(json, type, path),
    accessList: readItems(json, 'accessList', path, readAccessListEntry),
    blobVersionedHashes: readItems(json, 'blobVersionedHashes', path, readHash),
    authorizationList: readItems(json, 'authorizationList', path, readAuthorization),
  };
}

type Read<Value> = (value: unknown, path: string) => Value;

function optional<Value>(json: Json, name: string, path: string, read: Read<Value>): Value | null {
  const value = json[name];
  return value === undefined || value === null ? null : read(value, `${path}.${name}`);
}

function either<Value>(json: Json, names: readonly [string, string], path: string, read: Read<Value>): Value | null {
  const [first, second] = [optional(json, names[0], path, read), optional(json, names[1], path, read)];
  if (first !== null && second !== null && first !== second) {
    throw invalid(`${path}.${names[1]}`, `says something else than ${names[0]}: leave one of them out`);
  }
  return first ?? second;
}

function readItems<Item>(json: Json, name: string, path: string, read: Read<Item>): readonly Item[] {
  const value = json[name];
  if (value === undefined || value === null) return NOTHING;
  return readList(value, `${path}.${name}`).map((item, place) => read(item, `${path}.${name}.${place}`));
}

const NOTHING: readonly never[] = [];

/** Where it is not stated the fields tell it. */
function readType(json: Json, path: string): number {
  const value = json['type'];
  if (value === undefined || value === null) {
    if (isThere(json['authorizationList'])) return 4;
    if (isThere(json['blobVersionedHashes'])) return 3;
    if (isThere(json['maxFeePerGas'])) return 2;
    return isThere(json['accessList']) ? 1 : 0;
  }
  const named = typeof value === 'string' ? TYPE_NAMES.get(value) : undefined;
  const type = named ?? readCount(value, `${path}.type`);
  return type <= MOST_TYPE ? type : refuse(`${path}.type`, 'a transaction type from 0 to 127', value);
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

type Fees = Pick<Transaction, 'gasPriceWei' | 'maxFeePerGasWei' | 'maxPriorityFeePerGasWei' | 'maxFeePerBlobGasWei'>;

/** Nodes state an effective `gasPrice` for every type: fields that the type does not have are checked and dropped. */
function readFees(json: Json, type: number, path: string): Fees {
  const gasPrice = optional(json, 'gasPrice', path, readQuantity);
  const maxFeePerGasWei = optional(json, 'maxFeePerGas', path, readQuantity);
  const maxPriorityFeePerGasWei = optional(json, 'maxPriorityFeePerGas', path, readQuantity);
  const maxFeePerBlobGas = optional(json, 'maxFeePerBlobGas', path, readQuantity);
  const hasGasPrice = type < 2 || type > 4 || maxFeePerGasWei === null;
  return {
    gasPriceWei: hasGasPrice ? gasPrice : null,
    maxFeePerGasWei: type >= 2 ? maxFeePerGasWei : null,
    maxPriorityFeePerGasWei: type >= 2 ? maxPriorityFeePerGasWei : null,
    maxFeePerBlobGasWei: type === 3 || type > 4 ? maxFeePerBlobGas : null,
  };
}

function readAccessListEntry(value: unknown, path: string): AccessListEntry {
  const json = readObject(value, path);
  refuseUnknown(json, LIST_FIELDS, path);
  const keys = json['storageKeys'];
  return {
    address: readAddress(json['address'], `${path}.address`),
    storageKeys: isThere(keys)
      ? readList(keys, `${path}.storageKeys`).map((key, place) => readKey(key, path, place))
      : [],
  };
}

function readKey(key: unknown, path: string, place: number): Hash {
  return isHash(key) ? (key.toLowerCase() as Hash) : readHash(key, `${path}.storageKeys.${place}`);
}

/** Its signature is of no use to prediction. */
function readAuthorization(value: unknown, path: string): Authorization {
  const json = readObject(value, path);
  refuseUnknown(json, AUTHORIZATION_FIELDS, path);
  const address = either(json, ['address', 'contractAddress'], path, readAddress);
  return {
    chainId: readQuantity(json['chainId'], `${path}.chainId`),
    address: address ?? refuse(`${path}.address`, 'an address', undefined),
    nonce: readQuantity(json['nonce'], `${path}.nonce`),
    yParity: 0,
    r: ZERO_WORD satisfies Hex,
    s: ZERO_WORD,
  };
}
