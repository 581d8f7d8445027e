import { cpuUsage } from 'node:process';
import type { BlockSeries } from '../../datasets/series/series.js';
import { columnsOf } from '../../model/forecast/columns.js';
import { readHistory } from '../../model/forecast/history.js';
import { judgeForecasts, type ForecastJudgement } from '../../model/forecast/judge.js';
import { DEFAULT_HORIZONS } from '../../model/forecast/levels.js';
import { trainForecaster, trainingOrigins, type ForecastPlan } from '../../model/forecast/train-forecaster.js';
import type { TensorflowRuntime } from '../../model/network/tensorflow.js';

export interface SeriesRunOptions {
  readonly runtime: () => Promise<TensorflowRuntime>;
  readonly seed: number;
  readonly trainUntil?: number | undefined;
  readonly plan: ForecastPlan;
  readonly progress: (share: number, step: string) => void;
}

export interface SeriesRun {
  readonly trainedBlocks: number;
  readonly trainUntil: number;
  readonly judgedBlocks: number;
  readonly trainCpuSeconds: number;
  readonly tfBackend: string;
  readonly judgement: ForecastJudgement;
}

const BOOTSTRAP = { blockLength: 3600, resamples: 500 };

export async function judgeSeries(series: BlockSeries, options: SeriesRunOptions): Promise<SeriesRun> {
  const { seed, plan, progress } = options;
  const first = series.number[0] ?? 0;
  const until = options.trainUntil === undefined ? Math.floor(series.length * 0.8) : options.trainUntil - first + 1;
  const history = readHistory(series, { until });
  const runtime = await options.runtime();
  const started = cpuUsage();
  const horizons = DEFAULT_HORIZONS;
  const model = await trainForecaster(history, {
    ...{ runtime, seed, horizons, until, plan, columns: columnsOf(series, until).known },
    progress: (share, step) => progress(share, `training: ${step}`),
  });
  const { user, system } = cpuUsage(started);
  const judgement = judgeForecasts(history, model, {
    training: trainingOrigins(until, horizons),
    judged: { from: until - 1, to: series.length },
    bootstrap: { ...BOOTSTRAP, seed },
    progress: (share) => progress(share, 'judging'),
  });
  return {
    ...{ trainedBlocks: until, trainUntil: first + until - 1, judgedBlocks: series.length - until },
    ...{ trainCpuSeconds: (user + system) / 1e6, tfBackend: runtime.backend, judgement },
  };
}

/** The series without what comes later. */
export function firstBlocks(series: BlockSeries, count: number): BlockSeries {
  if (count >= series.length) return series;
  const cut = <Column extends Float64Array | null>(column: Column): Column =>
    (column === null ? null : column.subarray(0, count)) as Column;
  return {
    ...series,
    length: count,
    number: cut(series.number),
    timestampSeconds: cut(series.timestampSeconds),
    baseFeePerGasWei: cut(series.baseFeePerGasWei),
    gasLimit: cut(series.gasLimit),
    gasUsed: cut(series.gasUsed),
    transactionCount: cut(series.transactionCount),
    excessBlobGas: cut(series.excessBlobGas),
    blobGasUsed: cut(series.blobGasUsed),
    conflictDensity: cut(series.conflictDensity),
    parallelism: cut(series.parallelism),
  };
}
