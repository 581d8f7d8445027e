import { float64At } from '../numbers.js';
import { quantileOf } from '../quantiles.js';
import type { TensorflowRuntime } from '../network/tensorflow.js';
import { trainNetwork, type TrainingData, type TrainingOptions } from '../network/train.js';
import type { NetworkWeights } from '../network/network.js';
import { LanecastError } from '../../errors.js';
import { COLUMN_FEATURES, columnFeatureReaches, ColumnState } from './column-state.js';
import type { ColumnTarget } from './columns.js';
import type { ForecastModel } from './forecast-model.js';
import { fitScaler, scaleFeatures, type ForecastNetwork, type ForecastOutput } from './forecast-network.js';
import { blockAt, ForwardMeans, warmUpBlocks, type LoadHistory } from './history.js';
import { applyFit, LeastSquares } from './least-squares.js';
import { FORECAST_LEVELS } from './levels.js';
import { LOAD_FEATURES, loadFeatureReaches, LoadState } from './load-state.js';

/** How a forecaster is trained on many blocks; on few its networks are smaller, see `splitOfFew`. */
export interface ForecastPlan {
  /** Units of each hidden layer. */
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Networks whose quantiles are averaged. */
  readonly members: number;
  /** Of a column's network. */
  readonly columnHidden: readonly number[];
  readonly columnEpochs: number;
}

export const FORECAST_PLAN: ForecastPlan = {
  hidden: [64, 64],
  epochs: 2,
  batchSize: 1024,
  learningRate: 0.003,
  members: 1,
  columnHidden: [32],
  columnEpochs: 1,
};

export interface ForecastTraining {
  readonly runtime: TensorflowRuntime;
  readonly seed: number;
  /** Ascending, in blocks. */
  readonly horizons: readonly number[];
  /** Blocks of the history that are trained on: those before this index, outcomes included. */
  readonly until: number;
  readonly columns: readonly ColumnTarget[];
  readonly plan?: ForecastPlan | undefined;
  /** Gets the share that is done, and of what. */
  readonly progress?: ((share: number, step: string) => void) | undefined;
}

/** Rows that the linear part is fitted on, evenly spread; more change nothing that shows. */
const MOST_LINEAR_ROWS = 300_000;
/** A feature has to show its effect in more rows than these. */
const RIDGE_ROWS = 100;
/** Of few rows several are tried, the strongest first: it is taken where none is better. */
const FEW_RIDGES_ROWS = [1e12, 1e5, 1e4, 1e3, 100];
const LOSS = { kind: 'pinball', levels: FORECAST_LEVELS } as const;
/** From here on a network of full size learns more than noise in a few epochs. */
const FEW_ROWS = 100_000;
const FEW_HIDDEN = [16];
const FEW_EPOCHS = { epochs: 30, patience: 4, batchSize: 256, learningRate: 0.002 };
/** Fewer rows train nothing that is worth having. */
export const LEAST_ROWS = 1000;

/** Examples for one network; features before they are scaled. */
interface Examples {
  readonly rows: number;
  readonly features: Float32Array;
  /** Rows × outputs; NaN: not known. */
  readonly targets: Float64Array;
  readonly horizons: readonly number[];
  /** Over how many blocks each feature looks back, or has its period. */
  readonly reaches: readonly number[];
}

interface Remainder {
  readonly data: TrainingData;
  readonly outputs: readonly ForecastOutput[];
}

const NO_FIT = new Float64Array(1);

/** First and last + 1 of the origins whose outcomes are all before `until`. */
export function trainingOrigins(until: number, horizons: readonly number[]): { from: number; to: number } {
  return { from: warmUpBlocks(until), to: until - Math.max(...horizons) };
}

/** Throws INVALID_INPUT where there are too few blocks to train on. */
export async function trainForecaster(history: LoadHistory, training: ForecastTraining): Promise<ForecastModel> {
  const { horizons, until, columns, plan = FORECAST_PLAN, progress } = training;
  const { from, to } = trainingOrigins(until, horizons);
  if (to - from < LEAST_ROWS) throw tooFew(history, training);
  const stages = 1 + columns.length;
  const advance = (stage: number, step: string) => (share: number) => progress?.((stage + share) / stages, step);
  const load = await train(loadExamples(history, from, to, horizons), training, {
    ...{ hidden: plan.hidden, epochs: plan.epochs, advance: advance(0, 'base fee and gas used') },
  });
  const trained: Partial<Record<ColumnTarget, ForecastNetwork>> = {};
  for (const [index, column] of columns.entries()) {
    const examples = columnExamples(history, { from, to, horizons, column });
    trained[column] = await train(examples, training, {
      ...{ hidden: plan.columnHidden, epochs: plan.columnEpochs, advance: advance(1 + index, column) },
    });
  }
  const { slotSeconds, feeRules } = history;
  return { horizons, slotSeconds, feeRules, load, nextFee: nextFeeQuantiles(history, from, to), columns: trained };
}

