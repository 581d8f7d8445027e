import { outputCount } from './network.js';
import type { DenseLayer, NetworkWeights, Normaliser } from './network.js';

/** Evaluates one network without TensorFlow.js; holds scratch space, so one evaluation at a time. */
export interface Evaluator {
  readonly inputs: number;
  readonly outputs: number;
  /**
   * Reads `inputs` raw features from index `offset` on and writes `outputs` numbers from index 0 of `output` on: logits or
   * whatever the network was trained to, or ascending quantiles. Allocates nothing; the caller sees to the lengths.
   */
  readonly evaluate: (features: Float32Array, offset: number, output: Float32Array) => void;
}

/** A layer ready to run: four units at a time, so that each input is loaded once for them. */
interface FlatLayer {
  readonly inputs: number;
  /** A multiple of 4; what was added is 0. */
  readonly units: number;
  readonly relu: boolean;
  /** Units in groups of 4; in a group, input by input, 4 entries. Float64, as JavaScript computes. */
  readonly kernel: Float64Array;
  readonly bias: Float64Array;
}

/** Lays a network out for evaluation, with the normaliser folded into the first layer; copies what it needs. */
export function createEvaluator(weights: NetworkWeights): Evaluator {
  const { inputs, head, groups = 1 } = weights;
  const outputs = outputCount(weights);
  const layers = weights.layers.map((layer, index) => flatten(layer, index === 0 ? weights.normaliser : null));
  const width = Math.max(inputs, ...layers.map(({ units }) => units));
  const [first, second] = [new Float64Array(width), new Float64Array(width)];
  return {
    inputs,
    outputs,
    evaluate(features, offset, output): void {
      for (let input = 0; input < inputs; input++) first[input] = features[offset + input] ?? 0;
      let from = first;
      let to = second;
      for (const layer of layers) {
        runLayer(layer, from, to);
        const swap = from;
        from = to;
        to = swap;
      }
      if (head === 'ascending') accumulate(from, outputs, outputs / groups);
      for (let index = 0; index < outputs; index++) output[index] = from[index] ?? 0;
    },
  };
}

function flatten(layer: DenseLayer, normaliser: Normaliser | null): FlatLayer {
  const inputs = layer.kernel.length / layer.units;
  const units = Math.ceil(layer.units / 4) * 4;
  const kernel = new Float64Array(inputs * units);
  const bias = new Float64Array(units);
  bias.set(layer.bias);
  for (let unit = 0; unit < layer.units; unit++) {
    const group = (unit - (unit % 4)) * inputs + (unit % 4);
    for (let input = 0; input < inputs; input++) {
      const entry = (layer.kernel[input * layer.units + unit] ?? 0) / (normaliser?.scale[input] ?? 1);
      kernel[group + input * 4] = entry;
      bias[unit] = (bias[unit] ?? 0) - entry * (normaliser?.mean[input] ?? 0);
    }
  }
  return { inputs, units, relu: layer.activation === 'relu', kernel, bias };
}

function runLayer(layer: FlatLayer, from: Float64Array, to: Float64Array): void {
  const { inputs, units, relu, kernel, bias } = layer;
  let at = 0;
  for (let unit = 0; unit < units; unit += 4) {
    let sum0 = bias[unit] ?? 0;
    let sum1 = bias[unit + 1] ?? 0;
    let sum2 = bias[unit + 2] ?? 0;
    let sum3 = bias[unit + 3] ?? 0;
    for (let input = 0; input < inputs; input++) {
      const value = from[input] ?? 0;
      sum0 += value * (kernel[at] ?? 0);
      sum1 += value * (kernel[at + 1] ?? 0);
      sum2 += value * (kernel[at + 2] ?? 0);
      sum3 += value * (kernel[at + 3] ?? 0);
      at += 4;
    }
    to[unit] = relu && sum0 < 0 ? 0 : sum0;
    to[unit + 1] = relu && sum1 < 0 ? 0 : sum1;
    to[unit + 2] = relu && sum2 < 0 ? 0 : sum2;
    to[unit + 3] = relu && sum3 < 0 ? 0 : sum3;
  }
}

/** See `Head`. */
function accumulate(values: Float64Array, count: number, groupSize: number): void {
  for (let index = 1; index < count; index++) {
    if (index % groupSize === 0) continue;
    values[index] = (values[index - 1] ?? 0) + softplus(values[index] ?? 0);
  }
}

function softplus(value: number): number {
  return Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)));
}
