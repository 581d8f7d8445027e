import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { regimeSeries } from '../../../bench/forecast/regimes.js';
import { columnsOf } from '../../../model/forecast/columns.js';
import { readForecaster, writeForecaster } from '../../../model/forecast/forecast-artifact.js';
import type { ForecastModel } from '../../../model/forecast/forecast-model.js';
import { ForwardMeans, medianSlotSeconds, readHistory } from '../../../model/forecast/history.js';
import { judgeForecasts, observedBlock } from '../../../model/forecast/judge.js';
import { LoadForecaster } from '../../../model/forecast/load-forecaster.js';
import { trainForecaster, trainingOrigins } from '../../../model/forecast/train-forecaster.js';
import { openTensorflow, type TensorflowRuntime } from '../../../model/network/tensorflow.js';

const UNTIL = 4000;
const BLOCKS = 6000;
const HORIZONS = [1, 2, 10];
/** What the forecaster was not trained on: a larger gas limit, then another fee rule, announced by nobody. */
const REGIMES = [
  { fromBlock: 1, gasLimit: 30_000_000, rule: { elasticity: 2, denominator: 8 } },
  { fromBlock: 1 + UNTIL + 800, gasLimit: 36_000_000, rule: { elasticity: 2, denominator: 8 } },
  { fromBlock: 1 + UNTIL + 1300, gasLimit: 36_000_000, rule: { elasticity: 3, denominator: 16 } },
] as const;

const series = regimeSeries({ blocks: BLOCKS, seed: 4, regimes: REGIMES, unknownShare: 0.1 });
const history = readHistory(series, { until: UNTIL });

let runtime: TensorflowRuntime;
let model: ForecastModel;

function train(): Promise<ForecastModel> {
  return trainForecaster(history, { runtime, seed: 3, horizons: HORIZONS, until: UNTIL, columns: ['conflictDensity'] });
}

beforeAll(async () => {
  runtime = await openTensorflow();
  model = await train();
}, 120_000);

function forecasterAt(index: number, from = 0): LoadForecaster {
  const forecaster = new LoadForecaster(model);
  for (let block = from; block <= index; block++) forecaster.remember(observedBlock(history, block));
  return forecaster;
}

