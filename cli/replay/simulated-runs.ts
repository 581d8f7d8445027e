import { planFor, type Policy } from '../../scheduler/policy.js';
import { simulate } from '../../scheduler/simulator.js';
import { verifyRun } from '../../scheduler/verify.js';
import type { Workload } from '../../scheduler/workload.js';
import type { ReplayRun } from './document.js';
import { speedup, sumOf } from './statistics.js';

export interface Setting {
  readonly workload: Workload;
  readonly workers: number;
  /** Costs are scaled to it. */
  readonly sequentialNs: number;
}

export function simulatedRun(policy: Policy, { workload, workers, sequentialNs }: Setting): ReplayRun {
  const run = simulate(workload, planFor(policy, workload, workers), { workers });
  const total = totalCost(workload);
  return {
    ...{ policy, workers, simulated: true, verified: verifyRun(workload, run) },
    // A block without work takes its sequential time on any number of workers.
    wallNs: total === 0 ? sequentialNs : run.makespanCost * (sequentialNs / total),
    ...{ predictNs: 0, planNs: 0 },
    executions: run.executions,
    aborts: run.aborts,
    suspensions: run.suspensions,
    validations: run.validations,
    inOrderFrom: null,
    speedup: speedup(total, run.makespanCost),
  };
}

/** One transaction after the other takes the sum of the costs. */
export function simulatedSequentialRun(workload: Workload): ReplayRun {
  return {
    ...{ policy: 'sequential', workers: 1, simulated: true, verified: true },
    ...{ wallNs: totalCost(workload), predictNs: 0, planNs: 0 },
    executions: workload.transactions.length,
    ...{ aborts: 0, suspensions: 0, validations: 0, inOrderFrom: null, speedup: 1 },
  };
}

export function totalCost({ transactions }: Workload): number {
  return sumOf(transactions.map(({ cost }) => cost));
}
