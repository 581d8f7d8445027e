import { LEAST_LEFT, LEAST_WASTE, mostWastePercent } from './engine-rules.js';
import type { Plan } from './plan.js';
import { at, rowOf } from './rows.js';
import { TaskQueue } from './task-queue.js';
import type { Workload } from './workload.js';

/**
 * The life of a transaction in a simulated run:
 *
 *               claim              finish              commit
 *     ready ───────────▶ executing ──────▶ executed ───────────▶ committed
 *       ▲                    │ suspend        │ abort
 *       └──── finish ──── blocked             │
 *       ▲     of the blocker                  │
 *       └─────────────────────────────────────┘
 */
type State = 'ready' | 'executing' | 'blocked' | 'executed' | 'committed';

/** Beyond any number of transactions. */
const RANGE_BASE = 2 ** 26;

export interface ScheduleOptions {
  readonly workers: number;
  /** Whether one worker does the rest where too much is executed in vain. */
  readonly mayContinueInOrder: boolean;
}

/** Who may execute what, who waits for whom, what must be validated, how far the block is committed: the engine's rules. */
export class SimulatedSchedule {
  readonly #states: State[];
  readonly #ready: TaskQueue;
  /** By transaction: predicted blockers without a completed execution, and who waits for it by prediction. */
  readonly #missing: Uint32Array;
  readonly #predictedDependents: number[][];
  /** By transaction: those that wait for its next execution to end. */
  readonly #dependents: number[][];
  /** By transaction: the last one of its sender. */
  readonly #previous: readonly (number | undefined)[];
  readonly #wasteLimit: number;
  readonly #mayContinueInOrder: boolean;
  #validateFrom = 0;
  #validateTo = 0;
  #waste = 0;
  #attempts = 0;
  #frontier = 0;
  #toWake = 0;
  #aborts = 0;
  #suspensions = 0;
  #isLeftToOne = false;

  constructor({ transactions }: Workload, plan: Plan, { workers, mayContinueInOrder }: ScheduleOptions) {
    const { length } = transactions;
    this.#states = Array.from({ length }, () => 'ready');
    this.#ready = new TaskQueue(ranksOf(plan));
    this.#missing = new Uint32Array(length);
    this.#predictedDependents = Array.from({ length }, () => []);
    this.#dependents = Array.from({ length }, () => []);
    this.#wasteLimit = mayContinueInOrder ? Math.round(mostWastePercent(workers)) : Infinity;
    this.#mayContinueInOrder = mayContinueInOrder;
    this.#previous = transactions.map(({ previous }) => previous);
    for (let index = 0; index < length; index++) this.#awaitBlockers(index, plan);
  }

  /** A blocker that is not earlier could wait for its dependent in turn: it is left out. */
  #awaitBlockers(index: number, plan: Plan): void {
    const blockers = rowOf(plan.blockers, index);
    for (const blocker of blockers.length > 1 ? new Set(blockers) : blockers) {
      if (blocker >= index) continue;
      this.#missing[index] = at(this.#missing, index) + 1;
      this.#predictedDependents[blocker]?.push(index);
    }
    if (at(this.#missing, index) === 0) this.#ready.push(index);
  }

  get aborts(): number {
    return this.#aborts;
  }

  get suspensions(): number {
    return this.#suspensions;
  }

  /** The first transaction that is not committed. */
  get frontier(): number {
    return this.#frontier;
  }

  /** Whether all are committed. */
  get isDone(): boolean {
    return this.#frontier === this.#states.length;
  }

  /** Whether one worker is to do the rest. */
  get isLeftToOne(): boolean {
    return this.#isLeftToOne;
  }

  /** Names the range that is to be validated: equal where it is the same. */
  get validationRange(): number {
    return this.#validateFrom * RANGE_BASE + this.#validateTo;
  }

  isExecuted(index: number): boolean {
    return this.#states[index] === 'executed';
  }

  /** The next transaction to execute, the first by rank; null where there is none. Who waits for its sender is passed over. */
  claim(): number | null {
    for (let index = this.#ready.pop(); index !== null; index = this.#ready.pop()) {
      const previous = this.#previous[index];
      if (previous === undefined || previous >= index || this.#hasExecuted(previous)) {
        this.#states[index] = 'executing';
        return index;
      }
      this.#waitFor(previous, index);
    }
    return null;
  }

  #hasExecuted(index: number): boolean {
    return this.#states[index] === 'executed' || this.#states[index] === 'committed';
  }

