import { setImmediate } from 'node:timers/promises';
import { Random } from '../../datasets/generate/random.js';
import { createVariables, disposeVariables, forward, readLayers } from './graph.js';
import type { LayerVariables } from './graph.js';
import { totalLoss } from './loss.js';
import type { DenseLayer, NetworkWeights } from './network.js';
import type { Scalar, TensorflowRuntime } from './tensorflow.js';
import { prepareTraining } from './training-plan.js';
import type { TrainingOptions, TrainingPlan } from './training-plan.js';
import { BatchReader } from './training-data.js';
import type { Batch, TrainingData } from './training-data.js';

export type { Loss } from './loss.js';
export type { RowRange, TrainingData } from './training-data.js';
export type { TrainingOptions } from './training-plan.js';

/** Losses are weighted means over known targets, without the penalty on large weights. */
export interface EpochReport {
  /** From 1; 0 is the network before training. */
  readonly epoch: number;
  /** Mean over the steps of the epoch; null for epoch 0. */
  readonly trainingLoss: number | null;
  /** Null where no rows are held out. */
  readonly validationLoss: number | null;
}

export interface TrainedNetwork {
  readonly weights: NetworkWeights;
  /** The epoch whose weights these are: the one of least validation loss, without held-out rows the last one. */
  readonly bestEpoch: number;
  readonly epochs: readonly EpochReport[];
}

type Adam = ReturnType<TensorflowRuntime['tf']['train']['adam']>;

const VALIDATION_ROWS = 4096;
/** A cosine in steps. */
const RATES_PER_EPOCH = 32;

/**
 * Trains a multi-layer perceptron with Adam (Kingma and Ba, 2015) on shuffled batches. The same data, options and backend
 * give the same weights. Lets other work of the thread run between batches.
 * Throws `INVALID_ARGUMENT` where data and options do not fit each other.
 */
export async function trainNetwork(
  runtime: TensorflowRuntime,
  data: TrainingData,
  options: TrainingOptions,
): Promise<TrainedNetwork> {
  const plan = prepareTraining(data, options);
  const trainer = new Trainer(runtime, data, plan);
  try {
    return await run(trainer, plan, options);
  } finally {
    trainer.dispose();
  }
}

async function run(
  trainer: Trainer,
  plan: TrainingPlan,
  options: Pick<TrainingOptions, 'progress' | 'advance'>,
): Promise<TrainedNetwork> {
  const epochs: EpochReport[] = [{ epoch: 0, trainingLoss: null, validationLoss: trainer.validate() }];
  let best = { epoch: 0, loss: epochs[0]?.validationLoss ?? Infinity, layers: trainer.layers() };
  for (let epoch = 1; epoch <= plan.epochs; epoch++) {
    const trainingLoss = await trainer.trainEpoch(epoch, options.advance);
    const layers = trainer.layers();
    // Diverged: there is no way back from here.
    if (!Number.isFinite(trainingLoss) || !areFinite(layers)) break;
    const report = { epoch, trainingLoss, validationLoss: trainer.validate() };
    epochs.push(report);
    options.progress?.(report);
    if (report.validationLoss === null || report.validationLoss < best.loss) {
      best = { epoch, loss: report.validationLoss ?? Infinity, layers };
    }
    if (epoch - best.epoch >= plan.patience) break;
    if (epoch < plan.epochs) await trainer.decayLearningRate();
  }
  return { weights: { ...plan.start, layers: best.layers }, bestEpoch: best.epoch, epochs };
}

function areFinite(layers: readonly DenseLayer[]): boolean {
  return layers.every(({ kernel, bias }) => kernel.every(Number.isFinite) && bias.every(Number.isFinite));
}

/** What is on the backend while a network trains. */
class Trainer {
  readonly #runtime: TensorflowRuntime;
  readonly #plan: TrainingPlan;
  readonly #random: Random;
  readonly #rows: Uint32Array;
  readonly #batches: BatchReader;
  readonly #validation: BatchReader;
  readonly #variables: LayerVariables[];
  #learningRate: number;
  #adam: Adam;

