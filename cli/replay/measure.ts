import { LanecastError } from '../../errors.js';
import { checkHeader, type ReferenceExecutor } from '../../executor/reference/index.js';
import type { WasmExecutor } from '../../executor/wasm/index.js';
import { countConflicts } from '../../scheduler/conflicts.js';
import { criticalPath } from '../../scheduler/critical-path.js';
import { planFor, type Policy } from '../../scheduler/policy.js';
import { simulate } from '../../scheduler/simulator.js';
import { verifyRun } from '../../scheduler/verify.js';
import { createWorkload, type Workload } from '../../scheduler/workload.js';
import type { BlockRecord, BlockResult, BlockSnapshot, HeaderCheck, SourceBlock } from '../../types.js';
import { median, speedup } from './aggregate.js';
import type { CostModel, EngineName, ReplayBlock, ReplayRun } from './document.js';

/** What a block may be executed on; the reference records. */
export interface Executors {
  readonly reference: ReferenceExecutor;
  /** Null: the reference executes too. */
  readonly wasm: WasmExecutor | null;
}

export interface MeasureOptions {
  readonly policies: readonly Policy[];
  /** Of the simulated runs. */
  readonly simulatedWorkers: readonly number[];
  /** `auto`: time where every transaction has a measured one, else gas less the intrinsic. */
  readonly cost: CostModel | 'auto';
  /** Times that each block is executed; the median counts. At least 1. */
  readonly repeats: number;
}

export interface MeasuredBlock {
  readonly block: ReplayBlock;
  readonly record: BlockRecord;
}

/** What is known of a block before any policy is tried on it. */
interface Baseline {
  readonly record: BlockRecord;
  readonly header: HeaderCheck;
  /** Null where nothing was executed. */
  readonly executed: Executed | null;
}

interface Executed {
  readonly engine: EngineName;
  readonly fallback: string | null;
  readonly sequentialNs: number;
  readonly verified: boolean;
}

interface Repeated {
  readonly engine: EngineName;
  readonly fallback: string | null;
  readonly results: readonly BlockResult[];
}

const NOTHING_CHECKED: HeaderCheck = { gasUsed: null, receiptsRoot: null, logsBloom: null };

/**
 * Executes a snapshot and records it, or takes a record as it is, and simulates the policies on it. Errors: those of the
 * executor; INVALID_ARGUMENT for cost `time` where times are missing.
 */
export async function measureBlock(
  source: SourceBlock,
  executors: Executors,
  options: MeasureOptions,
): Promise<MeasuredBlock> {
  const baseline: Baseline =
    source.kind === 'snapshot'
      ? await executeAndRecord(source, executors, options.repeats)
      : { record: source, header: NOTHING_CHECKED, executed: null };
  return { block: describeBlock(baseline, options), record: baseline.record };
}

// -------------------------------------------------------------------------------------------------------- executing

async function executeAndRecord(snapshot: BlockSnapshot, executors: Executors, repeats: number): Promise<Baseline> {
  const { results, ...how } = await executeRepeatedly(snapshot, executors, repeats);
  const sequentialNs = medianOf(results.map(({ transactionNs }) => sumOf(transactionNs)));
  const { record, result } = await executors.reference.record(snapshot, typicalTimes(results, sequentialNs));
  const header = checkHeader(snapshot, result);
  const agree = results.every((other) => isSameOutcome(other, result));
  return { record, header, executed: { ...how, sequentialNs, verified: agree && isSound(header) } };
}

/** On the reference where the WASM engine is not wanted, or says that the block is none for it. */
async function executeRepeatedly(snapshot: BlockSnapshot, executors: Executors, repeats: number): Promise<Repeated> {
  const { wasm, reference } = executors;
  const repeat = async (executor: Pick<ReferenceExecutor, 'execute'>): Promise<BlockResult[]> => {
    const results: BlockResult[] = [];
    while (results.length < repeats) results.push(await executor.execute(snapshot));
    return results;
  };
  if (wasm === null) return { engine: 'reference', fallback: null, results: await repeat(reference) };
  try {
    return { engine: 'wasm', fallback: null, results: await repeat(wasm) };
  } catch (error) {
    if (!(error instanceof LanecastError) || error.code !== 'UNSUPPORTED') throw error;
    return { engine: 'reference', fallback: error.message, results: await repeat(reference) };
  }
}

