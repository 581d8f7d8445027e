import { cpuUsage } from 'node:process';
import type { BlockSeries } from '../../datasets/series/series.js';
import { LanecastError } from '../../errors.js';
import { BlobRuleTracker } from '../../model/forecast/blob-fee.js';
import { columnsOf } from '../../model/forecast/columns.js';
import { hashSeries, readForecaster, writeForecaster } from '../../model/forecast/forecast-artifact.js';
import { describeRule, type FeeRuleChange } from '../../model/forecast/fee-rule.js';
import type { ForecastModel, ForecastTarget } from '../../model/forecast/forecast-model.js';
import type { HotKey } from '../../model/forecast/hot-keys.js';
import { readHistory, type LoadHistory } from '../../model/forecast/history.js';
import { judgeForecasts, observedBlock, type ForecastJudgement } from '../../model/forecast/judge.js';
import { FORECAST_LEVELS } from '../../model/forecast/levels.js';
import { LoadForecaster } from '../../model/forecast/load-forecaster.js';
import { FORECAST_PLAN, LEAST_ROWS, trainForecaster, trainingOrigins } from '../../model/forecast/train-forecaster.js';
import type { TensorflowRuntime } from '../../model/network/tensorflow.js';
import { describeEnvironment } from '../environment.js';
import type { ForecastDocument, JudgedSummary, NextBlocks, ObservedBlocks, SeriesSummary } from './document.js';

export interface ForecastRequest {
  /** By default four fifths of the series; of a model that was read its last block. */
  readonly trainUntil?: number | undefined;
  readonly horizons: readonly number[];
  readonly seed: number;
  readonly feeRules: readonly FeeRuleChange[];
  readonly epochs?: number | undefined;
  readonly judges: boolean;
  /** As the document names them. */
  readonly hotKeys: readonly HotKey[] | null;
  /** Folder to read the model from. */
  readonly model?: string | undefined;
  /** Folder to write it to. */
  readonly save?: string | undefined;
  readonly runtime: () => Promise<TensorflowRuntime>;
  readonly progress: (share: number, step: string) => void;
}

interface Forecasting {
  readonly model: ForecastModel;
  /** Index of the first block that did not train. */
  readonly until: number;
  readonly trainUntil: number;
  readonly trainedBlocks: number;
  readonly seed: number;
  readonly artifact: string | null;
  readonly tfBackend: string | null;
  readonly seconds: { readonly wall: number; readonly cpu: number } | null;
}

const BOOTSTRAP = { blockLength: 3600, resamples: 500 };
/** Latest blocks that calibrate what is said of the next ones, where nothing was judged. */
const CALIBRATION_BLOCKS = 20_000;
const TIMED_BLOCKS = 500;
/** Latest blocks that tell the schedule of blobs. */
const BLOB_BLOCKS = 10_000;
/** Latest blocks that the document shows. */
const OBSERVED_BLOCKS = 50;

/** Trains or reads a forecaster, judges it on the later blocks, and forecasts what comes after the last one. */
export async function runForecast(series: BlockSeries, request: ForecastRequest): Promise<ForecastDocument> {
  const forecasting =
    request.model === undefined ? await train(series, request) : await read(series, request.model, request);
  const { model, until } = forecasting;
  const history = readHistory(series, model);
  const started = performance.now();
  const { judged, targets } = judge(history, forecasting, request);
  const judgeSeconds = judged === null ? null : (performance.now() - started) / 1000;
  const { next, forecastMs, targets: forecast } = forecastNext(history, model);
  const { wall: trainSeconds, cpu: trainCpuSeconds } = forecasting.seconds ?? { wall: null, cpu: null };
  return {
    schema: 'lanecast.forecast/1',
    environment: describeEnvironment(forecasting.tfBackend),
    series: summarise(history),
    model: {
      artifact: forecasting.artifact,
      seed: forecasting.seed,
      horizons: model.horizons,
      levels: FORECAST_LEVELS,
      trainUntil: forecasting.trainUntil,
      trainedBlocks: forecasting.trainedBlocks,
      parameters: countParameters(model),
      targets: forecast,
      abstains: columnsOf(series, until).tooFew,
    },
    judged,
    targets,
    next,
    observed: describeObserved(series, forecast),
    hotKeys: request.hotKeys,
    timings: { trainSeconds, trainCpuSeconds, judgeSeconds, forecastMs },
  };
}

