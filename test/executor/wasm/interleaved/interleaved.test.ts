import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReferenceExecutor } from '../../../../executor/reference/index.js';
import { LoadedBlock } from '../../../../executor/wasm/loaded-block.js';
import { LoadedRecording } from '../../../../executor/wasm/loaded-recording.js';
import type { RunOptions } from '../../../../executor/wasm/run.js';
import type { BlockResult, BlockSnapshot } from '../../../../types.js';
import { withoutTransaction } from '../../../fuzz/compare.js';
import { chain, independent, workloadsWithPlans } from '../../../scheduler/workloads.js';
import { account, code, CONTRACT, OTHER, push, snapshotOf } from '../../reference/snapshots.js';
import { comparable } from '../comparable.js';
import { signerOf } from '../eips/authorizations.js';
import { incarnationBlocks } from '../incarnation-blocks.js';
import { randomPlan } from '../random-plan.js';
import { createTestEngine } from '../test-engine.js';
import { buildStepped } from './build.js';
import { SteppedPool, type Interleaving } from './workers.js';

// Workers as coroutines that are suspended before atomic accesses: the same seed gives the same interleaving.

const SEED = Number(process.env['LANECAST_INTERLEAVED_SEED'] ?? 20_263);
const RUNS = Number(process.env['LANECAST_INTERLEAVED_RUNS'] ?? 40);
const WORKERS = 4;

const created = createTestEngine(WORKERS);
const pool = (async () => {
  const { share, ...engine } = await created;
  return new SteppedPool(engine, { module: await buildStepped(), memory: share.memory });
})();
const reference = createReferenceExecutor();

const interleavings: fc.Arbitrary<Interleaving> = fc.record({
  seed: fc.nat(2 ** 31 - 1),
  switchChance: fc.constantFrom(0.5, 0.1, 0.02, 0.003),
  timeoutChance: fc.constantFrom(0, 0, 0.01),
});

async function withoutRefused(block: BlockSnapshot): Promise<readonly [BlockSnapshot, BlockResult]> {
  for (let rest = block; ;) {
    try {
      return [rest, await reference.execute(rest)];
    } catch (error) {
      const index = error instanceof Error ? /, transaction (\d+): /.exec(error.message)?.[1] : undefined;
      if (index === undefined) throw error;
      rest = withoutTransaction(rest, Number(index));
    }
  }
}

describe('interleaved workers', () => {
  it(`see what they see in block order: recorded transactions; seed ${SEED}`, { timeout: 0 }, async () => {
    const stepped = await pool;
    const property = fc.asyncProperty(
      workloadsWithPlans,
      fc.integer({ min: 1, max: WORKERS }),
      fc.array(interleavings, { minLength: 3, maxLength: 3 }),
      fc.boolean(),
      async ({ workload, plan }, workers, orders, mayContinueInOrder) => {
        const recording = new LoadedRecording(stepped.engine, workload, 1);
        await recording.run({ workers: 1 });
        const expected = recording.digests();
        for (const [place, order] of orders.entries()) {
          stepped.interleave(order);
          await recording.run({ workers, tracked: true, mayContinueInOrder, ...(place === 0 ? {} : { plan }) });
          expect(recording.verify()).toBe(true);
          expect(recording.digests()).toEqual(expected);
        }
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it(`come to what the reference comes to: executed transactions; seed ${SEED}`, { timeout: 0 }, async () => {
    const stepped = await pool;
    const property = fc.asyncProperty(
      incarnationBlocks,
      fc.integer({ min: 2, max: WORKERS }),
      fc.array(interleavings, { minLength: 4, maxLength: 4 }),
      async (drawn, workers, orders) => {
        const [block, result] = await withoutRefused(drawn.block);
        const loaded = new LoadedBlock(stepped.engine, block);
        const count = block.transactions.length;
        for (const [place, order] of orders.entries()) {
          stepped.interleave(order);
          const plan = place % 2 === 0 ? undefined : randomPlan(drawn.planSeed, count, workers);
          const options: RunOptions = { workers, plan, tracked: true, mayContinueInOrder: place === 0 };
          await loaded.run(options);
          expect(comparable(loaded.describe([]), block)).toEqual(comparable(result, block));
        }
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it('are found out where an account was empty when asked about and is not when read', { timeout: 0 }, async () => {
    const stepped = await pool;
    // Pays an account, reads slots for a while, then reads the account's balance.
    const slots = Array.from({ length: 12 }, (_, slot) => code(push(slot), 0x54, 0x50));
    const pay = code(push(0), push(0), push(0), push(0), push(1), push(OTHER), push(9_000), 0xf1, 0x50);
    const program = code(pay, ...slots, push(OTHER), 0x31, push(0), 0x52, push(32), push(0), 0xa0);
    const block = snapshotOf({
      accounts: { [CONTRACT]: account(program), [signerOf(2)]: account() },
      transactions: [
        { to: OTHER, valueWei: 5n },
        { from: signerOf(2), nonce: 0 },
      ],
    });
    const loaded = new LoadedBlock(stepped.engine, block);
    const wanted = comparable(await reference.execute(block), block);
    for (let seed = 1; seed <= 100; seed += 1) {
      stepped.interleave({ seed, switchChance: 0.2, timeoutChance: 0 });
      await loaded.run({ workers: 2, mayContinueInOrder: false });
      expect(comparable(loaded.describe([]), block)).toEqual(wanted);
    }
  });

  it.each([0, 1, 2, 3])(
    'refuse a task of an earlier run that comes late, after %i steps of it',
    { timeout: 0 },
    async (steps) => {
      const stepped = await pool;
      for (let seed = 1; seed <= 100; seed += 1) {
        const recording = new LoadedRecording(stepped.engine, chain(6));
        // The thread goes so far with its task, and no further before the run is over: its last step may have seen it open.
        stepped.interleave({ seed, switchChance: 1, timeoutChance: 0, mostTurns: steps });
        expect(await recording.run({ workers: 2 })).toMatchObject({ joined: 1, executions: 6 });
        expect(recording.verify()).toBe(true);
        // The rest of it comes at any time of a run that nobody else was told of.
        stepped.interleave({ seed, switchChance: 0.3, timeoutChance: 0 });
        const late = new LoadedRecording(stepped.engine, independent(6));
        expect(await late.run({ workers: 1, tracked: true })).toMatchObject({ joined: 1, executions: 6 });
        expect(late.verify()).toBe(true);
        // And the thread takes part in the next, once.
        const { joined } = await late.run({ workers: 2 });
        expect(joined).toBeLessThanOrEqual(2);
        expect(late.verify()).toBe(true);
      }
    },
  );
});
