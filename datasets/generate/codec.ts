import type { Address, Hash, Hex } from '../../types.js';
import { bigEndian, byteLength, fromHex, joinHex, padWord, toHex, utf8, word } from './bytes.js';

/**
 * A value as the contract ABI sees it: a number or an address is one word, a list is a dynamic array, `bytes` also stands
 * for `string`, `tuple` for a struct.
 */
export type AbiValue =
  bigint | number | Hex | readonly AbiValue[] | { readonly bytes: Hex } | { readonly tuple: readonly AbiValue[] };

/** What needs Keccak-256: the ABI's selectors, storage slots of mappings, addresses of new contracts, hashes. */
export interface Codec {
  readonly keccak: (data: Hex) => Hash;
  /** Calldata of a call; `signature` is canonical, e.g. `transfer(address,uint256)`. */
  readonly call: (signature: string, values: readonly AbiValue[]) => Hex;
  /** The slot of `mapping[key]` where the mapping stands at `slot`. */
  readonly mappingSlot: (key: Hex, slot: Hash) => Hash;
  readonly createAddress: (creator: Address, nonce: number) => Address;
  /** EIP-1014. */
  readonly create2Address: (creator: Address, salt: Hash, initCodeHash: Hash) => Address;
  /** 32 bits from any text, to seed a stream of draws. */
  readonly seedOf: (label: string) => number;
  readonly addressOf: (label: string) => Address;
  readonly hashOf: (label: string) => Hash;
}

export function createCodec(keccak256: (data: Uint8Array) => Uint8Array): Codec {
  const selectors = new Map<string, Hex>();
  const keccak = (data: Hex): Hash => toHex(keccak256(fromHex(data)));
  const hashOf = (label: string): Hash => keccak(utf8(label));
  const selectorOf = (signature: string): Hex => {
    const known = selectors.get(signature) ?? shorten(hashOf(signature), 4);
    selectors.set(signature, known);
    return known;
  };
  return {
    keccak,
    hashOf,
    call: (signature, values) => joinHex(selectorOf(signature), encodeAbi(values)),
    mappingSlot: (key, slot) => keccak(joinHex(padWord(key), slot)),
    createAddress: (creator, nonce) => lastTwenty(keccak(rlpCreation(creator, nonce))),
    create2Address: (creator, salt, initCodeHash) => lastTwenty(keccak(joinHex('0xff', creator, salt, initCodeHash))),
    seedOf: (label) => Number.parseInt(hashOf(label).slice(2, 10), 16),
    addressOf: (label) => lastTwenty(hashOf(label)),
  };
}

/** The ABI encoding of a tuple of values: static parts in place, dynamic parts behind them with their offsets. */
export function encodeAbi(values: readonly AbiValue[]): Hex {
  const parts = values.map((value) => ({ dynamic: isDynamic(value), encoding: encodeValue(value) }));
  let tailOffset = parts.reduce((sum, { dynamic, encoding }) => sum + (dynamic ? 32 : byteLength(encoding)), 0);
  const heads: Hex[] = [];
  for (const { dynamic, encoding } of parts) {
    heads.push(dynamic ? word(tailOffset) : encoding);
    if (dynamic) tailOffset += byteLength(encoding);
  }
  return joinHex(...heads, ...parts.filter(({ dynamic }) => dynamic).map(({ encoding }) => encoding));
}

function encodeValue(value: AbiValue): Hex {
  if (typeof value === 'bigint' || typeof value === 'number') return word(value);
  if (typeof value === 'string') return padWord(value);
  if (isList(value)) return joinHex(word(value.length), encodeAbi(value));
  if ('tuple' in value) return encodeAbi(value.tuple);
  const bytes = byteLength(value.bytes);
  const paddedBytes = Math.ceil(bytes / 32) * 32;
  return `0x${word(bytes).slice(2)}${value.bytes.slice(2).padEnd(2 * paddedBytes, '0')}`;
}

function isDynamic(value: AbiValue): boolean {
  if (typeof value !== 'object') return false;
  if (isList(value) || 'bytes' in value) return true;
  return value.tuple.some(isDynamic);
}

function isList(value: AbiValue): value is readonly AbiValue[] {
  return Array.isArray(value);
}

function rlpCreation(creator: Address, nonce: number): Hex {
  const nonceBytes = minimalBytes(nonce);
  const payload = joinHex('0x94', creator, nonceBytes);
  return joinHex(bigEndian(0xc0 + byteLength(payload), 1), payload);
}

/** RLP of a non-negative integer. */
function minimalBytes(value: number): Hex {
  if (value === 0) return '0x80';
  if (value < 0x80) return bigEndian(value, 1);
  const bytes = Math.ceil(value.toString(16).length / 2);
  return joinHex(bigEndian(0x80 + bytes, 1), bigEndian(value, bytes));
}

function shorten(hash: Hash, bytes: number): Hex {
  return `0x${hash.slice(2, 2 + 2 * bytes)}`;
}

function lastTwenty(hash: Hash): Address {
  return `0x${hash.slice(-40)}`;
}
