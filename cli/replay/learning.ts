import type { Store } from '../../datasets/store/index.js';
import { keccak256 } from '../../executor/reference/index.js';
import { ModelHints } from '../../model/hints/model-hints.js';
import { ModelPredictor } from '../../model/predictor.js';
import { untrainedModel } from '../../model/untrained.js';
import type { BlockHeader, BlockRecord, SourceBlock } from '../../types.js';
import { printNotice } from '../terminal.js';
import { loadLearned, saveLearned, type Learned } from './learned-state.js';
import type { SchedulerStates } from './scheduling.js';

export interface LearningOptions {
  /** Null: nothing is gone on from, and nothing kept. */
  readonly store: Store | null;
  /** Where the replay begins; null where it has no blocks. */
  readonly first: SourceBlock | null;
  /** Not to go on from what was learned before. */
  readonly fresh: boolean;
  /** Hints that were taught otherwise: they take the place of what the store holds, and it keeps nothing of them. */
  readonly taught?: ModelHints | null;
}

/** Hints from elsewhere. */
interface Taught {
  readonly hints: ModelHints;
  readonly schedulers: SchedulerStates;
  readonly lastBlock: null;
}

/** What a replay learns: from where it goes on, and up to which block it came. */
export class Learning {
  readonly hints: ModelHints;
  /** The block up to which the store knew something; null where the replay starts anew, or from hints that were taught. */
  readonly learnedUpTo: number | null;
  readonly #store: Store | null;
  readonly #known: SchedulerStates;
  readonly #chains = new Set<number>();
  #last: BlockHeader | null = null;

  private constructor(
    store: Store | null,
    learned: Pick<Learned, 'hints' | 'schedulers' | 'lastBlock'> | Taught | null,
  ) {
    this.#store = store;
    this.hints = learned?.hints ?? new ModelHints(new ModelPredictor(untrainedModel(keccak256)));
    this.#known = learned?.schedulers ?? {};
    this.learnedUpTo = learned?.lastBlock ?? null;
  }

  /** Goes on from hints that were taught, or from what the store holds of the chain before the first block, and says so. */
  static async start({ store, first, fresh, taught = null }: LearningOptions): Promise<Learning> {
    if (taught !== null) return new Learning(null, { hints: taught, schedulers: {}, lastBlock: null });
    if (store === null || first === null || fresh) return new Learning(store, null);
    const { number, parentHash } = first.header;
    const learned = await loadLearned(store, { chainId: first.chainId, before: number, firstParentHash: parentHash });
    if (learned !== null) printNotice(`going on from what was learned up to block ${learned.lastBlock}`);
    return new Learning(store, learned);
  }

  /** What the adaptive policy knew before, by name of the machine. */
  get schedulers(): SchedulerStates {
    return this.#known;
  }

  /** A block was learned. */
  note({ chainId, header }: BlockRecord): void {
    this.#chains.add(chainId);
    if (this.#last === null || header.number >= this.#last.number) this.#last = header;
  }

  /**
   * Keeps what was learned under the greatest number of its blocks, with what is known of machines that were not there this
   * time. Blocks of several chains have no order, so that what they taught together is not kept.
   */
  async save(schedulers: SchedulerStates): Promise<void> {
    const [chainId, ...others] = this.#chains;
    if (this.#store === null || this.#last === null || chainId === undefined || others.length > 0) return;
    await saveLearned(this.#store, {
      ...{ chainId, lastBlock: this.#last.number, lastHash: this.#last.hash, hints: this.hints },
      schedulers: { ...this.#known, ...schedulers },
    });
  }
}
