import { pendingOf } from '../../model/pending.js';
import { comparePairs } from '../../model/evaluation/compare.js';
import { BinaryCounts } from '../../model/evaluation/metrics.js';
import { truthOf, type BlockTruth } from '../../model/evaluation/truth.js';
import type { ModelPrediction } from '../../model/predictor.js';
import { emptyPlan, oraclePlan, type Plan } from '../../scheduler/plan.js';
import { withDenseKeys, workloadOfPrediction } from '../../scheduler/predicted-workload.js';
import type { BlockHints, PendingBlock } from '../../scheduler/predictor.js';
import { at } from '../../scheduler/rows.js';
import { simulate, type SimulatedRun } from '../../scheduler/simulator.js';
import type { Way } from '../../scheduler/ways.js';
import { createWorkload, type Workload } from '../../scheduler/workload.js';
import type { BlockRecord } from '../../types.js';
import type { BlockQuality, ConflictEdge, CostUnit, HotKey, Lanes, LiveTransaction, Makespans } from '../live.js';
import type { EngineParts } from './engine.js';
import { hotKeysOf } from './hot-keys.js';
import { PairKeys } from './pair-keys.js';

/** A pair that was predicted or happened. */
export interface JudgedPair {
  /** 0 where it was not predicted. */
  readonly probability: number;
  readonly observed: boolean;
}

/** What the model would have said of a block beside what happened, before it learned the block. */
export interface ObservedBlock {
  readonly quality: BlockQuality;
  readonly pairs: readonly JudgedPair[];
  readonly transactions: readonly LiveTransaction[];
  readonly hotKeys: readonly HotKey[];
  readonly edges: readonly ConflictEdge[];
  readonly edgesLeftOut: number;
  readonly lanes: Lanes;
  readonly makespans: Makespans;
}

const MOST_EDGES = 2_000;
/** Gas quantile that the page shows as the upper end. */
const HIGH = 0.9;
const SELECTOR_CHARACTERS = 10;

/** Judges, simulates, and learns: `parts` know the block afterwards. */
export function observeBlock(record: BlockRecord, parts: EngineParts): ObservedBlock {
  const pending = pendingOf(record);
  const { predictor } = parts.hints;
  parts.hints.prepare(pending);
  const prediction = predictor.predict(pending);
  const truth = truthOf(record);
  const hotKeys = hotKeysOf(record, prediction);
  const joining = new PairKeys(hotKeys, record, { prediction, thresholds: predictor.thresholds });
  const { edges, ...judged } = judge(prediction, truth, record, predictor.thresholds);
  const unit = unitOf(record);
  const workload = createWorkload(record, { cost: unit === 'ns' ? 'time' : 'gas-less-intrinsic' });
  const runs = run(pending, workload, record, parts);
  const observed: ObservedBlock = {
    ...judged,
    transactions: describeTransactions(record, prediction, workload),
    hotKeys,
    edges: edges.map((edge) => ({ ...edge, hotKey: joining.of(edge) })),
    lanes: lanesOf(runs, unit),
    makespans: makespansOf(runs, workload, unit),
  };
  parts.hints.learn(record);
  return observed;
}

function unitOf({ transactions }: BlockRecord): CostUnit {
  return transactions.length > 0 && transactions.every(({ executionNs }) => executionNs !== null) ? 'ns' : 'gas';
}

// ---------------------------------------------------------------------------------------------------------- judging

type UnkeyedEdge = Omit<ConflictEdge, 'hotKey'>;
type Judged = Pick<ObservedBlock, 'quality' | 'pairs' | 'edgesLeftOut'> & { readonly edges: readonly UnkeyedEdge[] };

function judge(
  prediction: ModelPrediction,
  truth: BlockTruth,
  record: BlockRecord,
  thresholds: EngineParts['hints']['predictor']['thresholds'],
): Judged {
  const [conflicts, dependent] = [new BinaryCounts(), new BinaryCounts()];
  const pairs: JudgedPair[] = [];
  const edges: UnkeyedEdge[] = [];
  comparePairs(prediction.conflicts, truth.conflicts, (earlier, later, probability, observed) => {
    // Probabilities are single precision: one of 0.7 must not fall short of a threshold of 0.7.
    const isPredicted = (probability ?? 0) >= Math.fround(thresholds.conflict);
    conflicts.add(isPredicted, observed);
    pairs.push({ probability: probability ?? 0, observed });
    if (isPredicted || observed)
      edges.push({ earlier, later, probability: probability && rounded(probability), observed });
  });
  for (const [index, blocker] of truth.latestBlocker.entries()) {
    dependent.add(at(prediction.dependentProbability, index) >= Math.fround(thresholds.dependent), blocker >= 0);
  }
  const kept = mostTelling(edges);
  return {
    quality: {
      conflicts: conflicts.scores(),
      dependent: dependent.scores(),
      gasErrorShare: gasErrorOf(prediction, record),
    },
    ...{ pairs, edges: kept, edgesLeftOut: edges.length - kept.length },
  };
}

