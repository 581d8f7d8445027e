import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { snapshotToJson } from '../../datasets/snapshot.js';
import { createReferenceExecutor } from '../../executor/reference/index.js';
import type { BlockSnapshot, Fork, Transaction } from '../../types.js';
import { CONTRACT, OTHER, account, code, push, slotOf, snapshotOf } from '../executor/reference/snapshots.js';

const SLOAD = 0x54;
const ADD = 0x01;
const SSTORE = 0x55;

/** A contract that counts its calls: every call depends on the one before. */
const COUNTER = account(code(push(1), push(0), SLOAD, ADD, push(0), SSTORE));

/** A block of calls of one counter and payments, by different senders in turn, with the header that its execution gives. */
export async function soundBlock(
  number: number,
  fields: Partial<Transaction> = {},
  fork: Fork = 'prague',
  turns = 1,
): Promise<BlockSnapshot> {
  const senders = [1, 2, 3, 4].map((byte) => `0x${`a${byte}`.repeat(20)}` as const);
  const plain = snapshotOf({
    fork,
    accounts: { [CONTRACT]: COUNTER, ...Object.fromEntries(senders.map((sender) => [sender, account()])) },
    transactions: Array.from({ length: turns * senders.length }, (_, index) => ({
      from: senders[index % senders.length] ?? OTHER,
      nonce: Math.floor(index / senders.length),
      hash: slotOf(index),
      ...(index % 2 === 0 ? { to: CONTRACT } : { to: OTHER, valueWei: 1n }),
      ...fields,
    })),
  });
  const block = { ...plain, header: { ...plain.header, number, hash: slotOf(number), parentHash: slotOf(number - 1) } };
  const { gasUsed, receiptsRoot, logsBloom } = await createReferenceExecutor().execute(block);
  return { ...block, header: { ...block.header, gasUsed, receiptsRoot, logsBloom } };
}

/** Writes blocks as NUMBER.json and answers the folder. */
export function writeBlocks(folder: string, ...blocks: readonly BlockSnapshot[]): string {
  mkdirSync(folder, { recursive: true });
  for (const block of blocks) {
    writeFileSync(join(folder, `${block.header.number}.json`), JSON.stringify(snapshotToJson(block)));
  }
  return folder;
}
