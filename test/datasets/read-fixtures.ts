import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readBlock, readBlocks, type ReadOutcome } from '../../datasets/read.js';
import { InputError } from '../../errors.js';
import type { BlockRecord, BlockSnapshot } from '../../types.js';

export type JsonObject = Record<string, unknown>;

export const ORIGIN = 'fixture.json';
export const MINER = `0x${'11'.repeat(20)}` as const;
export const SENDER = `0x${'22'.repeat(20)}` as const;
export const TOKEN = `0x${'33'.repeat(20)}` as const;
export const PAYEE = `0x${'44'.repeat(20)}` as const;
export const EMPTY_CODE_HASH = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470';
export const CODE_HASH = word(0xc0de);

/** A small number as 32 bytes of hex. */
export function word(value: number): `0x${string}` {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

const HEADER = {
  number: '0x64',
  hash: word(100),
  parentHash: word(99),
  miner: MINER,
  timestamp: '0x5f5e100',
  gasLimit: '0x1c9c380',
  gasUsed: '0xa410',
};

const LEGACY = { from: SENDER, value: '0x0', gas: '0xea60', gasPrice: '0xa', input: '0x' };
const TRANSFER = {
  ...LEGACY,
  hash: word(1),
  transactionIndex: '0x0',
  type: '0x0',
  to: PAYEE,
  nonce: '0x7',
  value: '0x5',
};
const CALL = {
  ...LEGACY,
  hash: word(2),
  transactionIndex: '0x1',
  type: '0x0',
  to: TOKEN,
  nonce: '0x8',
  input: '0xa9059cbb',
};

/** A block of two transactions as a snapshot: a plain transfer and a call of a contract with one slot. */
export function snapshotJson(): JsonObject {
  return structuredClone({
    chainId: 1,
    fork: 'istanbul',
    block: { ...HEADER, difficulty: '0x20000', transactions: [TRANSFER, CALL] },
    preState: {
      [SENDER]: { balance: '0xde0b6b3a7640000', nonce: 7 },
      [TOKEN]: { balance: '0x0', nonce: 1, code: '0x6001600055', storage: { [word(0)]: word(9) } },
    },
    blockHashes: { '99': word(99) },
  });
}

/** The same block as a tracer shows it: the call sets the contract's slot 0 from 9 to 1. */
export function tracerJson(): JsonObject {
  const account = (balance: string, nonce: number, codeHash: string = EMPTY_CODE_HASH): JsonObject => {
    return { balance, nonce, codeHash };
  };
  const token = { ...account('0x0', 1, CODE_HASH), storage: { [word(0)]: word(9) } };
  return structuredClone({
    chainId: 1,
    block: { ...HEADER, transactions: [TRANSFER, CALL] },
    receipts: [
      { transactionHash: word(1), transactionIndex: '0x0', gasUsed: '0x5208', status: '0x1', logs: [] },
      {
        transactionHash: word(2),
        transactionIndex: '0x1',
        gasUsed: '0x5208',
        status: '0x0',
        logs: [{ address: TOKEN, topics: [word(5)], data: '0xAB' }],
      },
    ],
    prestateTracer: [
      {
        txHash: word(1),
        result: { [SENDER]: account('0x64', 7), [PAYEE]: account('0x0', 0), [MINER]: account('0x1', 3) },
      },
      { txHash: word(2), result: { [SENDER]: account('0x50', 8), [TOKEN]: token, [MINER]: account('0x2', 3) } },
    ],
    prestateTracerDiff: [
      {
        txHash: word(1),
        result: {
          pre: { [SENDER]: { balance: '0x64', nonce: 7 }, [MINER]: { balance: '0x1', nonce: 3 } },
          post: { [SENDER]: { balance: '0x50', nonce: 8 }, [PAYEE]: { balance: '0x5' }, [MINER]: { balance: '0x2' } },
        },
      },
      {
        txHash: word(2),
        result: {
          pre: { [SENDER]: { balance: '0x50', nonce: 8 }, [TOKEN]: { storage: { [word(0)]: word(9) } } },
          post: { [SENDER]: { balance: '0x40', nonce: 9 }, [TOKEN]: { storage: { [word(0)]: word(1) } } },
        },
      },
    ],
  });
}

/** Sets the field at a dotted path, or removes it where the value is undefined. Returns the document. */
export function change(document: JsonObject, path: string, value: unknown): JsonObject {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce((json, name) => json[name] as JsonObject, document);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return document;
}

export function readSnapshotJson(json: unknown): BlockSnapshot {
  const block = readBlock(json, ORIGIN);
  if (block.kind !== 'snapshot') throw new Error('expected a snapshot');
  return block;
}

export function readTracerJson(json: unknown): BlockRecord {
  const block = readBlock(json, ORIGIN);
  if (block.kind !== 'record') throw new Error('expected a record');
  return block;
}

/** The InputError that reading the document throws. */
export function readingError(json: unknown): InputError {
  try {
    readBlock(json, ORIGIN);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('expected an InputError');
}

/** A folder with these files, removed after the test. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'lanecast-read-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

export async function readAll(path: string): Promise<ReadOutcome[]> {
  const outcomes: ReadOutcome[] = [];
  for await (const outcome of readBlocks(path)) outcomes.push(outcome);
  return outcomes;
}
