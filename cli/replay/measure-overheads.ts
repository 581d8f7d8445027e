import type { LoadedRecording, WasmExecutor } from '../../executor/wasm/index.js';
import { fitOverheads, fitWake, type CalibrationSample } from '../../scheduler/calibration.js';
import { SLEEP_NS } from '../../scheduler/engine-rules.js';
import { UNCALIBRATED, type Overheads } from '../../scheduler/overheads.js';
import { emptyPlan, type Plan } from '../../scheduler/plan.js';
import { compressRows } from '../../scheduler/rows.js';
import type { WorkAccess, WorkItem, Workload } from '../../scheduler/workload.js';
import { scaledTo } from './simulated-runs.js';

/** In all, without the start of threads. */
const BUDGET_MS = 180;
/** The first one warms up. */
const LEAST_ROUNDS = 3;
const MOST_ROUNDS = 20;
const LAYERS = 10;

/** A block whose times tell something about the engine on this machine. */
interface Probe {
  readonly tells: 'start' | 'tracking' | 'wake';
  readonly workload: Workload;
  readonly plan: Plan;
  readonly workers: number;
}

/**
 * What parallel execution costs on this machine: runs recorded blocks on the engine for a fifth of a second, beside the start
 * of its threads. Replaces the block that is loaded. Errors: those of the engine.
 */
export async function measureOverheads(wasm: WasmExecutor): Promise<Overheads> {
  const probes = probesFor(wasm.workers);
  // The engine is compiled as it runs, and threads start with their first run: these times tell nothing.
  for (const probe of probes) await measureProbe(wasm, probe, 0);
  const measured: { probe: Probe; sample: CalibrationSample }[] = [];
  for (const probe of probes) {
    measured.push({ probe, sample: await measureProbe(wasm, probe, BUDGET_MS / probes.length) });
  }
  const samplesOf = (...wanted: Probe['tells'][]): CalibrationSample[] =>
    measured.filter(({ probe }) => wanted.includes(probe.tells)).map(({ sample }) => sample);
  const overheads = fitOverheads(samplesOf('start', 'tracking'), { ...UNCALIBRATED, sleepNs: SLEEP_NS });
  return fitWake(samplesOf('wake'), overheads);
}

/** Every start that the engine has threads for would take long: two workers, and all of them. */
function probesFor(most: number): Probe[] {
  const workers = Math.min(2, most);
  const optimistic = (tells: Probe['tells'], workload: Workload, threads: number): Probe => ({
    ...{ tells, workload, workers: threads },
    plan: emptyPlan(workload.transactions.length, threads),
  });
  const starts = [...new Set([workers, most])].map((threads) =>
    optimistic('start', apart({ count: threads, costNs: 150_000, keys: 0 }), threads),
  );
  const tracking = [
    { count: 256, costNs: 500, keys: 1 },
    { count: 64, costNs: 15_000, keys: 2 },
    { count: 48, costNs: 10_000, keys: 20 },
    { count: 12, costNs: 120_000, keys: 2 },
  ].map((shape) => optimistic('tracking', apart(shape), workers));
  return [...starts, ...tracking, forkedProbe(workers)];
}

interface Shape {
  readonly count: number;
  readonly costNs: number;
  /** That each transaction reads, half of which it writes. */
  readonly keys: number;
}

/** Transactions that have nothing to do with each other. */
function apart({ count, costNs, keys }: Shape): Workload {
  const transactions = Array.from({ length: count }, (_, index): WorkItem => {
    const accesses = Array.from({ length: keys }, (_unused, place) => accessesTo(index * keys + place, place / keys));
    return { cost: costNs, accesses: accesses.flat().sort((a, b) => a.position - b.position) };
  });
  return { transactions, keyCount: count * keys };
}

function accessesTo(key: number, position: number): WorkAccess[] {
  const read: WorkAccess = { key, kind: 'read', position };
  return key % 2 === 0 ? [read, { key, kind: 'write', position: 1 }] : [read];
}

/** Time and again one transaction for which the next two wait: a worker sleeps meanwhile. */
function forkedProbe(workers: number): Probe {
  const workload = apart({ count: 3 * LAYERS, costNs: 40_000, keys: 0 });
  const blockers = workload.transactions.map((_, index) => {
    const first = index - (index % 3);
    if (index > first) return [first];
    return first === 0 ? [] : [first - 2, first - 1];
  });
  const plan = { ...emptyPlan(3 * LAYERS, workers), blockers: compressRows(blockers) };
  return { tells: 'wake', workload, plan, workers };
}

/** Sequential, tracked and parallel runs in turns; the shortest, as disturbances only add; and the workload with the costs that it had. */
async function measureProbe(wasm: WasmExecutor, probe: Probe, budgetMs: number): Promise<CalibrationSample> {
  const recording = await wasm.loadRecorded(probe.workload);
  const rounds: Round[] = [];
  const startMs = performance.now();
  while (rounds.length < LEAST_ROUNDS || (rounds.length < MOST_ROUNDS && performance.now() - startMs < budgetMs)) {
    rounds.push(await runOnce(recording, probe));
  }
  const shortest = (timeOf: (round: Round) => number): number => Math.min(...rounds.map(timeOf));
  const { plan, workers } = probe;
  return {
    workload: scaledTo(
      probe.workload,
      shortest(({ sequentialNs }) => sequentialNs),
    ),
    trackedNs: shortest(({ trackedNs }) => trackedNs),
    parallel: workers === 1 ? null : { plan, workers, wallNs: shortest(({ parallelNs }) => parallelNs) },
  };
}

interface Round {
  readonly sequentialNs: number;
  readonly trackedNs: number;
  readonly parallelNs: number;
}

async function runOnce(recording: LoadedRecording, { plan, workers }: Probe): Promise<Round> {
  const sequential = await recording.run({ workers: 1 });
  const tracked = await recording.run({ workers: 1, tracked: true, mayContinueInOrder: false });
  const parallel = workers === 1 ? tracked : await recording.run({ workers, plan });
  return { sequentialNs: sequential.wallNs, trackedNs: tracked.wallNs, parallelNs: parallel.wallNs };
}
