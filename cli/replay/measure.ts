import { LanecastError } from '../../errors.js';
import { checkHeader, type ReferenceExecutor } from '../../executor/reference/index.js';
import { isSameResult } from '../../executor/same-result.js';
import type { RunOptions, WasmExecutor } from '../../executor/wasm/index.js';
import { countConflicts } from '../../scheduler/conflicts.js';
import { criticalPath } from '../../scheduler/critical-path.js';
import type { BlockHints } from '../../scheduler/predictor.js';
import { createWorkload } from '../../scheduler/workload.js';
import type { BlockRecord, BlockResult, BlockSnapshot, HeaderCheck, SourceBlock } from '../../types.js';
import type { CostModel, ReplayBlock, ReplayRun } from './document.js';
import { pendingOf } from '../../model/pending.js';
import type { Policy } from '../../scheduler/policy.js';
import { buildBlock, type BuildOptions, type BuiltBlock } from './build-block.js';
import type { ConflictJudge } from './conflict-judge.js';
import { describeRuns, medianRun, takeTurns, type EngineRuns } from './engine-runs.js';
import { pictureOf, type PictureKeeper } from './picture.js';
import type { BlockPicture } from './picture-document.js';
import type { Machine, PolicyRun, ScheduledBlock, Scheduling } from './scheduling.js';
import { scaledTo, simulatePolicies, simulatedSequentialRun, totalCost } from './simulated-runs.js';
import { medianOf, sumOf, typicalTimes } from './statistics.js';

/** What a block may be executed on; the reference records. */
export interface Executors {
  readonly reference: ReferenceExecutor;
  /** Null: the reference executes too. */
  readonly wasm: WasmExecutor | null;
}

export interface MeasureOptions {
  readonly policies: readonly Policy[];
  /** Timed runs of each policy; the median counts. At least 1. */
  readonly repeats: number;
  /** `auto`: time where every transaction has a measured one, else gas less the intrinsic. */
  readonly cost: CostModel | 'auto';
  readonly scheduling: Scheduling;
  /** Threads of this machine. */
  readonly machine: Machine;
  readonly simulatedMachines: readonly Machine[];
  /** What is made of a block besides; nothing if absent. */
  readonly build?: BuildOptions | undefined;
  /** Says which blocks are to be drawn; none if absent. */
  readonly pictures?: PictureKeeper | undefined;
  /** Compares what was predicted with what happened; nobody if absent. */
  readonly judge?: ConflictJudge | undefined;
}

export interface MeasuredBlock {
  readonly block: ReplayBlock;
  readonly record: BlockRecord;
  /** Null where nobody wants it. */
  readonly picture: BlockPicture | null;
}

/** What ran, if anything, before any policy is simulated. */
type Measured = Pick<
  ReplayBlock,
  'execution' | 'engine' | 'fallback' | 'loadNs' | 'heapBytes' | 'sequentialVerified'
> & {
  /** Null where nothing ran. */
  readonly sequentialNs: number | null;
  /** Real ones. */
  readonly runs: readonly ReplayRun[];
  /** What policies did with the block on this machine. */
  readonly real: readonly Omit<PolicyRun, 'machine'>[];
};

interface Baseline {
  readonly record: BlockRecord;
  readonly scheduled: ScheduledBlock;
  readonly header: HeaderCheck;
  readonly measured: Measured;
}

const NOTHING_CHECKED: HeaderCheck = { gasUsed: null, receiptsRoot: null, logsBloom: null };
/** Sequential runs before transactions are timed, while they are short. */
const WARM_UP_RUNS = 12;
const WARM_UP_MS = 150;

/**
 * Executes a snapshot and records it, or runs the transactions of a record as it says, with all policies in turns; simulates them
 * on other machines; and lets the scheduling learn the block. Errors: those of the executors; INVALID_ARGUMENT for cost `time`
 * where times are missing.
 */
export async function measureBlock(
  source: SourceBlock,
  executors: Executors,
  options: MeasureOptions,
): Promise<MeasuredBlock> {
  const baseline =
    source.kind === 'snapshot'
      ? await executeAndRecord(source, executors, options)
      : await runRecord(source, executors.wasm, options);
  const built = await build(source, baseline, executors.wasm, options);
  const { block, picture } = describeAndLearn(baseline, options);
  return { block: { ...block, ...built }, record: baseline.record, picture };
}

/** By what is expected of the block before it is learned. */
async function build(
  source: SourceBlock,
  { record, scheduled, measured }: Baseline,
  wasm: WasmExecutor | null,
  { build: wanted, scheduling }: MeasureOptions,
): Promise<BuiltBlock> {
  const executed = wasm !== null && source.kind === 'snapshot' && measured.engine === 'wasm';
  const onEngine = executed ? { wasm, snapshot: source } : null;
  const hints = (): BlockHints => scheduling.hintsOf(scheduled.pending);
  return buildBlock({ record, actual: scheduled.workload, hints, onEngine }, wanted);
}

