import { float64At } from '../numbers.js';
import { COLUMN_FEATURES, COLUMN_LINEAR_FEATURES, columnFeatureReaches, ColumnState } from './column-state.js';
import { COLUMN_SCALES, type ColumnTarget } from './columns.js';
import { LONDON, logFeeBounds } from './fee-rule.js';
import type { ForecastTarget } from './forecast-model.js';
import { blockAt, ForwardMeans, type LoadHistory } from './history.js';
import { LINEAR_FEATURES, LOAD_FEATURES, loadFeatureReaches, LoadState } from './load-state.js';

/** Features of a series, block after block. */
export interface FeatureStream {
  /** All that a network sees. */
  readonly inputs: number;
  /** The first of them: lags and moving averages. */
  readonly linear: number;
  /** Over how many blocks each of them looks back, or has its period. */
  readonly reaches: readonly number[];
  /** Goes on to the block at an index, which grows from call to call, and writes its features. */
  readonly write: (index: number, features: Float32Array, offset: number) => void;
}

/**
 * One quantity of a series as baselines see it, on the scale on which errors are alike everywhere; functions of the index of a
 * block, and of a horizon.
 */
export interface TargetView {
  readonly target: ForecastTarget;
  /** What came out, in the unit of the scores; NaN: not known. */
  readonly outcome: (index: number, horizon: number) => number;
  /** Unit of the scores → scale; increasing. */
  readonly toScale: (value: number) => number;
  /** The way back at a block and a horizon, no further than the outcome can be there: as the model is held too. */
  readonly fromScale: (scaled: number, index: number, horizon: number) => number;
  /** The latest known value on the scale. */
  readonly level: Float64Array;
  /** What changes are counted from: the fee that the rule gives, the usual value of a column, 0. */
  readonly anchor: (index: number) => number;
  /** What the fee rule alone says; null where it says nothing. */
  readonly byRule: ((index: number) => number) | null;
  readonly openFeatures: () => FeatureStream;
}

const same = (value: number): number => value;

export function viewOf(target: ForecastTarget, history: LoadHistory): TargetView {
  if (target === 'baseFee') return feeView(history);
  if (target === 'gasUsedRatio') return fullnessView(history);
  return columnView(target, history);
}

/** In logarithms of wei. */
function feeView(history: LoadHistory): TargetView {
  const anchor = (index: number): number => float64At(history.nextLogFee, index);
  return {
    target: 'baseFee',
    outcome: (index, horizon) => history.logFee[index + horizon] ?? NaN,
    toScale: same,
    fromScale: (scaled, index, horizon) => {
      const { least, most } = logFeeBounds(anchor(index), horizon - 1, history.rules[index] ?? null);
      return Math.min(most, Math.max(least, scaled));
    },
    level: history.logFee,
    anchor,
    byRule: anchor,
    openFeatures: () => openLoadFeatures(history),
  };
}

function fullnessView(history: LoadHistory): TargetView {
  const means = new ForwardMeans(history.fullness);
  return {
    target: 'gasUsedRatio',
    outcome: (index, horizon) => means.mean(index, horizon),
    toScale: same,
    fromScale: (scaled) => Math.min(1, Math.max(0, scaled)),
    level: history.fullness,
    anchor: () => 0,
    // The rule moves the fee until blocks use their target.
    byRule: (index) => 1 / (history.rules[index] ?? LONDON).elasticity,
    openFeatures: () => openLoadFeatures(history),
  };
}

function openLoadFeatures(history: LoadHistory): FeatureStream {
  const state = new LoadState(history);
  let next = 0;
  return {
    inputs: LOAD_FEATURES,
    linear: LINEAR_FEATURES,
    reaches: loadFeatureReaches(history.slotSeconds),
    write: (index, features, offset) => {
      for (; next <= index; next++) state.observe(blockAt(history.series, next));
      state.write(features, offset);
    },
  };
}

function columnView(column: ColumnTarget, history: LoadHistory): TargetView {
  const values = history.series[column] ?? new Float64Array(history.series.length).fill(NaN);
  const means = new ForwardMeans(values);
  const { toScale, fromScale, least, most } = COLUMN_SCALES[column];
  const state = new ColumnState(column, history.slotSeconds);
  const level = new Float64Array(values.length);
  const centre = new Float64Array(values.length);
  let known = 0;
  for (let index = 0; index < values.length; index++) {
    const value = float64At(values, index);
    if (!Number.isNaN(value)) known = toScale(value);
    state.observe(float64At(history.series.timestampSeconds, index), value);
    level[index] = known;
    centre[index] = state.centre;
  }
  return {
    target: column,
    outcome: (index, horizon) => means.mean(index, horizon),
    toScale,
    fromScale: (scaled) => Math.min(most, Math.max(least, fromScale(scaled))),
    level,
    anchor: (index) => float64At(centre, index),
    byRule: null,
    openFeatures: () => openColumnFeatures(column, values, history),
  };
}

/** The column's own first, so that its lags are what linear forecasts see. */
function openColumnFeatures(column: ColumnTarget, values: Float64Array, history: LoadHistory): FeatureStream {
  const own = new ColumnState(column, history.slotSeconds);
  const load = openLoadFeatures(history);
  let next = 0;
  return {
    inputs: COLUMN_FEATURES + LOAD_FEATURES,
    linear: COLUMN_LINEAR_FEATURES,
    reaches: [...columnFeatureReaches(history.slotSeconds), ...load.reaches],
    write: (index, features, offset) => {
      for (; next <= index; next++) {
        own.observe(float64At(history.series.timestampSeconds, next), float64At(values, next));
      }
      own.write(features, offset);
      load.write(index, features, offset + COLUMN_FEATURES);
    },
  };
}
