import type { BlockRecord } from '../../types.js';
import { EvidenceBound } from '../evidence-bound.js';
import { Evidence } from '../evidence.js';
import { createCalibrator } from '../network/calibration.js';
import type { Ensemble } from '../network/quantised.js';
import type { NetworkWeights } from '../network/network.js';
import type { TensorflowRuntime } from '../network/tensorflow.js';
import { trainNetwork } from '../network/train.js';
import { at } from '../numbers.js';
import { QUANTILE_LEVELS } from '../quantiles.js';
import type { Keccak256 } from '../tables/key-space.js';
import { RowCollector, type PairPlace } from './collect.js';
import { EnsembleFitter, medianOf, rollingFolds, type HeldOut, type NetworkPlan } from './fit.js';
import type { TrainingRows } from './rows.js';
import { bestThreshold, f1At, middleOfBest } from './thresholds.js';

/** Pairs less likely than this are not worth mentioning. */
export const MIN_PAIR_PROBABILITY = 0.01;

/** What training makes of history. */
export interface Model {
  readonly evidence: Evidence;
  /** Null where history held too little: then the statistics speak alone. */
  readonly conflicts: Ensemble | null;
  readonly accesses: Ensemble | null;
  readonly gasUsed: readonly NetworkWeights[];
  readonly executionNs: readonly NetworkWeights[];
  readonly thresholds: ModelThresholds;
}

/** Probabilities from which on something counts as predicted. */
export interface ModelThresholds {
  readonly conflict: number;
  /** Of `dependentProbability`. */
  readonly dependent: number;
  readonly latestBlocker: number;
  readonly access: number;
  readonly write: number;
}

export interface TrainerOptions {
  readonly keccak256: Keccak256;
  /** 32 bits. */
  readonly seed: number;
  readonly halfLifeBlocks: number;
  /** Evidence beyond is compacted; 1 GiB unless told. */
  readonly maxEvidenceBytes?: number | undefined;
  readonly plans?: Partial<Plans> | undefined;
  readonly progress?: ((step: string) => void) | undefined;
}

export interface Plans {
  readonly conflicts: NetworkPlan;
  readonly accesses: NetworkPlan;
  readonly costs: NetworkPlan;
}

export const DEFAULT_PLANS: Plans = {
  conflicts: {
    ...{ hidden: [32, 16], members: 3, maxEpochs: 12, patience: 3 },
    ...{ batchRows: 256, learningRate: 0.003, weightDecay: 3e-3 },
  },
  accesses: {
    ...{ hidden: [24, 12], members: 1, maxEpochs: 8, patience: 2 },
    ...{ batchRows: 1024, learningRate: 0.006, weightDecay: 1e-3 },
  },
  costs: {
    ...{ hidden: [32, 16], members: 1, maxEpochs: 40, patience: 8 },
    ...{ batchRows: 128, learningRate: 0.003, weightDecay: 1e-2 },
  },
};

export const DEFAULT_HALF_LIFE_BLOCKS = 50_000;

export const DEFAULT_THRESHOLDS: ModelThresholds = {
  conflict: 0.5,
  dependent: 0.5,
  latestBlocker: 0.5,
  access: 0.5,
  write: 0.5,
};

/** Learns history block by block and then trains the networks on what would have been predicted of it. */
export class Trainer {
  #evidence: Evidence;
  readonly #bound: EvidenceBound;
  readonly #options: TrainerOptions;
  readonly #plans: Plans;
  readonly #rows = new RowCollector();

  constructor(options: TrainerOptions) {
    this.#options = options;
    this.#plans = { ...DEFAULT_PLANS, ...options.plans };
    this.#evidence = new Evidence(options);
    this.#bound = new EvidenceBound({ maxBytes: options.maxEvidenceBytes });
  }

  /** What was learned so far: another one each time that it was compacted. */
  get evidence(): Evidence {
    return this.#evidence;
  }

