import { beforeAll, describe, expect, it } from 'vitest';
import { createEvaluator } from '../../../model/network/evaluate.js';
import { predictNetwork } from '../../../model/network/graph.js';
import type { NetworkWeights } from '../../../model/network/network.js';
import { openTensorflow } from '../../../model/network/tensorflow.js';
import type { TensorflowRuntime } from '../../../model/network/tensorflow.js';
import { trainNetwork } from '../../../model/network/train.js';
import type { TrainingData, TrainingOptions } from '../../../model/network/train.js';
import { constantNetwork, makeData, randomNetwork } from './examples.js';

const CROSS_ENTROPY = { kind: 'binary-cross-entropy' } as const;
const PINBALL = { kind: 'pinball', levels: [0.1, 0.5, 0.9] } as const;
const NAN = Number.NaN;

/** 1 where two features have the same sign: no linear model knows. */
function sameSign(rows: number): TrainingData {
  return makeData(rows, 3, ([x = 0, y = 0]) => [x * y > 0 ? 1 : 0]);
}

function splitAt(training: number, rows: number): NonNullable<TrainingOptions['split']> {
  return { training: [{ start: 0, end: training }], validation: [{ start: training, end: rows }] };
}

/** Share of outputs that are on their target's side of 0, over rows from `start` on, of known targets only. */
function accuracy(outputs: Float32Array, targets: Float32Array, start: number): number {
  const hits: number[] = [];
  for (let at = start; at < targets.length; at++) {
    const target = targets[at] ?? NAN;
    if (!Number.isNaN(target)) hits.push((outputs[at] ?? NAN) > 0 === target > 0.5 ? 1 : 0);
  }
  return hits.reduce((sum, hit) => sum + hit, 0) / hits.length;
}

