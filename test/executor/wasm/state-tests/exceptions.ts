import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What the engine calls the exceptions that the tests expect. */
const ENGINE_NAMES: Readonly<Record<string, string>> = {
  GAS_ALLOWANCE_EXCEEDED: 'INVALID_BLOCK_GAS',
  INITCODE_SIZE_EXCEEDED: 'INVALID_INITCODE',
  INSUFFICIENT_ACCOUNT_FUNDS: 'INVALID_FUNDS',
  INSUFFICIENT_MAX_FEE_PER_GAS: 'INVALID_FEE_CAP',
  INTRINSIC_GAS_TOO_LOW: 'INVALID_INTRINSIC_GAS',
  NONCE_IS_MAX: 'INVALID_NONCE_LIMIT',
  SENDER_NOT_EOA: 'INVALID_SENDER_CODE',
  TYPE_3_TX_BLOB_COUNT_EXCEEDED: 'INVALID_BLOBS',
  TYPE_3_TX_CONTRACT_CREATION: 'INVALID_BLOBS',
  TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH: 'INVALID_BLOBS',
  TYPE_3_TX_ZERO_BLOBS: 'INVALID_BLOBS',
};

/** The engine's errors by number. */
export type EngineErrors = ReadonlyMap<number, string>;

export function readEngineErrors(): EngineErrors {
  const path = resolve(import.meta.dirname, '../../../../executor/engine/assembly/layout.ts');
  const definitions = readFileSync(path, 'utf8').matchAll(/^export const ((?:INVALID|ENGINE)_\w+): u32 = (\d+);/gm);
  return new Map([...definitions].map(([, name = '', number]) => [Number(number), name]));
}

/** The name of the error whose number ends the message. */
export function engineErrorOf(message: string, errors: EngineErrors): string | undefined {
  const number = /\(error (\d+)\)/.exec(message)?.[1];
  return number === undefined ? undefined : errors.get(Number(number));
}

/** The errors by which the engine may refuse a transaction of that `expectException`. */
export function acceptedErrors(expectException: string): readonly string[] {
  return expectException.split('|').map((name) => {
    const error = ENGINE_NAMES[name.replace('TransactionException.', '')];
    if (error === undefined) throw new Error(`an exception that the engine has no name for: ${name}`);
    return error;
  });
}
