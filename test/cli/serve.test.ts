import { describe, expect, it } from 'vitest';
import { catchUp, keeperOn, loadService } from '../../cli/serve-state.js';
import type { LearnedState } from '../../datasets/store/learned-state-schema.js';
import type { BlockRange, Store } from '../../datasets/store/index.js';
import type { SavedModel } from '../../server/engine/messages.js';
import type { BlockRecord } from '../../types.js';
import { runCli } from './run-cli.js';

/** A store that holds one chain and the state that was written last. */
function storeInMemory(): { readonly store: Store; readonly written: LearnedState[] } {
  const written: LearnedState[] = [];
  const store = {
    chains: () => Promise.resolve([{ chainId: 1 }]),
    writeState: (state: LearnedState) => Promise.resolve(void written.push(state)),
    readState: () => Promise.resolve(written.at(-1) ?? null),
  } as unknown as Store;
  return { store, written };
}

const SAVED: SavedModel = {
  hints: Uint8Array.of(1, 2, 3),
  learned: { chainId: 1, blocks: 7, lastBlock: 107, version: 2 },
  artifactId: 'a',
};

describe('what a service learned', () => {
  it('is there again for the next one that has the same model', async () => {
    const { store, written } = storeInMemory();
    await keeperOn(store).save(SAVED, [{ number: 107, hash: '0x1' }], '0x1');
    expect(written[0]).toMatchObject({ chainId: 1, name: 'serve/1', lastBlock: 107, lastHash: '0x1' });
    const kept = await loadService(store, 'a');
    expect(kept?.saved).toEqual(SAVED);
    expect(kept?.known).toEqual([{ number: 107, hash: '0x1' }]);
    expect(await loadService(store, 'b')).toBeNull();
  });

  it('is nothing where there is nothing, or nothing that can be read', async () => {
    const { store, written } = storeInMemory();
    expect(await loadService(store, null)).toBeNull();
    const unknown = { ...SAVED, learned: { ...SAVED.learned, chainId: null } };
    await keeperOn(store).save(unknown, [], '0x1');
    expect(written).toEqual([]);
    await keeperOn(store).save(SAVED, [], '0x1');
    const [state] = written;
    if (state !== undefined) written.push({ ...state, payload: state.payload.slice(0, 20) });
    expect(await loadService(store, 'a')).toBeNull();
  });
});

describe('what a service observed, but did not keep the teaching of', () => {
  it('is learned from the store, each block once, and no more than one service can have lost', async () => {
    const asked: BlockRange[] = [];
    const store = {
      records: async function* (range: BlockRange) {
        asked.push(range);
        for (const number of [108, 109]) yield await Promise.resolve({ header: { number } } as BlockRecord);
      },
    } as unknown as Store;
    const observed: number[] = [];
    const observe = ({ header: { number } }: BlockRecord): Promise<boolean> => {
      observed.push(number);
      return Promise.resolve(number > 108);
    };
    expect(await catchUp(store, SAVED.learned, observe)).toBe(1);
    expect(observed).toEqual([108, 109]);
    expect(asked).toEqual([{ chainId: 1, from: 108, to: 171 }]);
    expect(await catchUp(store, { chainId: null, lastBlock: null }, observe)).toBe(0);
    expect(observed).toHaveLength(2);
  });
});

describe('lanecast serve', () => {
  it.each([
    [['--port', '70000'], '--port'],
    [['--threads', '0'], '--threads'],
    [['--log-level', 'loud'], '--log-level'],
    [['--no-store', '--model', '/nowhere'], 'train a model'],
    [['--no-store', '--token', ''], '--token'],
  ])('refuses %j', async (flags, message) => {
    const { exitCode, stderr } = await runCli('serve', '--port', '0', ...flags);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
