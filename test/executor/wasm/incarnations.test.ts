import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReferenceExecutor } from '../../../executor/reference/index.js';
import type { RunOptions } from '../../../executor/wasm/index.js';
import { LoadedBlock } from '../../../executor/wasm/loaded-block.js';
import type { BlockResult, BlockSnapshot } from '../../../types.js';
import { withoutTransaction } from '../../fuzz/compare.js';
import { comparable } from './comparable.js';
import { incarnationBlocks } from './incarnation-blocks.js';
import { randomPlan } from './random-plan.js';
import { adversarialPlans } from './plans.js';
import { createWarmEngine, type TestEngine } from './test-engine.js';

const reference = createReferenceExecutor();
const opened: { engine?: TestEngine } = {};
beforeAll(async () => {
  opened.engine = await createWarmEngine(4);
});
afterAll(() => opened.engine?.pool.destroy());

/** Its threads are all in a run before the calling one begins. */
function load(block: BlockSnapshot): LoadedBlock {
  if (opened.engine === undefined) throw new Error('no engine');
  return new LoadedBlock(opened.engine, block);
}

const SEED = Number(process.env['LANECAST_INCARNATIONS_SEED'] ?? 20_262);
const BLOCKS = Number(process.env['LANECAST_INCARNATIONS_BLOCKS'] ?? 60);

function runsFor(count: number, planSeed: number): RunOptions[] {
  const plans = Object.values(adversarialPlans(count, 4));
  return [
    ...[1, 2, 3, 4].flatMap((workers) => [
      { workers, tracked: true, mayContinueInOrder: false },
      { workers, tracked: true, mayContinueInOrder: true },
      { workers, plan: randomPlan(planSeed + workers, count, workers), mayContinueInOrder: false },
    ]),
    ...plans.map((plan, place) => ({ workers: 2 + (place % 3), plan, mayContinueInOrder: false })),
  ];
}

/** The reference's result, or the first transaction that the block cannot hold. */
async function outcomeOf(block: BlockSnapshot): Promise<BlockResult | number> {
  try {
    return await reference.execute(block);
  } catch (error) {
    const index = error instanceof Error ? /, transaction (\d+): /.exec(error.message)?.[1] : undefined;
    if (index === undefined) throw error;
    return Number(index);
  }
}

async function expectRefused(loaded: LoadedBlock, index: number): Promise<void> {
  for (const [workers, mayContinueInOrder] of [
    [1, false],
    [2, true],
    [4, false],
  ] as const) {
    await expect(loaded.run({ workers, tracked: true, mayContinueInOrder })).rejects.toMatchObject({
      code: 'EXECUTION_FAILED',
      message: expect.stringContaining(`transaction ${index}: the block cannot hold`) as string,
    });
  }
}

/** The block without what it cannot hold comes to the same in every run; at what it cannot hold every run stops. */
async function expectSame(block: BlockSnapshot, planSeed: number): Promise<void> {
  const expected = await outcomeOf(block);
  const loaded = load(block);
  if (typeof expected === 'number') {
    await expectRefused(loaded, expected);
    return expectSame(withoutTransaction(block, expected), planSeed);
  }
  const wanted = comparable(expected, block);
  for (const options of runsFor(block.transactions.length, planSeed)) {
    await loaded.run(options);
    expect(comparable(loaded.describe([]), block)).toEqual(wanted);
  }
}

describe('transactions whose accesses change with the incarnation', () => {
  it(`come to what they come to in order: any workers, any plan; seed ${SEED}`, { timeout: 0 }, async () => {
    const property = fc.asyncProperty(incarnationBlocks, ({ block, planSeed }) => expectSame(block, planSeed));
    await fc.assert(property, { seed: SEED, numRuns: BLOCKS });
  });
});
