import type { PredictedAccesses, PredictedConflicts } from '../../scheduler/predictor.js';
import type { Access, BlockRecord, Transaction, TransactionRecord } from '../../types.js';
import { recordOf } from '../datasets/store-records.js';

/** What a test says of a transaction; the rest is plain. */
export type Draft = Partial<Transaction> & Partial<Pick<TransactionRecord, 'gasUsed' | 'executionNs' | 'accesses'>>;

/** A recorded block of these transactions. */
export function blockOf(number: number, drafts: readonly Draft[], chainId = 1): BlockRecord {
  const plain = recordOf(
    number,
    drafts.map(() => ({})),
    { chainId },
  );
  const transactions = plain.transactions.map((record, index): TransactionRecord => {
    const { gasUsed, executionNs = null, accesses = [], ...transaction } = drafts[index] ?? {};
    return {
      ...record,
      gasUsed: gasUsed ?? record.gasUsed,
      executionNs,
      accesses,
      transaction: { ...record.transaction, ...transaction },
    };
  });
  return { ...plain, transactions };
}

export function withAccesses(accesses: readonly (readonly Access[])[]): BlockRecord {
  return blockOf(
    1,
    accesses.map((list) => ({ accesses: list })),
  );
}

export async function* streamOf<Block>(blocks: readonly Block[]): AsyncGenerator<Block> {
  for (const block of blocks) yield await Promise.resolve(block);
}

/** [earlier, later] of every pair. */
export function pairsIn({ offsets, earlier }: Pick<PredictedConflicts, 'offsets' | 'earlier'>): [number, number][] {
  return Array.from(offsets.subarray(1)).flatMap((end, later) =>
    Array.from(earlier.subarray(offsets[later], end), (index): [number, number] => [index, later]),
  );
}

/** The pairs as rows; what is no pair of the block is left out. */
export function rowsOf(
  transactions: number,
  pairs: readonly (readonly [earlier: number, later: number, probability: number])[],
): PredictedConflicts {
  const sorted = pairs.toSorted((a, b) => a[1] - b[1] || a[0] - b[0]);
  const offsets = Array.from(
    { length: transactions + 1 },
    (_, row) => sorted.filter(([, later]) => later < row).length,
  );
  return {
    offsets: Uint32Array.from(offsets),
    earlier: Uint32Array.from(sorted, ([earlier]) => earlier),
    probability: Float32Array.from(sorted, ([, , probability]) => probability),
  };
}

/** By transaction: `address slot touch write` of each key. */
export function describeAccesses(accesses: PredictedAccesses): string[][] {
  return Array.from(accesses.offsets.subarray(1)).map((end, row) =>
    Array.from({ length: end - (accesses.offsets[row] ?? 0) }, (_, position) => {
      const entry = (accesses.offsets[row] ?? 0) + position;
      const key = accesses.keys[accesses.keyIndices[entry] ?? -1];
      const [address, slot] = [key?.address ?? '', key?.slot ?? null];
      const probabilities = [accesses.readProbability[entry], accesses.writeProbability[entry]].join(' ');
      return `${shorten(address)} ${slot === null ? 'account' : shorten(slot)} ${probabilities}`;
    }),
  );
}

function shorten(hex: string): string {
  return hex.replace(/^0x0*(?=.)/, '');
}
