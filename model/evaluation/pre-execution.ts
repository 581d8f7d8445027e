import type { PendingBlock } from '../../scheduler/predictor.js';
import type { BlockRecord, PreExecution } from '../../types.js';
import type { Evidence } from '../evidence.js';
import { pendingOf } from '../pending.js';
import { PreExecutionTrust, type TrustRates } from '../pre-execution-trust.js';
import { ModelPredictor } from '../predictor.js';
import type { Model } from '../training/trainer.js';
import { chooseUncertain, type PreExecutionBudget } from '../uncertainty.js';
import type { Contender, PartialPrediction, PartialPredictor, Thresholds } from './contender.js';

/** The name of the model that looks ahead. It pays for what it knows more, so it is a contender of its own. */
export const MODEL_WITH_PRE_EXECUTION = 'model+pre-execution';

/** Executes transactions of a block each alone on the state before it; null where one can't run. */
export type PreExecute = (
  block: PendingBlock,
  indices: readonly number[],
) => Promise<ReadonlyMap<number, PreExecution | null>>;

/** The model to look ahead for. Its evidence is there from the first block on; `model` is read when it is prepared. */
export interface ModelSource {
  readonly evidence: Evidence;
  readonly model: Model;
}

export interface PreExecutionOptions {
  readonly preExecute: PreExecute;
  readonly budget: PreExecutionBudget;
  /** Whether a block is looked into: one that is judged, and that can be executed. */
  readonly looksInto: (record: BlockRecord) => boolean;
  /** Also predict which balances and nonces transactions touch. */
  readonly accounts?: boolean;
}

/** What looking ahead came to, over all blocks that were looked into. */
export interface PreExecutionReport {
  readonly blocks: number;
  readonly transactions: number;
  /** Those that were executed ahead, and their share of the transactions (0 to 1; null without any). */
  readonly preExecuted: number;
  readonly share: number | null;
  /** Those that were chosen and could not run. */
  readonly notRun: number;
  readonly totalNs: number;
  /** Mean price of a transaction that was executed ahead, and of any transaction of the blocks. */
  readonly nsPerPreExecuted: number | null;
  readonly nsPerTransaction: number | null;
  readonly trust: { readonly succeeded: TrustRates; readonly failed: TrustRates };
}

/** What an execution is taken to cost before the first was timed. */
const FIRST_PRICE_NS = 3_000_000;

/**
 * The model with a look ahead at what it is unsure of. It shares the evidence of the model, which another contender learns;
 * it learns itself only how far looking ahead is to be trusted. Blocks have to pass through `ahead` on their way to the
 * evaluation; what did not is predicted as the model does.
 */
export class PreExecutionContender implements Contender, PartialPredictor {
  readonly #source: ModelSource;
  #predictor: ModelPredictor | null = null;
  readonly #options: PreExecutionOptions;
  readonly #trust = new PreExecutionTrust();
  #ready: { readonly block: PendingBlock; readonly found: ReadonlyMap<number, PreExecution> } | null = null;
  #blocks = 0;
  #transactions = 0;
  #preExecuted = 0;
  #notRun = 0;
  #totalNs = 0;

  constructor(source: ModelSource, options: PreExecutionOptions) {
    this.#source = source;
    this.#options = options;
  }

  get predictor(): PartialPredictor {
    return this;
  }

  get thresholds(): Partial<Thresholds> {
    return this.#predictor?.thresholds ?? {};
  }

  /** To be awaited when the model is prepared. */
  prepare(): Promise<void> {
    this.#predictor = this.#predictorOfSource();
    return Promise.resolve();
  }

  /** Passes blocks on, each after a look into it: one that sees of it only what is known before its execution. */
  async *ahead(blocks: AsyncIterable<BlockRecord>): AsyncGenerator<BlockRecord> {
    for await (const record of blocks) {
      this.#ready = null;
      if (this.#options.looksInto(record)) await this.#lookInto(pendingOf(record));
      yield record;
    }
  }

  predict(block: PendingBlock): PartialPrediction {
    if (this.#predictor === null) throw new Error('the model with pre-execution is asked before it was prepared');
    // Evidence that grew too large gives way to a smaller copy.
    if (this.#predictor.model.evidence !== this.#source.evidence) this.#predictor = this.#predictorOfSource();
    const found = this.#foundOf(block.chainId, block.number);
    return this.#predictor.predict(block, found === null ? {} : { preExecuted: found, trust: this.#trust });
  }

  learn({ chainId, header, transactions }: BlockRecord): void {
    for (const [index, observed] of this.#foundOf(chainId, header.number) ?? []) {
      const actual = transactions[index];
      if (actual !== undefined) this.#trust.learn(observed, actual);
    }
  }

  report(): PreExecutionReport {
    const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
    return {
      blocks: this.#blocks,
      transactions: this.#transactions,
      preExecuted: this.#preExecuted,
      share: ratio(this.#preExecuted, this.#transactions),
      notRun: this.#notRun,
      totalNs: this.#totalNs,
      nsPerPreExecuted: ratio(this.#totalNs, this.#preExecuted),
      nsPerTransaction: ratio(this.#totalNs, this.#transactions),
      trust: {
        succeeded: this.#trust.rates({ succeeded: true }),
        failed: this.#trust.rates({ succeeded: false }),
      },
    };
  }

  #predictorOfSource(): ModelPredictor {
    return new ModelPredictor(this.#source.model, { accounts: this.#options.accounts ?? false });
  }

  async #lookInto(block: PendingBlock): Promise<void> {
    const { preExecute, budget } = this.#options;
    const priceNs = this.#preExecuted === 0 ? FIRST_PRICE_NS : this.#totalNs / this.#preExecuted;
    const indices = chooseUncertain(this.#source.evidence.describe(block), budget, () => priceNs);
    const found = new Map<number, PreExecution>();
    for (const [index, observed] of indices.length === 0 ? [] : await preExecute(block, indices)) {
      if (observed === null) this.#notRun += 1;
      else found.set(index, observed);
    }
    this.#ready = { block, found };
    this.#blocks += 1;
    this.#transactions += block.transactions.length;
    this.#preExecuted += found.size;
    for (const { executionNs } of found.values()) this.#totalNs += executionNs;
  }

  #foundOf(chainId: number, number: number): ReadonlyMap<number, PreExecution> | null {
    const ready = this.#ready;
    return ready?.block.chainId === chainId && ready.block.number === number ? ready.found : null;
  }
}
