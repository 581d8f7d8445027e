import { describe, expect, it } from 'vitest';
import { runPool, type PoolSizing } from '../../bench/forecast/pool-sizing.js';
import type { BlockSeries } from '../../datasets/series/series.js';

/** Blocks of so much gas, twelve seconds apart, that four workers at most shorten. */
function seriesOf(gasUsed: readonly number[]): BlockSeries {
  const column = (value: (index: number) => number): Float64Array =>
    Float64Array.from(gasUsed, (_, index) => value(index));
  return {
    ...{ origin: 'a test', length: gasUsed.length, unknownColumns: [] },
    ...{ number: column((index) => index), timestampSeconds: column((index) => 12 * index) },
    ...{ baseFeePerGasWei: column(() => 1), gasLimit: column(() => 1e9), gasUsed: Float64Array.from(gasUsed) },
    ...{ transactionCount: column(() => 1), excessBlobGas: null, blobGasUsed: null },
    ...{ conflictDensity: null, parallelism: column(() => 4) },
  };
}

function sized(workers: number): PoolSizing {
  return { name: `${workers}`, observe: () => undefined, next: () => workers };
}

const SETTINGS = { maxWorkers: 8, nsPerGas: 1, idleSeconds: 12, warmUp: 0 };
const [SMALL, LARGE] = [1e5, 8e6];

describe('a pool that is sized for a series', () => {
  it('is short of threads after calm where nothing is started ahead', () => {
    const outcome = runPool(seriesOf([LARGE, LARGE, SMALL, SMALL, LARGE]), sized(1), SETTINGS);
    expect(outcome.shortShare).toBeCloseTo(2 / 5, 9);
    expect(outcome.latencyMs.max).toBe(8);
    expect(outcome.latencyMs.p50).toBe(2);
  });

  it('is never short of threads that are always up', () => {
    const outcome = runPool(seriesOf([LARGE, SMALL, SMALL, LARGE]), sized(8), { ...SETTINGS, warmUp: 1 });
    expect(outcome).toMatchObject({ blocks: 3, shortShare: 0, meanThreads: 7 });
    expect(outcome.latencyMs.max).toBe(2);
  });

  it('gives blocks no more workers than shorten them', () => {
    const outcome = runPool(seriesOf([LARGE, LARGE, SMALL]), sized(1), SETTINGS);
    expect(outcome.meanThreads).toBeCloseTo((0 + 3 + 3) / 3, 9);
    expect(outcome.latencyMs.p50).toBe(2);
  });
});
