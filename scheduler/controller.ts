import type { BlockFeatures } from './block-features.js';
import { waysOn, type Way } from './ways.js';
import { WayHistory, type WayHistoryState } from './way-history.js';

/** What it would have taken to run a block in some way, and whether it was run so or simulated. */
export interface WayOutcome {
  readonly way: Way;
  /** Everything on the clock: run, prediction and plan. */
  readonly ns: number;
  readonly isReal: boolean;
}

/** What came of a block. */
export interface BlockOutcomes {
  /** The work of its transactions, one after the other. */
  readonly workNs: number;
  readonly outcomes: readonly WayOutcome[];
}

export interface ControllerState {
  readonly kinds: readonly (readonly [string, WayHistoryState])[];
  readonly all: WayHistoryState;
}

/** Blocks of a kind after which its own history speaks alone. */
const ENOUGH_BLOCKS = 3;
const MOST_KINDS = 4096;
/** Where plans are this much worse than the best, hints are made only for every so many blocks, to see whether that changed. */
const HOPELESS = 1.05;
const LOOK_EVERY = 4;
/** A way that was never tried on a kind of block is tried where it may be this near to the best. */
const WORTH_TRYING = 1.05;
/** Blocks of fewer calls, of payments almost only, or almost of one sender are not worth more than one thread. */
const LEAST_CALLS = 32;
const LEAST_CALL_SHARE = 0.1;
const MOST_OF_ONE_SENDER = 0.7;
/** Before anything was measured: the share of perfect speed-up that Block-STM reaches, and what a plan saves of the rest. */
const FIRST_EFFICIENCY = 0.4;

/**
 * Decides how a block is run: it expects of each way what that way took on the latest blocks of the same kind, as a share of their
 * sequential work, and takes the best. Ways that were not taken are known from simulation of what came out, corrected by how
 * far simulation and clock differed on that way; so it need not try what it believes is worse, and sees within a block or two
 * that predictions stopped paying, or pay again.
 */
export class Controller {
  readonly ways: readonly Way[];
  readonly #kinds = new Map<string, WayHistory>();
  readonly #all = new WayHistory();
  readonly #tries: boolean;

  /** `tries`: whether ways that were never run may differ from their simulation, so that near ones are worth a try. */
  constructor({ maxWorkers, tries }: { readonly maxWorkers: number; readonly tries: boolean }) {
    this.ways = waysOn(maxWorkers);
    this.#tries = tries;
  }

  /** The way that is expected to take least; without hints no planned one. */
  choose(features: BlockFeatures, hasHints: boolean): Way {
    const history = this.#kinds.get(features.kind);
    const open = this.ways.filter(({ mode }) => hasHints || mode !== 'planned');
    const expected = open.map((way) => ({ way, share: this.#expect(way, features, history) }));
    const best = expected.reduce((least, other) => (other.share < least.share ? other : least));
    if (!this.#tries) return best.way;
    const untried = expected.find(
      ({ way, share }) => history !== undefined && !history.wasTried(way) && share <= best.share * WORTH_TRYING,
    );
    return (untried ?? best).way;
  }

  /** Whether plans may be the best way for such a block, or it is time to look again. */
  wantsHints(features: BlockFeatures): boolean {
    const history = this.#kinds.get(features.kind);
    if (history === undefined || history.blocks < LOOK_EVERY || history.blocks % LOOK_EVERY === 0) return true;
    const expected = (planned: boolean): number => {
      const ways = this.ways.filter(({ mode }) => (mode === 'planned') === planned);
      return Math.min(...ways.map((way) => this.#expect(way, features, history)));
    };
    return expected(true) <= HOPELESS * expected(false);
  }

  /** What is expected of a way, as a share of the sequential work. */
  expect(way: Way, features: BlockFeatures): number {
    return this.#expect(way, features, this.#kinds.get(features.kind));
  }

  learn({ kind, wideKind }: BlockFeatures, outcomes: BlockOutcomes): void {
    if (outcomes.workNs <= 0) return;
    this.#historyOf(kind).learn(outcomes, this.#all);
    this.#historyOf(wideKind).learn(outcomes, this.#all);
    this.#all.learn(outcomes, null);
  }

  state(): ControllerState {
    return { kinds: [...this.#kinds].map(([kind, history]) => [kind, history.state()]), all: this.#all.state() };
  }

  restore({ kinds, all }: ControllerState): void {
    this.#all.restore(all);
    for (const [kind, state] of kinds) {
      const history = new WayHistory();
      history.restore(state);
      this.#kinds.set(kind, history);
    }
  }

  /** What blocks of the kind took; as long as there are few, what similar ones took; before any, a guess. */
  #expect(way: Way, features: BlockFeatures, history: WayHistory | undefined): number {
    const own = history?.expect(way);
    if (own !== undefined && history !== undefined && history.blocks >= ENOUGH_BLOCKS) return own;
    const wide = this.#kinds.get(features.wideKind)?.expect(way);
    if (own !== undefined && wide !== undefined) return (own + wide) / 2;
    return own ?? wide ?? firstGuess(way, features);
  }

  /** Kinds that did not occur for longest go first. */
  #historyOf(kind: string): WayHistory {
    const history = this.#kinds.get(kind) ?? new WayHistory();
    this.#kinds.delete(kind);
    this.#kinds.set(kind, history);
    if (this.#kinds.size <= MOST_KINDS) return history;
    for (const oldest of this.#kinds.keys()) {
      this.#kinds.delete(oldest);
      break;
    }
    return history;
  }
}

function firstGuess({ mode, workers }: Way, features: BlockFeatures): number {
  if (mode === 'sequential') return 1;
  if (!mayGainByThreads(features)) return 1 + workers / 100;
  const speedup = 1 + FIRST_EFFICIENCY * Math.log2(workers);
  return mode === 'optimistic' ? 1 / speedup : 1.02 / speedup;
}

function mayGainByThreads({ transactions, callShare, senderShare }: BlockFeatures): boolean {
  const calls = callShare * transactions;
  return calls >= LEAST_CALLS && callShare >= LEAST_CALL_SHARE && senderShare <= MOST_OF_ONE_SENDER;
}
