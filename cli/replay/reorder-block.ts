import { LanecastError } from '../../errors.js';
import type { WasmExecutor } from '../../executor/wasm/index.js';
import type { Plan } from '../../scheduler/plan.js';
import { withSenders } from '../../scheduler/predicted-workload.js';
import { predictMakespan, reorder, type ReorderResult } from '../../scheduler/reorder.js';
import type { Workload } from '../../scheduler/workload.js';
import type { BlockHeader, BlockRecord, BlockSnapshot, Receipt, Transaction } from '../../types.js';
import { reorderedSnapshot, runOrders, type OrderRuns } from './order-runs.js';
import type { OrderExecution, ReorderedMakespan, ReorderExecution, ReplayReorder } from './reorder-document.js';
import { effectiveTipsWei } from '../../scheduler/tips.js';

/** What is expected of a block, and what is known of it. */
export interface ReorderHints {
  /** Expected accesses and costs in the given order: of a prediction, or the true ones in its stead. */
  readonly expected: Workload;
  /** The true ones, to judge the order by; null where they are not known. */
  readonly actual: Workload | null;
  /** The plan to run an order with in parallel; plain Block-STM if absent. `order`: given position by new position. */
  readonly planFor?: ((order: readonly number[]) => Plan) | undefined;
}

export interface ReorderSettings {
  /** That the order is made for; there may be more of them than threads. */
  readonly workers: number;
  /** Of parallel runs on this machine. */
  readonly threads: number;
  /** 0 to 1; `ReorderInput` says what it allows. */
  readonly feeTolerance: number;
  readonly mostPositions?: number | undefined;
  /** Timed runs of each order. At least 1. */
  readonly repeats: number;
}

/** New orders that are tried before the given one is kept. */
const MOST_ATTEMPTS = 8;

/**
 * Finds a new order for an executable block, sees that the block can hold it, and runs both orders sequentially and in
 * parallel. A transaction that would be invalid in its new place is pinned and the order made anew; none is ever left out.
 * Errors: those of the engine for the given order; INVALID_ARGUMENT for settings out of range.
 */
export async function reorderSnapshot(
  wasm: WasmExecutor,
  snapshot: BlockSnapshot,
  hints: ReorderHints,
  settings: ReorderSettings,
): Promise<ReplayReorder> {
  const startMs = performance.now();
  const found = await findOrder(wasm, snapshot, hints.expected, settings);
  const reorderNs = (performance.now() - startMs) * 1e6;
  const given = snapshot.transactions.map((_, index) => index);
  const orders = [given, found.result.order];
  const blocks = orders.map((order) => ({
    snapshot: reorderedSnapshot(snapshot, order),
    plan: hints.planFor?.(order),
  }));
  const runs = await runOrders(wasm, blocks, { workers: settings.threads, repeats: settings.repeats });
  const execution = { threads: settings.threads, ...describeExecution(snapshot, found.result.order, runs) };
  return { ...describeOrder(snapshot, found, { hints, settings }), reorderNs, execution };
}

/** The same for a block whose execution is recorded: nothing is executed, so nothing is pinned. */
export function reorderRecord(record: BlockRecord, hints: ReorderHints, settings: ReorderSettings): ReplayReorder {
  const startMs = performance.now();
  const block = { header: record.header, transactions: record.transactions.map(({ transaction }) => transaction) };
  const result = reorder(inputOf(block, hints.expected, settings));
  const reorderNs = (performance.now() - startMs) * 1e6;
  const found = { result, pinned: [], attempts: 0, fellBack: false };
  return { ...describeOrder(block, found, { hints, settings }), reorderNs, execution: null };
}

// -------------------------------------------------------------------------------------------------------- finding

interface Block {
  readonly header: Pick<BlockHeader, 'baseFeePerGasWei'>;
  readonly transactions: readonly Transaction[];
}

interface FoundOrder {
  readonly result: ReorderResult;
  readonly pinned: readonly number[];
  readonly attempts: number;
  readonly fellBack: boolean;
}

function inputOf({ header, transactions }: Block, workload: Workload, settings: ReorderSettings) {
  return {
    workload,
    senders: transactions.map(({ from }) => from),
    tipsWei: effectiveTipsWei(transactions, header),
    workers: settings.workers,
    feeTolerance: settings.feeTolerance,
    mostPositions: settings.mostPositions,
  };
}

/**
 * A transaction that fails is pinned: all that came before it comes before it again, funds included. One that fails even so
 * gets exactly the beginning of the block that it had.
 */