function loadExamples(history: LoadHistory, from: number, to: number, horizons: readonly number[]): Examples {
  const feeHorizons = horizons.filter((horizon) => horizon > 1);
  const outputs = [...feeHorizons, ...horizons];
  const rows = to - from;
  const features = new Float32Array(rows * LOAD_FEATURES);
  const targets = new Float64Array(rows * outputs.length);
  const state = new LoadState(history);
  const fullness = new ForwardMeans(history.fullness);
  for (let index = 0; index < to; index++) {
    state.observe(blockAt(history.series, index));
    if (index < from) continue;
    state.write(features, (index - from) * LOAD_FEATURES);
    let place = (index - from) * outputs.length;
    for (const horizon of feeHorizons) {
      const change = float64At(history.logFee, index + horizon) - state.nextLogFee;
      targets[place++] = change * state.feeScale;
    }
    for (const horizon of horizons) targets[place++] = fullness.mean(index, horizon) * state.elasticity - 1;
  }
  return { rows, features, targets, horizons: outputs, reaches: loadFeatureReaches(history.slotSeconds) };
}

interface ColumnPlace {
  readonly from: number;
  readonly to: number;
  readonly horizons: readonly number[];
  readonly column: ColumnTarget;
}

function columnExamples(history: LoadHistory, { from, to, horizons, column }: ColumnPlace): Examples {
  const { series, slotSeconds } = history;
  const values = series[column] ?? new Float64Array(series.length).fill(NaN);
  const inputs = LOAD_FEATURES + COLUMN_FEATURES;
  const rows = to - from;
  const features = new Float32Array(rows * inputs);
  const targets = new Float64Array(rows * horizons.length);
  const load = new LoadState(history);
  const state = new ColumnState(column, slotSeconds);
  const means = new ForwardMeans(values);
  for (let index = 0; index < to; index++) {
    const block = blockAt(series, index);
    load.observe(block);
    state.observe(block.timestampSeconds, float64At(values, index));
    if (index < from) continue;
    load.write(features, (index - from) * inputs);
    state.write(features, (index - from) * inputs + LOAD_FEATURES);
    for (const [place, horizon] of horizons.entries()) {
      const mean = means.mean(index, horizon);
      targets[(index - from) * horizons.length + place] = state.scale.toScale(mean) - state.centre;
    }
  }
  const reaches = [...loadFeatureReaches(slotSeconds), ...columnFeatureReaches(slotSeconds)];
  return { rows, features, targets, horizons, reaches };
}

interface NetworkPlan {
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly advance: (share: number) => void;
}

async function train(examples: Examples, training: ForecastTraining, network: NetworkPlan): Promise<ForecastNetwork> {
  const { rows, features, reaches } = examples;
  const { runtime, seed, plan = FORECAST_PLAN } = training;
  const inputs = features.length / rows;
  const scaler = fitScaler(features, reaches, rows);
  for (let row = 0; row < rows; row++) scaleFeatures(features, row * inputs, scaler);
  const few = rows < FEW_ROWS ? fitLinearToFew(examples) : null;
  const earlier = few === null ? null : withoutLinear(examples, few.earlier).data;
  const { data, outputs } = withoutLinear(examples, few?.all ?? fitLinear(examples, rows, RIDGE_ROWS));
  const { batchSize, learningRate } = plan;
  const longEpochs = { ...network, batchSize, learningRate, schedule: 'cosine' } as const;
  const members: NetworkWeights[] = [];
  for (let member = 0; member < plan.members; member++) {
    const advance = (share: number): void => network.advance((member + share) / plan.members);
    const options = { loss: LOSS, startsConstant: true, seed: seed + member, advance };
    if (earlier === null) {
      members.push((await trainNetwork(runtime, data, { ...longEpochs, ...options })).weights);
      continue;
    }
    const small = { ...options, hidden: FEW_HIDDEN, ...FEW_EPOCHS, weightDecay: 1e-4 };
    const { bestEpoch } = await trainNetwork(runtime, earlier, { ...small, split: splitOfFew(examples) });
    members.push((await trainNetwork(runtime, data, { ...small, epochs: bestEpoch, patience: undefined })).weights);
  }
  return { scaler, outputs, members };
}

/**
 * Few rows are soon learned by heart: a small network, and the last fifth of the rows tells after how many epochs to stop. At none
 * the forecast is linear, with the same quantiles around it always. Rows whose outcomes reach into that fifth are left out.
 */
function splitOfFew({ rows, horizons }: Examples): TrainingOptions['split'] {
  const border = borderOfFew(rows);
  const end = Math.max(1, border - Math.max(...horizons));
  return { training: [{ start: 0, end }], validation: [{ start: border, end: rows }] };
}

