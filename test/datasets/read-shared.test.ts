import { beforeAll, describe, expect, it } from 'vitest';
import { readBlock, readBlocks } from '../../datasets/read.js';
import { snapshotToJson } from '../../datasets/snapshot.js';
import type { Access, BlockRecord, BlockSnapshot, SourceBlock, TransactionRecord } from '../../types.js';
import { hasSharedData, sharedData } from '../shared-data.js';

async function readAllBlocks(folder: string): Promise<SourceBlock[]> {
  const blocks: SourceBlock[] = [];
  for await (const outcome of readBlocks(sharedData(folder))) {
    if (!outcome.ok) throw outcome.error;
    blocks.push(outcome.block);
  }
  return blocks;
}

function isRecord(block: SourceBlock): block is BlockRecord {
  return block.kind === 'record';
}

function isSnapshot(block: SourceBlock): block is BlockSnapshot {
  return block.kind === 'snapshot';
}

/**
 * Gas of a block over the gas of its critical path: a transaction starts when the last earlier writer of anything it
 * reads has finished. An added balance counts as read and written; code and the fee recipient's account are left out.
 */
function boundByCriticalPath({ header, transactions }: BlockRecord): number {
  const finishedGas = new Map<string, number>();
  const keysOf = (accesses: readonly Access[], kind: 'read' | 'write'): string[] =>
    accesses
      .filter((access) => access.kind === kind || access.kind === 'add')
      .filter(({ field, address }) => field === 'slot' || (field === 'account' && address !== header.feeRecipient))
      .map(({ address, slot }) => `${address} ${slot ?? ''}`);
  let [totalGas, criticalGas] = [0, 0];
  for (const { accesses, gasUsed } of transactions) {
    const startGas = Math.max(0, ...keysOf(accesses, 'read').map((key) => finishedGas.get(key) ?? 0));
    for (const key of keysOf(accesses, 'write')) {
      finishedGas.set(key, Math.max(finishedGas.get(key) ?? 0, startGas + gasUsed));
    }
    totalGas += gasUsed;
    criticalGas = Math.max(criticalGas, startGas + gasUsed);
  }
  return totalGas / criticalGas;
}

describe.skipIf(!hasSharedData)('the 50 mainnet blocks', () => {
  it('read, from Frontier to Cancun, and read back what is written of them', async () => {
    const blocks = (await readAllBlocks('mainnet-blocks')).filter(isSnapshot);
    expect(blocks).toHaveLength(50);
    expect(blocks.map(({ header }) => header.number)).toEqual(
      blocks.map(({ header }) => header.number).sort((a, b) => a - b),
    );
    expect(blocks.flatMap(({ transactions }) => transactions)).toHaveLength(10_082);
    expect(new Set(blocks.map(({ fork }) => fork)).size).toBe(16);
    for (const block of blocks) expect(readBlock(snapshotToJson(block), block.origin)).toEqual(block);
  });
});

describe.skipIf(!hasSharedData)('the 24 traced mainnet blocks', () => {
  let blocks: BlockRecord[] = [];
  let transactions: TransactionRecord[] = [];
  beforeAll(async () => {
    blocks = (await readAllBlocks('mainnet-traces')).filter(isRecord);
    transactions = blocks.flatMap((block) => [...block.transactions]);
  });

  it('read', () => {
    expect(blocks.map(({ header }) => header.number)).toEqual(
      Array.from({ length: 24 }, (_, index) => 15_000_001 + index),
    );
    expect(transactions).toHaveLength(5_261);
    for (const block of blocks) {
      const gasUsed = block.transactions.reduce((sum, record) => sum + record.gasUsed, 0);
      expect(gasUsed).toBe(block.header.gasUsed);
    }
  });

  it('hold these numbers of accesses', () => {
    const counts = new Map<string, number>();
    for (const { field, kind } of transactions.flatMap(({ accesses }) => accesses)) {
      counts.set(`${field} ${kind}`, (counts.get(`${field} ${kind}`) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({
      'slot read': 31_927,
      'slot write': 11_858,
      'account read': 14_153,
      'account write': 6_404,
      'account add': 7_304,
      'code read': 7_751,
      'code write': 29,
    });
  });

  it('read the values that the last write before them left, from block to block', () => {
    const current = new Map<string, string>();
    const broken: string[] = [];
    let followed = 0;
    for (const { header, transactions: records } of blocks) {
      for (const { accesses } of records) {
        const slots = accesses.filter(({ field }) => field === 'slot');
        for (const { address, slot, kind, value } of slots.filter((access) => access.kind === 'read')) {
          const key = `${address} ${slot ?? ''}`;
          const known = current.get(key);
          if (known !== undefined) followed += 1;
          if (value === null || (known ?? value) !== value) broken.push(`block ${header.number}: ${kind} ${key}`);
          current.set(key, value ?? '');
        }
        for (const { address, slot, value } of slots.filter((access) => access.kind === 'write')) {
          current.set(`${address} ${slot ?? ''}`, value ?? '');
        }
      }
    }
    expect(broken).toEqual([]);
    expect(followed).toBeGreaterThan(10_000);
  });

  it('state the code hash of every account whose code is read, and the same in each block', () => {
    const hashes = new Map<string, string>();
    for (const { codeHashes, transactions: records } of blocks) {
      for (const [address, hash] of codeHashes) {
        expect(hashes.get(address) ?? hash).toBe(hash);
        hashes.set(address, hash);
      }
      for (const { accesses } of records) {
        const written = new Set(
          accesses.filter(({ kind }) => kind === 'write').map(({ field, address }) => field + address),
        );
        const read = accesses.filter(({ field, address }) => field === 'code' && !written.has(field + address));
        expect(read.filter(({ address }) => !codeHashes.has(address))).toEqual([]);
      }
    }
  });

  it('have the critical paths that were measured on them independently', () => {
    const bounds = blocks.map(boundByCriticalPath);
    expect(bounds.reduce((sum, bound) => sum + bound, 0) / bounds.length).toBeCloseTo(5.188_276, 6);
    expect(Math.min(...bounds)).toBeCloseTo(1.468_104, 6);
    expect(Math.max(...bounds)).toBeCloseTo(11.506_627, 6);
  });
});