async function findOrder(
  wasm: WasmExecutor,
  snapshot: BlockSnapshot,
  expected: Workload,
  settings: ReorderSettings,
): Promise<FoundOrder> {
  const input = inputOf(snapshot, expected, settings);
  const pinned = new Set<number>();
  const found = (result: ReorderResult, attempts: number, fellBack: boolean): FoundOrder => {
    return { result, pinned: [...pinned].sort((a, b) => a - b), attempts, fellBack };
  };
  for (let attempts = 0; attempts < MOST_ATTEMPTS; attempts += 1) {
    const result = reorder({ ...input, pinned });
    if (result.report.moved === 0) return found(result, attempts, false);
    const refused = await firstRefused(wasm, reorderedSnapshot(snapshot, result.order));
    if (refused === null) return found(result, attempts + 1, false);
    pin(pinned, result.order[refused] ?? 0);
  }
  const everyone = new Set(snapshot.transactions.keys());
  return found(reorder({ ...input, pinned: everyone }), MOST_ATTEMPTS, true);
}

function pin(pinned: Set<number>, given: number): void {
  if (!pinned.has(given)) pinned.add(given);
  else for (let earlier = 0; earlier < given; earlier += 1) pinned.add(earlier);
}

/** The position of the first transaction that the block cannot hold; null where it holds them all. */
async function firstRefused(wasm: WasmExecutor, snapshot: BlockSnapshot): Promise<number | null> {
  const block = await wasm.load(snapshot);
  try {
    await block.run({ workers: 1 });
    return null;
  } catch (error) {
    const position = refusedPosition(error);
    if (position === null || position >= snapshot.transactions.length) throw error;
    return position;
  }
}

const REFUSAL = /, transaction (\d+): the block cannot hold this transaction: [^:]*$/;

function refusedPosition(error: unknown): number | null {
  if (!(error instanceof LanecastError) || error.code !== 'EXECUTION_FAILED') return null;
  const [, position] = REFUSAL.exec(error.message) ?? [];
  return position === undefined ? null : Number(position);
}

// -------------------------------------------------------------------------------------------------------- describing

function describeOrder(
  { transactions }: Block,
  { result: { order, report }, pinned, attempts, fellBack }: FoundOrder,
  { hints, settings }: { readonly hints: ReorderHints; readonly settings: ReorderSettings },
): Omit<ReplayReorder, 'reorderNs' | 'execution'> {
  const { makespanBeforeCost, makespanAfterCost, leastMakespanCost, ...movement } = report;
  const { feeTolerance, mostPositions = null, workers } = settings;
  return {
    ...{ feeTolerance, mostPositions, workers, order },
    predicted: { makespanBeforeCost, makespanAfterCost, leastMakespanCost },
    actual:
      hints.actual &&
      judge(
        withSenders(
          hints.actual,
          transactions.map(({ from }) => from),
        ),
        order,
        workers,
      ),
    ...movement,
    ...{ pinned, attempts, fellBack },
  };
}

function judge(actual: Workload, order: readonly number[], workers: number): ReorderedMakespan {
  return {
    makespanBeforeCost: predictMakespan(actual, [...order.keys()], workers),
    makespanAfterCost: predictMakespan(actual, order, workers),
  };
}

function describeExecution(
  snapshot: BlockSnapshot,
  order: readonly number[],
  [given, reordered]: readonly OrderRuns[],
): Omit<ReorderExecution, 'threads'> {
  if (given === undefined || reordered === undefined) throw new Error('both orders are run');
  const tipsWei = effectiveTipsWei(snapshot.transactions, snapshot.header);
  const changed = order.filter((from, to) => given.receipts[from]?.succeeded !== reordered.receipts[to]?.succeeded);
  return {
    verified: given.verified && reordered.verified,
    given: describeRuns(given, tipsWei),
    reordered: describeRuns(
      reordered,
      order.map((from) => tipsWei[from] ?? 0n),
    ),
    outcomesChanged: changed.length,
  };
}

/** `tipsWei`: in the order of the receipts. */
function describeRuns({ sequentialNs, parallelNs, receipts }: OrderRuns, tipsWei: readonly bigint[]): OrderExecution {
  const fees = (sum: bigint, { gasUsed }: Receipt, index: number): bigint =>
    sum + BigInt(gasUsed) * (tipsWei[index] ?? 0n);
  return {
    ...{ sequentialNs, parallelNs },
    gasUsed: receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0),
    feesWei: receipts.reduce(fees, 0n).toString(),
  };
}