function borderOfFew(rows: number): number {
  return Math.floor(rows * 0.8);
}

/** What a network is left to say where a linear forecast has spoken, and what makes its numbers those of the targets. */
function withoutLinear(examples: Examples, fits: readonly Float64Array[]): Remainder {
  const { rows, features, horizons } = examples;
  const inputs = features.length / rows;
  const count = horizons.length;
  const targets = examples.targets.map(
    (target, at) => target - applyFit(fits[at % count] ?? NO_FIT, features, Math.floor(at / count) * inputs),
  );
  const outputs = horizons.map((horizon, output) => ({
    ...{ horizon, linear: fits[output] ?? NO_FIT },
    ...centreOf(targets, output, count),
  }));
  return { data: { rows, features, targets: scaleTargets(targets, outputs) }, outputs };
}

/** Fits the first rows, every output. */
function fitLinear({ rows, features, targets, horizons }: Examples, until: number, ridgeRows: number): Float64Array[] {
  const inputs = features.length / rows;
  const outputs = horizons.length;
  const step = Math.ceil(until / MOST_LINEAR_ROWS);
  const sampled = Math.ceil(until / step);
  const squares = new LeastSquares({ features, stride: inputs * step, inputs }, sampled, ridgeRows / sampled);
  return horizons.map((_, output) => squares.fit((row) => float64At(targets, row * step * outputs + output)));
}

/**
 * Of few rows, the last fifth tells how much of what is linear in the others goes on: for each output the ridge whose fit errs
 * least there. The strongest leaves nothing but the mean. Answers the fits to the earlier rows, and to all.
 */
function fitLinearToFew(examples: Examples): { readonly earlier: Float64Array[]; readonly all: Float64Array[] } {
  const { rows, horizons } = examples;
  const border = borderOfFew(rows);
  const known = Math.max(1, border - Math.max(...horizons));
  const earlier = FEW_RIDGES_ROWS.map((ridgeRows) => fitLinear(examples, known, ridgeRows));
  const errors = earlier.map((fits) => errorsFrom(examples, border, fits));
  const best = horizons.map((_, output) => {
    const ofOutput = errors.map((each) => each[output] ?? Infinity);
    return ofOutput.indexOf(Math.min(...ofOutput));
  });
  const all = FEW_RIDGES_ROWS.map((ridgeRows) => fitLinear(examples, rows, ridgeRows));
  const choose = (fits: readonly Float64Array[][]): Float64Array[] =>
    horizons.map((_, output) => fits[best[output] ?? 0]?.[output] ?? NO_FIT);
  return { earlier: choose(earlier), all: choose(all) };
}

/** Sum of absolute errors of each output's fit over the rows from `border` on. */
function errorsFrom({ rows, features, targets }: Examples, border: number, fits: readonly Float64Array[]): number[] {
  const inputs = features.length / rows;
  return fits.map((coefficients, output) => {
    let sum = 0;
    for (let row = border; row < rows; row++) {
      const target = float64At(targets, row * fits.length + output);
      if (!Number.isNaN(target)) sum += Math.abs(target - applyFit(coefficients, features, row * inputs));
    }
    return sum;
  });
}

/** Median of known targets and their mean distance from it. */
function centreOf(targets: Float64Array, output: number, outputs: number): Pick<ForecastOutput, 'centre' | 'scale'> {
  const known: number[] = [];
  for (let at = output; at < targets.length; at += outputs) {
    const target = float64At(targets, at);
    if (!Number.isNaN(target)) known.push(target);
  }
  const centre = quantileOf(Float64Array.from(known).sort(), 0.5);
  const distance = known.reduce((sum, target) => sum + Math.abs(target - centre), 0) / known.length;
  return { centre: Number.isNaN(centre) ? 0 : centre, scale: distance > 0 ? distance : 1 };
}

function scaleTargets(targets: Float64Array, outputs: readonly ForecastOutput[]): Float32Array {
  return Float32Array.from(targets, (target, at) => {
    const { centre, scale } = outputs[at % outputs.length] ?? { centre: 0, scale: 1 };
    return (target - centre) / scale;
  });
}

function nextFeeQuantiles(history: LoadHistory, from: number, to: number): number[] {
  const residuals = new Float64Array(to - from);
  for (let index = from; index < to; index++) {
    residuals[index - from] = float64At(history.logFee, index + 1) - float64At(history.nextLogFee, index);
  }
  residuals.sort();
  return FORECAST_LEVELS.map((level) => quantileOf(residuals, level));
}

function tooFew({ series }: LoadHistory, { until, horizons }: ForecastTraining): LanecastError {
  const needed = Math.ceil((LEAST_ROWS + Math.max(...horizons)) * 1.25);
  const message = `${series.origin}: ${Math.max(0, until)} blocks to train on, and a forecaster needs at least ${needed}.`;
  return new LanecastError('INVALID_INPUT', message);
}
