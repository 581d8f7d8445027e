import type { BoundSummary, ReplayBlock, ReplayRun, ReplaySummary } from './document.js';
import type { SimulationErrors } from '../../scheduler/calibrator.js';
import { isPolicy, type Policy } from '../../scheduler/policy.js';
import { median, speedup } from './statistics.js';

interface RunOfBlock {
  readonly block: ReplayBlock;
  readonly run: ReplayRun;
}

/** The gain of an oracle that is smaller, as a share of what optimistic takes, says nothing. */
const LEAST_GAP = 0.03;

/**
 * One summary for each policy on each machine, in order of first occurrence: real runs are of one machine, simulated ones of
 * as many workers as they name.
 */
export function summarise(
  blocks: readonly ReplayBlock[],
  errorsOf: (policy: Policy) => SimulationErrors | null = () => null,
): ReplaySummary[] {
  const groups = new Map<string, RunOfBlock[]>();
  for (const block of blocks) {
    for (const run of block.runs) {
      const key = `${run.policy}/${machineOf(run)}`;
      const group = groups.get(key);
      if (group) group.push({ block, run });
      else groups.set(key, [{ block, run }]);
    }
  }
  return [...groups.values()].map((group) => {
    const summary = summariseGroup(group, groups);
    const { policy } = summary;
    const simulationError = summary.simulated && isPolicy(policy) ? errorsOf(policy) : null;
    return { ...summary, simulationError };
  });
}

function machineOf({ simulated, workers }: ReplayRun): string {
  return simulated ? `${workers}` : 'real';
}

function summariseGroup(
  group: readonly RunOfBlock[],
  groups: ReadonlyMap<string, readonly RunOfBlock[]>,
): Omit<ReplaySummary, 'simulationError'> {
  const [first] = group;
  if (first === undefined) throw new Error('a group of runs is never empty');
  const sum = (pick: (item: RunOfBlock) => number): number => group.reduce((total, item) => total + pick(item), 0);
  const transactions = sum(({ block }) => block.transactions);
  const onClockNs = sum(({ run }) => runNs(run));
  const cpuNs = sum(({ run }) => run.cpuNs);
  const sequentialNs = sum(({ block }) => block.sequentialNs);
  // Where gas stands for time, a second of it is none on a clock.
  const measured = group.every(({ block }) => block.execution === 'evm' || block.cost === 'time');
  const perSecond = (amount: number): number | null => (measured && onClockNs > 0 ? (amount / onClockNs) * 1e9 : null);
  const perTransaction = (amount: number): number => (transactions > 0 ? amount / transactions : 0);
  const rival = (policy: string): readonly RunOfBlock[] | undefined => groups.get(`${policy}/${machineOf(first.run)}`);
  return {
    policy: first.run.policy,
    workers: Math.max(...group.map(({ run }) => run.workers)),
    simulated: first.run.simulated,
    blocks: group.length,
    verified: sum(({ run }) => (run.verified ? 1 : 0)),
    transactionsPerSecond: perSecond(transactions),
    gasPerSecond: perSecond(sum(({ block }) => block.gasUsed)),
    speedup: { ...spread(group), total: speedup(sequentialNs, onClockNs) },
    executionsPerTransaction: perTransaction(sum(({ run }) => run.executions)),
    predictNsPerTransaction: perTransaction(sum(({ run }) => run.predictNs)),
    planNsPerTransaction: perTransaction(sum(({ run }) => run.planNs)),
    processors: onClockNs > 0 ? cpuNs / onClockNs : 1,
    wastedProcessorShare: sequentialNs > 0 ? cpuNs / sequentialNs - 1 : 0,
    oracleGainShare: gainShare(group, { optimistic: rival('optimistic'), oracle: rival('oracle') }, runNs),
    oracleGainShareOfRuns: gainShare(
      group,
      { optimistic: rival('optimistic'), oracle: rival('oracle') },
      ({ wallNs }) => wallNs,
    ),
  };
}

interface Bounds {
  readonly optimistic: readonly RunOfBlock[] | undefined;
  readonly oracle: readonly RunOfBlock[] | undefined;
}

/** Of the time that the oracle saves, what this policy saves; null where that is too little to be measured. */
function gainShare(
  group: readonly RunOfBlock[],
  { optimistic, oracle }: Bounds,
  timeOf: (run: ReplayRun) => number,
): number | null {
  if (optimistic === undefined || oracle === undefined) return null;
  const total = (runs: readonly RunOfBlock[]): number => runs.reduce((sum, { run }) => sum + timeOf(run), 0);
  const [slowest, best] = [total(optimistic), total(oracle)];
  if (!(slowest - best >= LEAST_GAP * slowest)) return null;
  return (slowest - total(group)) / (slowest - best);
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
export function isVerified({ header, sequentialVerified, runs, reorder, shards }: ReplayBlock): boolean {
  const isExecutedRight = sequentialVerified && runs.every(({ verified }) => verified);
  const isBuiltRight = reorder?.execution?.verified !== false && shards?.verified !== false;
  return !Object.values(header).includes(false) && isExecutedRight && isBuiltRight;
}
