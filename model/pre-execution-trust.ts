import type { Access, PreExecution, TransactionRecord } from '../types.js';
import { nameOfKey } from './access-rows.js';
import { quantileOf, RecentValues } from './quantiles.js';

/** How pre-execution fared on storage slots: shares of slots, 0 to 1. */
export interface TrustRates {
  /** Of the slots that it saw touched: those that the transaction touched in its block. */
  readonly touched: number;
  /** Of the slots that it saw changed: those that the transaction changed in its block. */
  readonly written: number;
  /** Of the slots that transactions touched: those that it had seen touched. One that touched none counts as a slot seen. */
  readonly touchesSeen: number;
  /** The same of the slots that transactions changed. */
  readonly writesSeen: number;
}

/** After so many transactions of one outcome an observation weighs half. */
const HALF_LIFE_TRANSACTIONS = 2000;
/** Slots that a prior counts for. */
const PRIOR_SLOTS = 20;
const GAS_CAPACITY = 256;
/** Before anything is learned gas is taken to be off by up to a quarter, evenly on either side. */
const GAS_PRIORS = Array.from({ length: 21 }, (_, step) => 1.25 ** ((step - 10) / 10));

/** What the trust needs of a pre-execution, and of a transaction in its block. */
export type Observed = Pick<PreExecution, 'accesses' | 'gasUsed' | 'succeeded'>;
type Actual = Pick<TransactionRecord, 'accesses' | 'gasUsed'>;

/**
 * Learns how far what transactions did alone before their block is what they did in it. Those that failed alone are counted
 * apart: in the block something may come first that lets them succeed, and go on to slots that nobody saw.
 */
export class PreExecutionTrust {
  readonly #ofSucceeded = new OutcomeTrust({ touched: 0.9, written: 0.8, touchesSeen: 0.9, writesSeen: 0.9 });
  readonly #ofFailed = new OutcomeTrust({ touched: 0.9, written: 0.8, touchesSeen: 0.5, writesSeen: 0.5 });

  rates(observed: Pick<Observed, 'succeeded'>): TrustRates {
    return this.#of(observed).rates;
  }

  /** Quantile of the gas that transactions used over what they used when pre-executed. */
  gasFactor(observed: Pick<Observed, 'succeeded'>, level: number): number {
    return this.#of(observed).gasFactor(level);
  }

  /** One transaction: what it did alone, and what it did in its block. */
  learn(observed: Observed, actual: Actual): void {
    this.#of(observed).learn(observed, actual);
  }

  #of({ succeeded }: Pick<Observed, 'succeeded'>): OutcomeTrust {
    return succeeded ? this.#ofSucceeded : this.#ofFailed;
  }
}

class OutcomeTrust {
  readonly #touched: DecayedShare;
  readonly #written: DecayedShare;
  readonly #touchesSeen: DecayedShare;
  readonly #writesSeen: DecayedShare;
  readonly #gasRatios = new RecentValues(GAS_CAPACITY);
  #ascendingRatios: Float64Array | null = null;

  constructor(priors: TrustRates) {
    this.#touched = new DecayedShare(priors.touched);
    this.#written = new DecayedShare(priors.written);
    this.#touchesSeen = new DecayedShare(priors.touchesSeen);
    this.#writesSeen = new DecayedShare(priors.writesSeen);
    for (const ratio of GAS_PRIORS) this.#gasRatios.add(ratio);
  }

  get rates(): TrustRates {
    return {
      touched: this.#touched.value,
      written: this.#written.value,
      touchesSeen: this.#touchesSeen.value,
      writesSeen: this.#writesSeen.value,
    };
  }

  gasFactor(level: number): number {
    this.#ascendingRatios ??= this.#gasRatios.ascending();
    return quantileOf(this.#ascendingRatios, level);
  }

  learn(observed: Observed, actual: Actual): void {
    const [seen, done] = [slotsOf(observed.accesses), slotsOf(actual.accesses)];
    const [touches, writes] = [countShared(seen.touched, done.touched), countShared(seen.written, done.written)];
    this.#touched.add(touches, seen.touched.size);
    this.#written.add(writes, seen.written.size);
    this.#touchesSeen.add(...sharesSeen(touches, done.touched.size));
    this.#writesSeen.add(...sharesSeen(writes, done.written.size));
    this.#gasRatios.add(actual.gasUsed / observed.gasUsed);
    this.#ascendingRatios = null;
  }
}

/** A share that old observations count less in, over a prior that never fades. */
class DecayedShare {
  readonly #prior: number;
  #hits = 0;
  #trials = 0;

  constructor(prior: number) {
    this.#prior = prior;
  }

  get value(): number {
    return (this.#hits + this.#prior * PRIOR_SLOTS) / (this.#trials + PRIOR_SLOTS);
  }

  add(hits: number, trials: number): void {
    const factor = 2 ** (-1 / HALF_LIFE_TRANSACTIONS);
    this.#hits = this.#hits * factor + hits;
    this.#trials = this.#trials * factor + trials;
  }
}

/** A transaction that used no slot had none overlooked: it counts like one that was seen. */
function sharesSeen(seen: number, slots: number): [hits: number, trials: number] {
  return slots === 0 ? [1, 1] : [seen, slots];
}

interface Slots {
  readonly touched: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
}

function slotsOf(accesses: readonly Access[]): Slots {
  const slots = accesses.filter(({ field }) => field === 'slot');
  return {
    touched: new Set(slots.map(nameOfKey)),
    written: new Set(slots.filter(({ kind }) => kind === 'write').map(nameOfKey)),
  };
}

function countShared(some: ReadonlySet<string>, others: ReadonlySet<string>): number {
  let count = 0;
  for (const name of some) if (others.has(name)) count += 1;
  return count;
}