describe('trainNetwork', () => {
  let runtime: TensorflowRuntime;

  beforeAll(async () => {
    runtime = await openTensorflow();
  });

  /** Loss of a network that no epoch has changed. */
  async function lossOf(
    initial: NetworkWeights,
    targets: readonly number[],
    loss: TrainingOptions['loss'],
    weights?: readonly number[],
  ): Promise<number | null | undefined> {
    const rows = targets.length;
    const data = {
      rows,
      features: new Float32Array(rows),
      targets: Float32Array.from(targets),
      weights: weights && Float32Array.from(weights),
    };
    const split = { training: [{ start: 0, end: rows }], validation: [{ start: 0, end: rows }] };
    const { epochs } = await trainNetwork(runtime, data, { loss, seed: 1, initial, epochs: 0, split });
    return epochs[0]?.validationLoss;
  }

  it('learns what needs hidden units, and on what it has not seen', async () => {
    const data = sameSign(3000);
    const options = { loss: CROSS_ENTROPY, seed: 3, hidden: [16, 8], epochs: 25, batchSize: 64, learningRate: 0.01 };
    const { weights, epochs, bestEpoch } = await trainNetwork(runtime, data, {
      ...options,
      split: splitAt(2400, 3000),
    });
    expect(accuracy(predictNetwork(runtime, weights, data.features), data.targets, 2400)).toBeGreaterThan(0.95);
    expect(epochs[bestEpoch]?.validationLoss).toBe(
      Math.min(...epochs.map(({ validationLoss }) => validationLoss ?? NAN)),
    );
    expect(weights.layers.map(({ units, activation }) => [units, activation])).toEqual([
      [16, 'relu'],
      [8, 'relu'],
      [1, 'linear'],
    ]);
  });

  it('gives the same weights for the same seed, and others for another', async () => {
    const options = { loss: CROSS_ENTROPY, seed: 3, hidden: [4], epochs: 2, batchSize: 64, learningRateDecay: 0.5 };
    const [first, second, other] = [
      await trainNetwork(runtime, sameSign(300), options),
      await trainNetwork(runtime, sameSign(300), options),
      await trainNetwork(runtime, sameSign(300), { ...options, seed: 4 }),
    ];
    expect(second).toEqual(first);
    expect(other.weights).not.toEqual(first.weights);
  });

  it('leaves no tensors behind, even when progress throws', async () => {
    const before = runtime.tf.memory().numTensors;
    const data = sameSign(300);
    const options = { seed: 3, hidden: [4], epochs: 3, learningRateDecay: 0.9, weightDecay: 0.1 };
    await trainNetwork(runtime, data, { ...options, loss: CROSS_ENTROPY, split: splitAt(200, 300), patience: 1 });
    const { weights } = await trainNetwork(runtime, data, { ...options, loss: PINBALL });
    predictNetwork(runtime, weights, data.features);
    const progress = (): never => {
      throw new Error('planted');
    };
    await expect(trainNetwork(runtime, data, { ...options, loss: CROSS_ENTROPY, progress })).rejects.toThrow('planted');
    expect(runtime.tf.memory().numTensors).toBe(before);
  });

  it('computes the cross-entropy, however large the logits', async () => {
    const at = (logit: number): NetworkWeights => constantNetwork([logit], 'linear');
    expect(await lossOf(at(0), [0, 1], CROSS_ENTROPY)).toBeCloseTo(Math.LN2, 5);
    expect(await lossOf(at(2), [0, 1, 1], CROSS_ENTROPY)).toBeCloseTo(Math.log(1 + Math.exp(-2)) + 2 / 3, 5);
    expect(await lossOf(at(2), [0, 1], CROSS_ENTROPY, [3, 1])).toBeCloseTo(Math.log(1 + Math.exp(-2)) + 1.5, 5);
    expect(await lossOf(at(500), [0], CROSS_ENTROPY)).toBeCloseTo(500, 3);
    expect(await lossOf(at(-500), [1], CROSS_ENTROPY)).toBeCloseTo(500, 3);
    expect(await lossOf(at(500), [1], CROSS_ENTROPY)).toBeCloseTo(0, 5);
    expect(await lossOf(at(-500), [0, NAN], CROSS_ENTROPY)).toBeCloseTo(0, 5);
  });

  it('computes the pinball loss of the quantiles', async () => {
    // Quantiles 0, ln 2, 2 ln 2.
    const network = constantNetwork([0, 0, 0], 'ascending');
    const below = (0.9 * 1 + 0.5 * (1 + Math.LN2) + 0.1 * (1 + 2 * Math.LN2)) / 3;
    const above = (0.1 * 2 + 0.5 * (2 - Math.LN2) + 0.9 * (2 - 2 * Math.LN2)) / 3;
    expect(await lossOf(network, [-1], PINBALL)).toBeCloseTo(below, 5);
    expect(await lossOf(network, [2, NAN], PINBALL)).toBeCloseTo(above, 5);
    expect(await lossOf(network, [-1, 2], PINBALL, [1, 3])).toBeCloseTo((below + 3 * above) / 4, 5);
  });

  it('learns quantiles that cover as often as they should, wider where there is more noise', async () => {
    const data = makeData(6000, 2, ([x = 0, y = 0], random) => [x + (0.2 + Math.abs(y)) * random.normal()]);
    const options = { loss: PINBALL, seed: 5, hidden: [16], epochs: 20, batchSize: 64, learningRate: 0.01 };
    const { weights } = await trainNetwork(runtime, data, { ...options, split: splitAt(4000, 6000) });
    const { evaluate } = createEvaluator(weights);
    const [output, below, width] = [new Float32Array(3), [0, 0, 0], { calm: 0, noisy: 0 }];
    for (let row = 4000; row < 6000; row++) {
      evaluate(data.features, row * 2, output);
      const [low = NAN, , high = NAN] = output;
      output.forEach((quantile, level) => {
        if ((data.targets[row] ?? NAN) <= quantile) below[level] = (below[level] ?? 0) + 1 / 2000;
      });
      const noise = Math.abs(((data.features[row * 2 + 1] ?? NAN) - 5) / 3);
      if (noise < 0.3) width.calm = Math.max(width.calm, high - low);
      if (noise > 1.5 && noise < 2) width.noisy = Math.max(width.noisy, high - low);
    }
    PINBALL.levels.forEach((level, index) => expect(Math.abs((below[index] ?? NAN) - level)).toBeLessThan(0.04));
    expect(width.noisy).toBeGreaterThan(2 * width.calm);
  });

  it('learns several targets, each from the rows that know it', async () => {
    const data = makeData(3000, 2, ([x = 0, y = 0], random) => [
      x > 0 ? 1 : 0,
      random.chance(0.5) ? NAN : y > 0 ? 1 : 0,
    ]);
    const options = { loss: CROSS_ENTROPY, seed: 1, hidden: [4], epochs: 10, batchSize: 64, learningRate: 0.01 };
    const { weights, epochs } = await trainNetwork(runtime, data, options);
    expect(accuracy(predictNetwork(runtime, weights, data.features), data.targets, 0)).toBeGreaterThan(0.97);
    expect(epochs.every(({ trainingLoss }) => trainingLoss === null || Number.isFinite(trainingLoss))).toBe(true);
  });

  it('takes nothing from rows of weight 0 or of unknown target', async () => {
    const data = sameSign(200);
    const options = { loss: CROSS_ENTROPY, seed: 2, hidden: [4], epochs: 2, batchSize: 32 };
    const flipped = { ...data, targets: data.targets.map((target, row) => (row % 2 === 0 ? target : 1 - target)) };
    const unknown = { ...data, targets: data.targets.map((target, row) => (row % 2 === 0 ? target : NAN)) };
    const weights = Float32Array.from({ length: 200 }, (_, row) => (row + 1) % 2);
    const expected = await trainNetwork(runtime, unknown, options);
    expect(await trainNetwork(runtime, { ...data, weights }, options)).toEqual(expected);
    expect(await trainNetwork(runtime, { ...flipped, weights }, options)).toEqual(expected);
  });

  it('stops when the held-out rows get no better, and returns the best epoch', async () => {
    const data = makeData(200, 10, (_, random) => [random.chance(0.5) ? 1 : 0]);
    const options = { loss: CROSS_ENTROPY, seed: 8, hidden: [32], epochs: 200, batchSize: 16, learningRate: 0.02 };
    const reports: number[] = [];
    const { weights, bestEpoch, epochs } = await trainNetwork(runtime, data, {
      ...options,
      split: splitAt(100, 200),
      patience: 3,
      progress: ({ epoch }) => reports.push(epoch),
    });
    expect(epochs.at(-1)?.epoch).toBe(bestEpoch + 3);
    expect(reports).toEqual(epochs.slice(1).map(({ epoch }) => epoch));
    const again = await trainNetwork(runtime, data, {
      loss: CROSS_ENTROPY,
      seed: 1,
      initial: weights,
      epochs: 0,
      split: splitAt(100, 200),
    });
    expect(again.epochs[0]?.validationLoss).toBe(epochs[bestEpoch]?.validationLoss);
  });

  it('trains on from given weights, with their normaliser', async () => {
    const options = { loss: CROSS_ENTROPY, seed: 3, epochs: 10, batchSize: 64, learningRate: 0.01 };
    const before = makeData(1000, 2, ([x = 0]) => [x > 0 ? 1 : 0]);
    const after = makeData(1000, 2, ([x = 0]) => [x > 1 ? 1 : 0]);
    const initial = (await trainNetwork(runtime, before, { ...options, hidden: [4] })).weights;
    const kept = structuredClone(initial);
    const tuned = await trainNetwork(runtime, after, { ...options, initial, split: splitAt(700, 1000) });
    expect(tuned.weights.normaliser).toEqual(initial.normaliser);
    expect(tuned.epochs[tuned.bestEpoch]?.validationLoss).toBeLessThan((tuned.epochs[0]?.validationLoss ?? NAN) / 2);
    expect(accuracy(predictNetwork(runtime, tuned.weights, after.features), after.targets, 0)).toBeGreaterThan(0.95);
    expect(initial).toEqual(kept);
  });

  it('shrinks the weights by their decay', async () => {
    const norm = async (weightDecay: number): Promise<number> => {
      const options = { loss: CROSS_ENTROPY, seed: 3, hidden: [8], epochs: 10, batchSize: 32, learningRate: 0.01 };
      const { weights } = await trainNetwork(runtime, sameSign(500), { ...options, weightDecay });
      return weights.layers.reduce(
        (sum, { kernel }) => sum + kernel.reduce((total, entry) => total + entry ** 2, 0),
        0,
      );
    };
    expect(await norm(0.1)).toBeLessThan((await norm(0)) / 2);
  });

  it('fits the normaliser on training rows only, and survives constant features', async () => {
    const features = Float32Array.of(1, 7, 3, 7, 1000, 7);
    const data = { rows: 3, features, targets: Float32Array.of(0, 1, 1) };
    const { weights } = await trainNetwork(runtime, data, {
      loss: CROSS_ENTROPY,
      seed: 1,
      hidden: [],
      epochs: 1,
      split: splitAt(2, 3),
    });
    expect(weights.normaliser).toEqual({ mean: Float32Array.of(2, 7), scale: Float32Array.of(1, 1) });
    expect(weights.layers).toHaveLength(1);
  });

  it.each([
    ['neither layers nor a network', {}, /neither hidden layers nor a network/],
    ['both', { hidden: [3], initial: randomNetwork([3, 1], 'linear', 1) }, /hidden layers are given/],
    ['a network of other inputs', { initial: randomNetwork([2, 1], 'linear', 1) }, /other inputs or outputs/],
    ['a network of another head', { initial: randomNetwork([3, 1], 'ascending', 1) }, /other inputs or outputs/],
    ['half a unit', { hidden: [1.5] }, /hidden layers 1\.5/],
    ['rows that are not there', { hidden: [2], split: splitAt(10, 21) }, /rows 10 to 21 of 20/],
    ['no training rows', { hidden: [2], split: splitAt(0, 20) }, /no row to train on/],
    ['patience without held-out rows', { hidden: [2], patience: 2 }, /patience needs held-out rows/],
    ['a learning rate of 0', { hidden: [2], learningRate: 0 }, /learning rate 0/],
    ['levels that fall', { hidden: [2], loss: { kind: 'pinball', levels: [0.5, 0.1] } }, /do not ascend/],
  ] as const)('refuses %s', async (_, options, message) => {
    const training = trainNetwork(runtime, sameSign(20), { loss: CROSS_ENTROPY, seed: 1, epochs: 1, ...options });
    await expect(training).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(training).rejects.toThrow(message);
  });

  it('learns the quantiles of several targets at once, each ascending by itself', async () => {
    const data = makeData(2000, 1, ([x = 0], random) => [x + 0.1 * random.normal(), 5 - 2 * x + random.normal()]);
    const options = { loss: PINBALL, seed: 5, hidden: [8], epochs: 8, batchSize: 64, learningRate: 0.02 };
    const { weights } = await trainNetwork(runtime, data, { ...options, schedule: 'cosine' });
    expect(weights.groups).toBe(2);
    const outputs = predictNetwork(runtime, weights, Float32Array.of(5));
    const [low = NAN, middle = NAN, high = NAN, , other = NAN] = outputs;
    expect(middle).toBeCloseTo(0, 0);
    expect(other).toBeCloseTo(5, 0);
    expect(high - low).toBeLessThan(1);
    expect([...outputs.slice(3)]).toEqual([...outputs.slice(3)].sort((a, b) => a - b));
    const evaluated = new Float32Array(6);
    createEvaluator(weights).evaluate(Float32Array.of(5), 0, evaluated);
    evaluated.forEach((value, index) => expect(value).toBeCloseTo(outputs[index] ?? NAN, 4));
  });

  it('starts constant where it is asked to', async () => {
    const data = makeData(300, 2, ([x = 0]) => [x]);
    const options = { loss: PINBALL, seed: 5, hidden: [8], epochs: 0, startsConstant: true };
    const { weights } = await trainNetwork(runtime, data, options);
    const outputs = predictNetwork(runtime, weights, Float32Array.of(1, 2, 9, 9));
    expect([...outputs.slice(0, 3)]).toEqual([...outputs.slice(3)]);
  });

  it.each([
    ['lengths that do not fit', { targets: new Float32Array(3) }, /3 targets for 20 rows/],
    ['a feature that is not finite', { features: new Float32Array(60).fill(NAN, 4, 5) }, /feature 1 of row 1 is not/],
    ['a negative weight', { weights: new Float32Array(20).fill(-1) }, /a weight is negative/],
    ['a target that is no probability', { targets: new Float32Array(20).fill(2) }, /not between 0 and 1/],
    ['no known target', { targets: new Float32Array(20).fill(NAN) }, /no row to train on/],
  ])('refuses %s', async (_, change, message) => {
    const data = { ...sameSign(20), ...change };
    const training = trainNetwork(runtime, data, { loss: CROSS_ENTROPY, seed: 1, hidden: [2] });
    await expect(training).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(training).rejects.toThrow(message);
  });
});
