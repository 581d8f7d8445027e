import { beforeAll, describe, expect, it } from 'vitest';
import { createEvaluator } from '../../../model/network/evaluate.js';
import { predictNetwork } from '../../../model/network/graph.js';
import type { NetworkWeights } from '../../../model/network/network.js';
import { openTensorflow } from '../../../model/network/tensorflow.js';
import type { TensorflowRuntime } from '../../../model/network/tensorflow.js';
import { constantNetwork, makeData, randomNetwork } from './examples.js';

function evaluateRows(weights: NetworkWeights, features: Float32Array): number[] {
  const { inputs, outputs, evaluate } = createEvaluator(weights);
  const output = new Float32Array(outputs);
  return Array.from({ length: features.length / inputs }, (_, row) => {
    evaluate(features, row * inputs, output);
    return [...output];
  }).flat();
}

function largestDifference(some: ArrayLike<number>, others: ArrayLike<number>): number {
  expect(some.length).toBe(others.length);
  return Math.max(...Array.from(some, (value, index) => Math.abs(value - (others[index] ?? Number.NaN))));
}

describe('an evaluator', () => {
  let runtime: TensorflowRuntime;

  beforeAll(async () => {
    runtime = await openTensorflow();
  });

  it.each([
    [[32, 24, 1], 'linear'],
    [[5, 1], 'linear'],
    [[7, 6, 5, 3], 'linear'],
    [[2, 9, 2], 'linear'],
    [[1, 3, 1], 'ascending'],
    [[13, 10, 5], 'ascending'],
  ] as const)('of %j (%s) equals TensorFlow.js', (sizes, head) => {
    const network = randomNetwork(sizes, head, 11);
    const { features } = makeData(100, sizes[0], () => []);
    const expected = predictNetwork(runtime, network, features);
    const scale = Math.max(1, ...expected.map(Math.abs));
    expect(largestDifference(evaluateRows(network, features), expected) / scale).toBeLessThan(1e-5);
    expect(largestDifference(evaluateRows(network, features), expected)).toBeLessThan(1e-4);
  });

  it('knows known cases', () => {
    expect(evaluateRows(constantNetwork([1.5, -2], 'linear'), Float32Array.of(7))).toEqual([1.5, -2]);
    const steps = evaluateRows(constantNetwork([-1, 0, -800, 800], 'ascending'), Float32Array.of(7));
    expect(steps[0]).toBe(-1);
    expect(steps[1]).toBeCloseTo(-1 + Math.LN2, 6);
    expect(steps[2]).toBe(steps[1]);
    expect(steps[3]).toBeCloseTo(799 + Math.LN2, 3);
  });

  it('gives ascending quantiles for whatever weights', () => {
    const network = randomNetwork([4, 8, 5], 'ascending', 3);
    const values = evaluateRows(network, makeData(200, 4, () => []).features);
    expect(values.every((value, index) => index % 5 === 0 || value >= (values[index - 1] ?? Infinity))).toBe(true);
  });

  it('keeps precision where a feature is large against its spread', () => {
    const network = randomNetwork([1, 1], 'linear', 1);
    const shifted = { ...network, normaliser: { mean: Float32Array.of(1e6), scale: Float32Array.of(2) } };
    const [at, above] = evaluateRows(shifted, Float32Array.of(1e6, 1e6 + 2));
    const [layer] = shifted.layers;
    expect(at).toBeCloseTo(layer?.bias[0] ?? Number.NaN, 6);
    expect(above).toBeCloseTo((layer?.bias[0] ?? Number.NaN) + (layer?.kernel[0] ?? Number.NaN), 6);
  });

  it('does not see later changes of the weights', () => {
    const network = randomNetwork([3, 2, 1], 'linear', 9);
    const { evaluate } = createEvaluator(network);
    const [before, after] = [new Float32Array(1), new Float32Array(1)];
    evaluate(Float32Array.of(1, 2, 3), 0, before);
    network.layers.forEach(({ kernel, bias }) => {
      kernel.fill(0);
      bias.fill(0);
    });
    evaluate(Float32Array.of(1, 2, 3), 0, after);
    expect(after).toEqual(before);
  });
});
