import { describe, expect, it, vi } from 'vitest';
import { openForecastSource } from '../../cli/serve-forecast.js';
import type { Store } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import { writeForecaster } from '../../model/forecast/forecast-artifact.js';
import { LoadForecastSource } from '../../server/forecast/forecast-source.js';
import type { BlockRecord } from '../../types.js';
import { hasChdb, openTestStore, temporaryFolder } from '../datasets/store-suite.js';
import { chainOf, FIRST_BLOCK, plainModel } from '../server/forecast/chain.js';
import { runCli } from './run-cli.js';

const chain = chainOf(90);
const lastBlock = FIRST_BLOCK + chain.length - 1;

function observing(blocks: readonly BlockRecord[]): LoadForecastSource {
  const source = new LoadForecastSource(null);
  for (const block of blocks) source.observe(block);
  return source;
}

describe.skipIf(!hasChdb)('a service that starts again', () => {
  async function storeOf(blocks: readonly BlockRecord[]): Promise<Store> {
    const store = await openTestStore({ path: temporaryFolder() });
    await store.ingest(blocks);
    return store;
  }

  it('forecasts at once what it would have without a break', async () => {
    const store = await storeOf(chain);
    const source = await openForecastSource(null, { store, chainId: 1, lastBlock });
    expect(source.latest()).not.toBeNull();
    expect(source.latest()).toEqual(observing(chain).latest());
  });

  it('starts after a gap, and before what it has not learned', async () => {
    const blocks = [...chain.slice(0, 20), ...chain.slice(40, 80)];
    const store = await storeOf(blocks);
    const source = await openForecastSource(null, { store, chainId: 1, lastBlock: FIRST_BLOCK + 69 });
    expect(source.latest()).toEqual(observing(chain.slice(40, 70)).latest());
  });

  it('starts without what the store does not have, and says so', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const store = await storeOf([]);
    const source = await openForecastSource(null, { store, chainId: 1, lastBlock });
    expect(source.latest()).toBeNull();
    expect(stderr.mock.calls.join()).toContain('forecasts start with the next blocks');
    stderr.mockRestore();
  });
});

describe('the forecaster of a service', () => {
  it('is read from its folder, and named', async () => {
    const folder = `${temporaryFolder()}/forecaster`;
    const { id } = await writeForecaster(folder, plainModel([1, 2]), {
      createdFrom: { blocks: 10, firstBlock: 1, lastBlock: 10 },
      ...{ dataHash: '0'.repeat(64), seed: 1, tfBackend: 'cpu' },
    });
    const source = await openForecastSource(folder, null);
    for (const block of chain) source.observe(block);
    expect(source.latest()?.forecaster).toMatchObject({ kind: 'trained', version: id.slice(0, 12) });
  });

  it('survives a store that fails', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const failing = { series: () => Promise.reject(new LanecastError('STORE_FAILED', 'no disk')) } as unknown as Store;
    expect((await openForecastSource(null, { store: failing, chainId: 1, lastBlock })).latest()).toBeNull();
    expect(stderr.mock.calls.join()).toContain('no disk');
    stderr.mockRestore();
  });

  it('is refused where there is none', async () => {
    const { exitCode, stderr } = await runCli('serve', '--no-store', '--port', '0', '--forecast', '/nowhere');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('/nowhere');
  });
});
