import { expect } from 'vitest';
import type { RunOptions } from '../../../executor/wasm/index.js';
import type { LoadedBlock } from '../../../executor/wasm/loaded-block.js';
import type { BlockResult, BlockSnapshot } from '../../../types.js';
import { comparable } from './comparable.js';
import { adversarialPlans } from './plans.js';

const WORKERS = [1, 2, 4];

/** The empty plan with the serial switch and without, then plans of ill will. */
function runsOn(workers: number, transactions: number): RunOptions[] {
  const plans = Object.values(adversarialPlans(transactions, 4));
  return [
    { workers, tracked: true },
    { workers, tracked: true, mayContinueInOrder: false },
    ...plans.map((plan) => ({ workers, plan, mayContinueInOrder: false })),
  ];
}

/**
 * Every run on 1, 2 and 4 workers comes to the same receipts, logs, blooms, gas and post-state: the first on each number of
 * workers is compared with what is expected, every later one with the first by its fingerprint.
 */
export async function expectSame(loaded: LoadedBlock, block: BlockSnapshot, expected: BlockResult): Promise<void> {
  const wanted = comparable(expected, block);
  const { length } = block.transactions;
  for (const workers of WORKERS) {
    let fingerprint: string | null = null;
    for (const options of runsOn(workers, length)) {
      const { executions } = await loaded.run(options);
      expect(executions).toBeGreaterThanOrEqual(length);
      if (fingerprint === null) expect(comparable(loaded.describe([]), block)).toEqual(wanted);
      fingerprint ??= loaded.fingerprint();
      expect(loaded.fingerprint()).toBe(fingerprint);
    }
  }
}
