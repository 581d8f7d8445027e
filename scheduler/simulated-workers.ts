import { at } from './rows.js';
import type { SimulatedCosts } from './simulated-costs.js';

/** What a worker is at; an arrival: nothing yet. `untilCost` is the time of its next event. */
export interface Task {
  readonly kind: 'arrival' | 'execution' | 'validation' | 'commit' | 'sleep';
  /** Infinity for an arrival and a sleep: they come last of what happens at one time. */
  readonly transaction: number;
  /** Of the transaction when the task started. */
  readonly incarnation: number;
  readonly startCost: number;
  /** Of an execution, if it runs to its end. */
  readonly cost: number;
  untilCost: number;
  /** The next read of an execution. */
  nextRead: number;
  /** When the task started: the range to validate, and the first transaction that was not committed. */
  readonly range: number;
  readonly attempts: number;
}

/** Workers, what each is at, and the time: who is at work, who looks for it, who sleeps. */
export class SimulatedWorkers {
  readonly #costs: SimulatedCosts;
  /** By worker; null when idle. */
  readonly #tasks: (Task | null)[];
  readonly #idleSince: number[];
  #nowCost = 0;
  #busyCost = 0;
  #busy = 0;
  #arriving = 0;

  constructor(count: number, costs: SimulatedCosts) {
    this.#costs = costs;
    this.#tasks = Array.from({ length: count }, () => null);
    this.#idleSince = Array.from({ length: count }, () => 0);
  }

  get count(): number {
    return this.#tasks.length;
  }

  get nowCost(): number {
    return this.#nowCost;
  }

  /** Workers that execute or validate. */
  get busy(): number {
    return this.#busy;
  }

  /** Workers that will look for work without being woken. */
  get arriving(): number {
    return this.#arriving;
  }

  /** Time that workers had nothing to do. */
  get idleCost(): number {
    return Math.max(0, this.count * this.#nowCost - this.#busyCost);
  }

  task(worker: number): Task | null {
    return this.#tasks[worker] ?? null;
  }

  /** Time goes on. One that is past changes nothing. */
  advanceTo(cost: number): void {
    this.#nowCost = Math.max(this.#nowCost, cost);
  }

  /** Time in which one worker is at work and nobody else. */
  workAlone(cost: number): void {
    this.#nowCost += cost;
    this.#busyCost += cost;
  }

  /** The worker whose event comes next: by time, transaction, worker. */
  next(): number | null {
    let next: number | null = null;
    let first: Task | null = null;
    for (let worker = 0; worker < this.count; worker++) {
      const task = this.task(worker);
      if (task === null || (first !== null && !isBefore(task, first))) continue;
      next = worker;
      first = task;
    }
    return next;
  }

  /** Of those who look for work the one that was at work last. */
  lastIdle(): number | null {
    if (this.#busy + this.#arriving === this.count) return null;
    let last: number | null = null;
    for (let worker = 0; worker < this.count; worker++) {
      if (!this.#isIdle(worker) || this.#isAsleep(worker)) continue;
      if (last === null || at(this.#idleSince, worker) > at(this.#idleSince, last)) last = worker;
    }
    return last;
  }

  #isIdle(worker: number): boolean {
    const task = this.task(worker);
    return task === null || task.kind === 'sleep';
  }

  #isAsleep(worker: number): boolean {
    return this.#costs.isAsleepAfter(this.#nowCost - at(this.#idleSince, worker));
  }

  start(task: Task, worker: number): void {
    this.#tasks[worker] = task;
    if (task.kind === 'arrival') this.#arriving++;
    else if (task.kind !== 'sleep') this.#busy++;
  }

  /** The task is over; the worker looks for another. */
  leave(worker: number): void {
    const task = this.task(worker);
    this.#tasks[worker] = null;
    this.#idleSince[worker] = this.#nowCost;
    if (task === null || task.kind === 'sleep') return;
    if (task.kind === 'arrival') {
      this.#arriving--;
      return;
    }
    this.#busy--;
    this.#busyCost += this.#nowCost - task.startCost;
  }

  withoutTask(): number[] {
    return [...this.#tasks.keys()].filter((worker) => this.#tasks[worker] === null);
  }

  /** The first so many of those that sleep. */
  sleepers(count: number): number[] {
    if (count === 0) return [];
    return [...this.#tasks.keys()].filter((worker) => this.#isIdle(worker) && this.#isAsleep(worker)).slice(0, count);
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.untilCost < b.untilCost || (a.untilCost === b.untilCost && a.transaction < b.transaction);
}
