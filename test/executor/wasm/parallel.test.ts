import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { generateBlocks, PROFILES } from '../../../datasets/generate/index.js';
import { createReferenceExecutor, keccak256 } from '../../../executor/reference/index.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import { LoadedBlock } from '../../../executor/wasm/loaded-block.js';
import type { BlockResult, BlockSnapshot } from '../../../types.js';
import { CONTRACT, OTHER, SENDER, account, code, push, slotOf, snapshotOf } from '../reference/snapshots.js';
import { chain } from '../../scheduler/workloads.js';
import { comparable } from './comparable.js';
import { expectSame } from './same-runs.js';
import { createWarmEngine, type TestEngine } from './test-engine.js';

const executor = createWasmExecutor();
const reference = createReferenceExecutor();
const opened: { engine?: TestEngine } = {};
beforeAll(async () => {
  opened.engine = await createWarmEngine(4, { keys: 1 << 18, codeBytes: 1 << 27 });
});
afterAll(async () => {
  await opened.engine?.pool.destroy();
  await executor.close();
});

/** Its threads are all in a run before the calling one begins. */
function load(block: BlockSnapshot): LoadedBlock {
  if (opened.engine === undefined) throw new Error('no engine');
  return new LoadedBlock(opened.engine, block);
}

describe('executed blocks on parallel workers', () => {
  it.each(PROFILES)(
    'give what they give in order, whatever the plan: $name',
    { timeout: 600_000 },
    async ({ name }) => {
      const execute = (snapshot: BlockSnapshot): Promise<BlockResult> => executor.execute(snapshot);
      const options = { profile: name, blocks: 1, transactions: 120, seed: 7, execute, keccak256 };
      for await (const block of generateBlocks(options)) {
        await expectSame(load(block), block, await reference.execute(block));
      }
    },
  );

  it.each([
    [14, [1]],
    [6, [6, 2]],
  ])('lie anywhere in four gigabytes: an engine of %i workers', async (most, counts) => {
    const large = createWasmExecutor({ workers: most });
    onTestFinished(() => large.close());
    await large.warmUp(Math.max(...counts));
    const execute = (snapshot: BlockSnapshot): Promise<BlockResult> => executor.execute(snapshot);
    const options = { profile: 'erc20', blocks: 1, transactions: 60, seed: 5, execute, keccak256 };
    for await (const block of generateBlocks(options)) {
      const wanted = comparable(await reference.execute(block), block);
      const loaded = await large.load(block);
      for (const workers of counts) {
        await loaded.run({ workers, tracked: workers > 1 });
        expect(comparable(loaded.describe([]), block)).toEqual(wanted);
      }
    }
    const recording = await large.loadRecorded(chain(50, 100));
    for (const workers of counts) {
      await recording.run({ workers });
      expect(recording.verify()).toBe(true);
      expect(recording.digests()).not.toContain(0n);
    }
  });

  it('find what stops a block at its place in the order', async () => {
    const block = snapshotOf({ transactions: [{}, {}, { valueWei: 10n ** 20n }, { nonce: 3 }] });
    const loaded = load(block);
    for (const workers of [1, 2, 4]) {
      await expect(loaded.run({ workers, tracked: true })).rejects.toMatchObject({
        code: 'EXECUTION_FAILED',
        message: expect.stringContaining('transaction 2: ') as string,
      });
    }
  });

  it('keep to the order where an account goes with its storage', async () => {
    // Before Cancun the contract destroys itself when it is sent value, else counts in a slot and logs the count.
    const counter = code(0x34, push(0x1a), 0x57, push(0), 0x54, push(1), 0x01, 0x80, push(0), 0x55, push(0), 0x52);
    const program = code(
      counter,
      push(32),
      push(0),
      0xa0,
      0x00,
      ...Array.from({ length: 20 }, () => 0x5b),
      push(OTHER),
      0xff,
    );
    const accounts = { [CONTRACT]: account(program, { [slotOf(0)]: 5 }) };
    const calls = [0n, 0n, 1n, 0n, 1n, 0n].map((valueWei, index) => ({ valueWei, nonce: index, from: SENDER }));
    const block = snapshotOf({ fork: 'shanghai', accounts, transactions: calls });
    await expectSame(load(block), block, await reference.execute(block));
  });
});
