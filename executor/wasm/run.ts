import { LanecastError } from '../../errors.js';
import { mostWastePercent } from '../../scheduler/engine-rules.js';
import type { Plan } from '../../scheduler/plan.js';
import type { CompressedRows } from '../../scheduler/rows.js';
import { withinTables } from './capacity.js';
import { sumOverWorkers, type Engine } from './engine.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';
import { lead } from './lead.js';

/** A waiting worker looks whether anything has happened a thousand times a second. */
const WAITS_PER_SECOND = 1000;
const DEFAULT_LIMIT_MS = 60_000;
/** What a timer can wait. */
const LONGEST_LIMIT_MS = 2 ** 31 - 1;

export interface RunOptions {
  /** From 1, the calling thread included; with 1 and without a plan the block runs straight through, nothing tracked. */
  readonly workers: number;
  /** Without one: Block-STM in block order. A hint, whatever it says. */
  readonly plan?: Plan | undefined;
  /** By key of the plan's writes: the engine's number of it. Without it, expected writes are left out. */
  readonly keys?: Uint32Array | undefined;
  /** Whether one thread may do the rest of a block on which more turn out not to be worth it. True if absent. */
  readonly mayContinueInOrder?: boolean | undefined;
  /** Whether one worker, too, runs Block-STM. False if absent. */
  readonly tracked?: boolean | undefined;
  /** After which a run that waits for other threads is given up with EXECUTION_FAILED. One minute if absent. */
  readonly limitMs?: number | undefined;
}

/** A block as the engine holds it: where its transactions and receipts lie. */
export interface Placed {
  readonly transactions: number;
  readonly receipts: number;
  readonly count: number;
}

export interface RunOutcome {
  readonly executions: number;
  readonly aborts: number;
  readonly suspensions: number;
  readonly validations: number;
  /** From this transaction on one of the threads did the rest, in block order; null where they did it together. */
  readonly inOrderFrom: number | null;
  /** Workers that took part: the calling thread, and those of the others that came before it was over. */
  readonly joined: number;
  /** The first transaction that can't be run, and its receipt says why; null where all were. */
  readonly refused: number | null;
}

/** Throws INVALID_ARGUMENT. */
export function refuseWorkers(workers: number, most: number): void {
  if (Number.isInteger(workers) && workers >= 1 && workers <= most) return;
  throw new LanecastError('INVALID_ARGUMENT', `Number of workers "${workers}" is invalid. Expected 1 to ${most}.`);
}

function refuseLimit(limitMs: number): void {
  if (limitMs > 0 && limitMs <= LONGEST_LIMIT_MS) return;
  throw new LanecastError(
    'INVALID_ARGUMENT',
    `Limit "${limitMs}" is invalid. Expected more than 0 and at most ${LONGEST_LIMIT_MS} ms.`,
  );
}

/** One after the other on this thread: no versions, nothing tracked. */
export function runInOrder({ instance }: Engine, placed: Placed): RunOutcome {
  const { transactions, receipts, count } = placed;
  const done = instance.exports.runSequential(transactions, count, receipts);
  if (done === count) computeBlooms(instance, placed);
  const counters = { executions: done, aborts: 0, suspensions: 0, validations: 0 };
  return { ...counters, inOrderFrom: null, joined: 1, refused: done === count ? null : done };
}

/** Throws UNSUPPORTED where there is no room for them. */
export function computeBlooms(instance: EngineInstance, { receipts, count }: Placed): void {
  withinTables(instance, () => instance.exports.bloomBlock(receipts, count));
}

function heapIsFull(): LanecastError {
  return new LanecastError('UNSUPPORTED', 'The memory of the WASM engine is too small for this block.');
}

/**
 * Block-STM on the calling thread and those of the pool that are up. Throws EXECUTION_FAILED where a worker died, hung or did not
 * come to an end in time; the next run has new threads. UNSUPPORTED where the memory for the block is full.
 */
