import { LanecastError } from '../../errors.js';
import { checkHeader, type ReferenceExecutor } from '../../executor/reference/index.js';
import { isSameResult } from '../../executor/same-result.js';
import type { WasmExecutor } from '../../executor/wasm/index.js';
import { countConflicts } from '../../scheduler/conflicts.js';
import { criticalPath } from '../../scheduler/critical-path.js';
import { createWorkload } from '../../scheduler/workload.js';
import type { BlockRecord, BlockResult, BlockSnapshot, HeaderCheck, SourceBlock } from '../../types.js';
import type { CostModel, ReplayBlock, ReplayRun } from './document.js';
import { describeRuns, runRecording, runSnapshot, type EngineRunOptions } from './engine-runs.js';
import { simulatedRun, simulatedSequentialRun, totalCost } from './simulated-runs.js';
import { medianOf, sumOf, typicalTimes } from './statistics.js';

/** What a block may be executed on; the reference records. */
export interface Executors {
  readonly reference: ReferenceExecutor;
  /** Null: the reference executes too. */
  readonly wasm: WasmExecutor | null;
}

export interface MeasureOptions extends EngineRunOptions {
  /** Of the simulated runs. */
  readonly simulatedWorkers: readonly number[];
  /** `auto`: time where every transaction has a measured one, else gas less the intrinsic. */
  readonly cost: CostModel | 'auto';
}

export interface MeasuredBlock {
  readonly block: ReplayBlock;
  readonly record: BlockRecord;
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
};

interface Baseline {
  readonly record: BlockRecord;
  readonly header: HeaderCheck;
  readonly measured: Measured;
}

const NOTHING_CHECKED: HeaderCheck = { gasUsed: null, receiptsRoot: null, logsBloom: null };

/**
 * Executes a snapshot and records it, or runs the transactions of a record as it says, and simulates the policies on them. Errors:
 * those of the executors; INVALID_ARGUMENT for cost `time` where times are missing.
 */
export async function measureBlock(
  source: SourceBlock,
  executors: Executors,
  options: MeasureOptions,
): Promise<MeasuredBlock> {
  const baseline =
    source.kind === 'snapshot'
      ? await executeAndRecord(source, executors, options)
      : { record: source, header: NOTHING_CHECKED, measured: await runRecord(source, executors.wasm, options) };
  return { block: describeBlock(baseline, options), record: baseline.record };
}

// -------------------------------------------------------------------------------------------------------- executing

/** On the reference where the WASM engine is not wanted, or says that the block is none for it. */
async function executeAndRecord(
  snapshot: BlockSnapshot,
  { wasm, reference }: Executors,
  options: MeasureOptions,
): Promise<Baseline> {
  if (wasm === null) return executeOnReference(snapshot, reference, { ...options, fallback: null });
  const attempt = await unlessUnsupported(() => runSnapshot(wasm, snapshot, options));
  if (!attempt.ok) return executeOnReference(snapshot, reference, { ...options, fallback: attempt.problem });
  const { sequentialNs, heapBytes, loadTimes, transactionNs } = attempt.runs;
  const { record, result } = await reference.record(snapshot, typicalTimes(transactionNs, sequentialNs));
  const header = checkHeader(snapshot, result);
  const isRight = isSound(header) && isSameResult(attempt.runs.result, result, snapshot);
  const runs = describeRuns(attempt.runs, isRight);
  const measured: Measured = {
    ...{ execution: 'evm', engine: 'wasm', fallback: null },
    ...{ sequentialNs, sequentialVerified: isSequentialVerified(runs), runs },
    ...{ loadNs: { state: loadTimes.stateNs, transactions: loadTimes.transactionsNs }, heapBytes },
  };
  return { record, header, measured };
}

interface ReferenceOptions {
  readonly repeats: number;
  readonly fallback: string | null;
}

