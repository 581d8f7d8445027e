import { AdaptiveScheduler, planHints, type Decision, type SimulateNs } from '../../scheduler/adaptive.js';
import { emptyPlan, oraclePlan, type Plan } from '../../scheduler/plan.js';
import { PlanBuilder } from '../../scheduler/plan-builder.js';
import { planOf, usesHints, type Policy } from '../../scheduler/policy.js';
import type { BlockHints, HintSource, PendingBlock } from '../../scheduler/predictor.js';
import type { Workload } from '../../scheduler/workload.js';
import type { BlockRecord } from '../../types.js';

/** Threads of this machine, or virtual workers. */
export interface Machine {
  readonly workers: number;
  readonly isReal: boolean;
}

/** A block that is about to be run with several policies. */
export interface ScheduledBlock {
  readonly pending: PendingBlock;
  /** True accesses and costs in ns: for the oracle, for simulation, and to be learned from afterwards. */
  readonly workload: Workload;
}

/** What a policy wants, and how long it took to say so. */
export interface PlannedRun {
  /** Null: the block's order, nothing foreseen. */
  readonly plan: Plan | null;
  readonly workers: number;
  readonly predictNs: number;
  readonly planNs: number;
  /** Of the adaptive policy. */
  readonly decision: Decision | null;
}

export interface SchedulingOptions {
  readonly policies: readonly Policy[];
  readonly machines: readonly Machine[];
  readonly hints: HintSource;
  readonly simulateNs: (machine: Machine) => SimulateNs;
}

/** CPU time that a block cost off the clock. */
export interface OffClock {
  /** When its transactions arrived. */
  readonly arrivalNs: number;
  /** After it was executed: to learn it, and to see what other ways would have taken. */
  readonly idleNs: number;
}

/** What the adaptive policy did with a block on a machine. */
export interface AdaptiveRun {
  readonly machine: Machine;
  readonly decision: Decision;
  readonly wallNs: number;
}

/** Makes plans for policies block by block, and learns what came of them. All machines share what is known of accesses. */
export class Scheduling {
  readonly #policies: readonly Policy[];
  readonly #hints: HintSource;
  readonly #builder = new PlanBuilder();
  readonly #adaptive = new Map<Machine, AdaptiveScheduler>();
  #prepared = false;
  #arrivalNs = 0;

  constructor({ policies, machines, hints, simulateNs }: SchedulingOptions) {
    this.#policies = policies;
    this.#hints = hints;
    if (!policies.includes('adaptive')) return;
    for (const machine of machines) {
      const { workers: maxWorkers, isReal } = machine;
      const options = { maxWorkers, isReal, hints, simulateNs: simulateNs(machine) };
      this.#adaptive.set(machine, new AdaptiveScheduler(options));
    }
  }

  /** The transactions of the next block arrive. They are prepared where any policy may have a use for it. */
  arrive(pending: PendingBlock): void {
    const startMs = performance.now();
    const others = this.#policies.filter((policy) => policy !== 'adaptive');
    this.#prepared =
      others.some(usesHints) || [...this.#adaptive.values()].some((scheduler) => scheduler.wantsHints(pending));
    if (this.#prepared) this.#hints.prepare(pending);
    this.#arrivalNs = (performance.now() - startMs) * 1e6;
  }

  /** What a policy wants for the block. It may be asked any number of times. */
  plan(policy: Policy, machine: Machine, { pending, workload }: ScheduledBlock): PlannedRun {
    const { length } = pending.transactions;
    const nothing = { predictNs: 0, planNs: 0, decision: null };
    switch (policy) {
      case 'sequential':
        return { ...nothing, plan: null, workers: 1 };
      case 'optimistic':
        return { ...nothing, plan: null, workers: machine.workers };
      case 'oracle':
        return { ...nothing, plan: oraclePlan(workload, machine.workers), workers: machine.workers };
      case 'adaptive':
        return this.#adapt(machine, pending);
      default: {
        const startMs = performance.now();
        const hints = usesHints(policy) ? this.#hints.hint(pending) : null;
        const hintedMs = performance.now();
        const plan =
          length === 0 ? emptyPlan(0, 1) : planOf(policy, { block: pending, hints, workers: machine.workers });
        const planNs = (performance.now() - hintedMs) * 1e6;
        return { ...nothing, plan, workers: plan.workers, predictNs: (hintedMs - startMs) * 1e6, planNs };
      }
    }
  }

  /** Learns a block that was run. Blocks come in the order of the chain. */
  learn(block: ScheduledBlock, record: BlockRecord, runs: readonly AdaptiveRun[]): OffClock {
    const startMs = performance.now();
    for (const { machine, decision, wallNs } of runs) {
      const outcome = { ...block, block: block.pending, decision, wallNs, gasUsed: record.header.gasUsed };
      this.#adaptive.get(machine)?.learn(outcome, this.#prepared);
    }
    if (this.#policies.some(usesHints)) this.#hints.learn(record);
    return { arrivalNs: this.#arrivalNs, idleNs: (performance.now() - startMs) * 1e6 };
  }

  /** Threads that the next block will probably use. */
  workersAhead(machine: Machine): number {
    return this.#adaptive.get(machine)?.workersAhead ?? machine.workers;
  }

  /** What the hints say of a block, for reports; not timed. */
  hintsOf(pending: PendingBlock): BlockHints {
    return this.#hints.hint(pending);
  }

  planOfHints(hints: BlockHints, workers: number): Plan {
    return planHints(this.#builder, hints, workers);
  }

  #adapt(machine: Machine, pending: PendingBlock): PlannedRun {
    const scheduler = this.#adaptive.get(machine);
    if (scheduler === undefined) throw new Error('the adaptive policy is asked for on an unknown machine');
    const decision = scheduler.decide(pending, this.#prepared);
    const { way, plan, predictNs, planNs } = decision;
    return { plan: way.mode === 'planned' ? plan : null, workers: way.workers, predictNs, planNs, decision };
  }
}
