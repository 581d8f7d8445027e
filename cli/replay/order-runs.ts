import type { LoadedBlock, WasmExecutor } from '../../executor/wasm/index.js';
import type { Plan } from '../../scheduler/plan.js';
import type { BlockSnapshot, Receipt } from '../../types.js';
import { medianOf } from './statistics.js';

/** A block in some order, and a plan for that order. */
export interface OrderedBlock {
  readonly snapshot: BlockSnapshot;
  /** Without one: Block-STM in block order. */
  readonly plan?: Plan | undefined;
}

export interface OrderRuns {
  readonly receipts: readonly Receipt[];
  /** Medians over the repetitions. */
  readonly sequentialNs: number;
  readonly parallelNs: number;
  /** Whether every run came to what the first sequential one after each loading came to. */
  readonly verified: boolean;
}

export interface OrderRunOptions {
  readonly workers: number;
  /** At least 1. */
  readonly repeats: number;
}

/**
 * The same transactions in another order, each with its new index. What the header says of the outcome is of the given
 * order: roots, bloom and hashes do not apply any more. `order`: given position by new position.
 */
export function reorderedSnapshot(snapshot: BlockSnapshot, order: readonly number[]): BlockSnapshot {
  const ordered = order.flatMap((given) => snapshot.transactions[given] ?? []);
  return {
    ...snapshot,
    header: { ...snapshot.header, receiptsRoot: null, logsBloom: null },
    transactions: ordered.map((transaction, index) => ({ ...transaction, index })),
  };
}

/**
 * Runs orders of a block in turns, because the engine holds one block at a time and what disturbs the machine is to disturb
 * them alike. The first round warms up and is not timed. Errors: those of the engine.
 */
export async function runOrders(
  wasm: WasmExecutor,
  blocks: readonly OrderedBlock[],
  { workers, repeats }: OrderRunOptions,
): Promise<OrderRuns[]> {
  const rounds: Round[][] = blocks.map(() => []);
  for (let repetition = 0; repetition <= repeats; repetition += 1) {
    for (const [place, block] of blocks.entries()) rounds[place]?.push(await runRound(wasm, block, workers));
  }
  return rounds.map(([first, ...timed]) => ({
    receipts: first?.receipts ?? [],
    sequentialNs: medianOf(timed.map(({ sequentialNs }) => sequentialNs)),
    parallelNs: medianOf(timed.map(({ parallelNs }) => parallelNs)),
    verified: [first, ...timed].every((round) => round?.verified === true),
  }));
}

interface Round {
  readonly receipts: readonly Receipt[];
  readonly sequentialNs: number;
  readonly parallelNs: number;
  readonly verified: boolean;
}

async function runRound(wasm: WasmExecutor, { snapshot, plan }: OrderedBlock, workers: number): Promise<Round> {
  const block = await wasm.load(snapshot);
  const sequential = await block.run({ workers: 1 });
  const { receipts } = block.read();
  const expected = block.fingerprint();
  const parallel = await block.run({ workers, plan });
  const isSame = block.fingerprint() === expected;
  const verified = isSame && (await isSameOnThreads(block, workers, expected));
  return { receipts, sequentialNs: sequential.wallNs, parallelNs: parallel.wallNs, verified };
}

/** Not left to one thread, however little there is to gain. */
async function isSameOnThreads(block: LoadedBlock, workers: number, expected: string): Promise<boolean> {
  await block.run({ workers, mayContinueInOrder: false, tracked: true });
  return block.fingerprint() === expected;
}
