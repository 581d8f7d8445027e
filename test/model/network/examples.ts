import { Random } from '../../../datasets/generate/random.js';
import type { DenseLayer, Head, NetworkWeights } from '../../../model/network/network.js';
import type { TrainingData } from '../../../model/network/training-data.js';

/** Rows of `inputs` normal features (mean 5, deviation 3) with targets by a rule over the standardised ones. */
export function makeData(
  rows: number,
  inputs: number,
  targetsOf: (standardised: Float32Array, random: Random) => readonly number[],
): TrainingData {
  const random = new Random(41);
  const features = new Float32Array(rows * inputs);
  const targets: number[] = [];
  for (let row = 0; row < rows; row++) {
    const standardised = Float32Array.from({ length: inputs }, () => random.normal());
    features.set(
      standardised.map((value) => value * 3 + 5),
      row * inputs,
    );
    targets.push(...targetsOf(standardised, random));
  }
  return { rows, features, targets: Float32Array.from(targets) };
}

/** A network of random weights and a random normaliser. */
export function randomNetwork(sizes: readonly number[], head: Head, seed: number): NetworkWeights {
  const random = new Random(seed);
  const draw = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
  const inputs = sizes[0] ?? 1;
  const layers = sizes.slice(1).map((units, index): DenseLayer => {
    const last = index === sizes.length - 2;
    const fanIn = sizes[index] ?? 1;
    const kernel = draw(fanIn * units).map((value) => value / Math.sqrt(fanIn));
    return { units, activation: last ? 'linear' : 'relu', kernel, bias: draw(units) };
  });
  const scale = draw(inputs).map((value) => 0.1 + Math.abs(value));
  return { inputs, normaliser: { mean: draw(inputs), scale }, layers, head };
}

/** A network of one input whose outputs are the given ones, whatever the input. */
export function constantNetwork(outputs: readonly number[], head: Head): NetworkWeights {
  return {
    inputs: 1,
    normaliser: { mean: Float32Array.of(0), scale: Float32Array.of(1) },
    layers: [
      {
        units: outputs.length,
        activation: 'linear',
        kernel: new Float32Array(outputs.length),
        bias: Float32Array.from(outputs),
      },
    ],
    head,
  };
}
