import type { Random } from '../../datasets/generate/random.js';
import type { Loss } from './loss.js';
import type { DenseLayer } from './network.js';
import type { TrainingData } from './training-data.js';

/** Quantiles start at least this far apart, or softplus would hardly let them move. */
const LEAST_SPREAD = 0.05;

/**
 * Layers of `sizes[0]` inputs, hidden sizes and outputs. Kernels are uniform, scaled as He et al. 2015 for layers with
 * ReLU and as Glorot and Bengio 2010 for the output; hidden biases are 0.
 */
export function initialLayers(sizes: readonly number[], outputBias: Float32Array, random: Random): DenseLayer[] {
  return sizes.slice(1).map((units, index) => {
    const inputs = sizes[index] ?? 0;
    const last = index === sizes.length - 2;
    const limit = Math.sqrt(6 / (last ? inputs + units : inputs));
    return {
      units,
      activation: last ? 'linear' : 'relu',
      kernel: Float32Array.from({ length: inputs * units }, () => (2 * random.unit() - 1) * limit),
      bias: last ? outputBias : new Float32Array(units),
    };
  });
}

/** Output biases with which a network that ignores its features is about right: log-odds, or quantiles. */
export function outputBiases(loss: Loss, data: TrainingData, targets: number, rows: Uint32Array): Float32Array {
  if (loss.kind === 'pinball') {
    const each = Array.from({ length: targets }, (_, target) => [...quantileBiases(loss.levels, data, target, rows)]);
    return Float32Array.from(each.flat());
  }
  return Float32Array.from({ length: targets }, (_, target) => logOdds(data, target, rows));
}

function logOdds(data: TrainingData, target: number, rows: Uint32Array): number {
  const targets = data.targets.length / data.rows;
  let [positive, total] = [0.5, 1];
  for (const row of rows) {
    const value = data.targets[row * targets + target] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const weight = data.weights?.[row] ?? 1;
    positive += weight * value;
    total += weight;
  }
  return Math.log(positive / (total - positive));
}

function quantileBiases(
  levels: readonly number[],
  data: TrainingData,
  target: number,
  rows: Uint32Array,
): Float32Array {
  const targets = data.targets.length / data.rows;
  const valueOf = (row: number): number => data.targets[row * targets + target] ?? 0;
  const sorted = rows.filter((row) => !Number.isNaN(valueOf(row))).sort((a, b) => valueOf(a) - valueOf(b));
  const weightOf = (row: number): number => data.weights?.[row] ?? 1;
  const total = sorted.reduce((sum, row) => sum + weightOf(row), 0);
  let [at, below] = [0, 0];
  let before = 0;
  return Float32Array.from(levels, (level, index) => {
    while (at < sorted.length - 1 && below + weightOf(sorted[at] ?? 0) < level * total) {
      below += weightOf(sorted[at] ?? 0);
      at += 1;
    }
    const quantile = valueOf(sorted[at] ?? 0);
    const step = index === 0 ? quantile : Math.max(LEAST_SPREAD, quantile - before);
    before = index === 0 ? quantile : before + step;
    return index === 0 ? quantile : inverseSoftplus(step);
  });
}

function inverseSoftplus(value: number): number {
  return value + Math.log(-Math.expm1(-value));
}
