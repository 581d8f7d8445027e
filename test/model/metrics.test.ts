import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Classification } from '../../model/evaluation/classification.js';
import { BinaryCounts, RankedScores, Reliability } from '../../model/evaluation/metrics.js';
import { pinballLoss, QuantityErrors } from '../../model/evaluation/quantity.js';

interface Item {
  readonly score: number;
  readonly actual: boolean;
}

/** Σ over thresholds, descending, of recall gained times precision: the definition. */
function averagePrecisionByDefinition(items: readonly Item[], misses: number): number | null {
  const positives = items.filter(({ actual }) => actual).length + misses;
  if (positives === 0) return null;
  let [area, recallBefore] = [0, 0];
  for (const threshold of [...new Set(items.map(({ score }) => score))].sort((a, b) => b - a)) {
    const taken = items.filter(({ score }) => score >= threshold);
    const hits = taken.filter(({ actual }) => actual).length;
    area += (hits / positives - recallBefore) * (hits / taken.length);
    recallBefore = hits / positives;
  }
  return area;
}

function rank(items: readonly Item[], misses: number): RankedScores {
  const ranked = new RankedScores();
  for (const { score, actual } of items) ranked.add(score, actual);
  ranked.miss(misses);
  return ranked;
}

const anyItems = fc.array(fc.record({ score: fc.constantFrom(0.1, 0.3, 0.5, 0.9, 1), actual: fc.boolean() }), {
  maxLength: 20,
});

describe('average precision', () => {
  it('is what its definition says, whatever the order, ties and misses', () => {
    fc.assert(
      fc.property(anyItems, fc.nat({ max: 3 }), (items, misses) => {
        const expected = averagePrecisionByDefinition(items, misses);
        const [found, reversed] = [items, items.toReversed()].map((list) => rank(list, misses).averagePrecision());
        expect(found === undefined || found === null ? null : found.toFixed(9)).toEqual(expected?.toFixed(9) ?? null);
        expect(reversed).toEqual(found);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('lets no rank recall what was never scored', () => {
    expect(rank([{ score: 1, actual: true }], 3).averagePrecision()).toBe(0.25);
  });

  it('is the same of blocks merged as of all at once', () => {
    const [first, second] = [rank([{ score: 0.5, actual: true }], 1), rank([{ score: 0.5, actual: false }], 0)];
    first.merge(second);
    expect(first.averagePrecision()).toBe(0.25);
  });
});

describe('binary scores', () => {
  it('have no precision without predictions and no recall without truths', () => {
    const counts = new BinaryCounts();
    expect(counts.scores()).toMatchObject({ precision: null, recall: null, f1: null });
    counts.miss(2);
    expect(counts.scores()).toMatchObject({ precision: null, recall: 0, f1: 0, falseNegatives: 2 });
  });

  it('count a single-precision probability at the threshold as a yes', () => {
    const scores = new Classification(0.7);
    scores.add(Math.fround(0.7), true);
    expect(scores.endBlock()).toMatchObject({ precision: 1, recall: 1 });
  });
});

describe('calibration', () => {
  it('weighs ten bins by their count and leaves out what is below 0.05', () => {
    const reliability = new Reliability();
    reliability.add(0.01, true);
    for (const actual of [true, false, false, false]) reliability.add(0.25, actual);
    for (const actual of [true, false]) reliability.add(1, actual);
    expect(reliability.error()).toBeCloseTo((4 * 0 + 2 * 0.5) / 6, 12);
    expect(reliability.table()[2]).toEqual({ from: 0.2, to: 0.3, count: 4, meanProbability: 0.25, frequency: 0.25 });
    expect(reliability.table()[9]).toMatchObject({ count: 2, frequency: 0.5 });
    expect(reliability.table()[0]).toMatchObject({ count: 0, frequency: null });
  });

  it('is unknown without predictions', () => {
    expect(new Reliability().error()).toBeNull();
  });
});

describe('averages over blocks', () => {
  it('take each block in which a metric is defined as one', () => {
    const scores = new Classification(0.5);
    scores.add(1, true);
    scores.endBlock();
    scores.miss(1);
    scores.endBlock();
    scores.endBlock();
    expect(scores.scores()).toMatchObject({ precision: 1, recall: 0.5 });
    expect(scores.scores().macro).toEqual({ precision: 1, recall: 0.5, f1: 0.5, prAuc: 0.5 });
  });
});

describe('errors of a quantity', () => {
  const levels = [0.25, 0.5, 0.75];

  it('are those of the median, and of all levels for pinball and coverage', () => {
    const errors = new QuantityErrors();
    const values = Float64Array.of(5, 10, 15, 0, 1, 2);
    errors.add(20, { levels, values }, 0);
    errors.add(0, { levels, values }, 1);
    expect(errors.scores()).toEqual({
      count: 2,
      mae: (10 + 1) / 2,
      mape: 0.5,
      pinball: (15 * 0.25 + 10 * 0.5 + 5 * 0.75 + 0 + 0.5 + 2 * 0.25) / 6,
      coverage: 0.5,
      nominalCoverage: 0.5,
      levels,
    });
  });

  it('have least pinball loss at the quantile', () => {
    const values = [1, 2, 3, 4, 100];
    const lossAt = (quantile: number): number => values.reduce((sum, y) => sum + pinballLoss(y, quantile, 0.5), 0);
    for (const other of [1, 2, 4, 22, 100]) expect(lossAt(3)).toBeLessThan(lossAt(other));
  });

  it('refuse levels without a median, and levels that change', () => {
    const errors = new QuantityErrors();
    expect(() => errors.add(1, { levels: [0.1, 0.9], values: Float64Array.of(1, 2) }, 0)).toThrow(/0\.5 among them/);
    errors.add(1, { levels: [0.5], values: Float64Array.of(1) }, 0);
    expect(() => errors.add(1, { levels, values: Float64Array.of(1, 2, 3) }, 0)).toThrow(/levels changed/);
  });
});
