import { fitPlatt, type Calibration } from '../network/calibration.js';
import type { NetworkWeights } from '../network/network.js';
import { createLogitEvaluator, type Ensemble } from '../network/quantised.js';
import type { TensorflowRuntime } from '../network/tensorflow.js';
import { trainNetwork, type TrainingOptions } from '../network/train.js';
import { at } from '../numbers.js';
import type { TrainingRows } from './rows.js';

/** How one of the networks is trained. */
export interface NetworkPlan {
  readonly hidden: readonly number[];
  /** Networks whose logits are averaged. */
  readonly members: number;
  readonly maxEpochs: number;
  readonly patience: number;
  readonly batchRows: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** Blocks by position: trained on those before `from`, judged on those from there up to `until`, exclusive. */
export interface Fold {
  readonly from: number;
  readonly until: number;
}

/** Logits of rows by networks that were trained on earlier blocks only. */
export interface HeldOut {
  /** Row numbers, ascending, and their logits, output by output. */
  readonly rows: readonly number[];
  readonly logits: readonly Float64Array[];
}

/** The share of the blocks before a fold that choose the epoch. */
const FIRST_BLOCKS_SKIPPED = 1;

/** Rolling origin: the later half of the blocks in two folds, each judged by what came before it. */
export function rollingFolds(blocks: number): Fold[] {
  const [half, threeQuarters] = [Math.floor(blocks / 2), Math.floor((blocks * 3) / 4)];
  return [
    { from: half, until: threeQuarters },
    { from: threeQuarters, until: blocks },
  ].filter(({ from, until }) => from > FIRST_BLOCKS_SKIPPED && until > from);
}

/** Fits networks of one kind to rows: chooses epochs and calibrates by rolling origin, then trains on everything. */
export class EnsembleFitter {
  readonly #runtime: TensorflowRuntime;
  readonly #rows: TrainingRows;
  readonly #plan: NetworkPlan;
  readonly #seed: number;

  constructor(parts: { runtime: TensorflowRuntime; rows: TrainingRows; plan: NetworkPlan; seed: number }) {
    this.#runtime = parts.runtime;
    this.#rows = parts.rows;
    this.#plan = parts.plan;
    this.#seed = parts.seed;
  }

  /** The ensemble trained on all rows, and the held-out logits that calibrated it; null without enough to train on. */
  async fit(): Promise<{ readonly ensemble: Ensemble; readonly heldOut: HeldOut } | null> {
    if (this.#rows.rows === 0 || !this.#hasBothLabels()) return null;
    const { heldOut, epochs } = await this.#holdOut();
    const members: NetworkWeights[] = [];
    const all = { training: [{ start: this.#start(), end: this.#rows.rows }], validation: [] };
    for (let member = 0; member < this.#plan.members; member++) {
      const options = { ...this.#options(member), split: all, epochs: Math.max(1, epochs) };
      members.push((await trainNetwork(this.#runtime, this.#data(), options)).weights);
    }
    const calibrations = Array.from({ length: this.#rows.targetCount }, (_, output) =>
      this.#calibrate(heldOut, output),
    );
    return { ensemble: { members, calibrations }, heldOut };
  }

  async #holdOut(): Promise<{ readonly heldOut: HeldOut; readonly epochs: number }> {
    const rows: number[] = [];
    const logits = Array.from({ length: this.#rows.targetCount }, (): number[] => []);
    const epochs: number[] = [];
    for (const fold of rollingFolds(this.#rows.blocks)) {
      const [from, until] = [this.#rows.rowOfBlock(fold.from), this.#rows.rowOfBlock(fold.until)];
      if (from <= this.#start() || until <= from) continue;
      const members: NetworkWeights[] = [];
      for (let member = 0; member < this.#plan.members; member++) {
        const split = {
          training: [{ start: this.#start(), end: from }],
          validation: this.#rows.realRanges(from, until),
        };
        const options = {
          ...this.#options(member),
          split,
          epochs: this.#plan.maxEpochs,
          patience: this.#plan.patience,
        };
        const trained = await trainNetwork(this.#runtime, this.#data(), options);
        members.push(trained.weights);
        epochs.push(trained.bestEpoch);
      }
      const logitsOf = createLogitEvaluator(members);
      for (let row = from; row < until; row++) {
        if (this.#rows.isMadeUp(row)) continue;
        rows.push(row);
        const values = logitsOf(this.#rows.features, row * this.#rows.inputs);
        for (const [output, list] of logits.entries()) list.push(at(values, output));
      }
    }
    const heldOut = { rows, logits: logits.map((list) => Float64Array.from(list)) };
    return { heldOut, epochs: medianOf(epochs) ?? Math.ceil(this.#plan.maxEpochs / 2) };
  }

  #calibrate({ rows, logits }: HeldOut, output: number): Calibration {
    const labels = rows.map((row) => this.#rows.target(row, output));
    const known = logits[output] ?? new Float64Array(0);
    if (!labels.includes(0) || !labels.includes(1)) return { kind: 'sigmoid', slope: 1, intercept: 0 };
    return fitPlatt({ logits: known, labels });
  }

  #options(member: number): Omit<TrainingOptions, 'split'> {
    const { hidden, batchRows, learningRate, weightDecay } = this.#plan;
    return {
      loss: { kind: 'binary-cross-entropy' },
      seed: this.#seed + member,
      hidden,
      batchSize: batchRows,
      learningRate,
      learningRateDecay: 0.9,
      weightDecay,
    };
  }

  #data(): Parameters<typeof trainNetwork>[1] {
    return {
      rows: this.#rows.rows,
      features: this.#rows.features,
      targets: this.#rows.targets,
      weights: this.#rows.weights,
    };
  }

  /** The first block met no history at all. */
  #start(): number {
    const start = this.#rows.rowOfBlock(FIRST_BLOCKS_SKIPPED);
    return start < this.#rows.rows ? start : 0;
  }

  #hasBothLabels(): boolean {
    const targets = this.#rows.targets.subarray(this.#start() * this.#rows.targetCount);
    return targets.includes(0) && targets.includes(1);
  }
}

export function medianOf(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