// -------------------------------------------------------------------------------------------------------- executing

/** On the reference where the WASM engine is not wanted, or says that the block is none for it. */
async function executeAndRecord(
  snapshot: BlockSnapshot,
  { wasm, reference }: Executors,
  options: MeasureOptions,
): Promise<Baseline> {
  if (wasm === null) return executeOnReference(snapshot, reference, { options, fallback: null });
  const attempt = await unlessUnsupported(() => executeOnEngine(snapshot, { wasm, reference }, options));
  if (attempt.ok) return attempt.runs;
  return executeOnReference(snapshot, reference, { options, fallback: attempt.problem });
}

/** The block is recorded before policies run on it, because the oracle must know what it accesses. */
async function executeOnEngine(
  snapshot: BlockSnapshot,
  { wasm, reference }: { readonly wasm: WasmExecutor; readonly reference: ReferenceExecutor },
  options: MeasureOptions,
): Promise<Baseline> {
  const block = await wasm.load(snapshot);
  await block.run({ workers: 1 });
  const [engineResult, expected] = [block.describe([]), block.fingerprint()];
  await warmUp(() => block.run({ workers: 1 }));
  const times = Array.from({ length: options.repeats }, () => block.timeTransactions());
  const { record, result } = await reference.record(snapshot, typicalTimes(times, medianOf(times.map(sumOf))));
  const scheduled = schedule(record, options);
  // Recording may have taken longer than threads wait.
  await wasm.warmUp(threadsAhead(options));
  const runs = await takeTurns(
    { run: (how) => block.run(how), isRight: () => block.fingerprint() === expected },
    turnsOf(scheduled, options),
  );
  const header = checkHeader(snapshot, result);
  const measured: Measured = {
    ...{ execution: 'evm', engine: 'wasm', fallback: null },
    ...describeEngine(runs, isSound(header) && isSameResult(engineResult, result, snapshot)),
    loadNs: { state: block.loadTimes.stateNs, transactions: block.loadTimes.transactionsNs },
  };
  return { record, scheduled, header, measured };
}

/** Threads that are started before a block: all that its policies ask for, or as many as the adaptive one will probably use. */
function threadsAhead({ policies, machine, scheduling }: MeasureOptions): number {
  const usesAll = policies.some((policy) => policy !== 'sequential' && policy !== 'adaptive');
  return usesAll ? machine.workers : scheduling.workersAhead(machine);
}

async function warmUp(run: () => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  for (let runs = 0; runs < WARM_UP_RUNS && performance.now() - startMs < WARM_UP_MS; runs += 1) await run();
}

/** The transactions of a block arrive: what was known of it before it was executed, and what is true of it. */
function schedule(record: BlockRecord, { cost, scheduling }: MeasureOptions): ScheduledBlock {
  const pending = pendingOf(record);
  scheduling.arrive(pending);
  return { pending, workload: createWorkload(record, { cost: costOf(record, cost) }) };
}

function turnsOf(block: ScheduledBlock, options: MeasureOptions): Parameters<typeof takeTurns>[1] {
  const { policies, repeats, scheduling, machine } = options;
  return { policies, repeats, plan: (policy) => scheduling.plan(policy, machine, block) };
}

type OnEngine = Pick<Measured, 'sequentialNs' | 'sequentialVerified' | 'runs' | 'heapBytes' | 'real'>;

function describeEngine(runs: EngineRuns, isRight: boolean): OnEngine {
  const described = describeRuns(runs, isRight);
  const real = runs.series.map((series) => {
    const { run } = medianRun(series.runs);
    return { policy: series.policy, planned: series.planned, wallNs: run.wallNs, inOrderFrom: run.inOrderFrom };
  });
  return {
    ...{ sequentialNs: runs.sequentialNs, heapBytes: runs.heapBytes, runs: described, real },
    sequentialVerified: described.some(({ policy, verified }) => policy === 'sequential' && verified),
  };
}

interface ReferenceOptions {
  readonly options: MeasureOptions;
  readonly fallback: string | null;
}

async function executeOnReference(
  snapshot: BlockSnapshot,
  reference: ReferenceExecutor,
  { options, fallback }: ReferenceOptions,
): Promise<Baseline> {
  const results: BlockResult[] = [];
  while (results.length < options.repeats) results.push(await reference.execute(snapshot));
  const times = results.map(({ transactionNs }) => transactionNs);
  const sequentialNs = medianOf(times.map(sumOf));
  const { record, result } = await reference.record(snapshot, typicalTimes(times, sequentialNs));
  const header = checkHeader(snapshot, result);
  const verified = isSound(header) && results.every((other) => isSameResult(other, result, snapshot));
  const run: ReplayRun = {
    ...{ policy: 'sequential', workers: 1, joined: 1, mode: null, simulated: false, verified },
    ...{ wallNs: sequentialNs, predictNs: 0, planNs: 0, cpuNs: sequentialNs },
    executions: result.receipts.length,
    ...{ aborts: 0, suspensions: 0, validations: 0, inOrderFrom: null, speedup: 1 },
  };
  const measured: Measured = {
    ...{ execution: 'evm', engine: 'reference', fallback, sequentialNs, sequentialVerified: verified },
    ...{ runs: [run], real: [], loadNs: null, heapBytes: null },
  };
  return { record, scheduled: schedule(record, options), header, measured };
}

