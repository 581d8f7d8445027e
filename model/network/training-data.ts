import { LanecastError } from '../../errors.js';
import type { Normaliser } from './network.js';

/** Examples in flat arrays; the lengths of `features` and `targets` say how many of them a row has. */
export interface TrainingData {
  readonly rows: number;
  /** Rows × inputs, row-major, finite. */
  readonly features: Float32Array;
  /** Rows × targets, row-major; NaN where a target is not known. */
  readonly targets: Float32Array;
  /** One for each row, not negative; by default 1. */
  readonly weights?: Float32Array | undefined;
}

/** Consecutive rows: from `start` up to but without `end`. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Buffers of one batch: `rows` rows are filled. */
export interface Batch {
  readonly rows: number;
  /** Normalised. */
  readonly features: Float32Array;
  /** Unknown targets are 0 here and weigh nothing. */
  readonly targets: Float32Array;
  /** Rows × targets: the row's weight, 0 where the target is not known. */
  readonly targetWeights: Float32Array;
}

export interface Shape {
  readonly inputs: number;
  readonly targets: number;
}

/** Throws `INVALID_ARGUMENT` where lengths do not fit each other, or features or weights are not finite. */
export function shapeOf(data: TrainingData): Shape {
  const { rows, features, targets, weights } = data;
  const shape = { inputs: features.length / rows, targets: targets.length / rows };
  if (!isPositiveInteger(shape.inputs)) throw bad(`${features.length} features for ${rows} rows`);
  if (!isPositiveInteger(shape.targets)) throw bad(`${targets.length} targets for ${rows} rows`);
  if (weights !== undefined && weights.length !== rows) throw bad(`${weights.length} weights for ${rows} rows`);
  const wrong = features.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw bad(`feature ${wrong % shape.inputs} of row ${Math.floor(wrong / shape.inputs)} is not finite`);
  if (weights?.some((weight) => !(weight >= 0 && Number.isFinite(weight))) === true) {
    throw bad('a weight is negative or not finite');
  }
  if (targets.some((value) => Math.abs(value) === Infinity)) throw bad('a target is infinite');
  return shape;
}

function isPositiveInteger(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}

/** Row numbers of ranges, in their order. Throws `INVALID_ARGUMENT` where a range leaves the rows. */
export function expandRanges(ranges: readonly RowRange[], rows: number): Uint32Array {
  let count = 0;
  for (const { start, end } of ranges) {
    const valid = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= rows;
    if (!valid) throw bad(`rows ${start} to ${end} of ${rows}`);
    count += end - start;
  }
  const expanded = new Uint32Array(count);
  let at = 0;
  for (const { start, end } of ranges) for (let row = start; row < end; row++) expanded[at++] = row;
  return expanded;
}

/** Mean and standard deviation of each feature over the given rows; the scale of a constant feature is 1. */
export function fitNormaliser(features: Float32Array, inputs: number, rows: Uint32Array): Normaliser {
  const mean = new Float64Array(inputs);
  const squares = new Float64Array(inputs);
  let count = 0;
  // Welford's update: no cancellation where the mean is large.
  for (const row of rows) {
    count += 1;
    for (let input = 0; input < inputs; input++) {
      const value = features[row * inputs + input] ?? 0;
      const before = value - (mean[input] ?? 0);
      mean[input] = (mean[input] ?? 0) + before / count;
      squares[input] = (squares[input] ?? 0) + before * (value - (mean[input] ?? 0));
    }
  }
  const scale = Float32Array.from(squares, (sum, input) => {
    const deviation = Math.sqrt(sum / Math.max(1, count));
    // What is smaller is rounding, or would be 0 as float32.
    return deviation > Math.max(1e-30, 1e-6 * Math.abs(mean[input] ?? 0)) ? deviation : 1;
  });
  return { mean: Float32Array.from(mean), scale };
}

/** Fills buffers with batch after batch of rows; the buffers are the same ones in each batch. */
export class BatchReader {
  readonly #data: TrainingData;
  readonly #shape: Shape;
  readonly #normaliser: Normaliser;
  readonly #features: Float32Array;
  readonly #targets: Float32Array;
  readonly #targetWeights: Float32Array;

  constructor(data: TrainingData, shape: Shape, normaliser: Normaliser, batchSize: number) {
    this.#data = data;
    this.#shape = shape;
    this.#normaliser = normaliser;
    this.#features = new Float32Array(batchSize * shape.inputs);
    this.#targets = new Float32Array(batchSize * shape.targets);
    this.#targetWeights = new Float32Array(batchSize * shape.targets);
  }

  /** At most as many rows as the batch size. */
  read(rows: Uint32Array): Batch {
    const { inputs, targets } = this.#shape;
    rows.forEach((row, index) => {
      this.#readFeatures(row * inputs, index * inputs);
      this.#readTargets(row, index);
    });
    return {
      rows: rows.length,
      features: this.#features.subarray(0, rows.length * inputs),
      targets: this.#targets.subarray(0, rows.length * targets),
      targetWeights: this.#targetWeights.subarray(0, rows.length * targets),
    };
  }

  #readFeatures(from: number, to: number): void {
    const { mean, scale } = this.#normaliser;
    for (let input = 0; input < this.#shape.inputs; input++) {
      const value = this.#data.features[from + input] ?? 0;
      this.#features[to + input] = (value - (mean[input] ?? 0)) / (scale[input] ?? 1);
    }
  }

  #readTargets(row: number, index: number): void {
    const { targets } = this.#shape;
    const weight = this.#data.weights?.[row] ?? 1;
    for (let target = 0; target < targets; target++) {
      const value = this.#data.targets[row * targets + target] ?? Number.NaN;
      const known = !Number.isNaN(value);
      this.#targets[index * targets + target] = known ? value : 0;
      this.#targetWeights[index * targets + target] = known ? weight : 0;
    }
  }
}

function bad(problem: string): LanecastError {
  return new LanecastError('INVALID_ARGUMENT', `Training data: ${problem}`);
}