async function train(series: BlockSeries, request: ForecastRequest): Promise<Forecasting> {
  const first = series.number[0] ?? 0;
  const until = request.trainUntil === undefined ? Math.floor(series.length * 0.8) : request.trainUntil - first + 1;
  requireInside(series, until);
  const trainUntil = first + until - 1;
  const { columns } = { columns: columnsOf(series, until).known };
  const history = readHistory(series, { feeRules: request.feeRules, until });
  const started = { wall: performance.now(), cpu: cpuUsage() };
  const runtime = await request.runtime();
  const { seed, horizons, epochs = FORECAST_PLAN.epochs } = request;
  const model = await trainForecaster(history, {
    ...{ runtime, seed, horizons, until, columns, plan: { ...FORECAST_PLAN, epochs } },
    progress: (share, step) => request.progress(share, `training: ${step}`),
  });
  const cpu = cpuUsage(started.cpu);
  const seconds = { wall: (performance.now() - started.wall) / 1000, cpu: (cpu.user + cpu.system) / 1e6 };
  if (request.save !== undefined) {
    await writeForecaster(request.save, model, {
      createdFrom: { blocks: until, firstBlock: first, lastBlock: trainUntil },
      ...{ dataHash: hashSeries(series, until), seed, tfBackend: runtime.backend },
    });
  }
  const artifact = request.save ?? null;
  return { ...{ model, until, trainUntil, trainedBlocks: until, seed, artifact, seconds }, tfBackend: runtime.backend };
}

async function read(series: BlockSeries, folder: string, request: ForecastRequest): Promise<Forecasting> {
  const { model, manifest } = await readForecaster(folder);
  const { firstBlock, lastBlock, blocks } = manifest.createdFrom;
  const trainUntil = request.trainUntil ?? lastBlock;
  const overlaps = (series.number[0] ?? 0) <= lastBlock && (series.number.at(-1) ?? 0) >= firstBlock;
  if (overlaps && trainUntil < lastBlock) {
    const message = `--train-until ${trainUntil}: the model in ${folder} was trained up to block ${lastBlock}, and can be judged on later ones only.`;
    throw new LanecastError('INVALID_ARGUMENT', message);
  }
  // Baselines are fitted on what the series has up to there.
  const until = Math.min(series.length, Math.max(0, trainUntil - (series.number[0] ?? 0) + 1));
  const unknown = { tfBackend: null, seconds: null };
  return { ...{ model, until, trainUntil, trainedBlocks: blocks, seed: manifest.seed, artifact: folder }, ...unknown };
}

function requireInside(series: BlockSeries, until: number): void {
  if (until >= 1 && until <= series.length) return;
  const [first, last] = [series.number[0] ?? 0, series.number.at(-1) ?? 0];
  const message = `--train-until: expected a block of ${series.origin}, ${first} to ${last}, got ${first + until - 1}.`;
  throw new LanecastError('INVALID_ARGUMENT', message);
}

function judge(
  history: LoadHistory,
  { model, until, seed }: Forecasting,
  { judges, progress }: ForecastRequest,
): { readonly judged: JudgedSummary | null; readonly targets: ForecastJudgement } {
  const { series } = history;
  const training = trainingOrigins(until, model.horizons);
  // The first block that is forecast is the one after the last that trained.
  const judged = { from: until - 1, to: series.length };
  const enough = training.to - training.from >= LEAST_ROWS && judged.to - judged.from > 1;
  if (!judges || !enough) return { judged: null, targets: {} };
  const bootstrap = { ...BOOTSTRAP, seed };
  const targets = judgeForecasts(history, model, {
    ...{ training, judged, bootstrap },
    progress: (share) => progress(share, 'judging'),
  });
  const summary = {
    blocks: series.length - until,
    firstBlock: series.number[until] ?? 0,
    lastBlock: series.number.at(-1) ?? 0,
    bootstrap,
  };
  return { judged: summary, targets };
}