  /** Blocks come in the order of the chain. */
  learn(record: BlockRecord): void {
    this.#rows.startBlock();
    this.#evidence.learn(record, {
      pair: (pair, features, conflicted) => {
        const asNew = (keepsSelectors: boolean): Uint8Array =>
          this.#evidence.describer.describeAsNew(pair, keepsSelectors);
        this.#rows.pair(pair, features, { conflicted, asNew });
      },
      accesses: (_index, candidates, uses) => this.#rows.accessesOf(candidates, uses),
      cost: (_index, gasUsed, executionNs, outcome) => this.#rows.cost(gasUsed, executionNs, outcome),
    });
    this.#rows.endBlock();
    this.#evidence = this.#bound.apply(this.#evidence);
  }

  async finish(runtime: TensorflowRuntime): Promise<Model> {
    const { seed, progress } = this.#options;
    const { pairs, accesses, missed, pairPlaces } = this.#rows;
    progress?.(`conflicts: ${pairs.rows} pairs`);
    const conflicts = await new EnsembleFitter({ runtime, rows: pairs, plan: this.#plans.conflicts, seed }).fit();
    progress?.(`accesses: ${accesses.rows} candidate keys`);
    const keys = await new EnsembleFitter({ runtime, rows: accesses, plan: this.#plans.accesses, seed }).fit();
    progress?.('costs');
    const thresholds: ModelThresholds = {
      ...DEFAULT_THRESHOLDS,
      ...(conflicts === null ? {} : pairThresholds(pairs, pairPlaces, conflicts)),
      ...(keys === null ? {} : accessThresholds(accesses, missed, keys)),
    };
    return {
      evidence: this.evidence,
      conflicts: conflicts?.ensemble ?? null,
      accesses: keys?.ensemble ?? null,
      gasUsed: await this.#fitCosts(runtime, this.#rows.gasUsed),
      executionNs: await this.#fitCosts(runtime, this.#rows.executionNs),
      thresholds,
    };
  }

  /** Networks whose quantiles are averaged; none without enough rows. */
  async #fitCosts(runtime: TensorflowRuntime, rows: TrainingRows): Promise<NetworkWeights[]> {
    if (rows.rows < MIN_COST_ROWS) return [];
    const { hidden, members, maxEpochs, patience, batchRows, learningRate, weightDecay } = this.#plans.costs;
    const { features, targets, weights } = rows;
    const data = { rows: rows.rows, features, targets, weights };
    const loss = { kind: 'pinball', levels: QUANTILE_LEVELS } as const;
    const common = { loss, hidden, learningRate, weightDecay, learningRateDecay: 0.93, batchSize: batchRows };
    const { seed } = this.#options;
    const epochs: number[] = [];
    for (const fold of rollingFolds(rows.blocks)) {
      const [from, until] = [rows.rowOfBlock(fold.from), rows.rowOfBlock(fold.until)];
      if (from === 0 || until <= from) continue;
      const split = { training: [{ start: 0, end: from }], validation: [{ start: from, end: until }] };
      const trained = await trainNetwork(runtime, data, { ...common, seed, split, epochs: maxEpochs, patience });
      epochs.push(trained.bestEpoch);
    }
    const chosen = Math.max(1, medianOf(epochs) ?? maxEpochs / 2);
    const networks: NetworkWeights[] = [];
    for (let member = 0; member < members; member++) {
      networks.push((await trainNetwork(runtime, data, { ...common, seed: seed + member, epochs: chosen })).weights);
    }
    return networks;
  }
}

const MIN_COST_ROWS = 200;

interface Fitted {
  readonly ensemble: Ensemble;
  readonly heldOut: HeldOut;
}

function probabilitiesOf({ ensemble, heldOut }: Fitted, output: number): Float64Array {
  const calibration = ensemble.calibrations[output];
  const logits = heldOut.logits[output];
  if (calibration === undefined || logits === undefined) return new Float64Array(0);
  return logits.map(createCalibrator(calibration));
}

function accessThresholds(
  rows: TrainingRows,
  missed: readonly { readonly reads: number; readonly writes: number }[],
  fitted: Fitted,
): Pick<ModelThresholds, 'access' | 'write'> {
  const held = rollingFolds(rows.blocks);
  const missedIn = missed.filter((_, block) => held.some(({ from, until }) => block >= from && block < until));
  const choose = (output: number, misses: number): number =>
    bestThreshold({
      probabilities: probabilitiesOf(fitted, output),
      labels: fitted.heldOut.rows.map((row) => rows.target(row, output)),
      missed: misses,
    });
  return {
    access: choose(
      0,
      missedIn.reduce((sum, { reads }) => sum + reads, 0),
    ),
    write: choose(
      1,
      missedIn.reduce((sum, { writes }) => sum + writes, 0),
    ),
  };
}

function pairThresholds(
  rows: TrainingRows,
  places: readonly PairPlace[],
  fitted: Fitted,
): Pick<ModelThresholds, 'conflict' | 'dependent' | 'latestBlocker'> {
  const probabilities = probabilitiesOf(fitted, 0);
  const labels = fitted.heldOut.rows.map((row) => rows.target(row));
  const weights = fitted.heldOut.rows.map((row) => at(rows.weights, row));
  const byTransaction = groupByTransaction(fitted.heldOut.rows, places);
  const mentioned = (probability: number): number => (probability < MIN_PAIR_PROBABILITY ? 0 : probability);
  const anyOf = (values: ArrayLike<number>, group: readonly number[]): number =>
    1 - group.reduce((none, entry) => none * (1 - mentioned(at(values, entry))), 1);
  const dependent = {
    probabilities: byTransaction.map((group) => anyOf(probabilities, group)),
    labels: byTransaction.map((group) => anyOf(labels, group)),
    missed: 0,
  };
  return {
    // As in training, a hot function is one observation: else it alone would decide.
    conflict: bestThreshold({ probabilities, labels, missed: 0, weights }),
    // Pairs of one transaction are not independent, so what is right for calibrated probabilities is only a limit.
    dependent: Math.min(
      bestThreshold(dependent),
      middleOfBest((threshold) => f1At(dependent, threshold)),
    ),
    latestBlocker: middleOfBest((threshold) => {
      const latest = (isBlocker: (entry: number) => boolean, group: readonly number[]): number =>
        group.findLast(isBlocker) ?? -1;
      const right = byTransaction.filter((group) => {
        const truth = latest((entry) => labels[entry] === 1, group);
        return truth >= 0 && truth === latest((entry) => at(probabilities, entry) >= threshold, group);
      });
      return right.length / Math.max(1, byTransaction.length);
    }),
  };
}

/** Positions in `heldOut.rows` of the candidate pairs of each later transaction, earlier ones ascending. */
function groupByTransaction(rows: readonly number[], places: readonly PairPlace[]): number[][] {
  const groups: number[][] = [];
  let last: PairPlace | undefined;
  for (const [entry, row] of rows.entries()) {
    const place = places[row];
    if (place === undefined) continue;
    if (last === undefined || place.block !== last.block || place.later !== last.later) groups.push([]);
    groups.at(-1)?.push(entry);
    last = place;
  }
  return groups;
}
