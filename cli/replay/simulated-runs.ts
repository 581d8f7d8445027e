import { emptyPlan } from '../../scheduler/plan.js';
import type { Policy } from '../../scheduler/policy.js';
import { simulate } from '../../scheduler/simulator.js';
import { verifyRun } from '../../scheduler/verify.js';
import type { Workload } from '../../scheduler/workload.js';
import type { ReplayRun } from './document.js';
import type { Machine, PlannedRun } from './scheduling.js';
import { speedup, sumOf } from './statistics.js';

/** A block whose costs are ns, and what a policy wants to do with it. */
export interface Setting {
  readonly workload: Workload;
  readonly planned: PlannedRun;
}

export function simulatedRun(policy: Policy, machine: Machine, { workload, planned }: Setting): ReplayRun {
  const plan = planned.plan ?? emptyPlan(workload.transactions.length, planned.workers);
  const run = simulate(workload, plan, { workers: machine.workers });
  const total = totalCost(workload);
  const { predictNs, planNs } = planned;
  const wallNs = run.makespanCost;
  return {
    ...{ policy, workers: machine.workers, mode: planned.decision?.way.mode ?? null },
    ...{ simulated: true, verified: verifyRun(workload, run), wallNs, predictNs, planNs },
    cpuNs: planned.workers * run.makespanCost - run.idleCost + predictNs + planNs,
    executions: run.executions,
    aborts: run.aborts,
    suspensions: run.suspensions,
    validations: run.validations,
    inOrderFrom: null,
    speedup: total === 0 ? 1 : speedup(total, wallNs + predictNs + planNs),
  };
}

/** One transaction after the other takes the sum of the costs. */
export function simulatedSequentialRun(workload: Workload): ReplayRun {
  const wallNs = totalCost(workload);
  return {
    ...{ policy: 'sequential', workers: 1, mode: null, simulated: true, verified: true },
    ...{ wallNs, predictNs: 0, planNs: 0, cpuNs: wallNs },
    executions: workload.transactions.length,
    ...{ aborts: 0, suspensions: 0, validations: 0, inOrderFrom: null, speedup: 1 },
  };
}

export function totalCost({ transactions }: Workload): number {
  return sumOf(transactions.map(({ cost }) => cost));
}

/** The same with costs that sum up to `total`. */
export function scaledTo(workload: Workload, total: number): Workload {
  const factor = total / Math.max(1, totalCost(workload));
  return {
    ...workload,
    transactions: workload.transactions.map(({ cost, accesses }) => ({ cost: cost * factor, accesses })),
  };
}
