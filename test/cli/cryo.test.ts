import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../datasets/store/client.js';
import { cryoTables, writeCryo, type TracerJson } from '../datasets/cryo/write-cryo.js';
import { change, tracerJson } from '../datasets/read-fixtures.js';
import { hasChdb } from '../datasets/store-suite.js';
import { runCli, temporaryFolder } from './run-cli.js';

/** A cryo folder with block 100. */
async function cryoFolder(): Promise<string> {
  const folder = temporaryFolder();
  const document = change(tracerJson(), 'block.gasUsed', '0xa410') as unknown as TracerJson;
  const database = await connect({ path: join(folder, 'writer') });
  await writeCryo(database, join(folder, 'cryo'), cryoTables([document]), { first: 100, last: 100 });
  await database.close();
  return join(folder, 'cryo');
}

describe.skipIf(!hasChdb)('lanecast with a cryo folder', () => {
  it('replays it without a store, and keeps it in one once', async () => {
    const cryo = await cryoFolder();
    const flags = ['--repeats', '1', '--policy', 'sequential', '--workers', '1', '--simulate-workers', '2', '--json'];
    const replayed = await runCli('replay', cryo, '--no-store', ...flags);
    expect(replayed.exitCode).toBe(0);
    expect(JSON.parse(replayed.stdout)).toMatchObject({
      blocks: [{ number: 100, transactions: 2, execution: 'recorded' }],
    });
    expect(replayed.stderr).toMatch(/notice: .*cryo states no logs/);

    const store = ['--store', join(temporaryFolder(), 'store')];
    const kept = await runCli('ingest', cryo, '--json', ...store);
    expect(JSON.parse(kept.stdout)).toMatchObject({ blocks: 1, added: 1, transactions: 2 });
    expect(JSON.parse((await runCli('ingest', cryo, '--json', ...store)).stdout)).toMatchObject({ alreadyPresent: 1 });
  });

  it('says what a folder of other Parquet files lacks', async () => {
    const cryo = await cryoFolder();
    const { exitCode, stderr } = await runCli('replay', join(cryo, '..', 'writer'), '--no-store');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/no block files in this folder/);
  });
});
