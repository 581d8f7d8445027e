import type { BlockRecord } from '../types.js';
import type { Question } from './engine/engine.js';
import type { ModelFacts } from './engine/messages.js';
import type { ModelPool } from './engine/model-pool.js';
import { LiveFeed } from './live-feed.js';
import type { Forecast, LiveBlock, LiveBlocks, ModelIdentity, ModelState } from './live.js';
import { KnownBlocks } from './observations/known-blocks.js';
import type { ForecastSource, Keeper, KnownBlock, RecorderInput, RecorderPort } from './ports.js';
import { Problem } from './problem.js';
import { QualityKeeper } from './quality.js';
import type { ObservationAnswer } from './schemas.js';

export interface ServiceOptions {
  readonly pool: ModelPool;
  readonly recorder: RecorderPort;
  /** Null where there is no forecaster. */
  readonly forecast: ForecastSource | null;
  /** Null where nothing outlives the process. */
  readonly keeper: Keeper | null;
  /** Blocks that the model knew before. */
  readonly known: readonly KnownBlock[];
  /** The trained model to load again on request; null for none. */
  readonly artifact: string | null;
  /** Most workers to plan for. */
  readonly maxWorkers: number;
  /** Of the wall clock, in ms since the epoch. */
  readonly nowMs: () => number;
  /** What went wrong beside an answer. */
  readonly onError: (what: string, error: unknown) => void;
}

/** What was learned is kept after so many blocks, and at the end. */
const SAVE_EVERY_BLOCKS = 64;
/** Observations that may be worked on or wait at once. */
const MOST_OBSERVATIONS = 4;

