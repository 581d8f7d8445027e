import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corrupted, CorruptedHints } from '../../bench/policies/corrupted-hints.js';
import { compressRows } from '../../scheduler/rows.js';
import type { BlockHints, HintSource, PendingBlock } from '../../scheduler/predictor.js';
import type { BlockRecord } from '../../types.js';

/** Transaction i touches keys that no other touches, with probabilities that tell them apart. */
function hintsOfSizes(sizes: readonly number[]): BlockHints {
  const rows = compressRows(
    sizes.map((size, index) => Array.from({ length: size }, (_, place) => 100 * index + place)),
  );
  const by = (divisor: number): Float32Array => Float32Array.from(rows.indices, (key) => (key % 100) / divisor);
  return {
    ...{ offsets: rows.offsets, keys: Uint32Array.from(rows.indices), keyCount: 100 * sizes.length },
    ...{ read: by(100), write: by(200), add: by(400) },
    conflicts: {
      offsets: new Uint32Array(sizes.length + 1),
      earlier: new Uint32Array(),
      probability: new Float32Array(),
    },
    costs: Float64Array.from(sizes, (_, index) => index + 1),
  };
}

/** Keys and probabilities of a transaction. */
function rowOf({ offsets, keys, read, write, add }: BlockHints, index: number): number[][] {
  const [start, end] = [offsets[index] ?? 0, offsets[index + 1] ?? 0];
  return [keys, read, write, add].map((values) => [...values.subarray(start, end)]);
}

function countReplaced(before: BlockHints, after: BlockHints): number {
  const indices = [...before.costs.keys()];
  return indices.filter((index) => JSON.stringify(rowOf(before, index)) !== JSON.stringify(rowOf(after, index))).length;
}

const sizes = Array.from({ length: 400 }, (_, index) => 1 + (index % 4));
const hints = hintsOfSizes(sizes);

describe('corrupted hints', () => {
  it('replace the keys of as many transactions as they say, with their probabilities', () => {
    for (const percent of [10, 25, 50]) {
      const replaced = countReplaced(hints, corrupted(hints, { percent, seed: 1 }));
      // Four standard deviations of the binomial.
      const slack = 4 * Math.sqrt((percent / 100) * (1 - percent / 100) * sizes.length);
      expect(Math.abs(replaced - (percent / 100) * sizes.length)).toBeLessThan(slack);
    }
    expect(countReplaced(hints, corrupted(hints, { percent: 0, seed: 1 }))).toBe(0);
    expect(countReplaced(hints, corrupted(hints, { percent: 100, seed: 1 }))).toBe(sizes.length);
  });

  it('keep costs and say nothing of pairs, which are known of the right keys only', () => {
    const wrong = corrupted(hints, { percent: 50, seed: 1 });
    expect(wrong.costs).toEqual(hints.costs);
    expect(wrong.keyCount).toBe(hints.keyCount);
    expect(wrong.conflicts).toBeNull();
  });

  it('give each transaction its own row or all of that of another one', () => {
    const arbitrary = fc.record({
      sizes: fc.array(fc.nat(5), { maxLength: 30 }),
      percent: fc.nat(100),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(arbitrary, ({ sizes: rowSizes, percent, seed }) => {
        const right = hintsOfSizes(rowSizes);
        const wrong = corrupted(right, { percent, seed });
        const rows = rowSizes.map((_, index) => JSON.stringify(rowOf(right, index)));
        expect(wrong.offsets).toHaveLength(rowSizes.length + 1);
        expect(wrong.offsets.at(-1)).toBe(wrong.keys.length);
        rowSizes.forEach((_, index) => {
          expect(rows).toContain(JSON.stringify(rowOf(wrong, index)));
        });
      }),
    );
  });

  it('leave a single transaction as it is, as there is no other', () => {
    const single = hintsOfSizes([3]);
    expect(rowOf(corrupted(single, { percent: 100, seed: 1 }), 0)).toEqual(rowOf(single, 0));
  });
});

describe('a source of corrupted hints', () => {
  const pending = (number: number): PendingBlock => ({
    ...{ chainId: 1, number, feeRecipient: '0x00', recipientCodeHashes: new Map(), transactions: [] },
  });

  class FixedHints implements HintSource {
    readonly asked: string[] = [];

    prepare(): void {
      this.asked.push('prepare');
    }

    hint(): BlockHints {
      return hints;
    }

    learn(): void {
      this.asked.push('learn');
    }
  }

  it('replaces other transactions in other blocks, and the same ones where it is asked again', () => {
    const source = new CorruptedHints(new FixedHints(), { percent: 25, seed: 7 });
    expect(source.hint(pending(5))).toEqual(source.hint(pending(5)));
    expect(source.hint(pending(5)).keys).not.toEqual(source.hint(pending(6)).keys);
  });

  it('passes hints on untouched at 0 %, and follows a change', () => {
    const source = new CorruptedHints(new FixedHints(), { percent: 0, seed: 7 });
    expect(source.hint(pending(5))).toBe(hints);
    source.percent = 100;
    expect(countReplaced(hints, source.hint(pending(5)))).toBe(sizes.length);
  });

  it('prepares and learns as the right ones do', () => {
    const right = new FixedHints();
    const source = new CorruptedHints(right, { percent: 100, seed: 7 });
    source.prepare(pending(5));
    source.learn({} as BlockRecord);
    expect(right.asked).toEqual(['prepare', 'learn']);
  });
});
