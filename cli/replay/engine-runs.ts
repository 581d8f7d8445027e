import type { EngineRun, RunOptions } from '../../executor/wasm/index.js';
import type { Policy } from '../../scheduler/policy.js';
import type { ReplayRun } from './document.js';
import type { PlannedRun } from './scheduling.js';
import { medianOf, speedup } from './statistics.js';

const WARM_UP_ROUNDS = 8;
const WARM_UP_MS = 250;

export interface TimedRun {
  readonly run: EngineRun;
  /** Of all threads. */
  readonly cpuNs: number;
}

/** The timed runs of one policy. */
export interface RunSeries {
  readonly policy: Policy;
  /** What the policy wanted when it was asked, once and before anything ran: as it is where a block is executed once. */
  readonly planned: PlannedRun;
  readonly runs: readonly TimedRun[];
  /** Whether each of them came to what the first sequential run came to. */
  readonly isSteady: boolean;
}

/** A block in the engine. */
export interface Runnable {
  run(options: RunOptions): Promise<EngineRun>;
  /** Whether the last run came to the right; asked after each timed run. */
  isRight(): boolean;
}

export interface TurnOptions {
  /** The sequential one is always among them. */
  readonly policies: readonly Policy[];
  /** Timed runs of each policy; the median counts. At least 1. */
  readonly repeats: number;
  readonly plan: (policy: Policy) => PlannedRun;
}

/** What a block came to on the engine. */
export interface EngineRuns {
  readonly sequentialNs: number;
  /** Most that a run took of the block heap, with the block's own data. */
  readonly heapBytes: number;
  readonly series: readonly RunSeries[];
}

/**
 * Asks each policy for its plan, once and on the clock. After a warm-up of each they take turns, each round beginning with another
 * one: what disturbs the machine disturbs them alike.
 */
export async function takeTurns(block: Runnable, { policies, repeats, plan }: TurnOptions): Promise<EngineRuns> {
  const names = policies.includes('sequential') ? policies : ['sequential' as const, ...policies];
  const series = names.map((policy) => ({ policy, planned: plan(policy), runs: [] as TimedRun[], isSteady: true }));
  await warmUp(() => inTurn(series, ({ planned }) => runOnce(block, planned)));
  for (let repetition = 0; repetition < repeats; repetition += 1) {
    const first = repetition % series.length;
    await inTurn([...series.slice(first), ...series.slice(0, first)], async (each) => {
      each.runs.push(await timeOnce(block, each.planned));
      each.isSteady = block.isRight() && each.isSteady;
    });
  }
  const sequential = series.find(({ policy }) => policy === 'sequential')?.runs ?? [];
  return {
    sequentialNs: medianOf(sequential.map(({ run }) => run.wallNs)),
    heapBytes: Math.max(...series.flatMap(({ runs }) => runs.map(({ run }) => run.heapBytes))),
    series,
  };
}

async function timeOnce(block: Runnable, planned: PlannedRun): Promise<TimedRun> {
  const before = process.cpuUsage();
  const run = await runOnce(block, planned);
  const { user, system } = process.cpuUsage(before);
  return { run, cpuNs: (user + system) * 1e3 };
}

function runOnce(block: Runnable, { plan, workers }: PlannedRun): Promise<EngineRun> {
  return block.run(workers > 1 && plan !== null ? { workers, plan } : { workers });
}

async function inTurn<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  for (const item of items) await work(item);
}

/** At least one round; more while they are short, because the engine is compiled in the background as it runs. */
async function warmUp(round: () => Promise<void>): Promise<void> {
  const startMs = performance.now();
  let rounds = 0;
  do {
    await round();
    rounds += 1;
  } while (rounds < WARM_UP_ROUNDS && performance.now() - startMs < WARM_UP_MS);
}

/** One row a policy; `isRight`: whether the first sequential run came to the right. */
export function describeRuns({ series, sequentialNs }: EngineRuns, isRight: boolean): ReplayRun[] {
  return series.map(({ policy, planned, runs, isSteady }) => {
    const wallNs = medianOf(runs.map(({ run }) => run.wallNs));
    const { predictNs, planNs } = planned;
    const { executions, aborts, suspensions, validations, inOrderFrom } = medianRun(runs).run;
    return {
      ...{ policy, workers: planned.workers, simulated: false, verified: isRight && isSteady },
      joined: Math.min(...runs.map(({ run }) => run.joined)),
      ...{ mode: planned.decision?.way.mode ?? null, wallNs, predictNs, planNs },
      cpuNs: medianOf(runs.map((timed) => timed.cpuNs)) + predictNs + planNs,
      ...{ executions, aborts, suspensions, validations, inOrderFrom },
      speedup: speedup(sequentialNs, wallNs + predictNs + planNs),
    };
  });
}

/** The run with the median time; of the two in the middle the faster one. */
export function medianRun(runs: readonly TimedRun[]): TimedRun {
  const run = [...runs].sort((a, b) => a.run.wallNs - b.run.wallNs)[Math.floor((runs.length - 1) / 2)];
  if (run === undefined) throw new Error('a block is run at least once');
  return run;
}
