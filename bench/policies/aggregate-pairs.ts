import type { RunSeries, TimedRun } from '../../cli/replay/engine-runs.js';
import { medianOf, sumOf } from '../../cli/replay/statistics.js';
import type { PairCase, PairRow } from './document.js';
import { medianWithInterval } from './median-interval.js';

/** Of all threads, and of the clock. */
export interface ProcessorTime {
  readonly cpuNs: number;
  readonly elapsedNs: number;
}

/** A block that policies ran in turns. */
export interface PairsOfBlock {
  readonly transactions: number;
  /** The runs of one place are of one round. */
  readonly series: readonly RunSeries[];
  /** Of a run, without prediction and plan. */
  readonly processorTimeOf: (run: TimedRun['run']) => ProcessorTime;
}

/** The adaptive policy against each of the others; none where it did not run. */
export function pairRows(profile: string, pairCase: PairCase, pairs: PairsOfBlock | null): PairRow[] {
  const adaptive = pairs?.series.find(({ policy }) => policy === 'adaptive');
  if (pairs === null || adaptive === undefined) return [];
  const rivals = pairs.series.filter((series) => series !== adaptive);
  const leastNs = Math.min(...rivals.map(medianNs));
  return rivals.map((rival): PairRow => {
    const ratios = adaptive.runs.flatMap((run, round) => {
      const other = rival.runs[round];
      return other === undefined ? [] : [timeNs(adaptive, run) / timeNs(rival, other)];
    });
    return {
      ...{ profile, pairCase, transactions: pairs.transactions },
      verified: adaptive.isSteady && rival.isSteady,
      mode: adaptive.planned.decision?.way.mode ?? 'sequential',
      rival: rival.policy,
      isBestRival: medianNs(rival) === leastNs,
      timeRatio: medianWithInterval(ratios),
      adaptiveProcessors: processorsOf(adaptive, pairs.processorTimeOf),
      rivalProcessors: processorsOf(rival, pairs.processorTimeOf),
    };
  });
}

/** Prediction and plan included. */
function timeNs({ planned }: RunSeries, { run }: TimedRun): number {
  return run.wallNs + planned.predictNs + planned.planNs;
}

function medianNs(series: RunSeries): number {
  return medianOf(series.runs.map((run) => timeNs(series, run)));
}

/** Prediction and plan keep one processor busy. */
function processorsOf({ planned, runs }: RunSeries, timeOf: PairsOfBlock['processorTimeOf']): number {
  const before = runs.length * (planned.predictNs + planned.planNs);
  const times = runs.map(({ run }) => timeOf(run));
  return (before + sumOf(times.map(({ cpuNs }) => cpuNs))) / (before + sumOf(times.map(({ elapsedNs }) => elapsedNs)));
}
