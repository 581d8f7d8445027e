import { boundedFit, medianOf, type Observation } from './fitting.js';
import { UNCALIBRATED, type Overheads } from './overheads.js';
import type { Plan } from './plan.js';
import { at } from './rows.js';
import { simulate } from './simulator.js';
import type { Workload } from './workload.js';

/** How long a block took on real workers; its costs are ns. */
export interface CalibrationSample {
  readonly workload: Workload;
  /** On one worker, tracked; null where that was not measured. */
  readonly trackedNs: number | null;
  /** On several workers; null where that was not measured. */
  readonly parallel: ParallelSample | null;
}

export interface ParallelSample {
  /** As it was run. */
  readonly plan: Plan;
  readonly workers: number;
  readonly wallNs: number;
}

/** Of the time that a transaction or a read is tracked, what its validation takes: it looks once where tracking looks and notes. */
const VALIDATION_SHARE = 0.25;
/** Bounds of what is believed. */
const MOST_START_NS = 20_000_000;
const MOST_TRACKING_NS = 20_000;
const MOST_TRACKING_SHARE = 2;
const BISECTIONS = 11;
const ROUNDS = 2;

/**
 * What parallel execution costs, from blocks that were measured. Blocks of no more transactions than workers tell what the
 * start costs, tracked runs on one worker what tracking costs, the others what workers cost each other. What the samples
 * say nothing of is as in `known`.
 */
export function fitOverheads(samples: readonly CalibrationSample[], known: Overheads = UNCALIBRATED): Overheads {
  let overheads = fitTracking(samples, known);
  // What workers cost each other is also in the blocks that tell of the start.
  for (let round = 0; round < ROUNDS; round++) {
    overheads = { ...overheads, startNs: fitStart(samples, overheads) };
    overheads = { ...overheads, contentionShare: fitContention(samples, overheads) };
  }
  return overheads;
}

function fitTracking(samples: readonly CalibrationSample[], known: Overheads): Overheads {
  const observations = samples.flatMap((sample) => describeTracked(sample));
  if (observations.length === 0) return known;
  const most = [MOST_START_NS, MOST_TRACKING_NS, MOST_TRACKING_NS, MOST_TRACKING_SHARE];
  const [startNs = 0, perTransactionNs = 0, perAccessNs = 0, share = 0] = boundedFit(observations, most);
  const tracking = 1 - VALIDATION_SHARE;
  return {
    ...known,
    startNs: [0, startNs],
    trackingNsPerTransaction: perTransactionNs * tracking,
    trackingNsPerAccess: perAccessNs * tracking,
    validationNsPerTransaction: perTransactionNs * VALIDATION_SHARE,
    validationNsPerRead: perAccessNs * VALIDATION_SHARE,
    trackingShare: share,
  };
}

/** What a tracked run took beyond the work: once, by transaction, by access, by cost. */
function describeTracked({ workload: { transactions }, trackedNs }: CalibrationSample): Observation[] {
  if (trackedNs === null) return [];
  let [costNs, tracked] = [0, 0];
  for (const { cost, accesses } of transactions) {
    const reads = accesses.filter(({ kind }) => kind === 'read').length;
    costNs += cost;
    tracked += (1 - VALIDATION_SHARE) * accesses.length + VALIDATION_SHARE * reads;
  }
  return [
    {
      features: [1, transactions.length, tracked, costNs],
      value: trackedNs - costNs,
      // Each block counts by how far off its whole time is.
      scale: Math.max(1, trackedNs),
    },
  ];
}

/** By number of workers: the time of blocks that are nothing but a start, less that of their longest transaction. */
function fitStart(samples: readonly CalibrationSample[], overheads: Overheads): readonly number[] {
  const alone = { ...overheads, startNs: [0] };
  let startNs = overheads.startNs;
  for (const [workers, measured] of groupByWorkers(samples.filter(isStart))) {
    const restNs = measured.map(({ workload, parallel: { plan, wallNs } }) => {
      return wallNs - simulate(workload, plan, { workers, overheads: alone }).makespanCost;
    });
    startNs = extended(startNs, workers, Math.min(MOST_START_NS, medianOf(restNs)));
  }
  return startNs;
}

/** With what so many workers take; those between take what lies between. None takes less than fewer do. */
function extended(startNs: readonly number[], workers: number, measuredNs: number): number[] {
  const known = startNs.slice(0, workers);
  const last = known.length - 1;
  const lastNs = at(known, last);
  const stepNs = Math.max(0, measuredNs - lastNs) / (workers - last);
  return [...known, ...Array.from({ length: workers - last }, (_, step) => lastNs + stepNs * (step + 1))];
}

type MeasuredInParallel = CalibrationSample & { readonly parallel: ParallelSample };

function isParallel(sample: CalibrationSample): sample is MeasuredInParallel {
  return sample.parallel !== null && sample.parallel.workers > 1;
}

function isStart(sample: CalibrationSample): sample is MeasuredInParallel {
  return isParallel(sample) && sample.workload.transactions.length <= sample.parallel.workers;
}

function groupByWorkers(samples: readonly MeasuredInParallel[]): [number, MeasuredInParallel[]][] {
  const groups = new Map<number, MeasuredInParallel[]>();
  for (const sample of samples) {
    const { workers } = sample.parallel;
    groups.set(workers, [...(groups.get(workers) ?? []), sample]);
  }
  return [...groups].sort(([a], [b]) => a - b);
}

type Fitted = 'contentionShare' | 'wakeNs';

const MOST: Readonly<Record<Fitted, number>> = { contentionShare: 0.5, wakeNs: 200_000 };

function fitContention(samples: readonly CalibrationSample[], overheads: Overheads): number {
  return fitOne(
    'contentionShare',
    samples.filter((sample) => !isStart(sample)),
    overheads,
  );
}

/** How long waking takes, from blocks whose plan lets workers wait for each other time and again. */
export function fitWake(samples: readonly CalibrationSample[], overheads: Overheads): Overheads {
  return { ...overheads, wakeNs: fitOne('wakeNs', samples, overheads) };
}

/** The middle of what each block says; as known where none says anything. */
function fitOne(name: Fitted, samples: readonly CalibrationSample[], overheads: Overheads): number {
  const told = samples.filter(isParallel).map((sample) => solveFor(name, sample, overheads));
  return told.length === 0 ? overheads[name] : medianOf(told);
}

/** The value with which the simulated block takes as long as the real one: the more, the longer. */
function solveFor(name: Fitted, { workload, parallel }: MeasuredInParallel, overheads: Overheads): number {
  let [low, high] = [0, MOST[name]];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    const options = { workers: parallel.workers, overheads: { ...overheads, [name]: middle } };
    if (simulate(workload, parallel.plan, options).makespanCost < parallel.wallNs) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