/** The service without HTTP: what it does, in order, with what it is given. */
export class Service {
  readonly quality = new QualityKeeper();
  readonly feed: LiveFeed;
  readonly #options: ServiceOptions;
  readonly #known: KnownBlocks;
  #turn: Promise<unknown> = Promise.resolve();
  #observing = 0;
  #sequence = 0;
  #unsaved = 0;
  #lastHash = '';

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#known = new KnownBlocks(options.known);
    this.feed = new LiveFeed();
  }

  get pool(): ModelPool {
    return this.#options.pool;
  }

  /** Throws Problem `not_ready`. */
  get model(): ModelIdentity {
    return this.#options.pool.facts.model;
  }

  /** JSON as UTF-8. Throws Problem. */
  answer(question: Question, body: Uint8Array): Promise<Uint8Array> {
    return this.#options.pool.answer(question, body);
  }

  /** Learns an executed block, each once. Throws Problem. */
  async observe(from: RecorderInput): Promise<ObservationAnswer> {
    if (this.#observing >= MOST_OBSERVATIONS) {
      throw new Problem('overloaded', `${MOST_OBSERVATIONS} observations are being learned already: try again.`);
    }
    this.#observing += 1;
    try {
      const record = await this.#options.recorder.record(from);
      return await this.#inTurn(() => this.#learn(record));
    } finally {
      this.#observing -= 1;
    }
  }

  /** `GET /v1/model`. Throws Problem `not_ready`. */
  modelState(): ModelState {
    const facts = this.#options.pool.facts;
    const { artifact } = facts;
    return {
      model: facts.model,
      artifact: artifact && {
        ...{ name: artifact.id.slice(0, 12), seed: artifact.seed, chainId: artifact.chainId },
        ...{ firstBlock: artifact.firstBlock, lastBlock: artifact.lastBlock, blocks: artifact.blocks },
      },
      chainId: facts.learned.chainId,
      predictsTimes: facts.predictsTimes,
      thresholds: { ...facts.thresholds },
      quality: this.quality.quality(),
      history: this.quality.history(),
    };
  }

  blocks(limit: number): LiveBlocks {
    return { model: this.model, blocks: this.feed.latest(limit), held: this.feed.held };
  }

  /** Throws Problem `forecast_unavailable`. */
  forecast(): Forecast {
    const { forecast } = this.#options;
    if (forecast === null) throw new Problem('forecast_unavailable', 'This service has no forecaster.');
    const latest = forecast.latest();
    if (latest === null) {
      throw new Problem(
        'forecast_unavailable',
        'The forecaster has seen too few blocks: post observations, or start with --learn.',
      );
    }
    return { model: this.model, ...latest };
  }

  /** Loads the trained model again, and lets it take over without a pause. Throws Problem `reload_failed`. */
  async reload(): Promise<ModelFacts> {
    const { pool, artifact, maxWorkers } = this.#options;
    try {
      const facts = await pool.reload({ artifact, maxWorkers });
      this.feed.publish('model', this.modelState());
      return facts;
    } catch (error) {
      this.#options.onError('the model was not loaded again', error);
      throw new Problem('reload_failed', 'The model could not be loaded; the one before goes on. The log says why.');
    }
  }

  /** Keeps what was learned since it was last kept. */
  async save(): Promise<void> {
    const { keeper, pool } = this.#options;
    if (keeper === null || this.#unsaved === 0 || !pool.isUp) return;
    this.#unsaved = 0;
    await keeper.save(await pool.save(), this.#known.list(), this.#lastHash);
  }

  /** Ends when everything that was taken is done. */
  async close(): Promise<void> {
    await this.#turn.catch(() => undefined);
    this.feed.close();
    await this.save().catch((error: unknown) => this.#options.onError('what was learned is not kept', error));
    await Promise.all([this.#options.pool.close(), this.#options.recorder.close()]);
  }

  async #learn(record: BlockRecord): Promise<ObservationAnswer> {
    const { chainId, header } = record;
    const learnedChain = this.#options.pool.facts.learned.chainId;
    if (learnedChain !== null && learnedChain !== chainId) {
      throw new Problem(
        'wrong_chain',
        `chainId: the model has learned chain ${learnedChain}, and the block is of chain ${chainId}`,
      );
    }
    const { number, hash } = header;
    const before = this.#known.hashOf(number);
    const common = { chainId, number, hash };
    if (before === hash) {
      return { status: 'alreadyKnown', ...common, replaced: null, notice: null, model: this.model };
    }
    const { observed, facts } = await this.#options.pool.observe(record);
    this.#known.add({ number, hash });
    this.#lastHash = hash;
    this.quality.add(number, observed);
    this.#publish(record, { observed, replaced: before });
    await this.#keep(record);
    const notice = before === null ? lateness(number, this.#known.latest) : REPLACED;
    return {
      status: before === null ? 'learned' : 'replaced',
      ...common,
      replaced: before,
      notice,
      model: facts.model,
    };
  }

  #publish(
    record: BlockRecord,
    {
      observed,
      replaced,
    }: { readonly observed: Parameters<QualityKeeper['add']>[1]; readonly replaced: string | null },
  ): void {
    const { chainId, header } = record;
    this.#sequence += 1;
    const { quality, transactions, hotKeys, edges, edgesLeftOut, lanes, makespans } = observed;
    const block: LiveBlock = {
      ...{ sequence: this.#sequence, chainId, number: header.number, hash: header.hash, replaced },
      timestampSeconds: header.timestampSeconds,
      observedAt: new Date(this.#options.nowMs()).toISOString(),
      ...{ gasUsed: header.gasUsed, gasLimit: header.gasLimit },
      baseFeePerGasWei: header.baseFeePerGasWei?.toString() ?? null,
      ...{ transactions: [...transactions], quality, hotKeys: [...hotKeys], edges: [...edges], edgesLeftOut },
      ...{ lanes, makespans },
    };
    this.feed.addBlock(block);
    this.feed.publish('model', this.modelState());
    this.#forecastFrom(record);
  }

  /** A forecaster that fails costs a line in the log: the model has learned the block. */
  #forecastFrom(record: BlockRecord): void {
    const { forecast, onError } = this.#options;
    try {
      forecast?.observe(record);
      const latest = forecast?.latest() ?? null;
      if (latest !== null) this.feed.publish('forecast', { model: this.model, ...latest });
    } catch (error) {
      onError('an observed block is not forecast from', error);
    }
  }

  /** A store that fails costs a line in the log, not the answer: the model has learned the block. */
  async #keep(record: BlockRecord): Promise<void> {
    this.#unsaved += 1;
    try {
      await this.#options.keeper?.add(record);
      if (this.#unsaved >= SAVE_EVERY_BLOCKS) await this.save();
    } catch (error) {
      this.#options.onError('an observed block is not kept', error);
    }
  }

  #inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.catch(() => undefined).then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

const REPLACED =
  'Another block of this number had been learned (a reorganisation): what it taught can not be taken back, and fades with time.';

function lateness(number: number, latest: number): string | null {
  return number >= latest
    ? null
    : `Blocks up to ${latest} had been learned before: the order of the chain teaches more.`;
}