/** Medians by transaction, scaled to the median of the whole block: a pause hits single transactions of single runs. */
function typicalTimes(results: readonly BlockResult[], sequentialNs: number): number[] {
  const [first] = results;
  if (first === undefined) return [];
  const medians = first.transactionNs.map((_, index) =>
    medianOf(results.map(({ transactionNs }) => transactionNs[index] ?? 0)),
  );
  const scale = sequentialNs / Math.max(sumOf(medians), 1);
  return medians.map((timeNs) => timeNs * scale);
}

function isSameOutcome(a: BlockResult, b: BlockResult): boolean {
  return a.gasUsed === b.gasUsed && a.receiptsRoot === b.receiptsRoot && a.logsBloom === b.logsBloom;
}

/** Nothing that was checked is wrong. */
export function isSound({ gasUsed, receiptsRoot, logsBloom }: HeaderCheck): boolean {
  return gasUsed !== false && receiptsRoot !== false && logsBloom !== false;
}

// -------------------------------------------------------------------------------------------------------- describing

function describeBlock({ record, header, executed }: Baseline, options: MeasureOptions): ReplayBlock {
  const cost = costOf(record, options.cost);
  const workload = createWorkload(record, { cost });
  const sequentialNs = executed?.sequentialNs ?? totalCost(workload);
  const conflicts = countConflicts(record);
  return {
    origin: record.origin,
    chainId: record.chainId,
    number: record.header.number,
    transactions: record.transactions.length,
    gasUsed: record.header.gasUsed,
    execution: executed === null ? 'simulated' : 'evm',
    engine: executed?.engine ?? null,
    fallback: executed?.fallback ?? null,
    header,
    cost,
    sequentialNs,
    criticalPathBound: criticalPath(createWorkload(record, { cost: 'gas', balances: 'strict' })).bound,
    conflictPairs: conflicts.pairs,
    dependentTransactions: conflicts.dependentTransactions,
    runs: options.policies.flatMap((policy) =>
      policy === 'sequential'
        ? [sequentialRun(workload, sequentialNs, executed)]
        : options.simulatedWorkers.map((workers) => simulatedRun(policy, { workload, workers, sequentialNs })),
    ),
  };
}

function costOf({ transactions }: BlockRecord, wanted: CostModel | 'auto'): CostModel {
  if (wanted !== 'auto') return wanted;
  return transactions.every(({ executionNs }) => executionNs !== null) ? 'time' : 'gas-less-intrinsic';
}

function sequentialRun(workload: Workload, wallNs: number, executed: Baseline['executed']): ReplayRun {
  return {
    policy: 'sequential',
    workers: 1,
    simulated: executed === null,
    verified: executed?.verified ?? true,
    wallNs,
    ...{ predictNs: 0, planNs: 0, aborts: 0, suspensions: 0, validations: 0, speedup: 1 },
    executions: workload.transactions.length,
  };
}

interface Setting {
  readonly workload: Workload;
  readonly workers: number;
  readonly sequentialNs: number;
}

function simulatedRun(policy: Policy, { workload, workers, sequentialNs }: Setting): ReplayRun {
  const run = simulate(workload, planFor(policy, workload, workers), { workers });
  const nsPerCost = speedup(sequentialNs, totalCost(workload));
  return {
    policy,
    workers,
    simulated: true,
    verified: verifyRun(workload, run),
    wallNs: run.makespanCost * nsPerCost,
    ...{ predictNs: 0, planNs: 0 },
    executions: run.executions,
    aborts: run.aborts,
    suspensions: run.suspensions,
    validations: run.validations,
    speedup: speedup(totalCost(workload), run.makespanCost),
  };
}

function totalCost({ transactions }: Workload): number {
  return transactions.reduce((total, { cost }) => total + cost, 0);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function medianOf(values: readonly number[]): number {
  return median([...values].sort((a, b) => a - b)) ?? 0;
}
