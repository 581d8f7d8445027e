import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TrainDocument } from '../../cli/train/document.js';
import { hasChdb } from '../datasets/store-suite.js';
import { soundBlock, writeBlocks } from './blocks-on-disk.js';
import { runCli, temporaryFolder } from './run-cli.js';

/** Blocks 7 to 7 + count - 1. */
async function writeChain(folder: string, count: number): Promise<string> {
  const blocks = Array.from({ length: count }, (_, index) => soundBlock(7 + index, {}, 'prague', 3));
  return writeBlocks(folder, ...(await Promise.all(blocks)));
}

describe('lanecast train', () => {
  it('writes a model that lanecast evaluate judges on later blocks only', async () => {
    const folder = temporaryFolder();
    const [blocks, out] = [await writeChain(join(folder, 'blocks'), 7), join(folder, 'model')];
    const { exitCode, stdout } = await runCli('train', blocks, '--out', out, '--until', '11', '--seed', '5', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ schema: 'lanecast.train/1', folder: out, store: null },
      model: { artifact: null, seed: 5, halfLifeBlocks: 50_000 },
      createdFrom: { chainId: 1, blocks: 5, firstBlock: 7, lastBlock: 11, transactions: 60 },
      rollingOrigin: { trainUntil: 9, blocks: 2, transactions: 24 },
    });
    expect(readdirSync(out).sort()).toEqual(['evidence.bin', 'manifest.json', 'networks.json']);

    const judged = await runCli('evaluate', blocks, '--model', out, '--json', '--baselines', 'none');
    expect(judged.exitCode).toBe(0);
    const { model } = JSON.parse(stdout) as TrainDocument;
    expect(JSON.parse(judged.stdout)).toMatchObject({
      ...{ trainUntil: 11, trainingBlocks: 5, blocks: 2, environment: { tfBackend: null } },
      model: { ...model, artifact: out },
    });
    const seen = await runCli('evaluate', blocks, '--model', out, '--train-until', '9');
    expect(seen).toMatchObject({ exitCode: 2, stdout: '' });
    expect(seen.stderr).toMatch(/has learned the blocks up to 11 and can't be judged on block 10/);
    const again = await runCli('train', blocks, '--out', out);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toMatch(/models never change/);
  });

  it('says what it learned and wrote', async () => {
    const folder = temporaryFolder();
    const [blocks, out] = [await writeChain(join(folder, 'blocks'), 4), join(folder, 'model')];
    const { exitCode, stdout } = await runCli('train', blocks, '--out', out);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^4 blocks of chain 1 learned, 7 to 10, with 48 transactions\. Model [0-9a-f]{12} written to /,
    );
    expect(stdout).toMatch(
      /\nRolling origin: a model of the blocks up to 9, judged on 1 later block \(12 transactions\)/,
    );
    const unjudged = await runCli('train', blocks, '--out', join(folder, 'other'), '--no-judge');
    expect(unjudged.stdout).not.toMatch(/Rolling origin/);
  });

  it.each([
    [['--until', '6'], /no block up to 6 to learn: the first is 7/],
    [['--window', '2'], /--window is for store: sources only/],
    [['--transactions', '2'], /--transactions is for generated sources only/],
  ])('refuses %j', async (args, message) => {
    const folder = temporaryFolder();
    const blocks = await writeChain(join(folder, 'blocks'), 1);
    const { exitCode, stderr } = await runCli('train', blocks, '--out', join(folder, 'model'), ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(readdirSync(folder)).toEqual(['blocks']);
  });

  it('needs to know where to', async () => {
    expect((await runCli('train', 'generated:mainnet')).exitCode).toBe(2);
  });
});

describe.skipIf(!hasChdb)('lanecast train on a store', () => {
  it('writes access expressions once, and begins with the statistics of earlier blocks', async () => {
    const folder = temporaryFolder();
    const store = ['--store', join(folder, 'store')];
    await runCli('ingest', await writeChain(join(folder, 'blocks'), 5), ...store);
    const train = async (name: string, ...args: readonly string[]): Promise<unknown> => {
      const { stdout, stderr } = await runCli(
        'train',
        'store:',
        '--out',
        join(folder, name),
        ...store,
        ...args,
        '--json',
      );
      return stdout === '' ? stderr : JSON.parse(stdout);
    };
    expect(await train('first', '--until', '10', '--window', '2', '--no-judge')).toMatchObject({
      createdFrom: { firstBlock: 9, lastBlock: 10, blocks: 2 },
      store: { blocksBySql: 2, expressions: { added: 4 } },
      rollingOrigin: null,
    });
    const whole = await train('whole', '--no-judge');
    expect(whole).toMatchObject({
      createdFrom: { firstBlock: 7, lastBlock: 11 },
      store: { blocksBySql: 0, subjectsBySql: 0, expressions: { added: 1 } },
    });
    const windowed = (await train('windowed', '--window', '4')) as TrainDocument;
    expect(windowed).toMatchObject({
      store: { blocksBySql: 1, expressions: { added: 0 } },
      rollingOrigin: { blocks: 1 },
    });
    expect(windowed.store?.subjectsBySql).toBeGreaterThan(0);

    const judged = await runCli('evaluate', 'store:1', ...store, '--model', join(folder, 'first'), '--json');
    expect(JSON.parse(judged.stdout)).toMatchObject({ trainUntil: 10, blocks: 1 });
    expect(await train('none', '--until', '3')).toMatch(/no block up to 3 to learn: the first is 7/);
    const elsewhere = await runCli('train', 'store:5', '--out', join(folder, 'elsewhere'), ...store);
    expect(elsewhere.exitCode).toBe(2);
    expect(elsewhere.stderr).toMatch(/holds no blocks of chain 5/);
  });
});
