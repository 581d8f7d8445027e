import type { Address, Hash, Hex } from '../../types.js';
import { invalid } from '../problem.js';

/** Checks of single values on the way of every request, as fast as may be; `schemas.ts` says the same in zod, and a test that they agree. */

export type Json = Readonly<Record<string, unknown>>;

const ADDRESS = /^0x[0-9a-f]{40}$/i;
const HASH = /^0x[0-9a-f]{64}$/i;
const BYTES = /^0x(?:[0-9a-f]{2})*$/i;
/** At most 256 bits, give or take a decimal digit. */
const QUANTITY = /^(?:0x[0-9a-f]{1,64}|[0-9]{1,78})$/i;
const SHOWN_CHARACTERS = 42;

export const EXPECTED = {
  address: 'an address: 20 bytes as hex',
  hash: '32 bytes as hex',
  bytes: 'bytes as hex: "0x" and an even number of digits',
  quantity: 'a whole number: "0x…", decimal digits as text, or a JSON number up to 2^53 - 1',
  count: 'a whole number up to 2^53 - 1',
} as const;

export function isAddress(value: unknown): value is string {
  return typeof value === 'string' && ADDRESS.test(value);
}

export function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value);
}

export function isBytes(value: unknown): value is string {
  return typeof value === 'string' && BYTES.test(value);
}

export function isQuantity(value: unknown): value is string | number {
  if (typeof value === 'string') return QUANTITY.test(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A quantity that a JavaScript number can hold. */
export function isCount(value: unknown): value is string | number {
  return isQuantity(value) && Number.isSafeInteger(Number(value));
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readAddress(value: unknown, path: string): Address {
  return isAddress(value) ? (value.toLowerCase() as Address) : refuse(path, EXPECTED.address, value);
}

export function readHash(value: unknown, path: string): Hash {
  return isHash(value) ? (value.toLowerCase() as Hash) : refuse(path, EXPECTED.hash, value);
}

export function readBytes(value: unknown, path: string): Hex {
  return isBytes(value) ? (value.toLowerCase() as Hex) : refuse(path, EXPECTED.bytes, value);
}

export function readQuantity(value: unknown, path: string): bigint {
  return isQuantity(value) ? BigInt(value) : refuse(path, EXPECTED.quantity, value);
}

export function readCount(value: unknown, path: string): number {
  return isCount(value) ? Number(value) : refuse(path, EXPECTED.count, value);
}

export function readList(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : refuse(path, 'a list', value);
}

export function readObject(value: unknown, path: string): Json {
  return isObject(value) ? value : refuse(path, 'an object', value);
}

/** Throws Problem `invalid_request` where an object has a field that is not among the known ones. */
export function refuseUnknown(value: Json, known: ReadonlySet<string>, path: string): void {
  for (const name in value) {
    if (!known.has(name)) throw invalid(`${path}.${shorten(name)}`, 'is an unknown field: leave it out');
  }
}

/** Throws Problem `invalid_request`. */
export function refuse(path: string, expected: string, value: unknown): never {
  throw invalid(
    path,
    value === undefined ? `is missing, expected ${expected}` : `expected ${expected}, got ${show(value)}`,
  );
}

function show(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'an object';
}

function shorten(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)`;
}
