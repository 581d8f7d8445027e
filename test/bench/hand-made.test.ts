import { describe, expect, it } from 'vitest';
import { chainedTransfers, transfersOfOneSender } from '../../bench/engine/hand-made.js';
import { createReferenceExecutor } from '../../executor/reference/index.js';
import type { BlockSnapshot } from '../../types.js';
import { generatedSnapshots } from '../model/learned.js';

const reference = createReferenceExecutor();

async function secondBlock(): Promise<BlockSnapshot> {
  const blocks: BlockSnapshot[] = [];
  for await (const block of generatedSnapshots('gigagas-erc20', 2, 5)) blocks.push(block);
  const [, second] = blocks;
  if (second === undefined) throw new Error('the generator made too few blocks');
  return second;
}

describe('blocks that are made by hand', () => {
  it.each([
    ['a chain of transfers', chainedTransfers],
    ['transfers of one sender', transfersOfOneSender],
  ])('go on from the nonces of the state before them: %s', async (_name, remake) => {
    const { receipts } = await reference.execute(remake(await secondBlock()));
    expect(receipts.map(({ succeeded }) => succeeded)).toEqual([true, true, true, true, true]);
  });
});