function forecastNext(history: LoadHistory, model: ForecastModel) {
  const { series } = history;
  const forecaster = new LoadForecaster(model);
  const calibrated = Math.max(0, series.length - CALIBRATION_BLOCKS);
  for (let index = 0; index < calibrated; index++) forecaster.remember(observedBlock(history, index));
  const times: number[] = [];
  for (let index = calibrated; index < series.length; index++) {
    const block = observedBlock(history, index);
    const started = performance.now();
    forecaster.observe(block);
    forecaster.forecast();
    if (index >= series.length - TIMED_BLOCKS) times.push(performance.now() - started);
  }
  const forecastMs = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
  return { next: { ...describeNext(forecaster), ...describeBlobs(series) }, forecastMs, targets: forecaster.targets };
}

function describeNext(forecaster: LoadForecaster): Omit<NextBlocks, keyof BlobSummary> {
  const forecast = forecaster.forecast();
  const quantiles: Record<string, Record<string, readonly number[] | null>> = {};
  for (const { target, horizon, quantiles: values } of forecast?.forecasts ?? []) {
    (quantiles[target] ??= {})[horizon] = values === null ? null : [...values];
  }
  return {
    fromBlock: forecast?.fromBlock ?? 0,
    baseFeePerGasWei: `${forecast?.nextBaseFeeWei ?? 0n}`,
    quantiles,
  };
}

type BlobSummary = Pick<NextBlocks, 'blobBaseFeePerGasWei' | 'blobSchedule'>;

/** By the latest blocks whose blob gas is known of each. */
function describeBlobs(series: BlockSeries): BlobSummary {
  const tracker = new BlobRuleTracker();
  const { excessBlobGas, blobGasUsed, baseFeePerGasWei, length } = series;
  const isKnown = (index: number): boolean =>
    !Number.isNaN(excessBlobGas?.[index] ?? NaN) && !Number.isNaN(blobGasUsed?.[index] ?? NaN);
  let from = length;
  while (from > Math.max(0, length - BLOB_BLOCKS) && isKnown(from - 1)) from -= 1;
  for (let index = from; index < length; index++) {
    tracker.observe({
      excessBlobGas: BigInt(excessBlobGas?.[index] ?? 0),
      blobGasUsed: BigInt(blobGasUsed?.[index] ?? 0),
      baseFeePerGasWei: BigInt(baseFeePerGasWei[index] ?? 0),
    });
  }
  const next = tracker.next();
  return {
    blobBaseFeePerGasWei: next === null ? null : `${next.nextBlobBaseFeeWei}`,
    blobSchedule: next?.schedule ?? null,
  };
}

function describeObserved(series: BlockSeries, targets: readonly ForecastTarget[]): ObservedBlocks {
  const from = Math.max(0, series.length - OBSERVED_BLOCKS);
  const values = targets.map((target) => [target, latest(columnOf(series, target), from)] as const);
  return { fromBlock: series.number[from] ?? 0, values: Object.fromEntries(values) };
}

function latest(column: Float64Array | null, from: number): (number | null)[] {
  return Array.from(column?.subarray(from) ?? [], (value) => (Number.isNaN(value) ? null : value));
}

function columnOf(series: BlockSeries, target: ForecastTarget): Float64Array | null {
  if (target === 'baseFee') return series.baseFeePerGasWei;
  if (target === 'gasUsedRatio') return series.gasUsed.map((used, index) => used / (series.gasLimit[index] ?? NaN));
  return series[target];
}

function summarise({ series, slotSeconds, unexplained, rules }: LoadHistory): SeriesSummary {
  return {
    origin: series.origin,
    blocks: series.length,
    firstBlock: series.number[0] ?? 0,
    lastBlock: series.number.at(-1) ?? 0,
    slotSeconds,
    feeRule: describeRule(rules.at(-1) ?? null),
    feesAgainstRule: unexplained.reduce((sum, each) => sum + each, 0),
    unknownTransactionCounts: series.transactionCount.reduce((sum, count) => sum + (Number.isNaN(count) ? 1 : 0), 0),
  };
}

function countParameters({ load, columns }: ForecastModel): number {
  const counts = [load, ...Object.values(columns)].map(({ outputs, members }) => {
    const linear = outputs.reduce((sum, output) => sum + output.linear.length, 0);
    const layers = members.flatMap((member) => member.layers);
    return linear + layers.reduce((sum, { kernel, bias }) => sum + kernel.length + bias.length, 0);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
