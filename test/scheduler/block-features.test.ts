import { describe, expect, it } from 'vitest';
import { describeBlock, type BlockFeatures } from '../../scheduler/block-features.js';
import type { Address, Transaction } from '../../types.js';
import { transaction } from '../model/transactions.js';

function addressOf(number: number): Address {
  return `0x${number.toString(16).padStart(40, '0')}`;
}

function featuresOf(count: number, draft: (index: number) => Partial<Transaction>): BlockFeatures {
  return describeBlock({
    ...{ chainId: 1, number: 1, feeRecipient: addressOf(0), recipientCodeHashes: new Map() },
    transactions: Array.from({ length: count }, (_, index) => transaction({ index, ...draft(index) })),
  });
}

const calls = (index: number): Partial<Transaction> => ({
  ...{ from: addressOf(index + 1), to: addressOf(0x1000 + index) },
  input: '0xa9059cbb',
});

describe('a look at a block', () => {
  it('says nothing of an empty one', () => {
    expect(featuresOf(0, calls)).toMatchObject({ transactions: 0, callShare: 0, senderShare: 0, contractShare: 0 });
  });

  it('counts calls and creations', () => {
    const drafts = [calls(0), { input: '0x' as const }, { to: null }, { input: '0x' as const }];
    expect(featuresOf(4, (index) => drafts[index] ?? {}).callShare).toBe(0.5);
  });

  it('finds who dominates', () => {
    const features = featuresOf(50, (index) => ({
      ...calls(index),
      ...(index % 2 === 0 ? { from: addressOf(7) } : {}),
    }));
    expect(features.senderShare).toBeCloseTo(0.5, 1);
    expect(features.contractShare).toBeLessThan(0.1);
  });

  it('takes a sample of a large block', () => {
    const features = featuresOf(5_000, (index) => ({
      ...calls(index),
      ...(index < 2_500 ? { to: addressOf(9) } : {}),
    }));
    expect(features.transactions).toBe(5_000);
    expect(features.contractShare).toBeCloseTo(0.5, 1);
  });

  it('tells kinds apart by size, by calls, by a dominant sender and by a dominant contract', () => {
    const kinds = [
      featuresOf(100, calls),
      featuresOf(2_000, calls),
      featuresOf(100, (index) => ({ ...calls(index), input: '0x' })),
      featuresOf(100, (index) => ({ ...calls(index), from: addressOf(1) })),
      featuresOf(100, (index) => ({ ...calls(index), to: addressOf(1) })),
      featuresOf(100, (index) => ({ ...calls(index), to: addressOf(2) })),
    ].map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  it('puts similar blocks together', () => {
    expect(featuresOf(100, calls).kind).toBe(featuresOf(120, (index) => calls(index + 500)).kind);
  });
});
