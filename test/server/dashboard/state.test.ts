import { describe, expect, it } from 'vitest';
import {
  KEPT_BLOCKS,
  heldBlocks,
  initialState,
  reduce,
  replacedHashes,
  shownBlock,
  type Action,
  type DashboardState,
} from '../../../server/dashboard/browser/state.js';
import { FIRST_BLOCK, makeBlock, makeForecast, makeModel } from './live-fixture.js';

const blocks = Array.from({ length: 30 }, (_, index) => makeBlock({ sequence: index + 1, transactions: 5 }));

function after(...actions: readonly Action[]): DashboardState {
  return actions.reduce(reduce, initialState());
}

function numbers(state: DashboardState): number[] {
  return heldBlocks(state).map(({ number }) => number - FIRST_BLOCK);
}

describe('the blocks that are held', () => {
  it('are in order of observation, each once, whatever came first', () => {
    const state = after({ type: 'blocks', blocks: blocks.slice(3, 4) }, { type: 'blocks', blocks: blocks.slice(0, 4) });
    expect(numbers(state)).toEqual([1, 2, 3, 4]);
  });

  it('are the latest, and the pinned one', () => {
    const [first] = blocks;
    const state = after(
      { type: 'blocks', blocks: blocks.slice(0, 5) },
      { type: 'pin', hash: first?.hash ?? '' },
      { type: 'blocks', blocks: blocks.slice(5) },
    );
    expect(numbers(state)).toEqual([1, ...Array.from({ length: KEPT_BLOCKS }, (_, index) => index + 7)]);
    expect(shownBlock(state)).toBe(first);
    expect(numbers(reduce(reduce(state, { type: 'follow' }), { type: 'blocks', blocks: [] }))).toHaveLength(
      KEPT_BLOCKS,
    );
  });

  it('go on where a service that was started anew counts from 1', () => {
    const restarted = { ...makeBlock({ sequence: 9, transactions: 5 }), sequence: 1 };
    expect(
      numbers(after({ type: 'blocks', blocks: blocks.slice(0, 3) }, { type: 'blocks', blocks: [restarted] })),
    ).toEqual([1, 2, 3, 9]);
  });

  it('are of one chain, that of the newest', () => {
    const other = { ...makeBlock({ sequence: 9, transactions: 5 }), chainId: 10 };
    expect(numbers(after({ type: 'blocks', blocks: blocks.slice(0, 3) }, { type: 'blocks', blocks: [other] }))).toEqual(
      [9],
    );
  });

  it('tell which of them a reorganisation took away', () => {
    const [first, second] = blocks;
    const replacing = { ...makeBlock({ sequence: 3, transactions: 5 }), replaced: second?.hash ?? '' };
    expect([...replacedHashes([...(first ? [first] : []), replacing])]).toEqual([second?.hash]);
  });
});

describe('the block that is looked at', () => {
  const loaded: Action = { type: 'blocks', blocks: blocks.slice(0, 3) };
  const next: Action = { type: 'blocks', blocks: blocks.slice(3, 4) };

  it('is the newest until one is pinned, and again after that', () => {
    expect(shownBlock(after(loaded))?.sequence).toBe(3);
    const pinned = after(loaded, { type: 'pin', hash: blocks[0]?.hash ?? '' }, next);
    expect(shownBlock(pinned)?.sequence).toBe(1);
    expect(shownBlock(reduce(pinned, { type: 'follow' }))?.sequence).toBe(4);
  });

  it('stays when one of its transactions is looked at', () => {
    const state = after(loaded, { type: 'transaction', index: 2 }, next);
    expect([shownBlock(state)?.sequence, state.transaction]).toEqual([3, 2]);
    expect(reduce(state, { type: 'follow' }).transaction).toBeNull();
  });

  it.each([-1, 5, 1.5, Number.NaN])('has no transaction %d', (index) => {
    expect(after(loaded, { type: 'transaction', index }).transaction).toBeNull();
  });
});

describe('what was loaded', () => {
  it('says why it is not there, and comes with an event', () => {
    const failed = after({ type: 'failed', resource: 'forecast', message: 'No block yet.' });
    expect(failed.forecast).toEqual({ status: 'failed', message: 'No block yet.' });
    expect(reduce(failed, { type: 'forecast', forecast: makeForecast(1) }).forecast.status).toBe('ready');
  });

  it('stays when a later request fails', () => {
    const state = after(
      { type: 'model', model: makeModel(1) },
      { type: 'failed', resource: 'model', message: 'Gone.' },
    );
    expect(state.model.status).toBe('ready');
  });

  it('is old while disconnected', () => {
    expect(after({ type: 'opened' }, { type: 'lost', retryAtMs: 7 }).connection).toEqual({
      status: 'disconnected',
      retryAtMs: 7,
    });
  });
});
