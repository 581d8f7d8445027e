import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createWasmExecutor, type LoadedRecording, type RunOptions } from '../../../executor/wasm/index.js';
import { oraclePlan } from '../../../scheduler/plan.js';
import type { Workload } from '../../../scheduler/workload.js';
import {
  chain,
  change,
  credit,
  independent,
  item,
  read,
  workloadOf,
  workloadsWithPlans,
} from '../../scheduler/workloads.js';
import { adversarialPlans } from './plans.js';

const executor = createWasmExecutor({ workers: 4 });
afterAll(() => executor.close());

const SEED = 20_261;
/** Block-STM to the end: no thread may finish the block alone. */
const TO_THE_END = { mayContinueInOrder: false } as const;

/** All reads saw what they see in block order, and came to the digests of a run without versions. */
async function expectSerial(recording: LoadedRecording, runs: readonly RunOptions[]): Promise<void> {
  await recording.run({ workers: 1 });
  expect(recording.verify()).toBe(true);
  const expected = recording.digests();
  for (const options of runs) {
    await recording.run(options);
    expect(recording.verify()).toBe(true);
    expect(recording.digests()).toEqual(expected);
  }
}

/** A few hot keys, chains, credits, and one long transaction at the start, in a fixed order. */
function mixed(count: number): Workload {
  const transactions = Array.from({ length: count }, (_, index) => {
    if (index === 0) return item(200_000, change(0));
    if (index % 7 === 0) return item(900, [read(index % 5), credit(6)]);
    if (index % 5 === 0) return item(2_000, [...change(index % 3), credit(7)]);
    if (index % 3 === 0) return item(500, [read(6), read(7), ...change(10 + index)]);
    return item(1_000, [read(8), ...change(10 + index), credit(7)]);
  });
  return workloadOf(...transactions);
}

describe('recorded transactions on parallel workers', () => {
  it('see what they see in block order: any block, any plan, any number of workers', { timeout: 300_000 }, async () => {
    const property = fc.asyncProperty(
      workloadsWithPlans,
      fc.constantFrom(1, 2, 3, 4),
      async ({ workload, plan }, workers) => {
        const recording = await executor.loadRecorded(workload, 20);
        await expectSerial(recording, [
          { workers, plan, ...TO_THE_END },
          { workers, tracked: true, ...TO_THE_END },
          { workers, plan },
        ]);
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: 400 });
  });

  it.each([
    ['a chain', chain(300, 500)],
    ['independent transactions', independent(300, 500)],
    ['hot keys, credits and a long transaction', mixed(400)],
    ['nothing', workloadOf()],
    ['one transaction', workloadOf(item(10, change(0)))],
  ])('keep to block order under plans of ill will: %s', async (_name, workload) => {
    const recording = await executor.loadRecorded(workload);
    const { length } = workload.transactions;
    const plans = [...Object.values(adversarialPlans(length, 4)), oraclePlan(workload, 4)];
    await expectSerial(
      recording,
      [1, 2, 4].flatMap((workers) => [
        { workers, tracked: true, ...TO_THE_END },
        ...plans.map((plan) => ({ workers, plan, ...TO_THE_END })),
        { workers, tracked: true },
      ]),
    );
  });
});
