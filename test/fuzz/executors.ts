import { createReferenceExecutor } from '../../executor/reference/index.js';
import { createWasmExecutor, type RunOptions } from '../../executor/wasm/index.js';
import type { BlockSnapshot } from '../../types.js';
import { randomPlan } from '../executor/wasm/random-plan.js';
import type { NamedExecutor } from './compare.js';

const WORKERS = 4;

export interface FuzzExecutors {
  /** The reference, then the engine: straight on one thread, and Block-STM on two and four. */
  readonly executors: readonly NamedExecutor[];
  readonly close: () => Promise<void>;
}

export function createFuzzExecutors(): FuzzExecutors {
  const engine = createWasmExecutor({ workers: WORKERS });
  const parallel = (name: string, optionsFor: (block: BlockSnapshot) => Partial<RunOptions>): NamedExecutor => ({
    name,
    execute: (block) => engine.execute(block, optionsFor(block)),
  });
  const executors = [
    { name: 'reference', ...createReferenceExecutor() },
    parallel('wasm', () => ({})),
    parallel('wasm on 2 workers', () => ({ workers: 2, mayContinueInOrder: false })),
    parallel('wasm on 4 workers with a random plan', (block) => ({ workers: WORKERS, plan: planFor(block) })),
  ];
  return { executors, close: () => engine.close() };
}

/** The same block gets the same plan. */
function planFor({ transactions, header }: BlockSnapshot): ReturnType<typeof randomPlan> {
  return randomPlan(header.timestampSeconds, transactions.length, WORKERS);
}
