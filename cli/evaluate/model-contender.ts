import { LanecastError } from '../../errors.js';
import type {
  Contender,
  ExplainSlots,
  PartialPrediction,
  PartialPredictor,
  Thresholds,
} from '../../model/evaluation/contender.js';
import type { ModelSource } from '../../model/evaluation/pre-execution.js';
import type { Evidence } from '../../model/evidence.js';
import { explainMisses } from '../../model/explain-misses.js';
import { ModelPredictor } from '../../model/predictor.js';
import type { TensorflowRuntime } from '../../model/network/tensorflow.js';
import { Trainer, type Model, type TrainerOptions } from '../../model/training/trainer.js';
import type { PendingBlock } from '../../scheduler/predictor.js';
import type { BlockRecord } from '../../types.js';
import { summariseModel, type ModelSummary } from './document.js';

/** The model as it takes part in an evaluation. */
export interface ModelContender extends Contender, ModelSource {
  /** Of TensorFlow.js; null where nothing was trained here. */
  readonly backend: string | null;
  /** To be called when it is prepared. */
  summary(): ModelSummary;
}

export interface TrainedContenderOptions extends TrainerOptions {
  /** Opened when it is about to train. */
  readonly runtime: () => Promise<TensorflowRuntime>;
}

/** Learns history, trains on it before the first judged block, and predicts and learns from then on. */
export class TrainedContender implements ModelContender, PartialPredictor {
  readonly predictor = this;
  readonly #options: TrainedContenderOptions;
  readonly #trainer: Trainer;
  #hasTimes = false;
  #backend: string | null = null;
  #trained: { readonly predictor: ModelPredictor } | null = null;

  constructor(options: TrainedContenderOptions) {
    this.#options = options;
    this.#trainer = new Trainer(options);
  }

  /** What it has learned besides the networks. */
  get evidence(): Evidence {
    return this.#trained?.predictor.model.evidence ?? this.#trainer.evidence;
  }

  /** To be read when it is prepared. */
  get model(): Model {
    return this.#ready().predictor.model;
  }

  get hasTimes(): boolean {
    return this.#hasTimes;
  }

  get backend(): string | null {
    return this.#backend;
  }

  get thresholds(): Partial<Thresholds> {
    return this.#trained?.predictor.thresholds ?? {};
  }

  async prepare(): Promise<void> {
    const runtime = await this.#options.runtime();
    this.#backend = runtime.backend;
    const model = await this.#trainer.finish(runtime);
    const { maxEvidenceBytes } = this.#options;
    this.#trained = { predictor: new ModelPredictor(model, { accounts: true, maxEvidenceBytes }) };
  }

  explainSlots(record: BlockRecord): ReturnType<ExplainSlots> {
    return explainMisses(this.evidence, record);
  }

  predict(block: PendingBlock): PartialPrediction {
    return this.#ready().predictor.predict(block);
  }

  learn(record: BlockRecord): void {
    if (this.#trained !== null) {
      this.#trained.predictor.learn(record);
      return;
    }
    this.#hasTimes ||= record.transactions.some(({ executionNs }) => executionNs !== null);
    this.#trainer.learn(record);
  }

  summary(): ModelSummary {
    const { seed, halfLifeBlocks } = this.#options;
    return summariseModel(this.model, { artifact: null, seed, halfLifeBlocks, hasTimes: this.#hasTimes });
  }

  #ready(): { readonly predictor: ModelPredictor } {
    if (this.#trained === null) throw new Error('the model is asked before it was trained');
    return this.#trained;
  }
}

/** A model that was trained before, with what its folder says of it. */
export interface ReadModel {
  readonly model: Model;
  readonly summary: ModelSummary;
  readonly chainId: number;
  /** The last block that it has learned. */
  readonly lastBlock: number;
}

/** Judges a trained model: what it knows it does not learn again, and may not be judged on. */
export class ArtifactContender implements ModelContender, PartialPredictor {
  readonly predictor = this;
  readonly backend = null;
  readonly #read: ReadModel;
  readonly #predictor: ModelPredictor;

  constructor(read: ReadModel) {
    this.#read = read;
    this.#predictor = new ModelPredictor(read.model, { accounts: true });
  }

  get evidence(): Evidence {
    return this.model.evidence;
  }

  get model(): Model {
    return this.#predictor.model;
  }

  get thresholds(): Partial<Thresholds> {
    return this.#predictor.thresholds;
  }

  explainSlots(record: BlockRecord): ReturnType<ExplainSlots> {
    return explainMisses(this.#predictor.model.evidence, record);
  }

  predict(block: PendingBlock): PartialPrediction {
    this.#requireUnseen(block);
    return this.#predictor.predict(block);
  }

  learn(record: BlockRecord): void {
    if (record.header.number > this.#read.lastBlock) this.#predictor.learn(record);
  }

  summary(): ModelSummary {
    return this.#read.summary;
  }

  #requireUnseen({ chainId, number }: PendingBlock): void {
    const { chainId: ownChainId, lastBlock, summary } = this.#read;
    const name = `The model in ${summary.artifact ?? 'memory'}`;
    if (chainId !== ownChainId) {
      const message = `${name} is of chain ${ownChainId}, and block ${number} of chain ${chainId}.`;
      throw new LanecastError('INVALID_ARGUMENT', message);
    }
    if (number > lastBlock) return;
    throw new LanecastError(
      'INVALID_ARGUMENT',
      `${name} has learned the blocks up to ${lastBlock} and can't be judged on block ${number}: ` +
        `use --train-until ${lastBlock} or later.`,
    );
  }
}