  #waitFor(blocker: number, index: number): void {
    this.#states[index] = 'blocked';
    this.#dependents[blocker]?.push(index);
  }

  /** An execution met an ESTIMATE of `blocker`. */
  suspend(index: number, blocker: number): void {
    this.#attempts++;
    this.#suspensions++;
    this.#waitFor(blocker, index);
    this.#countWaste();
  }

  /** Releases all that waited for it. */
  finish(index: number, isFirst: boolean): void {
    this.#attempts++;
    this.#states[index] = 'executed';
    const released = this.#dependents[index] ?? [];
    this.#dependents[index] = [];
    for (const dependent of released) this.#release(dependent);
    const planned = isFirst ? this.#countDown(index) : 0;
    this.#toWake += Math.max(0, released.length + planned - 1);
  }

  #release(index: number): void {
    this.#states[index] = 'ready';
    this.#ready.push(index);
  }

  #countDown(index: number): number {
    let released = 0;
    for (const dependent of this.#predictedDependents[index] ?? []) {
      this.#missing[dependent] = at(this.#missing, dependent) - 1;
      if (at(this.#missing, dependent) > 0) continue;
      this.#ready.push(dependent);
      released++;
    }
    return released;
  }

  /** Asks for the validation of the transactions from `from` to `to` − 1. */
  validateBetween(from: number, to: number): void {
    const isIdle = this.#validateFrom >= this.#validateTo;
    this.#validateFrom = isIdle ? from : Math.min(this.#validateFrom, from);
    this.#validateTo = isIdle ? to : Math.max(this.#validateTo, to);
  }

  /** The next transaction that a later write may have made wrong; null where there is none. */
  nextToValidate(): number | null {
    while (this.#validateFrom < this.#validateTo) {
      const index = Math.max(this.#validateFrom, this.#frontier);
      this.#validateFrom = Math.min(index + 1, this.#validateTo);
      if (index < this.#validateTo && this.isExecuted(index)) return index;
    }
    return null;
  }

  abort(index: number): void {
    this.#aborts++;
    this.#countWaste();
    this.#release(index);
    // Who aborts may be about to sleep.
    this.#toWake++;
  }

  /** Executions so far, those included that stopped at an ESTIMATE. */
  get attempts(): number {
    return this.#attempts;
  }

  /** How many sleeping workers are to be woken, since this was last asked. Who releases one transaction wakes nobody: it takes one. */
  takeWakes(): number {
    const count = this.#toWake;
    this.#toWake = 0;
    return count;
  }

  #countWaste(): void {
    this.#waste++;
    if (this.#waste < LEAST_WASTE) return;
    if (this.#waste * 100 > this.#attempts * this.#wasteLimit) this.leaveToOne();
  }

  /** One worker does what is not committed; unless that is not wanted, or much of it is executed. */
  leaveToOne(): void {
    const ahead = this.#attempts - this.#waste - this.#frontier;
    const isFew = ahead * LEAST_LEFT <= this.#states.length - this.#frontier;
    this.#isLeftToOne ||= this.#mayContinueInOrder && isFew;
  }

  /** Commits the first that is not. */
  commit(): void {
    this.#states[this.#frontier] = 'committed';
    this.#frontier++;
  }
}

/** By transaction: its place by priority, then in block order. */
function ranksOf({ priority }: Plan): Uint32Array {
  const order = [...priority.keys()].sort((a, b) => at(priority, a) - at(priority, b) || a - b);
  const ranks = new Uint32Array(priority.length);
  for (const [rank, transaction] of order.entries()) ranks[transaction] = rank;
  return ranks;
}