describe('a trained forecaster', () => {
  const judgementOf = (from: number, to: number) =>
    judgeForecasts(history, model, {
      training: trainingOrigins(UNTIL, HORIZONS),
      judged: { from, to },
      bootstrap: { seed: 1, blockLength: 100, resamples: 100 },
    });

  it('says the next base fee exactly, and other fees within what the rule allows', () => {
    const forecaster = forecasterAt(UNTIL);
    const forecast = forecaster.forecast();
    const next = series.baseFeePerGasWei[UNTIL + 1] ?? 0;
    expect(forecast?.nextBaseFeeWei).toBe(BigInt(next));
    expect(forecast?.fromBlock).toBe(series.number[UNTIL + 1]);
    for (const { target, horizon, quantiles } of forecast?.forecasts ?? []) {
      expect([...(quantiles ?? [])]).toEqual([...(quantiles ?? [NaN])].sort((a, b) => a - b));
      for (const quantile of quantiles ?? [NaN]) {
        const [least, most] =
          target === 'baseFee' ? [next * 0.875 ** (horizon - 1), next * 1.125 ** (horizon - 1)] : [0, 1];
        expect(quantile).toBeGreaterThanOrEqual(least * (1 - 1e-9));
        expect(quantile).toBeLessThanOrEqual(most * (1 + 1e-9));
      }
    }
    expect(forecast?.forecasts.map(({ target, horizon }) => `${target} ${horizon}`)).toEqual(
      ['baseFee', 'gasUsedRatio', 'conflictDensity'].flatMap((target) => HORIZONS.map((at) => `${target} ${at}`)),
    );
  });

  it('beats what always says the same, on blocks that it never saw', () => {
    const { gasUsedRatio, baseFee, conflictDensity } = judgementOf(UNTIL - 1, UNTIL + 800);
    expect(baseFee?.['1']?.model).toMatchObject({ mae: 0, crps: 0, coverage90: 1 });
    expect(baseFee?.['1']?.outcomes).toBe(801);
    for (const horizon of ['2', '10']) {
      expect(gasUsedRatio?.[horizon]?.baselines['persistence']?.crpsGain.gain).toBeGreaterThan(0.1);
      expect(baseFee?.[horizon]?.baselines['persistence']?.crpsGain.gain).toBeGreaterThan(0.02);
      expect(conflictDensity?.[horizon]?.baselines['climatology']?.crpsGain.gain).toBeGreaterThan(0.1);
    }
    expect(Object.keys(gasUsedRatio?.['10']?.baselines ?? {}).slice(0, 6)).toEqual([
      ...['persistence', 'eip1559', 'climatology', 'ewma', 'seasonal', 'linear'],
    ]);
    expect(conflictDensity?.['2']?.baselines['eip1559']).toBeUndefined();
  });

  it('survives another gas limit, and a fork with another fee rule', () => {
    // From the larger gas limit on; the fork comes later, and its rule is found some 60 blocks after it.
    const { baseFee, gasUsedRatio } = judgementOf(UNTIL + 800, BLOCKS);
    expect(baseFee?.['2']?.baselines['persistence']?.crpsGain.gain).toBeGreaterThan(0);
    expect(gasUsedRatio?.['10']?.baselines['climatology']?.crpsGain.gain).toBeGreaterThan(0.1);
    const forecaster = forecasterAt(UNTIL + 1400);
    for (let index = UNTIL + 1401; index < BLOCKS; index++) {
      expect(forecaster.forecast([1])?.nextBaseFeeWei).toBe(BigInt(series.baseFeePerGasWei[index] ?? 0));
      forecaster.remember(observedBlock(history, index));
    }
  });

  it('is the same for the same seed', async () => {
    expect(await train()).toEqual(model);
  }, 120_000);

  it('forecasts alike from blocks that it observed and blocks that it remembered, calibration aside', () => {
    const observing = new LoadForecaster(model, { recalibrationRate: 0 });
    for (let index = 0; index <= 600; index++) observing.observe(observedBlock(history, index));
    expect(observing.forecast()).toEqual(forecasterAt(600).forecast());
  });

  it('goes on after a gap, and forgets what will never come due', () => {
    const forecaster = forecasterAt(600);
    forecaster.observe(observedBlock(history, 700));
    expect(forecaster.forecast()?.fromBlock).toBe((series.number[700] ?? 0) + 1);
  });

  it('abstains where a column is hardly known, and before the first block', () => {
    expect(new LoadForecaster(model).forecast()).toBeNull();
    const quantilesAt = (index: number) =>
      forecasterAt(index)
        .forecast([2])
        ?.forecasts.map(({ target, quantiles }) => [target, quantiles !== null]);
    expect(quantilesAt(30)).toContainEqual(['conflictDensity', false]);
    expect(quantilesAt(200)).toContainEqual(['conflictDensity', true]);
  });

  it('refuses to be trained on too few blocks', async () => {
    const few = { runtime, seed: 3, horizons: HORIZONS, until: 1200, columns: [] };
    await expect(trainForecaster(history, few)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('the history of a series', () => {
  it('knows slot time, unknown columns and means ahead', () => {
    expect(medianSlotSeconds(series)).toBe(12);
    expect(columnsOf(series, UNTIL).known).toEqual(['transactionCount', 'conflictDensity', 'parallelism']);
    const sparse = {
      ...series,
      transactionCount: series.transactionCount.map((count, at) => (at % 9 === 0 ? count : NaN)),
    };
    expect(columnsOf(sparse, UNTIL).tooFew).toEqual(['transactionCount']);
    const means = new ForwardMeans(Float64Array.of(9, 1, NaN, 3, NaN, NaN, NaN));
    expect([means.mean(0, 1), means.mean(0, 3), means.mean(1, 1), means.mean(3, 2)]).toEqual([1, 2, NaN, NaN]);
    expect(means.mean(5, 2)).toBeNaN();
  });

  it('refuses blocks before London', () => {
    const fees = series.baseFeePerGasWei.slice();
    fees[5] = NaN;
    expect(() => readHistory({ ...series, baseFeePerGasWei: fees })).toThrow(/block 6 has no base fee/);
  });
});

describe('a stored forecaster', () => {
  const folders: string[] = [];
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });
  const facts = {
    createdFrom: { blocks: UNTIL, firstBlock: 1, lastBlock: UNTIL },
    ...{ dataHash: '0'.repeat(64), seed: 3, tfBackend: 'cpu' },
  };
  async function stored(): Promise<string> {
    const parent = await mkdtemp(join(tmpdir(), 'lanecast-forecaster-'));
    folders.push(parent);
    const folder = join(parent, 'model');
    await writeForecaster(folder, model, facts);
    return folder;
  }

  it('forecasts as before', async () => {
    const folder = await stored();
    const read = await readForecaster(folder);
    expect(read.model).toEqual(model);
    expect(read.manifest).toMatchObject(facts);
    await expect(writeForecaster(folder, model, facts)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('is refused where it was changed, is of another version, or is not there', async () => {
    const changed = await stored();
    await appendFile(join(changed, 'forecaster.json'), ' ');
    await expect(readForecaster(changed)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const other = await stored();
    const path = join(other, 'manifest.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"featureVersion": 1', '"featureVersion": 99'));
    await expect(readForecaster(other)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await writeFile(path, text.replace('"seed": 3', '"seed": 4'));
    await expect(readForecaster(other)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(readForecaster(join(other, 'nowhere'))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  });
});
