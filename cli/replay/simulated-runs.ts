import type { CalibratedRun } from '../../scheduler/calibrator.js';
import type { Policy } from '../../scheduler/policy.js';
import { verifyRun } from '../../scheduler/verify.js';
import type { Workload } from '../../scheduler/workload.js';
import type { ReplayRun } from './document.js';
import { lanesOf, type PictureKeeper } from './picture.js';
import type { PolicyLanes } from './picture-document.js';
import type { Machine, PolicyRun, ScheduledBlock, Scheduling, SimulatedSetting } from './scheduling.js';
import { speedup, sumOf } from './statistics.js';

export interface SimulateBlockOptions {
  readonly policies: readonly Policy[];
  readonly scheduling: Scheduling;
  readonly simulatedMachines: readonly Machine[];
  /** Null where the block is not drawn. */
  readonly pictures: PictureKeeper | null;
}

export interface SimulatedPolicies {
  readonly runs: readonly ReplayRun[];
  readonly policyRuns: readonly PolicyRun[];
  /** Of what is drawn. */
  readonly lanes: readonly PolicyLanes[];
}

/** All policies but sequential, on all simulated machines. */
export function simulatePolicies(block: ScheduledBlock, options: SimulateBlockOptions): SimulatedPolicies {
  const { policies, scheduling, simulatedMachines, pictures } = options;
  const runs: ReplayRun[] = [];
  const policyRuns: PolicyRun[] = [];
  const lanes: PolicyLanes[] = [];
  for (const policy of policies.filter((name) => name !== 'sequential')) {
    for (const machine of simulatedMachines) {
      const planned = scheduling.plan(policy, machine, block);
      const isDrawn = pictures?.machine === machine && pictures.policies.includes(policy);
      const setting = { workload: block.workload, planned, trace: isDrawn };
      const simulated = scheduling.simulate(policy, machine, setting);
      const { run, wallNs } = simulated;
      runs.push(describeSimulated({ policy, machine }, setting, simulated));
      policyRuns.push({ policy, machine, planned, wallNs, inOrderFrom: run.inOrderFrom });
      if (isDrawn) lanes.push(lanesOf(policy, planned, run, wallNs));
    }
  }
  return { runs, policyRuns, lanes };
}

/** A run that was simulated as `setting` says. */
function describeSimulated(
  { policy, machine }: { readonly policy: Policy; readonly machine: Machine },
  { workload, planned }: SimulatedSetting,
  { run, wallNs }: CalibratedRun,
): ReplayRun {
  const total = totalCost(workload);
  const { predictNs, planNs } = planned;
  const workers = Math.min(planned.workers, machine.workers);
  // What the clock adds to the simulation the workers are busy with.
  const busyNs =
    workers === 1 ? wallNs : (workers * run.makespanCost - run.idleCost) * (wallNs / run.makespanCost || 1);
  return {
    ...{ policy, workers: machine.workers, joined: workers, mode: planned.decision?.way.mode ?? null },
    ...{ simulated: true, verified: verifyRun(workload, run), wallNs, predictNs, planNs },
    cpuNs: busyNs + predictNs + planNs,
    executions: run.executions,
    aborts: run.aborts,
    suspensions: run.suspensions,
    validations: run.validations,
    inOrderFrom: run.inOrderFrom,
    speedup: total === 0 ? 1 : speedup(total, wallNs + predictNs + planNs),
  };
}

/** One transaction after the other takes the sum of the costs. */
export function simulatedSequentialRun(workload: Workload): ReplayRun {
  const wallNs = totalCost(workload);
  return {
    ...{ policy: 'sequential', workers: 1, joined: 1, mode: null, simulated: true, verified: true },
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
