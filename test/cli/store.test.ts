import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hasChdb } from '../datasets/store-suite.js';
import { soundBlock, writeBlocks } from './blocks-on-disk.js';
import { runCli, temporaryFolder } from './run-cli.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.skipIf(!hasChdb)('lanecast with a store', () => {
  it('keeps what replay recorded, shows it, and replays it', async () => {
    const folder = temporaryFolder();
    const store = ['--store', join(folder, 'store')];
    const blocks = writeBlocks(join(folder, 'blocks'), await soundBlock(7), await soundBlock(8));
    expect((await runCli('replay', blocks, '--repeats', '1', ...store)).exitCode).toBe(0);

    const stats = await runCli('stats', ...store, '--json', '--per-block');
    expect(stats.exitCode).toBe(0);
    expect(JSON.parse(stats.stdout)).toMatchObject({
      schema: 'lanecast.stats/1',
      chains: [{ chainId: 1, blocks: 2, transactions: 8, conflictPairs: 2, dependentShare: 0.25 }],
      blocks: [{ number: 7 }, { number: 8 }],
    });
    expect((await runCli('stats', ...store)).stdout).toMatch(/Chain 1, blocks 7 to 8[^]*hot storage slots/);

    const again = await runCli('replay', 'store:1', ...store, '--repeats', '1', '--json');
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      blocks: [{ number: 7, execution: 'recorded', cost: 'time', sequentialVerified: true }, { number: 8 }],
    });
    const nothing = await runCli('replay', 'store:2', ...store);
    expect(nothing).toMatchObject({ exitCode: 2, stdout: '' });
    expect(nothing.stderr).toMatch(/holds no blocks of chain 2/);
  });

  it('ingests, and changes nothing the second time', async () => {
    const folder = temporaryFolder();
    const store = ['--store', join(folder, 'store')];
    const blocks = writeBlocks(join(folder, 'blocks'), await soundBlock(7));
    const first = await runCli('ingest', blocks, ...store, '--json');
    const second = await runCli('ingest', blocks, ...store, '--json');
    expect(JSON.parse(first.stdout)).toMatchObject({ blocks: 1, added: 1, alreadyPresent: 0, transactions: 4 });
    expect(JSON.parse(second.stdout)).toMatchObject({ blocks: 1, added: 0, alreadyPresent: 1 });
  });

  it('ingests no block that does not match its header, and loses no other', async () => {
    const folder = temporaryFolder();
    const store = ['--store', join(folder, 'store')];
    const block = await soundBlock(8);
    const wrong = { ...block, header: { ...block.header, gasUsed: 1 } };
    const blocks = writeBlocks(join(folder, 'blocks'), await soundBlock(7), wrong, await soundBlock(9));
    const { exitCode, stderr } = await runCli('ingest', blocks, ...store);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/block 8: execution does not reproduce the header/);
    const held = async (): Promise<unknown> =>
      JSON.parse((await runCli('stats', ...store, '--json')).stdout) as unknown;
    expect(await held()).toMatchObject({ chains: [{ firstBlock: 7, lastBlock: 7 }] });
    expect((await runCli('ingest', blocks, ...store, '--keep-going')).exitCode).toBe(2);
    expect(await held()).toMatchObject({ chains: [{ firstBlock: 7, lastBlock: 9, blocks: 2 }] });
  });

  it('says that an empty one has nothing to show', async () => {
    const { exitCode, stderr } = await runCli('stats', '--store', join(temporaryFolder(), 'store'));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/lanecast ingest adds some/);
  });
});

describe('lanecast without a store', () => {
  it('replays without one after a notice; what needs one exits with 2', async () => {
    const blocks = writeBlocks(temporaryFolder(), await soundBlock(7));
    // Nothing listens on port 1.
    vi.stubEnv('CLICKHOUSE_URL', 'http://127.0.0.1:1');
    const replay = await runCli('replay', blocks, '--repeats', '1');
    expect(replay.exitCode).toBe(0);
    expect(replay.stderr.trim().split('\n')).toHaveLength(1);
    expect(replay.stderr).toMatch(/^notice: nothing is kept: /);
    for (const args of [['ingest', blocks], ['stats'], ['replay', 'store:']]) {
      const needy = await runCli(...args);
      expect(needy).toMatchObject({ exitCode: 2, stdout: '' });
      expect(needy.stderr).toMatch(/127\.0\.0\.1:1/);
    }
  });
});
