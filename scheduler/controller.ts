import type { BlockFeatures } from './block-features.js';
import { nameOfWay, SEQUENTIAL, waysOn, type Way } from './ways.js';
import { WayHistory, type WayHistoryState } from './way-history.js';

/** What came of a block. Ways have the numbers of their place on the controller's list. */
export interface BlockOutcomes {
  /** The work of its transactions, one after the other. */
  readonly workNs: number;
  /** The way that was taken: everything on the clock, the run, prediction and plan. */
  readonly real: { readonly way: number; readonly ns: number };
  /** By way: what it would have taken by simulation; NaN where it was not simulated. */
  readonly simulatedNs: Float64Array;
}

interface Known {
  readonly own: WayHistory | undefined;
  readonly wide: WayHistory | undefined;
}

export interface ControllerState {
  readonly kinds: readonly (readonly [string, WayHistoryState])[];
  readonly all: WayHistoryState;
}

/** What is known of wider kinds counts for so many blocks of a kind. How far threads help is a matter of the kind … */
const KIND_WEIGHT = 2;
/** … how far plans help on top of threads is a matter of the history first. */
const PLAN_KIND_WEIGHT = 8;
/** What other kinds did says little of one that was never seen: a look at it says more. */
const GUESS_WEIGHT = 60;
const MOST_KINDS = 4096;
/** Where plans are this much worse than the best, hints are made only for every so many blocks, to see whether that changed. */
const HOPELESS = 1.05;
const LOOK_EVERY = 4;
/** What costs more processors, or more work before the run, must be expected to gain this much by it. */
const LEAST_GAIN = 0.01;
/** A way that was never taken is tried where it may be this near to the best. */
const WORTH_TRYING = 1.05;
/** Blocks of fewer calls, of payments almost only, or almost of one sender are not worth more than one thread. */
const LEAST_CALLS = 32;
const LEAST_CALL_SHARE = 0.1;
const MOST_OF_ONE_SENDER = 0.7;
/** Before anything was measured: what each doubling of workers adds to the speed-up, and what a plan costs. */
const FIRST_EFFICIENCY = 0.4;
const FIRST_PLANNED = 1.02;

/**
 * Decides how a block is run: it expects of each way what that way took on the latest blocks, of the same kind as far as there
 * were such, and takes the best. Ways that were not taken are known from simulation of what came out, corrected by how
 * far simulation and clock differed on that way; so it need not try what it believes is worse, and sees within a block or two
 * that predictions stopped paying, or pay again.
 */
export class Controller {
  readonly ways: readonly Way[];
  readonly #kinds = new Map<string, WayHistory>();
  readonly #all: WayHistory;
  readonly #names: readonly string[];
  /** By way: the optimistic one on as many workers where it is planned, else −1. */
  readonly #rivals: readonly number[];
  readonly #tries: boolean;

  /** `tries`: whether ways that were never run may differ from their simulation, so that near ones are worth a try. */
  constructor({ maxWorkers, tries }: { readonly maxWorkers: number; readonly tries: boolean }) {
    this.ways = waysOn(maxWorkers);
    this.#names = this.ways.map(nameOfWay);
    this.#rivals = this.ways.map((way) => rivalOf(way, this.ways));
    this.#all = new WayHistory(this.#rivals);
    this.#tries = tries;
  }

