import { describe, expect, it } from 'vitest';
import { readBlocks } from '../../../datasets/read.js';
import { createReferenceExecutor } from '../../../executor/reference/index.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import { FORKS, type AccountState, type Address, type BlockResult, type BlockSnapshot } from '../../../types.js';
import { hasSharedData, sharedData } from '../../shared-data.js';

/** All but times, and accounts that are absent on both sides of the block. */
function comparable({ transactionNs, postState, ...result }: BlockResult, { preState }: BlockSnapshot): unknown {
  const isNothing = (state: AccountState | null | undefined): boolean =>
    state === null || state === undefined || (state.balanceWei === 0n && state.nonce === 0 && state.code === '0x');
  const changed = [...postState].filter(([address, after]) => !isNothing(after) || !isNothing(preState.get(address)));
  const sorted = changed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([address, after]) => [address, pictureOf(after)]);
  return { ...result, transactions: transactionNs.length, postState: new Map(sorted as [Address, unknown][]) };
}

function pictureOf(state: AccountState | null): unknown {
  if (state === null) return null;
  const slots = [...state.storage].filter(([, value]) => BigInt(value) !== 0n);
  return { ...state, storage: new Map(slots.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

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
