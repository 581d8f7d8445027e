import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunOptions } from '../../../executor/wasm/index.js';
import { LoadedRecording } from '../../../executor/wasm/loaded-recording.js';
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
import { createWarmEngine, type TestEngine } from './test-engine.js';

const opened: { engine?: TestEngine } = {};
beforeAll(async () => {
  opened.engine = await createWarmEngine(4);
});
afterAll(() => opened.engine?.pool.destroy());

/** Its threads are all in a run before the calling one begins. */
function load(workload: Workload, unitsPerCost = 1): LoadedRecording {
  if (opened.engine === undefined) throw new Error('no engine');
  return new LoadedRecording(opened.engine, workload, unitsPerCost);
}

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
        const recording = load(workload, 20);
        await expectSerial(recording, [
          { workers, plan, ...TO_THE_END },
          { workers, tracked: true, ...TO_THE_END },
          { workers, plan },
        ]);
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: 400 });
  });

  it('wait for the last one of their sender, and nothing is executed in vain', async () => {
    const { transactions, keyCount } = chain(300, 500);
    const ofOneSender = transactions.map((transaction, index) => ({ ...transaction, previous: index - 1 }));
    ofOneSender[0] = { ...item(500, change(0)), previous: 299 };
    const recording = load({ transactions: ofOneSender, keyCount });
    const run = await recording.run({ workers: 4, ...TO_THE_END });
    expect(run).toMatchObject({ executions: 300, aborts: 0, suspensions: 0 });
    expect(recording.verify()).toBe(true);
  });

  it.each([
    ['a chain', chain(300, 500)],
    ['independent transactions', independent(300, 500)],
    ['hot keys, credits and a long transaction', mixed(400)],
    ['nothing', workloadOf()],
    ['one transaction', workloadOf(item(10, change(0)))],
  ])('keep to block order under plans of ill will: %s', async (_name, workload) => {
    const recording = load(workload);
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
