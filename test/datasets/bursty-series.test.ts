import { describe, expect, it } from 'vitest';
import { burstySeries } from '../../datasets/generate/bursty-series.js';

interface Block {
  readonly baseFeePerGasWei: number;
  readonly gasUsed: number;
  readonly gasLimit: number;
}

function nextBaseFee({ baseFeePerGasWei, gasUsed, gasLimit }: Block): number {
  return Math.round(baseFeePerGasWei * (1 + (gasUsed / (gasLimit / 2) - 1) / 8));
}

function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (const [index, value] of a.entries()) {
    const other = (b[index] ?? 0) - meanB;
    both += (value - meanA) * other;
    ofA += (value - meanA) ** 2;
    ofB += other ** 2;
  }
  return both / Math.sqrt(ofA * ofB);
}

describe('a bursty series', () => {
  const series = burstySeries({ blocks: 6_000, seed: 5, nextBaseFee });

  it('is the same for the same seed, and another for another', () => {
    expect(burstySeries({ blocks: 6_000, seed: 5, nextBaseFee })).toEqual(series);
    expect(burstySeries({ blocks: 6_000, seed: 6, nextBaseFee }).gasUsed).not.toEqual(series.gasUsed);
  });

  it('has fees by the rule, and consecutive blocks that fit their limit', () => {
    for (let index = 1; index < series.length; index++) {
      const before = index - 1;
      const parent = {
        baseFeePerGasWei: series.baseFeePerGasWei[before] ?? 0,
        gasUsed: series.gasUsed[before] ?? 0,
        gasLimit: series.gasLimit[before] ?? 0,
      };
      expect(series.number[index]).toBe((series.number[before] ?? 0) + 1);
      expect(series.baseFeePerGasWei[index]).toBe(nextBaseFee(parent));
      expect(parent.gasUsed).toBeLessThanOrEqual(parent.gasLimit);
    }
  });

  it('is half full on average, and full now and then', () => {
    const fullness = series.gasUsed.map((gas, index) => gas / (series.gasLimit[index] ?? 1));
    const mean = fullness.reduce((sum, value) => sum + value, 0) / fullness.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
    expect(fullness.filter((value) => value === 1).length).toBeGreaterThan(30);
  });

  it('has less parallelism where conflicts are many', () => {
    const { conflictDensity, parallelism } = series;
    if (conflictDensity === null || parallelism === null) throw new Error('both are there');
    expect(correlation(conflictDensity, parallelism)).toBeLessThan(-0.3);
    expect(Math.min(...parallelism)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...conflictDensity)).toBeLessThan(1);
  });

  it('is refused without blocks', () => {
    expect(() => burstySeries({ blocks: 0, seed: 1, nextBaseFee })).toThrow(/from 1/);
  });
});
