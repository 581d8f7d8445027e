import { startNsOf, type Overheads } from './overheads.js';
import { at } from './rows.js';
import type { Workload } from './workload.js';

/** How long the engine's workers look for work before they sleep, about. */
const SPIN_NS = 10_000;

/** What the tasks of a simulated run cost, by transaction. */
export class SimulatedCosts {
  readonly #costs: Float64Array;
  readonly #tracked: Float64Array;
  readonly #validations: Float64Array;
  readonly #overheads: Overheads;

  /** `validationShare`: of the transaction's own cost. */
  constructor({ transactions }: Workload, overheads: Overheads, validationShare: number) {
    this.#overheads = overheads;
    this.#costs = Float64Array.from(transactions, ({ cost }) => cost);
    this.#tracked = Float64Array.from(transactions, ({ cost, accesses }) => {
      const { trackingShare, trackingNsPerTransaction, trackingNsPerAccess } = overheads;
      return cost * (1 + trackingShare) + trackingNsPerTransaction + accesses.length * trackingNsPerAccess;
    });
    this.#validations = Float64Array.from(transactions, ({ cost, accesses }) => {
      const reads = accesses.reduce((count, { kind }) => count + (kind === 'read' ? 1 : 0), 0);
      const { validationNsPerTransaction, validationNsPerRead } = overheads;
      return cost * validationShare + validationNsPerTransaction + reads * validationNsPerRead;
    });
  }

  start(workers: number): number {
    return startNsOf(this.#overheads, workers);
  }

  /** Alone, with nothing tracked. */
  inOrder(index: number): number {
    return at(this.#costs, index);
  }

  /** `busyWorkers`: at work while it runs, with its own. */
  execution(index: number, busyWorkers: number): number {
    return at(this.#tracked, index) * (busyWorkers > 1 ? 1 + this.#overheads.contentionShare : 1);
  }

  validation(index: number): number {
    return at(this.#validations, index);
  }

  /** Until a sleeping worker that was woken looks for something to do. */
  get wake(): number {
    return this.#overheads.wakeNs;
  }

  /** Whether a worker without work is asleep by now: it looks for work for a while before. */
  isAsleepAfter(idle: number): boolean {
    return this.#overheads.wakeNs > 0 && idle > SPIN_NS;
  }

  get sleep(): number {
    return this.#overheads.sleepNs;
  }
}
