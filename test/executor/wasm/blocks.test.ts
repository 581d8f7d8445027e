import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBlocks } from '../../../datasets/read.js';
import { checkHeader, createReferenceExecutor } from '../../../executor/reference/index.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import { LoadedBlock } from '../../../executor/wasm/loaded-block.js';
import { FORKS, type BlockResult, type BlockSnapshot, type Fork, type HeaderCheck } from '../../../types.js';
import { hasSharedData, sharedData } from '../../shared-data.js';
import { comparable } from './comparable.js';
import { expectSame } from './same-runs.js';
import { createWarmEngine, type TestEngine } from './test-engine.js';

interface Executed {
  readonly block: BlockSnapshot;
  /** What it comes to on the reference. */
  readonly expected: BlockResult;
}

const isSince = (fork: Fork, { block }: Executed): boolean => FORKS.indexOf(block.fork) >= FORKS.indexOf(fork);

// The reference takes a second for a block, so each is executed on it once, for all tests.
describe.skipIf(!hasSharedData)('the shared mainnet blocks', () => {
  const executed: Executed[] = [];
  const opened: { engine?: TestEngine } = {};
  const sinceBerlin = (): Executed[] => {
    const blocks = executed.filter((one) => isSince('berlin', one));
    expect(blocks).toHaveLength(24);
    return blocks;
  };

  beforeAll(async () => {
    const reference = createReferenceExecutor();
    for await (const outcome of readBlocks(sharedData('mainnet-blocks'))) {
      if (!outcome.ok || outcome.block.kind !== 'snapshot') throw new Error('expected sound snapshots');
      const { block } = outcome;
      executed.push({ block, expected: await reference.execute(block) });
    }
    opened.engine = await createWarmEngine(4, { keys: 1 << 18, codeBytes: 1 << 27 });
  }, 900_000);
  afterAll(() => opened.engine?.pool.destroy());

  it('reproduce on the reference gas used, receipts root where the fork has one, and logs bloom', () => {
    expect(executed).toHaveLength(50);
    for (const one of executed) {
      const { number } = one.block.header;
      const receiptsRoot = isSince('byzantium', one) ? true : null;
      const check: HeaderCheck = { gasUsed: true, receiptsRoot, logsBloom: true };
      expect({ number, ...checkHeader(one.block, one.expected) }).toEqual({ number, ...check });
    }
  });

  it(
    'give on the WASM engine what they give on the reference: those of Berlin or later',
    { timeout: 900_000 },
    async () => {
      const engine = createWasmExecutor();
      for (const { block, expected } of sinceBerlin()) {
        const got = await engine.execute(block);
        expect(got.gasUsed).toBe(block.header.gasUsed);
        expect(comparable(got, block)).toEqual(comparable(expected, block));
      }
    },
  );

  it(
    'give the same on parallel workers, whatever the plan: those of Berlin or later',
    { timeout: 900_000 },
    async () => {
      const { engine } = opened;
      if (engine === undefined) throw new Error('no engine');
      for (const { block, expected } of sinceBerlin())
        await expectSame(new LoadedBlock(engine, block), block, expected);
    },
  );
});
