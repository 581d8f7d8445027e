import type { DenseLayer, NetworkWeights } from './network.js';
import { outputCount } from './network.js';
import type { Rank, Tensor2D, TensorflowRuntime, Variable } from './tensorflow.js';

type Tf = TensorflowRuntime['tf'];
type HeadShape = Pick<NetworkWeights, 'head' | 'groups'>;

/** A dense layer that can be trained; whoever created it disposes of it. */
export interface LayerVariables {
  readonly activation: DenseLayer['activation'];
  readonly kernel: Variable<Rank.R2>;
  readonly bias: Variable<Rank.R1>;
}

const PREDICTION_ROWS = 4096;

export function createVariables(tf: Tf, weights: NetworkWeights): LayerVariables[] {
  return tf.tidy(() =>
    weights.layers.map(({ units, activation, kernel, bias }) => ({
      activation,
      // Copies: the CPU backend keeps the arrays that it is given.
      kernel: tf.variable(tf.tensor2d(kernel.slice(), [kernel.length / units, units])),
      bias: tf.variable(tf.tensor1d(bias.slice())),
    })),
  );
}

export function disposeVariables(layers: readonly LayerVariables[]): void {
  for (const { kernel, bias } of layers) {
    kernel.dispose();
    bias.dispose();
  }
}

/** Copies what the variables hold now. */
export function readLayers(layers: readonly LayerVariables[]): DenseLayer[] {
  return layers.map(({ activation, kernel, bias }) => ({
    units: bias.size,
    activation,
    kernel: Float32Array.from(kernel.dataSync()),
    bias: Float32Array.from(bias.dataSync()),
  }));
}

/** Outputs of the last layer, before the head, from normalised features; within a tidy. */
export function forward(tf: Tf, layers: readonly LayerVariables[], features: Tensor2D): Tensor2D {
  let values = features;
  for (const { activation, kernel, bias } of layers) {
    const sums = tf.add<Tensor2D>(tf.matMul(values, kernel), bias);
    values = activation === 'relu' ? tf.relu(sums) : sums;
  }
  return values;
}

/** What the outputs mean, see `Head`; within a tidy. */
export function applyHead(tf: Tf, { head, groups = 1 }: HeadShape, outputs: Tensor2D): Tensor2D {
  if (head === 'linear') return outputs;
  const count = outputs.shape[1] / groups;
  return tf.reshape(ascend(tf, tf.reshape(outputs, [outputs.shape[0] * groups, count])), outputs.shape);
}

function ascend(tf: Tf, outputs: Tensor2D): Tensor2D {
  const count = outputs.shape[1];
  const first = tf.tensor1d(Float32Array.from({ length: count }, (_, index) => (index === 0 ? 1 : 0)));
  const upperTriangle = tf.tensor2d(
    Float32Array.from({ length: count * count }, (_, at) => (Math.floor(at / count) <= at % count ? 1 : 0)),
    [count, count],
  );
  const rest = tf.mul<Tensor2D>(tf.softplus(outputs), tf.sub(1, first));
  return tf.matMul(tf.add<Tensor2D>(tf.mul(outputs, first), rest), upperTriangle);
}

/** Evaluates a network with TensorFlow.js. Features: rows × inputs; result: rows × outputs; both row-major. */
export function predictNetwork(
  runtime: TensorflowRuntime,
  weights: NetworkWeights,
  features: Float32Array,
): Float32Array {
  const { tf } = runtime;
  const { inputs, normaliser } = weights;
  const rows = features.length / inputs;
  const result = new Float32Array(rows * outputCount(weights));
  const layers = createVariables(tf, weights);
  try {
    for (let start = 0; start < rows; start += PREDICTION_ROWS) {
      const end = Math.min(rows, start + PREDICTION_ROWS);
      const outputs = tf.tidy(() => {
        const raw = tf.tensor2d(features.slice(start * inputs, end * inputs), [end - start, inputs]);
        const normalised = tf.div<Tensor2D>(tf.sub(raw, normaliser.mean), normaliser.scale);
        return applyHead(tf, weights, forward(tf, layers, normalised)).dataSync();
      });
      result.set(outputs, start * outputCount(weights));
    }
  } finally {
    disposeVariables(layers);
  }
  return result;
}
