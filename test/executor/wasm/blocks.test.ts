import { describe, expect, it } from 'vitest';
import { readBlocks } from '../../../datasets/read.js';
import { createReferenceExecutor } from '../../../executor/reference/index.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import { FORKS } from '../../../types.js';
import { hasSharedData, sharedData } from '../../shared-data.js';
import { comparable } from './comparable.js';

describe.skipIf(!hasSharedData)('the shared mainnet blocks of Berlin or later', () => {
  it('give on the WASM engine what they give on the reference', { timeout: 600_000 }, async () => {
    const [engine, reference] = [createWasmExecutor(), createReferenceExecutor()];
    let blocks = 0;
    for await (const outcome of readBlocks(sharedData('mainnet-blocks'))) {
      if (!outcome.ok || outcome.block.kind !== 'snapshot') throw new Error('expected sound snapshots');
      const { block } = outcome;
      if (FORKS.indexOf(block.fork) < FORKS.indexOf('berlin')) continue;
      const [got, expected] = [await engine.execute(block), await reference.execute(block)];
      expect(got.gasUsed).toBe(block.header.gasUsed);
      expect(comparable(got, block)).toEqual(comparable(expected, block));
      blocks += 1;
    }
    expect(blocks).toBe(24);
  });
});
