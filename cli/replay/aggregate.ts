import type { BoundSummary, ReplayBlock, ReplayRun, ReplaySummary } from './document.js';
import { median, speedup } from './statistics.js';

/** One summary for each (policy, workers, simulated) that occurs, in order of first occurrence. */
export function summarise(blocks: readonly ReplayBlock[]): ReplaySummary[] {
  const groups = new Map<string, { block: ReplayBlock; run: ReplayRun }[]>();
  for (const block of blocks) {
    for (const run of block.runs) {
      const key = `${run.policy}/${run.workers}/${run.simulated}`;
      const group = groups.get(key);
      if (group) group.push({ block, run });
      else groups.set(key, [{ block, run }]);
    }
  }
  return [...groups.values()].map(summariseGroup);
}

function summariseGroup(group: readonly { block: ReplayBlock; run: ReplayRun }[]): ReplaySummary {
  const [first] = group;
  if (first === undefined) throw new Error('a group of runs is never empty');
  const sum = (pick: (item: { block: ReplayBlock; run: ReplayRun }) => number): number =>
    group.reduce((total, item) => total + pick(item), 0);
  const transactions = sum(({ block }) => block.transactions);
  const onClockNs = sum(({ run }) => runNs(run));
  // Where gas stands for time, a second of it is none on a clock.
  const measured = group.every(({ block }) => block.execution === 'evm' || block.cost === 'time');
  const perSecond = (amount: number): number | null => (measured && onClockNs > 0 ? (amount / onClockNs) * 1e9 : null);
  const perTransaction = (amount: number): number => (transactions > 0 ? amount / transactions : 0);
  return {
    policy: first.run.policy,
    workers: first.run.workers,
    simulated: first.run.simulated,
    blocks: group.length,
    verified: sum(({ run }) => (run.verified ? 1 : 0)),
    transactionsPerSecond: perSecond(transactions),
    gasPerSecond: perSecond(sum(({ block }) => block.gasUsed)),
    speedup: {
      ...spread(group),
      total: speedup(
        sum(({ block }) => block.sequentialNs),
        onClockNs,
      ),
    },
    executionsPerTransaction: perTransaction(sum(({ run }) => run.executions)),
    predictNsPerTransaction: perTransaction(sum(({ run }) => run.predictNs)),
    planNsPerTransaction: perTransaction(sum(({ run }) => run.planNs)),
  };
}

function spread(group: readonly { block: ReplayBlock; run: ReplayRun }[]): { min: number; p50: number; max: number } {
  const speedups = group
    .filter(({ block }) => block.transactions > 0)
    .map(({ run }) => run.speedup)
    .sort((a, b) => a - b);
  return { min: speedups[0] ?? 1, p50: median(speedups) ?? 1, max: speedups.at(-1) ?? 1 };
}

function runNs(run: ReplayRun): number {
  return run.wallNs + run.predictNs + run.planNs;
}

/** Minimum, mean and maximum over the blocks that have a bound. */
export function summariseBounds(blocks: readonly ReplayBlock[]): BoundSummary | null {
  const bounds = blocks.flatMap((block) => (block.criticalPathBound === null ? [] : [block.criticalPathBound]));
  if (bounds.length === 0) return null;
  return {
    min: Math.min(...bounds),
    mean: bounds.reduce((total, bound) => total + bound, 0) / bounds.length,
    max: Math.max(...bounds),
  };
}

/** Nothing that was checked of the block or its runs is wrong. */
export function isVerified({ header, sequentialVerified, runs }: ReplayBlock): boolean {
  return !Object.values(header).includes(false) && sequentialVerified && runs.every(({ verified }) => verified);
}
