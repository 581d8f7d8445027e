import { planHints } from '../../scheduler/adaptive.js';
import { emptyPlan, type Plan } from '../../scheduler/plan.js';
import { withDenseKeys, withoutUncontended, workloadOfPrediction } from '../../scheduler/predicted-workload.js';
import type { BlockHints, PendingBlock } from '../../scheduler/predictor.js';
import { permuteWorkload, reorder, type ReorderReport } from '../../scheduler/reorder.js';
import { at, rowOf } from '../../scheduler/rows.js';
import { simulate, type SimulatedRun } from '../../scheduler/simulator.js';
import { effectiveTipsWei } from '../../scheduler/tips.js';
import type { Mode } from '../../scheduler/ways.js';
import type { Workload } from '../../scheduler/workload.js';
import type { ScheduleAnswer } from '../schemas.js';
import type { EngineParts } from './engine.js';
import type { PhaseClock } from './phases.js';
import type { AskedSchedule } from './requests.js';

type Answer = Omit<ScheduleAnswer, 'model' | 'cost'>;

/** A block in the order that is scheduled. */
interface Ordered {
  readonly pending: PendingBlock;
  /** By position: the index in the request. */
  readonly order: readonly number[];
  readonly hints: BlockHints;
  readonly workload: Workload;
  readonly report: ReorderReport | null;
}

interface Chosen {
  readonly plan: Plan;
  readonly mode: Mode;
  readonly workers: number;
  readonly suggestedWorkers: number;
}

export function answerSchedule(asked: AskedSchedule, parts: EngineParts, clock: PhaseClock): Answer {
  parts.hints.prepare(asked.pending);
  clock.end('prepareMs');
  const hints = parts.hints.hint(asked.pending);
  const workload = withoutUncontended(withDenseKeys(workloadOfPrediction(hints)));
  clock.end('predictMs');
  const given: Ordered = { ...asked, order: [...workload.transactions.keys()], hints, workload, report: null };
  const ordered = asked.mode === 'reorder' ? reordered(asked, given, parts) : given;
  const chosen = choose(asked, ordered, parts);
  clock.end('planMs');
  const run = simulate(ordered.workload, chosen.plan, { workers: chosen.workers, validationCost: 0, trace: true });
  clock.end('simulateMs');
  return describe(asked, ordered, { ...chosen, run, unit: parts.hints.costUnit });
}

function reordered(asked: AskedSchedule, given: Ordered, parts: EngineParts): Ordered {
  const { feeTolerance, mostPositions, baseFeePerGasWei, pending } = asked;
  const workers = asked.workers === 'auto' ? parts.maxWorkers : asked.workers;
  const { order, report } = reorder({
    ...{ workload: given.workload, workers, feeTolerance, mostPositions },
    senders: pending.transactions.map(({ from }) => from),
    tipsWei: effectiveTipsWei(pending.transactions, { baseFeePerGasWei }),
  });
  const transactions = order.flatMap((index) => pending.transactions[index] ?? []);
  const moved = { ...pending, transactions };
  return {
    ...{ pending: moved, order, report, hints: parts.hints.hint(moved) },
    workload: permuteWorkload(given.workload, order),
  };
}

/** By history what pays for such a block, and before there is any a plan; where the request names workers, a plan for as many. */
function choose({ workers }: AskedSchedule, { pending, hints, workload }: Ordered, parts: EngineParts): Chosen {
  const { length } = workload.transactions;
  if (length === 0) return { plan: emptyPlan(0, 1), mode: 'sequential', workers: 1, suggestedWorkers: 1 };
  const { way, plan } = parts.scheduler.decide(pending, workers === 'auto');
  const suggestedWorkers = way.workers;
  const count = workers === 'auto' ? suggestedWorkers : workers;
  if (count === 1) return { plan: emptyPlan(length, 1), mode: 'sequential', workers: 1, suggestedWorkers };
  if (workers === 'auto' && plan === null && parts.history.blocks > 0) {
    return { plan: emptyPlan(length, count), mode: way.mode, workers: count, suggestedWorkers };
  }
  return { plan: plan ?? planHints(parts.builder, hints, count), mode: 'planned', workers: count, suggestedWorkers };
}

type Simulated = Chosen & { readonly run: SimulatedRun; readonly unit: Answer['unit'] };

function describe({ mode }: AskedSchedule, { order, hints, report }: Ordered, simulated: Simulated): Answer {
  const { plan, run, workers } = simulated;
  const sequentialCost = hints.costs.reduce((sum, cost) => sum + cost, 0);
  const blockers: number[][] = order.map(() => []);
  const priorities: number[] = order.map(() => 0);
  for (const [position, index] of order.entries()) {
    blockers[index] = Array.from(rowOf(plan.blockers, position), (blocker) => at(order, blocker));
    priorities[index] = at(plan.priority, position);
  }
  return {
    ...{ mode, unit: simulated.unit, order: [...order], way: simulated.mode, workers },
    suggestedWorkers: simulated.suggestedWorkers,
    lanes: lanesOf(run, workers, order),
    ...{ blockers, priorities },
    sequentialCost: Math.round(sequentialCost),
    expectedMakespan: Math.round(run.makespanCost),
    expectedSpeedup: run.makespanCost === 0 ? 1 : Math.round((sequentialCost / run.makespanCost) * 1_000) / 1_000,
    expectedReexecutions: run.aborts,
    reorder: report === null ? null : describeReorder(report),
  };
}

function lanesOf({ trace }: SimulatedRun, workers: number, order: readonly number[]): Answer['lanes'] {
  const lanes: Answer['lanes'] = Array.from({ length: workers }, () => []);
  for (const { worker, transaction, startCost, endCost, outcome } of trace ?? []) {
    if (outcome !== 'committed') continue;
    lanes[worker]?.push({ index: at(order, transaction), start: Math.round(startCost), end: Math.round(endCost) });
  }
  return lanes;
}

function describeReorder(report: ReorderReport): NonNullable<Answer['reorder']> {
  const { moved, positionsMoved, largestDisplacement, feeInversionsBefore, feeInversionsAfter } = report;
  return {
    makespanBefore: Math.round(report.makespanBeforeCost),
    makespanAfter: Math.round(report.makespanAfterCost),
    leastMakespan: Math.round(report.leastMakespanCost),
    ...{ moved, positionsMoved, largestDisplacement, feeInversionsBefore, feeInversionsAfter },
  };
}
