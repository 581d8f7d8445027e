import { describe, expect, it } from 'vitest';
import { chainedTransfers, transfersOfOneSender } from '../../bench/engine/hand-made.js';
import { generateBlocks } from '../../datasets/generate/index.js';
import { createReferenceExecutor, keccak256 } from '../../executor/reference/index.js';
import type { BlockSnapshot } from '../../types.js';

const reference = createReferenceExecutor();

async function secondBlock(): Promise<BlockSnapshot> {
  const blocks: BlockSnapshot[] = [];
  const size = { profile: 'gigagas-erc20', blocks: 2, transactions: 5, seed: 1 };
  const source = generateBlocks({ ...size, keccak256, execute: (snapshot) => reference.execute(snapshot) });
  for await (const block of source) blocks.push(block);
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