  constructor(runtime: TensorflowRuntime, data: TrainingData, plan: TrainingPlan) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#random = new Random(plan.seed);
    this.#rows = plan.trainingRows.slice();
    this.#batches = new BatchReader(data, plan.shape, plan.start.normaliser, plan.batchSize);
    this.#validation = new BatchReader(data, plan.shape, plan.start.normaliser, VALIDATION_ROWS);
    this.#variables = createVariables(runtime.tf, plan.start);
    this.#learningRate = plan.learningRate;
    this.#adam = runtime.tf.train.adam(plan.learningRate);
  }

  dispose(): void {
    this.#adam.dispose();
    disposeVariables(this.#variables);
  }

  layers(): DenseLayer[] {
    return readLayers(this.#variables);
  }

  /** Mean loss over the steps of the epoch, which counts from 1. */
  async trainEpoch(epoch: number, advance: TrainingOptions['advance']): Promise<number> {
    this.#shuffle();
    const { batchSize, trainingWeight, epochs } = this.#plan;
    const batchesPerRate = Math.ceil(this.#rows.length / batchSize / RATES_PER_EPOCH);
    let total = 0;
    for (let start = 0, batch = 0; start < this.#rows.length; start += batchSize, batch++) {
      const share = (epoch - 1 + start / this.#rows.length) / epochs;
      if (this.#plan.schedule === 'cosine' && batch % batchesPerRate === 0) await this.#anneal(share);
      total += this.#step(this.#batches.read(this.#rows.subarray(start, start + batchSize)));
      advance?.(share);
      await setImmediate();
    }
    return total / trainingWeight;
  }

  /** Mean loss over the held-out rows; null where there are none. */
  validate(): number | null {
    const { validationRows, validationWeight } = this.#plan;
    if (validationRows.length === 0) return null;
    let total = 0;
    for (let start = 0; start < validationRows.length; start += VALIDATION_ROWS) {
      const batch = this.#validation.read(validationRows.subarray(start, start + VALIDATION_ROWS));
      total += this.#runtime.tf.tidy(() => this.#batchLoss(batch)().dataSync()[0] ?? Number.NaN);
    }
    return total / validationWeight;
  }

  async decayLearningRate(): Promise<void> {
    if (this.#plan.learningRateDecay === 1) return;
    this.#learningRate *= this.#plan.learningRateDecay;
    await this.#changeRate(this.#learningRate);
  }

  /** `share` of all steps is done. */
  async #anneal(share: number): Promise<void> {
    await this.#changeRate(this.#learningRate * 0.5 * (1 + Math.cos(Math.PI * share)));
  }

  /** An optimizer's rate is fixed in TensorFlow.js, so a new one takes over the moments. */
  async #changeRate(rate: number): Promise<void> {
    const before = this.#adam;
    const moments = await before.getWeights();
    this.#adam = this.#runtime.tf.train.adam(rate);
    await this.#adam.setWeights(moments);
    moments[0]?.tensor.dispose();
    before.dispose();
  }

  /** One step of the optimizer; sum of the losses before it. */
  #step(batch: Batch): number {
    const { tf } = this.#runtime;
    const { weightDecay, trainingWeight, trainingRows } = this.#plan;
    const kernels = this.#variables.map(({ kernel }) => kernel);
    // As if the batch had its expected weight: a batch of light rows moves the network less.
    const divisor = (batch.rows * trainingWeight) / trainingRows.length;
    return tf.tidy(() => {
      const batchLoss = this.#batchLoss(batch);
      let total = Number.NaN;
      const objective = (): Scalar => {
        const sum = batchLoss();
        total = sum.dataSync()[0] ?? Number.NaN;
        const mean = tf.div<Scalar>(sum, divisor);
        if (weightDecay === 0) return mean;
        const squares = kernels.map((kernel) => tf.sum<Scalar>(tf.square(kernel)));
        return tf.add<Scalar>(mean, tf.mul(tf.addN(squares), weightDecay / 2));
      };
      this.#adam.minimize(objective, false, [...kernels, ...this.#variables.map(({ bias }) => bias)]);
      return total;
    });
  }

  /** Places a batch on the backend; the result computes the sum of its losses. Within a tidy. */
  #batchLoss(batch: Batch): () => Scalar {
    const { tf } = this.#runtime;
    const { shape, loss } = this.#plan;
    const features = tf.tensor2d(batch.features, [batch.rows, shape.inputs]);
    const targets = tf.tensor2d(batch.targets, [batch.rows, shape.targets]);
    const targetWeights = tf.tensor2d(batch.targetWeights, [batch.rows, shape.targets]);
    return () => totalLoss(tf, loss, forward(tf, this.#variables, features), { targets, targetWeights });
  }

  /** Fisher and Yates. */
  #shuffle(): void {
    const rows = this.#rows;
    for (let last = rows.length - 1; last > 0; last--) {
      const other = this.#random.below(last + 1);
      const row = rows[last] ?? 0;
      rows[last] = rows[other] ?? 0;
      rows[other] = row;
    }
  }
}
