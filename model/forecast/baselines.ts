import { float64At } from '../numbers.js';
import { quantileOf } from '../quantiles.js';
import { fitScaler, scaleFeatures, type FeatureScaler } from './forecast-network.js';
import { applyFit, LeastSquares } from './least-squares.js';
import { FORECAST_LEVELS } from './levels.js';
import { MovingAverages } from './moving-averages.js';
import { Recalibration } from './recalibration.js';
import type { TargetView } from './target-view.js';

/** What every forecaster is compared with. The last two are there for the sceptic. */
export type ForecastBaseline =
  'persistence' | 'eip1559' | 'climatology' | 'ewma' | 'seasonal' | 'linear' | 'linear-online' | 'linear-features';

/** Origins that baselines are fitted on, and whose residuals give their quantiles. */
export interface FitRange {
  readonly from: number;
  readonly to: number;
}

/** One number for what will come, on the view's scale, from what is known at a block. */
type Point = (index: number, features: Float32Array) => number;

interface FittedQuantiles {
  readonly horizon: number;
  /** At `FORECAST_LEVELS`. */
  readonly residuals: Float32Array;
  readonly recalibrationRate: number | undefined;
}

/** A baseline at one horizon: a point, with quantiles from its residuals in training. */
export class FittedBaseline {
  readonly name: ForecastBaseline;
  readonly #point: Point;
  readonly #residuals: Float32Array;
  readonly #horizon: number;
  readonly #recalibration: Recalibration;
  readonly #view: TargetView;

  constructor(name: ForecastBaseline, view: TargetView, point: Point, fitted: FittedQuantiles) {
    this.name = name;
    this.#view = view;
    this.#point = point;
    this.#residuals = fitted.residuals;
    this.#horizon = fitted.horizon;
    this.#recalibration = new Recalibration(fitted.horizon, name === 'linear-online' ? fitted.recalibrationRate : 0);
  }

  /** Writes quantiles in the unit of the scores; answers the point on the view's scale, for `learn`. */
  forecast(index: number, features: Float32Array, quantiles: Float64Array): number {
    const point = this.#point(index, features);
    this.#recalibration.apply(this.#residuals, 0, quantiles);
    for (let level = 0; level < quantiles.length; level++) {
      quantiles[level] = this.#view.fromScale(point + float64At(quantiles, level), index, this.#horizon);
    }
    return point;
  }

  /** `outcome`: in the unit of the scores. */
  learn(point: number, outcome: number): void {
    this.#recalibration.learn(this.#residuals, 0, this.#view.toScale(outcome) - point);
  }
}

/** In blocks; of 1 it is persistence. */
const EWMA_SPANS = [1, 2, 4, 8, 32, 128, 512, 2048];
const HOURS_OF_A_WEEK = 168;
/** Residuals that quantiles are taken from, and rows that all features are fitted on, at most. */
const MOST_ROWS = 200_000;

/** All that baselines of one quantity share between horizons. */
export class BaselineFitter {
  /** Numbers that `FittedBaseline.forecast` wants of a block. */
  readonly inputs: number;
  readonly #view: TargetView;
  readonly #range: FitRange;
  readonly #timestampSeconds: Float64Array;
  /** Every so many origins give a residual. */
  readonly #step: number;
  readonly #linear: Float32Array;
  readonly #sampled: Float32Array;
  readonly #scaler: FeatureScaler;
  readonly #linearSquares: LeastSquares;
  readonly #allSquares: LeastSquares;
  readonly #ewmas: readonly Float64Array[];

