import { describe, expect, it } from 'vitest';
import type { ObservedBlock } from '../../../model/forecast/load-forecaster.js';
import { WorkerForecast } from '../../../model/forecast/worker-forecast.js';
import type { LoadHeader } from '../../../scheduler/forecast.js';

const HEADER: LoadHeader = { number: 7, timestampSeconds: 84, gasLimit: 100, gasUsed: 40, baseFeePerGasWei: 9n };
const LOAD = { gasUsed: 40, transactions: 20, workers: 4 };

/** Foresees the same fullness always: 0.05 below, and 0.8 at the quantile that counts. */
function forecasting(horizons: readonly number[], knows = true): { seen: ObservedBlock[]; forecast: WorkerForecast } {
  const seen: ObservedBlock[] = [];
  const forecast = new WorkerForecast({
    horizons,
    observe: (block) => seen.push(block),
    read: (target, horizon, quantiles) => {
      quantiles.fill(target === 'gasUsedRatio' && horizon === 1 ? 0.05 : NaN);
      quantiles[17] = 0.8;
      return knows;
    },
  });
  return { seen, forecast };
}

describe('the workers of the next block', () => {
  it('are one before the first block', () => {
    expect(forecasting([1]).forecast.next()).toEqual({ gasUsed: 0, transactions: 0, workers: 1 });
  });

  it('grow with the gas that is foreseen', () => {
    const { seen, forecast } = forecasting([1, 5]);
    forecast.observe(LOAD, HEADER);
    expect(seen).toEqual([{ ...HEADER, baseFeePerGasWei: 9, transactionCount: 20 }]);
    expect(forecast.next()).toEqual({ gasUsed: 80, transactions: 40, workers: 8 });
  });

  it('are the mean of those before where nothing can be foreseen', () => {
    const [without, silent, withoutFee] = [forecasting([5]), forecasting([1], false), forecasting([1])];
    without.forecast.observe(LOAD, HEADER);
    silent.forecast.observe(LOAD, HEADER);
    withoutFee.forecast.observe(LOAD, { ...HEADER, baseFeePerGasWei: null });
    for (const { forecast } of [without, silent, withoutFee]) expect(forecast.next()).toEqual(LOAD);
    expect(withoutFee.seen).toEqual([]);
    withoutFee.forecast.observe({ ...LOAD, workers: 14 }, null);
    expect(withoutFee.forecast.next().workers).toBeCloseTo(5, 9);
  });
});
