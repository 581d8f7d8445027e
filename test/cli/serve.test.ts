import { describe, expect, it } from 'vitest';
import { keeperOn, loadService } from '../../cli/serve-state.js';
import type { LearnedState } from '../../datasets/store/learned-state-schema.js';
import type { Store } from '../../datasets/store/index.js';
import type { SavedModel } from '../../server/engine/messages.js';
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
