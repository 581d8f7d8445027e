import { describe, expect, it } from 'vitest';
import { regimeSeries } from '../../../bench/forecast/regimes.js';
import { BaselineForecaster, type BaselineForecast } from '../../../model/forecast/baseline-forecaster.js';
import type { ForecastTarget } from '../../../model/forecast/forecast-model.js';
import { readHistory } from '../../../model/forecast/history.js';
import { observedBlock } from '../../../model/forecast/judge.js';
import { DEFAULT_HORIZONS, MEDIAN } from '../../../model/forecast/levels.js';
import type { ObservedBlock } from '../../../model/forecast/load-forecaster.js';
import { LEAST_ERRORS } from '../../../model/forecast/past-errors.js';

const BLOCKS = 1500;
const history = readHistory(regimeSeries({ blocks: BLOCKS, seed: 4 }));
const blocks = Array.from({ length: BLOCKS }, (_, index) => observedBlock(history, index));
/** A chain that follows no rule: each fee is as the time of day has it. */
const lawless = blocks.map((block, index) => ({
  ...block,
  baseFeePerGasWei: 1e9 + 1e7 * Math.round(10 * Math.sin(index / 3)),
}));

function after(seen: readonly ObservedBlock[]): BaselineForecaster {
  const forecaster = new BaselineForecaster();
  for (const block of seen) forecaster.observe(block);
  return forecaster;
}

function quantilesOf(
  forecast: BaselineForecast | null,
  target: ForecastTarget,
  horizon: number,
): Float64Array | null | undefined {
  return forecast?.forecasts.find((each) => each.target === target && each.horizon === horizon)?.quantiles;
}