/** Real runs need the WASM engine. A unit of cost is a unit of work, about a nanosecond. */
async function runRecord(record: BlockRecord, wasm: WasmExecutor | null, options: MeasureOptions): Promise<Baseline> {
  const scheduled = schedule(record, options);
  const baseline = { record, scheduled, header: NOTHING_CHECKED };
  const nothing: Measured = {
    ...{ execution: 'simulated', engine: null, fallback: null, sequentialNs: null, sequentialVerified: true },
    ...{ runs: [], real: [], loadNs: null, heapBytes: null },
  };
  if (wasm === null) return { ...baseline, measured: nothing };
  const attempt = await unlessUnsupported(() => runRecording(wasm, scheduled, options));
  if (!attempt.ok) return { ...baseline, measured: { ...nothing, fallback: attempt.problem } };
  const how = { execution: 'recorded', engine: 'wasm', fallback: null, loadNs: null } as const;
  return { ...baseline, measured: { ...how, ...attempt.runs } };
}

async function runRecording(wasm: WasmExecutor, block: ScheduledBlock, options: MeasureOptions): Promise<OnEngine> {
  const recording = await wasm.loadRecorded(block.workload);
  await wasm.warmUp(threadsAhead(options));
  await recording.run({ workers: 1 });
  const isRight = recording.verify();
  const expected = recording.digests();
  const runnable = {
    run: (how: RunOptions) => recording.run(how),
    isRight: () => recording.verify() && recording.digests().every((digest, index) => digest === expected[index]),
  };
  return describeEngine(await takeTurns(runnable, turnsOf(block, options)), isRight);
}

type Attempt<Runs> = { readonly ok: true; readonly runs: Runs } | { readonly ok: false; readonly problem: string };

async function unlessUnsupported<Runs>(run: () => Promise<Runs>): Promise<Attempt<Runs>> {
  try {
    return { ok: true, runs: await run() };
  } catch (error) {
    if (!(error instanceof LanecastError) || error.code !== 'UNSUPPORTED') throw error;
    return { ok: false, problem: error.message };
  }
}

/** Nothing that was checked is wrong. */
export function isSound({ gasUsed, receiptsRoot, logsBloom }: HeaderCheck): boolean {
  return gasUsed !== false && receiptsRoot !== false && logsBloom !== false;
}

// -------------------------------------------------------------------------------------------------------- describing

function describeAndLearn(
  { record, scheduled, header, measured }: Baseline,
  options: MeasureOptions,
): { readonly block: Omit<ReplayBlock, keyof BuiltBlock>; readonly picture: BlockPicture | null } {
  const { real, runs: realRuns, ...how } = measured;
  const sequentialNs = measured.sequentialNs ?? totalCost(scheduled.workload);
  const block = { ...scheduled, workload: scaledTo(scheduled.workload, sequentialNs) };
  const pictures = options.pictures?.wants(record) === true ? options.pictures : null;
  const simulated = simulatePolicies(block, { ...options, pictures });
  const policyRuns = [...real.map((run) => ({ ...run, machine: options.machine })), ...simulated.policyRuns];
  options.judge?.judge(scheduled.pending, record);
  const offClock = options.scheduling.learn(block, record, policyRuns);
  const conflicts = countConflicts(record);
  const described = {
    origin: record.origin,
    chainId: record.chainId,
    number: record.header.number,
    transactions: record.transactions.length,
    gasUsed: record.header.gasUsed,
    ...how,
    header,
    cost: costOf(record, options.cost),
    sequentialNs,
    criticalPathBound: criticalPath(createWorkload(record, { cost: 'gas', balances: 'strict' })).bound,
    conflictPairs: conflicts.pairs,
    dependentTransactions: conflicts.dependentTransactions,
    arrivalNs: offClock.arrivalNs,
    idleNs: offClock.idleNs,
    runs: options.policies.flatMap((policy) => {
      const real = realRuns.filter((run) => run.policy === policy);
      if (policy === 'sequential') return real.length > 0 ? real : [simulatedSequentialRun(block.workload)];
      return [...real, ...simulated.runs.filter((run) => run.policy === policy)];
    }),
  };
  const workers = pictures?.machine?.workers ?? 0;
  return { block: described, picture: pictures === null ? null : pictureOf(record, simulated.lanes, workers) };
}

function costOf({ transactions }: BlockRecord, wanted: CostModel | 'auto'): CostModel {
  if (wanted !== 'auto') return wanted;
  return transactions.every(({ executionNs }) => executionNs !== null) ? 'time' : 'gas-less-intrinsic';
}