  /** The number of the way that is expected to take least; without hints no planned one. */
  choose(features: BlockFeatures, hasHints: boolean): number {
    const known = this.#known(features);
    let [best, least] = [0, Infinity];
    for (let way = 0; way < this.ways.length; way++) {
      if (!this.#isOpen(way, hasHints)) continue;
      const share = this.#expect(way, features, known);
      if (share < least * (1 - LEAST_GAIN)) [best, least] = [way, share];
    }
    if (!this.#tries || known.own === undefined) return best;
    for (let way = 0; way < this.ways.length; way++) {
      const isUntried = this.#isOpen(way, hasHints) && isNaN(this.#all.residualOf(way));
      if (isUntried && this.#expect(way, features, known) <= least * WORTH_TRYING) return way;
    }
    return best;
  }

  /** Whether plans may be the best way for such a block, or it is time to look again. */
  wantsHints(features: BlockFeatures): boolean {
    if (this.ways.length === 1) return false;
    const known = this.#known(features);
    const blocks = known.own?.blocks ?? 0;
    if (blocks < LOOK_EVERY || blocks % LOOK_EVERY === 0) return true;
    let [planned, others] = [Infinity, Infinity];
    for (const [way, { mode }] of this.ways.entries()) {
      const share = this.#expect(way, features, known);
      if (mode === 'planned') planned = Math.min(planned, share);
      else others = Math.min(others, share);
    }
    return planned <= HOPELESS * others;
  }

  /** What is expected of a way, as a share of the sequential work. */
  expect(way: number, features: BlockFeatures): number {
    return this.#expect(way, features, this.#known(features));
  }

  learn({ kind, wideKind }: BlockFeatures, outcomes: BlockOutcomes): void {
    if (outcomes.workNs <= 0) return;
    this.#historyOf(kind).learn(outcomes, this.#all);
    this.#historyOf(wideKind).learn(outcomes, this.#all);
    this.#all.learn(outcomes, null);
  }

  state(): ControllerState {
    const kinds = [...this.#kinds].map(([kind, history]) => [kind, history.state(this.#names)] as const);
    return { kinds, all: this.#all.state(this.#names) };
  }

  restore({ kinds, all }: ControllerState): void {
    this.#kinds.clear();
    this.#all.restore(all, this.#names);
    for (const [kind, state] of kinds) {
      const history = new WayHistory(this.#rivals);
      history.restore(state, this.#names);
      this.#kinds.set(kind, history);
    }
  }

  #known({ kind, wideKind }: BlockFeatures): Known {
    return { own: this.#kinds.get(kind), wide: this.#kinds.get(wideKind) };
  }

  #isOpen(way: number, hasHints: boolean): boolean {
    return hasHints || this.ways[way]?.mode !== 'planned';
  }

  /** What all blocks, similar ones and those of the kind took; before any, a guess. */
  #expect(way: number, features: BlockFeatures, known: Known): number {
    const rival = this.#rivals[way] ?? -1;
    if (rival < 0) return this.#factor(way, known, [firstGuess(this.ways[way] ?? SEQUENTIAL, features), KIND_WEIGHT]);
    return this.#factor(way, known, [FIRST_PLANNED, PLAN_KIND_WEIGHT]) * this.#expect(rival, features, known);
  }

  #factor(way: number, { own, wide }: Known, [guess, weight]: readonly [number, number]): number {
    const all = this.#all.expect(way, { factor: guess, weight: wide === undefined ? GUESS_WEIGHT : 0 });
    const similar = wide?.expect(way, { factor: all, weight }) ?? all;
    return own?.expect(way, { factor: similar, weight }) ?? similar;
  }

  /** Kinds that did not occur for longest go first. */
  #historyOf(kind: string): WayHistory {
    const history = this.#kinds.get(kind) ?? new WayHistory(this.#rivals);
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

function rivalOf({ mode, workers }: Way, ways: readonly Way[]): number {
  if (mode !== 'planned') return -1;
  return ways.findIndex((other) => other.mode === 'optimistic' && other.workers === workers);
}

function firstGuess({ mode, workers }: Way, features: BlockFeatures): number {
  if (mode === 'sequential') return 1;
  return mayGainByThreads(features) ? 1 / (1 + FIRST_EFFICIENCY * Math.log2(workers)) : 1 + workers / 100;
}

function mayGainByThreads({ transactions, callShare, senderShare }: BlockFeatures): boolean {
  const calls = callShare * transactions;
  return calls >= LEAST_CALLS && callShare >= LEAST_CALL_SHARE && senderShare <= MOST_OF_ONE_SENDER;
}