describe('a forecaster of baselines', () => {
  it('knows nothing before the first block, and the next fee from then on', () => {
    expect(new BaselineForecaster().forecast()).toBeNull();
    const forecast = after(blocks.slice(0, 1)).forecast();
    const next = blocks[1]?.baseFeePerGasWei ?? 0;
    expect(forecast).toMatchObject({ fromBlock: blocks[1]?.number, nextBaseFeeWei: BigInt(next) });
    expect(quantilesOf(forecast, 'baseFee', 1)?.every((fee) => fee === next)).toBe(true);
    const others = forecast?.forecasts.filter(({ target, horizon }) => target !== 'baseFee' || horizon > 1);
    expect(others?.every(({ quantiles }) => quantiles === null)).toBe(true);
  });

  it.each([1, 2, 5, 10, 50])('has a range at %i blocks once enough forecasts came due', (horizon) => {
    const enough = LEAST_ERRORS + horizon;
    expect(quantilesOf(after(blocks.slice(0, enough - 1)).forecast(), 'gasUsedRatio', horizon)).toBeNull();
    expect(quantilesOf(after(blocks.slice(0, enough)).forecast(), 'gasUsedRatio', horizon)).toHaveLength(19);
  });

  it('stays within what the rule allows, and within what the quantities can be', () => {
    const forecaster = new BaselineForecaster();
    for (const block of blocks) {
      forecaster.observe(block);
      const forecast = forecaster.forecast();
      const next = Number(forecast?.nextBaseFeeWei);
      for (const { target, horizon, quantiles } of forecast?.forecasts ?? []) {
        const ascending = [...(quantiles ?? [])];
        expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
        const [lowest = NaN, highest = NaN] = [ascending[0], ascending.at(-1)];
        if (quantiles === null) continue;
        if (target === 'baseFee') {
          expect(lowest).toBeGreaterThanOrEqual(next * (7 / 8) ** (horizon - 1) * (1 - 1e-9));
          expect(highest).toBeLessThanOrEqual(next * (9 / 8) ** (horizon - 1) * (1 + 1e-9));
        } else {
          expect(lowest).toBeGreaterThanOrEqual(target === 'parallelism' ? 1 : 0);
          if (target === 'gasUsedRatio' || target === 'conflictDensity') expect(highest).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  it('holds most of what comes in its ranges', () => {
    const forecaster = new BaselineForecaster();
    const waiting: { readonly due: number; readonly horizon: number; readonly quantiles: Float64Array }[] = [];
    const covered = new Map<number, boolean[]>(DEFAULT_HORIZONS.map((horizon) => [horizon, []]));
    for (const [index, block] of blocks.entries()) {
      for (const { horizon, quantiles } of waiting.filter(({ due }) => due === index)) {
        const fee = block.baseFeePerGasWei;
        covered
          .get(horizon)
          ?.push(fee >= (quantiles[0] ?? NaN) * (1 - 1e-9) && fee <= (quantiles[18] ?? NaN) * (1 + 1e-9));
      }
      forecaster.observe(block);
      for (const { target, horizon, quantiles } of forecaster.forecast()?.forecasts ?? []) {
        if (target === 'baseFee' && quantiles !== null) waiting.push({ due: index + horizon, horizon, quantiles });
      }
    }
    const share = (horizon: number): number => {
      const outcomes = covered.get(horizon) ?? [];
      return outcomes.filter((each) => each).length / outcomes.length;
    };
    expect(share(1)).toBe(1);
    for (const horizon of [2, 5, 10]) expect(share(horizon)).toBeGreaterThan(0.82);
    expect(share(50)).toBeGreaterThan(0.6);
  });

  it('averages what is known, and says nothing of what never is', () => {
    const seen = blocks.slice(0, 400);
    const steady = seen.map((block, index) => ({
      ...block,
      ...{ conflictDensity: NaN, parallelism: undefined, transactionCount: index % 4 === 0 ? NaN : 100 },
    }));
    const forecast = after(steady).forecast();
    expect(quantilesOf(forecast, 'transactionCount', 10)?.[MEDIAN]).toBeCloseTo(100, 6);
    expect(quantilesOf(forecast, 'conflictDensity', 10)).toBeNull();
    expect(quantilesOf(forecast, 'parallelism', 1)).toBeNull();
  });

  it('learns nothing across a gap or from a block that comes again, and goes on', () => {
    const [seen, last] = [blocks.slice(0, LEAST_ERRORS + 1), blocks[LEAST_ERRORS]];
    if (last === undefined) throw new Error('There are more blocks.');
    const forecaster = after(seen);
    const before = quantilesOf(forecaster.forecast(), 'gasUsedRatio', 1);
    forecaster.observe({ ...last, gasUsed: 0 });
    expect(forecaster.forecast()?.fromBlock).toBe(last.number + 1);
    forecaster.observe({ ...last, number: last.number + 10, gasUsed: last.gasLimit });
    const forecast = forecaster.forecast();
    expect(forecast?.fromBlock).toBe(last.number + 11);
    const spread = (quantiles: Float64Array | null | undefined): number =>
      (quantiles?.at(-1) ?? NaN) - (quantiles?.[0] ?? NaN);
    expect(spread(quantilesOf(forecast, 'gasUsedRatio', 1))).toBeCloseTo(spread(before), 12);
  });

  it('forecasts all but fees of a chain that has none', () => {
    const forecast = after(blocks.slice(0, 200).map((block) => ({ ...block, baseFeePerGasWei: NaN }))).forecast();
    expect(forecast?.nextBaseFeeWei).toBeNull();
    expect(quantilesOf(forecast, 'baseFee', 1)).toBeNull();
    expect(quantilesOf(forecast, 'gasUsedRatio', 50)).toHaveLength(19);
    const unlimited = after(blocks.slice(0, 200).map((block) => ({ ...block, gasLimit: 0 }))).forecast();
    expect(unlimited?.nextBaseFeeWei).toBeNull();
    expect(quantilesOf(unlimited, 'gasUsedRatio', 1)).toBeNull();
    expect(quantilesOf(unlimited, 'transactionCount', 1)).toHaveLength(19);
  });

  it('claims no exact fee where fees follow no rule, or are nothing', () => {
    const forecast = after(lawless).forecast();
    expect(forecast?.nextBaseFeeWei).toBeNull();
    const next = quantilesOf(forecast, 'baseFee', 1);
    expect(next?.at(-1)).toBeGreaterThan(next?.[0] ?? NaN);
    expect(next?.[MEDIAN]).toBeGreaterThan(0.9e9);
    const free = after(blocks.slice(0, 200).map((block) => ({ ...block, baseFeePerGasWei: 0 }))).forecast();
    expect(quantilesOf(free, 'baseFee', 10)?.[MEDIAN]).toBe(0);
  });
});
