import type { EngineRun, LoadTimes, WasmExecutor } from '../../executor/wasm/index.js';
import type { Policy } from '../../scheduler/policy.js';
import type { Workload } from '../../scheduler/workload.js';
import type { BlockResult, BlockSnapshot } from '../../types.js';
import type { ReplayRun } from './document.js';
import { medianOf, speedup } from './statistics.js';

const WARM_UP_ROUNDS = 8;
const WARM_UP_MS = 250;

export interface EngineRunOptions {
  readonly policies: readonly Policy[];
  /** Threads of optimistic runs; 1 runs the block straight through, without versions. */
  readonly workers: number;
  /** Timed runs of each policy; the median counts. At least 1. */
  readonly repeats: number;
}

/** The timed runs of one policy. */
export interface RunSeries {
  readonly policy: Policy;
  readonly workers: number;
  readonly runs: readonly EngineRun[];
  /** Whether each of them came to what the first sequential run came to. */
  readonly isSteady: boolean;
}

/** What a block came to on the engine, by policy: always `sequential`, and `optimistic` where it was asked for. */
export interface EngineRuns {
  readonly sequentialNs: number;
  /** Most that a run took of the block heap, with the block's own data. */
  readonly heapBytes: number;
  readonly series: readonly RunSeries[];
}

export interface SnapshotRuns extends EngineRuns {
  /** Of the first sequential run. */
  readonly result: BlockResult;
  /** By repetition and transaction, sequentially. */
  readonly transactionNs: readonly (readonly number[])[];
  readonly loadTimes: LoadTimes;
}

export interface RecordingRuns extends EngineRuns {
  /** Whether the first sequential run saw what its transactions see in block order. */
  readonly isRight: boolean;
}

/** Runs an executable block. Errors: those of the engine; UNSUPPORTED where the block is none for it. */
export async function runSnapshot(
  wasm: WasmExecutor,
  snapshot: BlockSnapshot,
  options: EngineRunOptions,
): Promise<SnapshotRuns> {
  const block = await wasm.load(snapshot);
  await block.run({ workers: 1 });
  const [result, expected] = [block.describe([]), block.fingerprint()];
  const runs = await takeTurns(options, {
    run: (workers) => block.run({ workers }),
    isRight: () => block.fingerprint() === expected,
  });
  const transactionNs = Array.from({ length: options.repeats }, () => block.timeTransactions());
  return { ...runs, result, transactionNs, loadTimes: block.loadTimes };
}

/** Runs a block of recorded transactions: a unit of cost is a unit of work. Errors as for executable blocks. */
export async function runRecording(
  wasm: WasmExecutor,
  workload: Workload,
  options: EngineRunOptions,
): Promise<RecordingRuns> {
  const recording = await wasm.loadRecorded(workload);
  await recording.run({ workers: 1 });
  const isRight = recording.verify();
  const expected = recording.digests();
  const runs = await takeTurns(options, {
    run: (workers) => recording.run({ workers }),
    isRight: () => recording.verify() && recording.digests().every((digest, index) => digest === expected[index]),
  });
  return { ...runs, isRight };
}

interface Turn {
  run(workers: number): Promise<EngineRun>;
  /** Asked after each run. */
  isRight(): boolean;
}

/** After a warm-up of each, the policies take turns: what disturbs the machine disturbs them alike. */
async function takeTurns({ policies, workers, repeats }: EngineRunOptions, turn: Turn): Promise<EngineRuns> {
  const sequential = { policy: 'sequential' as Policy, workers: 1, runs: [] as EngineRun[], isSteady: true };
  const optimistic = { ...sequential, policy: 'optimistic' as Policy, workers, runs: [] as EngineRun[] };
  const series = policies.includes('optimistic') ? [sequential, optimistic] : [sequential];
  await warmUp(() => inTurn(series, (each) => turn.run(each.workers)));
  for (let repetition = 0; repetition < repeats; repetition += 1) {
    await inTurn(series, async (each) => {
      each.runs.push(await turn.run(each.workers));
      each.isSteady = turn.isRight() && each.isSteady;
    });
  }
  return {
    sequentialNs: medianOf(sequential.runs.map(({ wallNs }) => wallNs)),
    heapBytes: Math.max(...series.flatMap(({ runs }) => runs.map((run) => run.heapBytes))),
    series,
  };
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
  return series.map(({ policy, workers, runs, isSteady }) => {
    const wallNs = medianOf(runs.map((run) => run.wallNs));
    const { executions, aborts, suspensions, validations, inOrderFrom } = medianRun(runs);
    return {
      ...{ policy, workers, simulated: false, verified: isRight && isSteady },
      ...{ wallNs, predictNs: 0, planNs: 0 },
      ...{ executions, aborts, suspensions, validations, inOrderFrom },
      speedup: speedup(sequentialNs, wallNs),
    };
  });
}

/** The run with the median time; of the two in the middle the faster one. */
function medianRun(runs: readonly EngineRun[]): EngineRun {
  const run = [...runs].sort((a, b) => a.wallNs - b.wallNs)[Math.floor((runs.length - 1) / 2)];
  if (run === undefined) throw new Error('a block is run at least once');
  return run;
}
