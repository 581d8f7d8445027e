import { AdaptiveScheduler, type Decision, type SimulateNs } from '../../scheduler/adaptive.js';
import type { ControllerState } from '../../scheduler/controller.js';
import type { Forecast } from '../../scheduler/forecast.js';
import { emptyPlan, oraclePlan, type Plan } from '../../scheduler/plan.js';
import { planOf, usesHints, type Policy } from '../../scheduler/policy.js';
import type { BlockHints, HintSource, PendingBlock } from '../../scheduler/predictor.js';
import type { CalibratedRun, Calibrator, ObservedRun, SimulationErrors } from '../../scheduler/calibrator.js';
import type { Way } from '../../scheduler/ways.js';
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

/** A block whose costs are ns, and what a policy wants to do with it. */
export interface SimulatedSetting {
  readonly workload: Workload;
  readonly planned: PlannedRun;
  /** Whether the run tells what ran where and when. False if absent. */
  readonly trace?: boolean;
}

export interface SchedulingOptions {
  readonly policies: readonly Policy[];
  readonly machines: readonly Machine[];
  readonly hints: HintSource;
  /** Whether `hintsOf` is asked for every block, whatever policies want. False if absent. */
  readonly asksForHints?: boolean;
  /** Knows from earlier blocks how far simulation is off. */
  readonly calibrator: Calibrator;
  /** Of the load on the real machine, which starts threads ahead of it; a moving average if absent. */
  readonly forecast?: Forecast | undefined;
}

/** CPU time that a block cost off the clock. */
export interface OffClock {
  /** When its transactions arrived. */
  readonly arrivalNs: number;
  /** After it was executed: to learn it, and to see what other ways would have taken on the real machine. */
  readonly idleNs: number;
}

/** What a policy did with a block on a machine. */
export interface PolicyRun {
  readonly policy: Policy;
  readonly machine: Machine;
  readonly planned: PlannedRun;
  readonly wallNs: number;
  readonly inOrderFrom: number | null;
}

/** What the adaptive policy learned, by name of the machine: `real@2`, `simulated@8`. */
export type SchedulerStates = Readonly<Record<string, ControllerState>>;

/** Makes plans for policies block by block, and learns what came of them. All machines share what is known of accesses. */
export class Scheduling {
  readonly #policies: readonly Policy[];
  readonly #hints: HintSource;
  readonly #asksForHints: boolean;
  readonly #adaptive = new Map<Machine, AdaptiveScheduler>();
  readonly #calibrator: Calibrator;
  /** Machines whose adaptive policy has hints of the block. */
  readonly #hinted = new Set<Machine>();
  #arrivalNs = 0;

