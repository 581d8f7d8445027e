import { Random } from '../../datasets/generate/random.js';
import { LanecastError } from '../../errors.js';
import { initialLayers, outputBiases } from './initialise.js';
import { headOf, outputsFor } from './loss.js';
import type { Loss } from './loss.js';
import { outputCount } from './network.js';
import type { DenseLayer, NetworkWeights } from './network.js';
import type { EpochReport } from './train.js';
import { expandRanges, fitNormaliser, shapeOf } from './training-data.js';
import type { RowRange, Shape, TrainingData } from './training-data.js';

export interface TrainingOptions {
  readonly loss: Loss;
  /** 32 bits. */
  readonly seed: number;
  /** Units of each hidden layer; left out with `initial`, whose layers stay as they are. */
  readonly hidden?: readonly number[] | undefined;
  /** Whether the output layer starts as its biases alone, so that an untrained network says one thing always; default no. */
  readonly startsConstant?: boolean | undefined;
  /** A network to train on; its normaliser is kept. */
  readonly initial?: NetworkWeights | undefined;
  /** Rows to train on and rows to hold out, which choose the epoch; by default all rows are trained on. */
  readonly split?: { readonly training: readonly RowRange[]; readonly validation: readonly RowRange[] } | undefined;
  /** At most; default 20. */
  readonly epochs?: number | undefined;
  /** Rows; default 256. */
  readonly batchSize?: number | undefined;
  /** Default 0.003. */
  readonly learningRate?: number | undefined;
  /** Factor of the learning rate from one epoch to the next; default 1. */
  readonly learningRateDecay?: number | undefined;
  /**
   * How the learning rate moves within all epochs: `cosine` lets it fall to 0 along half a cosine (Loshchilov and Hutter,
   * SGDR, 2017), for few long epochs; default `constant`, which changes by `learningRateDecay` alone.
   */
  readonly schedule?: 'constant' | 'cosine' | undefined;
  /** The mean loss grows by half of this times the sum of squared kernel entries; default 0. */
  readonly weightDecay?: number | undefined;
  /** Stops after that many epochs without a lower validation loss; default never. */
  readonly patience?: number | undefined;
  readonly progress?: ((report: EpochReport) => void) | undefined;
  /** Told within epochs, from 0 to 1 over all of them. */
  readonly advance?: ((share: number) => void) | undefined;
}

/** Checked options with everything that training needs to know beforehand. */
export interface TrainingPlan {
  readonly loss: Loss;
  readonly shape: Shape;
  readonly seed: number;
  /** The network before training. */
  readonly start: NetworkWeights;
  readonly trainingRows: Uint32Array;
  readonly validationRows: Uint32Array;
  /** Sum of the weights of all known targets. */
  readonly trainingWeight: number;
  readonly validationWeight: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly learningRateDecay: number;
  readonly schedule: 'constant' | 'cosine';
  readonly weightDecay: number;
  readonly patience: number;
}

/** Throws `INVALID_ARGUMENT` where data and options do not fit each other. */
export function prepareTraining(data: TrainingData, options: TrainingOptions): TrainingPlan {
  const shape = shapeOf(data);
  const trainingRows = expandRanges(options.split?.training ?? [{ start: 0, end: data.rows }], data.rows);
  const validationRows = expandRanges(options.split?.validation ?? [], data.rows);
  const plan = {
    loss: options.loss,
    shape,
    seed: options.seed,
    start: startOf(data, options, trainingRows),
    trainingRows,
    validationRows,
    trainingWeight: knownWeight(data, shape, trainingRows),
    validationWeight: knownWeight(data, shape, validationRows),
    epochs: options.epochs ?? 20,
    batchSize: options.batchSize ?? 256,
    learningRate: options.learningRate ?? 0.003,
    learningRateDecay: options.learningRateDecay ?? 1,
    schedule: options.schedule ?? 'constant',
    weightDecay: options.weightDecay ?? 0,
    patience: options.patience ?? Infinity,
  };
  checkTargets(data, options.loss);
  checkPlan(plan);
  return plan;
}

function startOf(data: TrainingData, options: TrainingOptions, rows: Uint32Array): NetworkWeights {
  const { loss, hidden, initial } = options;
  const { inputs, targets } = shapeOf(data);
  const outputs = outputsFor(loss, targets);
  if (initial !== undefined) {
    if (hidden !== undefined) throw bad('hidden layers are given, and a network that has its own');
    if (
      initial.inputs !== inputs ||
      outputCount(initial) !== outputs ||
      initial.head !== headOf(loss) ||
      !fitsTargets(initial, loss, targets)
    ) {
      throw bad('the given network has other inputs or outputs than the data and the loss');
    }
    return initial;
  }
  if (hidden === undefined) throw bad('neither hidden layers nor a network are given');
  if (!hidden.every((units) => Number.isInteger(units) && units > 0)) throw bad(`hidden layers ${hidden.join(', ')}`);
  const biases = outputBiases(loss, data, targets, rows);
  // Another stream than the one that shuffles.
  const layers = initialLayers([inputs, ...hidden, outputs], biases, new Random(options.seed ^ 0x5eed));
  return {
    inputs,
    normaliser: fitNormaliser(data.features, inputs, rows),
    layers: options.startsConstant === true ? withoutOutputKernel(layers) : layers,
    head: headOf(loss),
    ...(loss.kind === 'pinball' && targets > 1 ? { groups: targets } : {}),
  };
}

function withoutOutputKernel(layers: readonly DenseLayer[]): DenseLayer[] {
  const last = layers.length - 1;
  return layers.map((layer, index) => (index === last ? { ...layer, kernel: layer.kernel.map(() => 0) } : layer));
}

function fitsTargets({ groups = 1 }: NetworkWeights, loss: Loss, targets: number): boolean {
  return loss.kind !== 'pinball' || groups === targets;
}

function knownWeight(data: TrainingData, { targets }: Shape, rows: Uint32Array): number {
  let sum = 0;
  for (const row of rows) {
    for (let at = row * targets; at < (row + 1) * targets; at++) {
      if (!Number.isNaN(data.targets[at])) sum += data.weights?.[row] ?? 1;
    }
  }
  return sum;
}

function checkTargets(data: TrainingData, loss: Loss): void {
  if (loss.kind === 'binary-cross-entropy' && data.targets.some((target) => target < 0 || target > 1)) {
    throw bad('a target of the cross-entropy is not between 0 and 1');
  }
}

function checkPlan(plan: TrainingPlan): void {
  if (!(plan.trainingWeight > 0)) throw bad('no row to train on has a known target with a weight');
  if (plan.validationRows.length > 0 && !(plan.validationWeight > 0)) throw bad('no held-out row has a known target');
  if (plan.validationRows.length === 0 && plan.patience !== Infinity) throw bad('patience needs held-out rows');
  const { epochs, batchSize, patience, learningRate, learningRateDecay, weightDecay } = plan;
  if (!Number.isInteger(epochs) || epochs < 0) throw bad(`${epochs} epochs`);
  if (!Number.isInteger(batchSize) || batchSize < 1) throw bad(`batches of ${batchSize} rows`);
  if (!(patience >= 1)) throw bad(`a patience of ${patience} epochs`);
  const rates = [learningRate, learningRateDecay];
  if (!rates.every((rate) => rate > 0 && Number.isFinite(rate)) || !(weightDecay >= 0)) {
    throw bad(`learning rate ${learningRate}, its decay ${learningRateDecay}, weight decay ${weightDecay}`);
  }
}

function bad(problem: string): LanecastError {
  return new LanecastError('INVALID_ARGUMENT', `Training: ${problem}`);
}
