import { describe, expect, it } from 'vitest';
import type { LiveBlock } from '../../server/live.js';
import type { JsonObject } from '../datasets/read-fixtures.js';
import { executedBlock, TOKEN, word } from './blocks.js';
import { startService } from './service.js';

/** The block with other accesses of one transaction. */
function withAccesses(block: JsonObject, index: number, accesses: readonly JsonObject[]): JsonObject {
  const transactions = (block['transactions'] as readonly JsonObject[]).map((each, place) =>
    place === index ? { ...each, accesses } : each,
  );
  return { ...block, transactions };
}

/** The last of these blocks as the service tells of it, each after those before it. */
async function observe(...blocks: readonly JsonObject[]): Promise<LiveBlock> {
  const service = await startService();
  for (const block of blocks) await service.post('/v1/observations', block);
  const observed = service.service.blocks(1).blocks[0];
  if (observed === undefined) throw new Error('A block was observed.');
  return observed;
}

function keyOf({ edges }: LiveBlock, earlier: number, later: number): number | null | undefined {
  return edges.find((edge) => edge.earlier === earlier && edge.later === later)?.hotKey;
}

describe('the hot key of a pair', () => {
  const touch = (slot: number, kind: string): JsonObject => ({ address: TOKEN, slot: word(slot), kind });

  it('is the one that the later transaction touches and the earlier one changed', async () => {
    const block = await observe(executedBlock(1));
    expect(block.edges).toHaveLength(15);
    expect(block.edges.every(({ hotKey }) => hotKey === 0)).toBe(true);
    expect(block.hotKeys[0]).toMatchObject({ slot: word(0) });
  });

  it('is the hottest of several', async () => {
    const both = [touch(7, 'read'), touch(7, 'write'), touch(0, 'read'), touch(0, 'write')];
    const block = await observe(withAccesses(withAccesses(executedBlock(1), 1, both), 2, both));
    expect(block.hotKeys.map(({ slot }) => slot)).toEqual([word(0), word(7)]);
    expect(keyOf(block, 1, 2)).toBe(0);
    const only = [touch(7, 'read'), touch(7, 'write')];
    const other = await observe(withAccesses(withAccesses(executedBlock(1), 1, only), 2, both));
    expect(keyOf(other, 1, 2)).toBe(1);
  });

  it('is no account, through which pairs are not judged', async () => {
    const account = { address: TOKEN, slot: null };
    const shared = [{ ...account, kind: 'read' }, { ...account, kind: 'write' }, touch(7, 'read'), touch(7, 'write')];
    let block = executedBlock(1);
    for (const index of [0, 1, 2, 3, 4, 5]) {
      block = withAccesses(block, index, index < 2 ? shared : shared.slice(0, 2));
    }
    const observed = await observe(block);
    expect(observed.hotKeys.map(({ slot, conflicts }) => [slot, conflicts])).toEqual([
      [null, 15],
      [word(7), 1],
    ]);
    expect(keyOf(observed, 0, 1)).toBe(1);
  });

  it('is the predicted one where nothing joined them', async () => {
    const history = [1, 2, 3].map((number) => executedBlock(number));
    const block = await observe(...history, withAccesses(executedBlock(4), 5, [touch(99, 'read')]));
    const pair = block.edges.find(({ earlier, later }) => earlier === 4 && later === 5);
    expect(pair).toMatchObject({ observed: false, hotKey: 0 });
  });

  it('is none beyond the hot keys', async () => {
    // More shared keys than are listed, the last of two transactions only.
    const keys = Array.from({ length: 20 }, (_, slot) => [touch(slot, 'read'), touch(slot, 'write')]).flat();
    const cold = [touch(50, 'read'), touch(50, 'write')];
    let block = executedBlock(1);
    for (const index of [0, 1, 2]) block = withAccesses(block, index, keys);
    for (const index of [3, 4]) block = withAccesses(block, index, cold);
    const observed = await observe(block);
    expect(observed.hotKeys).toHaveLength(20);
    expect(keyOf(observed, 3, 4)).toBeNull();
  });
});