function mostTelling(edges: readonly UnkeyedEdge[]): readonly UnkeyedEdge[] {
  if (edges.length <= MOST_EDGES) return edges;
  const weight = ({ observed, probability }: UnkeyedEdge): number => (observed ? 1 : 0) + (probability ?? 0);
  return [...edges]
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, MOST_EDGES)
    .sort((a, b) => a.later - b.later || a.earlier - b.earlier);
}

function gasErrorOf(prediction: ModelPrediction, { transactions }: BlockRecord): number | null {
  if (transactions.length === 0) return null;
  const errors = transactions.map(({ gasUsed }, index) =>
    gasUsed === 0 ? 0 : Math.abs(gasAt(prediction, index, 0.5) - gasUsed) / gasUsed,
  );
  return rounded(errors.reduce((sum, error) => sum + error, 0) / errors.length);
}

function gasAt({ gasUsed }: ModelPrediction, index: number, level: number): number {
  const place = gasUsed.levels.findIndex((candidate) => candidate >= level);
  const column = place < 0 ? gasUsed.levels.length - 1 : place;
  return Math.round(at(gasUsed.values, index * gasUsed.levels.length + column));
}

function describeTransactions(
  { transactions }: BlockRecord,
  prediction: ModelPrediction,
  workload: Workload,
): LiveTransaction[] {
  return transactions.map(({ transaction, gasUsed }, index) => ({
    ...{ index, hash: transaction.hash, from: transaction.from, to: transaction.to },
    selector: transaction.input.length < SELECTOR_CHARACTERS ? '0x' : transaction.input.slice(0, SELECTOR_CHARACTERS),
    gasUsed,
    predictedGas: gasAt(prediction, index, 0.5),
    predictedGasHigh: gasAt(prediction, index, HIGH),
    cost: Math.round(workload.transactions[index]?.cost ?? 0),
  }));
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

// ---------------------------------------------------------------------------------------------------------- running

interface Runs {
  readonly way: Way;
  readonly lanes: SimulatedRun;
  readonly predicted: number;
  readonly optimistic: number;
  readonly oracle: number;
}

/** The block under the plan that would have been made, and under others, on as many virtual workers as the service plans for. */
function run(pending: PendingBlock, workload: Workload, record: BlockRecord, parts: EngineParts): Runs {
  const { scheduler, maxWorkers: workers } = parts;
  const { length } = workload.transactions;
  const hints = parts.hints.hint(pending);
  const decision = scheduler.decide(pending, true);
  const plan = decision.plan ?? emptyPlan(length, decision.way.workers);
  const makespan = (other: Plan): number => simulate(workload, other, { workers, validationCost: 0 }).makespanCost;
  const lanes = simulate(workload, plan, { workers, validationCost: 0, trace: true });
  const { header } = record;
  const outcome = { block: pending, decision, wallNs: lanes.makespanCost, workload, gasUsed: header.gasUsed, header };
  scheduler.learn(outcome, true);
  return {
    ...{ way: decision.way, lanes },
    predicted: expectedMakespan(hints, plan, {
      workload,
      workers,
      isSameUnit: parts.hints.costUnit === unitOf(record),
    }),
    optimistic: makespan(emptyPlan(length, workers)),
    oracle: makespan(oraclePlan(workload, workers)),
  };
}

/** Where times are expected and the block tells gas only, or the other way round, as a share of the work. */
function expectedMakespan(hints: BlockHints, plan: Plan, { workload, isSameUnit, workers }: Expected): number {
  const expected = withDenseKeys(workloadOfPrediction(hints));
  const { makespanCost } = simulate(expected, plan, { workers, validationCost: 0 });
  return isSameUnit ? makespanCost : (makespanCost * workOf(workload)) / Math.max(1, workOf(expected));
}

interface Expected {
  readonly workload: Workload;
  readonly isSameUnit: boolean;
  readonly workers: number;
}

function workOf({ transactions }: Workload): number {
  return transactions.reduce((sum, { cost }) => sum + cost, 0);
}

function lanesOf({ way, lanes }: Runs, unit: CostUnit): Lanes {
  const { makespanCost, executions, aborts, suspensions, idleCost, trace } = lanes;
  return {
    ...{ simulated: true, workers: way.workers, mode: way.mode, unit, makespan: Math.round(makespanCost) },
    ...{ executions, aborts, suspensions },
    idleShare: makespanCost === 0 ? 0 : rounded(Math.min(1, idleCost / (way.workers * makespanCost))),
    intervals: (trace ?? [])
      .map(({ transaction, incarnation, worker, startCost, endCost, outcome }) => ({
        ...{ transaction, incarnation, worker, start: Math.round(startCost), end: Math.round(endCost) },
        outcome: outcome === 'committed' ? ('final' as const) : outcome,
      }))
      .sort((a, b) => a.start - b.start || a.worker - b.worker),
  };
}

function makespansOf({ predicted, lanes, optimistic, oracle }: Runs, workload: Workload, unit: CostUnit): Makespans {
  return {
    unit,
    sequential: Math.round(workOf(workload)),
    predicted: Math.round(predicted),
    observed: Math.round(lanes.makespanCost),
    optimistic: Math.round(optimistic),
    oracle: Math.round(oracle),
  };
}
