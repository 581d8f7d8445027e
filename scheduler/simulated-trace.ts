import type { TracedInterval } from './simulated-run.js';

type Execution = Omit<TracedInterval, 'outcome'>;

/** Collects what ran where and when. Which executions count is known at the end only. */
export class SimulatedTrace {
  readonly #intervals: { readonly execution: Execution; readonly isWhole: boolean }[] = [];

  /** It ran to its end. */
  executed(execution: Execution): void {
    this.#note(execution, true);
  }

  /** It stopped at an ESTIMATE. */
  suspended(execution: Execution): void {
    this.#note(execution, false);
  }

  /** `finalIncarnation`: the one of a transaction that counts. */
  describe(finalIncarnation: (transaction: number) => number): TracedInterval[] {
    return this.#intervals.map(({ execution, isWhole }) => {
      if (!isWhole) return { ...execution, outcome: 'suspended' };
      const isFinal = execution.incarnation === finalIncarnation(execution.transaction);
      return { ...execution, outcome: isFinal ? 'committed' : 'aborted' };
    });
  }

  #note({ transaction, incarnation, worker, startCost, endCost }: Execution, isWhole: boolean): void {
    this.#intervals.push({ execution: { transaction, incarnation, worker, startCost, endCost }, isWhole });
  }
}