  constructor({ policies, machines, hints, asksForHints = false, calibrator, forecast }: SchedulingOptions) {
    this.#policies = policies;
    this.#hints = hints;
    this.#asksForHints = asksForHints;
    this.#calibrator = calibrator;
    if (!policies.includes('adaptive')) return;
    for (const machine of machines) {
      const { workers: maxWorkers, isReal } = machine;
      const options = { maxWorkers, isReal, hints, simulateNs: this.#simulatorOf(machine) };
      const ahead = isReal ? forecast : undefined;
      this.#adaptive.set(machine, new AdaptiveScheduler({ ...options, forecast: ahead }));
    }
  }

  /** The transactions of the next block arrive. They are prepared where anybody may have a use for it. */
  arrive(pending: PendingBlock): void {
    const startMs = performance.now();
    this.#hinted.clear();
    for (const [machine, scheduler] of this.#adaptive) if (scheduler.wantsHints(pending)) this.#hinted.add(machine);
    const isPrepared =
      this.#hinted.size > 0 || this.#policies.some((policy) => policy !== 'adaptive' && usesHints(policy));
    if (isPrepared || this.#asksForHints) this.#hints.prepare(pending);
    this.#arrivalNs = (performance.now() - startMs) * 1e6;
  }

  /** What is expected of a block that has arrived. To be asked before it is learned. */
  hintsOf(pending: PendingBlock): BlockHints {
    return this.#hints.hint(pending);
  }

  /** What a policy wants for the block. */
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
      case 'gas-sorted':
      case 'critical-path':
      case 'sender-spread':
      case 'same-contract':
      case 'smf': {
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

  /** What a policy would take on a machine, by what earlier blocks taught about the simulator. */
  simulate(policy: Policy, machine: Machine, { workload, planned, trace }: SimulatedSetting): CalibratedRun {
    const plan = planned.plan ?? emptyPlan(workload.transactions.length, planned.workers);
    const kind = kindOf(policy, planned.decision?.way ?? null);
    return this.#calibrator.simulate({ workload, plan, workers: machine.workers, kind, trace });
  }

  /** How far simulation was off where a policy was both run and simulated; null where none was. */
  simulationErrors(policy: Policy): SimulationErrors | null {
    return this.#calibrator.errors(kindOf(policy, null));
  }

  /** Learns a block that was run. Blocks come in the order of the chain. `block` has costs in ns. */
  learn(block: ScheduledBlock, record: BlockRecord, runs: readonly PolicyRun[]): OffClock {
    for (const run of runs) if (!run.machine.isReal) this.#teach(block, record, run);
    const startMs = performance.now();
    for (const run of runs) if (run.machine.isReal) this.#teach(block, record, run);
    this.#calibrator.observe(runs.flatMap((run) => this.#observable(block, run)));
    if (this.#asksForHints || this.#policies.some(usesHints)) this.#hints.learn(record);
    const idleNs = (performance.now() - startMs) * 1e6;
    return { arrivalNs: this.#arrivalNs, idleNs };
  }

  /** What the adaptive policy learned on each machine, by name of the machine. */
  states(): SchedulerStates {
    return Object.fromEntries([...this.#adaptive].map(([machine, scheduler]) => [nameOf(machine), scheduler.state()]));
  }

  /** Goes on from what was learned; machines that are not among it start anew. */
  restore(states: SchedulerStates): void {
    for (const [machine, scheduler] of this.#adaptive) {
      const state = states[nameOf(machine)];
      if (state !== undefined) scheduler.restore(state);
    }
  }

  /** Threads that the next block will probably use. */
  workersAhead(machine: Machine): number {
    return this.#adaptive.get(machine)?.workersAhead ?? machine.workers;
  }

  #teach(block: ScheduledBlock, record: BlockRecord, { machine, planned, wallNs }: PolicyRun): void {
    const { decision } = planned;
    if (decision === null) return;
    const { header } = record;
    const outcome = { ...block, block: block.pending, decision, wallNs, gasUsed: header.gasUsed, header };
    this.#adaptive.get(machine)?.learn(outcome, this.#hinted.has(machine));
  }

  #observable({ workload }: ScheduledBlock, run: PolicyRun): ObservedRun[] {
    const { policy, machine, planned, wallNs, inOrderFrom } = run;
    if (!machine.isReal || planned.workers < 2) return [];
    const plan = planned.plan ?? emptyPlan(workload.transactions.length, planned.workers);
    const kind = kindOf(policy, planned.decision?.way ?? null);
    return [{ workload, plan, workers: machine.workers, kind, wallNs, inOrderFrom }];
  }

  /** Of a real machine without the calibrator's factor: its controller keeps its own, way by way. */
  #simulatorOf({ workers, isReal }: Machine): SimulateNs {
    return (workload, plan, way) => {
      const simulated = this.#calibrator.simulate({ workload, plan, workers, kind: kindOf('adaptive', way) });
      return isReal ? simulated.run.makespanCost : simulated.wallNs;
    };
  }

  #adapt(machine: Machine, pending: PendingBlock): PlannedRun {
    const scheduler = this.#adaptive.get(machine);
    if (scheduler === undefined) throw new Error('the adaptive policy is asked for on an unknown machine');
    const decision = scheduler.decide(pending, this.#hinted.has(machine));
    const { way, plan, predictNs, planNs } = decision;
    return { plan, workers: way.workers, predictNs, planNs, decision };
  }
}

/** Runs of one kind differ from their simulation alike. */
function kindOf(policy: Policy, way: Way | null): string {
  return policy === 'adaptive' && way !== null && way.mode !== 'planned' ? way.mode : policy;
}

function nameOf({ workers, isReal }: Machine): string {
  return `${isReal ? 'real' : 'simulated'}@${workers}`;
}