async function executeOnReference(
  snapshot: BlockSnapshot,
  reference: ReferenceExecutor,
  { repeats, fallback }: ReferenceOptions,
): Promise<Baseline> {
  const results: BlockResult[] = [];
  while (results.length < repeats) results.push(await reference.execute(snapshot));
  const times = results.map(({ transactionNs }) => transactionNs);
  const sequentialNs = medianOf(times.map(sumOf));
  const { record, result } = await reference.record(snapshot, typicalTimes(times, sequentialNs));
  const header = checkHeader(snapshot, result);
  const verified = isSound(header) && results.every((other) => isSameResult(other, result, snapshot));
  const run: ReplayRun = {
    ...{ policy: 'sequential', workers: 1, simulated: false, verified, wallNs: sequentialNs, predictNs: 0, planNs: 0 },
    executions: result.receipts.length,
    ...{ aborts: 0, suspensions: 0, validations: 0, inOrderFrom: null, speedup: 1 },
  };
  const measured: Measured = {
    ...{ execution: 'evm', engine: 'reference', fallback, sequentialNs, sequentialVerified: verified },
    ...{ runs: [run], loadNs: null, heapBytes: null },
  };
  return { record, header, measured };
}

/** Real runs need the WASM engine. */
async function runRecord(record: BlockRecord, wasm: WasmExecutor | null, options: MeasureOptions): Promise<Measured> {
  const nothing: Measured = {
    ...{ execution: 'simulated', engine: null, fallback: null, sequentialNs: null, sequentialVerified: true },
    ...{ runs: [], loadNs: null, heapBytes: null },
  };
  if (wasm === null) return nothing;
  const workload = createWorkload(record, { cost: costOf(record, options.cost) });
  const attempt = await unlessUnsupported(() => runRecording(wasm, workload, options));
  if (!attempt.ok) return { ...nothing, fallback: attempt.problem };
  const { sequentialNs, heapBytes, isRight } = attempt.runs;
  const runs = describeRuns(attempt.runs, isRight);
  return {
    ...{ execution: 'recorded', engine: 'wasm', fallback: null },
    ...{ sequentialNs, sequentialVerified: isSequentialVerified(runs), runs, loadNs: null, heapBytes },
  };
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

function isSequentialVerified(runs: readonly ReplayRun[]): boolean {
  return runs.some(({ policy, verified }) => policy === 'sequential' && verified);
}

/** Nothing that was checked is wrong. */
export function isSound({ gasUsed, receiptsRoot, logsBloom }: HeaderCheck): boolean {
  return gasUsed !== false && receiptsRoot !== false && logsBloom !== false;
}

// -------------------------------------------------------------------------------------------------------- describing

function describeBlock({ record, header, measured }: Baseline, options: MeasureOptions): ReplayBlock {
  const cost = costOf(record, options.cost);
  const workload = createWorkload(record, { cost });
  const { runs: realRuns, ...how } = measured;
  const sequentialNs = measured.sequentialNs ?? totalCost(workload);
  const conflicts = countConflicts(record);
  return {
    origin: record.origin,
    chainId: record.chainId,
    number: record.header.number,
    transactions: record.transactions.length,
    gasUsed: record.header.gasUsed,
    ...how,
    header,
    cost,
    sequentialNs,
    criticalPathBound: criticalPath(createWorkload(record, { cost: 'gas', balances: 'strict' })).bound,
    conflictPairs: conflicts.pairs,
    dependentTransactions: conflicts.dependentTransactions,
    runs: options.policies.flatMap((policy) => {
      const real = realRuns.filter((run) => run.policy === policy);
      if (policy === 'sequential') return real.length > 0 ? real : [simulatedSequentialRun(workload)];
      const simulated = options.simulatedWorkers.map((workers) => ({ workload, workers, sequentialNs }));
      return [...real, ...simulated.map((setting) => simulatedRun(policy, setting))];
    }),
  };
}

function costOf({ transactions }: BlockRecord, wanted: CostModel | 'auto'): CostModel {
  if (wanted !== 'auto') return wanted;
  return transactions.every(({ executionNs }) => executionNs !== null) ? 'time' : 'gas-less-intrinsic';
}