export async function runParallel(engine: Engine, placed: Placed, options: RunOptions): Promise<RunOutcome> {
  const { instance } = engine;
  const { workers, limitMs = DEFAULT_LIMIT_MS } = options;
  refuseLimit(limitMs);
  prepare(engine, placed, { ...options, limitMs });
  const outcome = await lead(engine, { workers, limitMs });
  const frontier = instance.u32(layout.RUN_FRONTIER);
  if (outcome === layout.OUTCOME_FULL) throw heapIsFull();
  if (outcome === layout.OUTCOME_ABORTED || outcome === layout.OUTCOME_STALLED) {
    throw new LanecastError(
      'EXECUTION_FAILED',
      `The parallel run came to no end: given up at transaction ${frontier}.`,
    );
  }
  const inOrder = outcome === layout.OUTCOME_SERIAL;
  return {
    executions: sumOverWorkers(engine, workers, layout.W_EXECUTIONS) + (inOrder ? placed.count - frontier : 0),
    aborts: sumOverWorkers(engine, workers, layout.W_ABORTS),
    suspensions: sumOverWorkers(engine, workers, layout.W_SUSPENSIONS),
    validations: sumOverWorkers(engine, workers, layout.W_VALIDATIONS),
    inOrderFrom: inOrder && frontier < placed.count ? frontier : null,
    joined: instance.u32(layout.RUN_JOINED),
    refused: outcome === layout.OUTCOME_INVALID ? frontier : inOrder ? firstRefused(engine, placed) : null,
  };
}

interface LimitedRun extends RunOptions {
  readonly limitMs: number;
}

function prepare({ instance }: Engine, { transactions, receipts, count }: Placed, options: LimitedRun): void {
  const { workers, mayContinueInOrder = true, limitMs } = options;
  instance.setU32(layout.RUN_TRANSACTIONS, transactions);
  instance.setU32(layout.RUN_RECEIPTS, receipts);
  instance.setU32(layout.RUN_COUNT, count);
  instance.setU32(layout.RUN_WASTE_LIMIT, mayContinueInOrder ? Math.round(mostWastePercent(workers)) : 0);
  instance.setU32(layout.RUN_WAIT_LIMIT, Math.ceil((limitMs / 1000) * WAITS_PER_SECOND));
  writePlan(instance, options, count);
  if (instance.exports.prepareRun() === 0) throw heapIsFull();
}

function writePlan(instance: EngineInstance, { plan, keys }: RunOptions, count: number): void {
  if (plan !== undefined) checkPlan(plan, count);
  const put = (numbers: Uint32Array | undefined): number => (numbers === undefined ? 0 : instance.putNumbers(numbers));
  const ordered = plan?.priority.some((priority) => priority !== 0) === true;
  const blockers = plan !== undefined && plan.blockers.indices.length > 0 ? plan.blockers : undefined;
  const writes = plan !== undefined && keys !== undefined && plan.writes.indices.length > 0 ? plan.writes : undefined;
  instance.setU32(layout.RUN_PRIORITIES, put(ordered ? plan.priority : undefined));
  instance.setU32(layout.RUN_BLOCKER_OFFSETS, put(blockers?.offsets));
  instance.setU32(layout.RUN_BLOCKERS, put(blockers?.indices));
  instance.setU32(layout.RUN_WRITE_OFFSETS, put(writes?.offsets));
  instance.setU32(layout.RUN_WRITES, put(writes?.indices.map((key) => keys?.[key] ?? 0)));
}

/** A plan may be wrong, but not of another block: its arrays must have a row for each transaction. */
function checkPlan({ priority, blockers, writes }: Plan, count: number): void {
  const isSound = ({ offsets, indices }: CompressedRows): boolean =>
    offsets.length === count + 1 &&
    offsets[count] === indices.length &&
    offsets.every((offset, row) => row === 0 || offset >= (offsets[row - 1] ?? 0));
  if (priority.length === count && isSound(blockers) && isSound(writes)) return;
  throw new LanecastError('INVALID_ARGUMENT', `The plan is not for a block of ${count} transactions.`);
}

function firstRefused({ instance }: Engine, { receipts, count }: Placed): number | null {
  for (let index = 0; index < count; index += 1) {
    if (instance.u32(receipts + layout.RECEIPT_BYTES * index + layout.P_ERROR) !== 0) return index;
  }
  return null;
}