  constructor(view: TargetView, range: FitRange, timestampSeconds: Float64Array) {
    this.#view = view;
    this.#range = range;
    this.#timestampSeconds = timestampSeconds;
    const rows = range.to - range.from;
    this.#step = Math.ceil(rows / MOST_ROWS);
    const { linear, inputs, reaches, write } = view.openFeatures();
    this.inputs = inputs;
    this.#linear = new Float32Array(rows * linear);
    this.#sampled = new Float32Array(Math.ceil(rows / this.#step) * inputs);
    const one = new Float32Array(inputs);
    for (let row = 0; row < rows; row++) {
      write(range.from + row, one, 0);
      this.#linear.set(one.subarray(0, linear), row * linear);
      if (row % this.#step === 0) this.#sampled.set(one, (row / this.#step) * inputs);
    }
    this.#scaler = fitScaler(this.#sampled, reaches, rows);
    const first = { mean: this.#scaler.mean.subarray(0, linear), scale: this.#scaler.scale.subarray(0, linear) };
    for (let at = 0; at < this.#linear.length; at += linear) scaleFeatures(this.#linear, at, first);
    for (let at = 0; at < this.#sampled.length; at += inputs) this.scale(this.#sampled, at);
    const sampled = this.#sampled.length / inputs;
    this.#linearSquares = new LeastSquares({ features: this.#linear, stride: linear, inputs: linear }, rows);
    this.#allSquares = new LeastSquares({ features: this.#sampled, stride: inputs, inputs }, sampled);
    this.#ewmas = EWMA_SPANS.map((span) => movingAverage(view.level, span));
  }

  /** Brings features of the view to what `FittedBaseline.forecast` wants, in place: on the scale, and with the bounds, of a network. */
  scale(features: Float32Array, offset: number): void {
    scaleFeatures(features, offset, this.#scaler);
  }

  /** All baselines that the quantity has. `recalibrationRate`: of the one that learns online. */
  fit(horizon: number, recalibrationRate: number | undefined): FittedBaseline[] {
    const { level, anchor, byRule } = this.#view;
    const linear = this.#fitLinear(horizon);
    const climatology = this.#mean(horizon);
    const seasonal = this.#fitSeasonal(horizon);
    const ewma = this.#ewmas[this.#bestEwma(horizon)] ?? level;
    const all = this.#fitAll(horizon);
    const fitted = (point: Point): FittedQuantiles => {
      return { horizon, recalibrationRate, residuals: this.#residuals(horizon, point) };
    };
    const points: readonly (readonly [ForecastBaseline, Point | null])[] = [
      ['persistence', (index) => float64At(level, index)],
      ['eip1559', byRule],
      ['climatology', () => climatology],
      ['ewma', (index) => float64At(ewma, index)],
      ['seasonal', (index) => anchor(index) + float64At(seasonal, this.#hourOfWeek(index))],
      ['linear', linear],
      ['linear-online', linear],
      ['linear-features', all],
    ];
    return points.flatMap(([name, point]) =>
      point === null ? [] : [new FittedBaseline(name, this.#view, point, fitted(point))],
    );
  }

  #outcome(index: number, horizon: number): number {
    return this.#view.toScale(this.#view.outcome(index, horizon));
  }

  #residuals(horizon: number, point: Point): Float32Array {
    const residuals: number[] = [];
    for (let row = 0; row * this.inputs < this.#sampled.length; row++) {
      const index = this.#range.from + row * this.#step;
      const features = this.#sampled.subarray(row * this.inputs, (row + 1) * this.inputs);
      const residual = this.#outcome(index, horizon) - point(index, features);
      if (!Number.isNaN(residual)) residuals.push(residual);
    }
    const ascending = Float64Array.from(residuals).sort();
    return Float32Array.from(FORECAST_LEVELS, (level) => quantileOf(ascending, level));
  }

  #fitLinear(horizon: number): Point {
    const { from } = this.#range;
    const { anchor } = this.#view;
    const coefficients = this.#linearSquares.fit((row) => this.#outcome(from + row, horizon) - anchor(from + row));
    return (index, features) => anchor(index) + applyFit(coefficients, features, 0);
  }

  #fitAll(horizon: number): Point {
    const { from } = this.#range;
    const { anchor } = this.#view;
    const indexOf = (row: number): number => from + row * this.#step;
    const coefficients = this.#allSquares.fit((row) => this.#outcome(indexOf(row), horizon) - anchor(indexOf(row)));
    return (index, features) => anchor(index) + applyFit(coefficients, features, 0);
  }

  #mean(horizon: number): number {
    let [sum, known] = [0, 0];
    for (let index = this.#range.from; index < this.#range.to; index++) {
      const outcome = this.#outcome(index, horizon);
      if (Number.isNaN(outcome)) continue;
      sum += outcome;
      known += 1;
    }
    return known === 0 ? 0 : sum / known;
  }

  /** Mean change from the anchor by hour of the week; of hours never seen the mean of all. */
  #fitSeasonal(horizon: number): Float64Array {
    const sums = new Float64Array(HOURS_OF_A_WEEK);
    const counts = new Float64Array(HOURS_OF_A_WEEK);
    let [sum, count] = [0, 0];
    for (let index = this.#range.from; index < this.#range.to; index++) {
      const change = this.#outcome(index, horizon) - this.#view.anchor(index);
      if (Number.isNaN(change)) continue;
      const hour = this.#hourOfWeek(index);
      sums[hour] = float64At(sums, hour) + change;
      counts[hour] = float64At(counts, hour) + 1;
      sum += change;
      count += 1;
    }
    const mean = count === 0 ? 0 : sum / count;
    return sums.map((each, hour) => (float64At(counts, hour) > 0 ? each / float64At(counts, hour) : mean));
  }

  #hourOfWeek(index: number): number {
    return Math.floor(float64At(this.#timestampSeconds, index) / 3600) % HOURS_OF_A_WEEK;
  }

  /** The span of least absolute error over the range. */
  #bestEwma(horizon: number): number {
    const errors = this.#ewmas.map((ewma) => {
      let sum = 0;
      for (let index = this.#range.from; index < this.#range.to; index += this.#step) {
        const error = Math.abs(this.#outcome(index, horizon) - float64At(ewma, index));
        if (!Number.isNaN(error)) sum += error;
      }
      return sum;
    });
    return errors.indexOf(Math.min(...errors));
  }
}

function movingAverage(values: Float64Array, span: number): Float64Array {
  const averages = new MovingAverages([span]);
  return values.map((value) => {
    averages.observe(value);
    return averages.mean(0);
  });
}
