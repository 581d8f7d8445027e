import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReplayDocument } from '../../cli/replay/document.js';
import type { ReplayShards } from '../../cli/replay/reorder-document.js';
import { teachHints } from '../../cli/replay/taught-hints.js';
import { createTools } from '../../cli/tools.js';
import { readModel } from '../../cli/train/artifact.js';
import { keccak256 } from '../../executor/reference/index.js';
import { ModelHints } from '../../model/hints/model-hints.js';
import { pendingOf } from '../../model/pending.js';
import { ModelPredictor } from '../../model/predictor.js';
import { untrainedModel } from '../../model/untrained.js';
import type { BlockHints } from '../../scheduler/predictor.js';
import type { BlockSnapshot, SourceBlock } from '../../types.js';
import { hasChdb } from '../datasets/store-suite.js';
import { describeHints } from '../scheduler/hints.js';
import { soundBlock, writeBlocks } from './blocks-on-disk.js';
import { runCli, temporaryFolder, type CliResult } from './run-cli.js';

const FAST = ['--repeats', '1', '--workers', '2', '--simulate-workers', '2', '--policy', 'sequential,smf'];
const TURNS = 3;
const tools = createTools({ store: false });

async function chain(numbers: readonly number[], fields: Partial<BlockSnapshot> = {}): Promise<string> {
  const blocks = await Promise.all(numbers.map((number) => soundBlock(number, {}, 'prague', TURNS)));
  return writeBlocks(temporaryFolder(), ...blocks.map((block) => ({ ...block, ...fields })));
}

/** A model that `lanecast train` made of blocks. */
async function modelOf(numbers: readonly number[]): Promise<string> {
  const folder = join(temporaryFolder(), 'model');
  const { exitCode } = await runCli('train', await chain(numbers), '--out', folder, '--no-judge');
  expect(exitCode).toBe(0);
  return folder;
}

const untaught = (): ModelHints => new ModelHints(new ModelPredictor(untrainedModel(keccak256)));

/** What is expected of block 9. Costs are left out: they are times. */
async function expectationsOf(hints: ModelHints): Promise<string[][]> {
  return describeHints(await hintOf(hints));
}

async function hintOf(hints: ModelHints): Promise<BlockHints> {
  const { record } = await tools.executor.record(await soundBlock(9, {}, 'prague', TURNS));
  return hints.hint(pendingOf(record));
}

const first = (): Promise<SourceBlock> => soundBlock(9, {}, 'prague', TURNS);

describe('hints', () => {
  it('are those of one who learned the blocks of the source', async () => {
    const taught = await teachHints({ trainOn: await chain([7, 8]) }, await first(), tools);
    if (taught === null) throw new Error('expected hints');
    const expected = untaught();
    for (const number of [7, 8]) {
      expected.learn((await tools.executor.record(await soundBlock(number, {}, 'prague', TURNS))).record);
    }
    expect(await expectationsOf(taught)).toEqual(await expectationsOf(expected));
    expect(await expectationsOf(taught)).not.toEqual(await expectationsOf(untaught()));
  });

  it('are those of the model', async () => {
    const folder = await modelOf([7, 8]);
    const taught = await teachHints({ model: folder }, await first(), tools);
    if (taught === null) throw new Error('expected hints');
    const expected = new ModelHints(new ModelPredictor((await readModel(folder)).model));
    expect(await hintOf(taught)).toEqual(await hintOf(expected));
    expect(await expectationsOf(taught)).not.toEqual(await expectationsOf(untaught()));
  });

  it('are left to others where neither is named', async () => {
    expect(await teachHints({}, await first(), tools)).toBeNull();
  });

  it('are of one chain', async () => {
    const elsewhere = { ...(await first()), chainId: 5 };
    await expect(teachHints({ trainOn: await chain([7]) }, elsewhere, tools)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/block 7 .* is of chain 1, .* block 9 .* of chain 5/) as string,
    });
    await expect(teachHints({ model: await modelOf([7]) }, elsewhere, tools)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/is of chain 1, .* block 9 .* of chain 5/) as string,
    });
  });

  it('come of blocks that can be had and follow each other', async () => {
    const folder = await chain([7]);
    copyFileSync(join(folder, '7.json'), join(folder, '7-again.json'));
    await expect(teachHints({ trainOn: folder }, await first(), tools)).rejects.toThrow(/expected a block above 7/);
    const empty = join(temporaryFolder(), 'empty');
    mkdirSync(empty);
    await expect(teachHints({ trainOn: empty }, await first(), tools)).rejects.toMatchObject({ exitCode: 2 });
  });
});

/** What is expected of the first block on shards. */
function shardsOf({ stdout }: CliResult): ReplayShards {
  const shards = (JSON.parse(stdout) as ReplayDocument).blocks[0]?.shards;
  if (shards === null || shards === undefined) throw new Error('expected shards');
  return shards;
}

describe('lanecast replay', () => {
  it('learns another source first with --train-on', async () => {
    const [earlier, later] = [await chain([7, 8]), await chain([9, 10])];
    const args = ['replay', later, ...FAST, '--no-store', '--shards', '2', '--json'];
    const untrained = await runCli(...args);
    const trained = await runCli(...args, '--train-on', earlier);
    expect(trained).toMatchObject({ exitCode: 0, stderr: `learned 2 blocks of ${earlier}, up to block 8\n` });
    // That the fee recipient is paid is seen in blocks only.
    expect(shardsOf(trained).copiedKeys).toBeGreaterThan(shardsOf(untrained).copiedKeys);
  });

  it('goes on from a model with --model', async () => {
    const [model, later] = [await modelOf([7, 8]), await chain([9, 10])];
    const args = ['replay', later, ...FAST, '--no-store', '--shards', '2', '--json'];
    const trained = await runCli(...args, '--model', model);
    expect(trained).toMatchObject({ exitCode: 0, stderr: '' });
    // Who knows nothing expects transactions to use the gas that they may use.
    expect(shardsOf(trained).makespanCost).toBeLessThan(shardsOf(await runCli(...args)).makespanCost / 2);
  });

  it('never knows a block beforehand', async () => {
    const [source, model] = [await chain([8, 9]), await modelOf([7, 8])];
    const refused = await runCli('replay', source, ...FAST, '--no-store', '--train-on', source);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(/--train-on: block 8 \(.*8\.json\) is not before block 8 \(.*8\.json\)/);
    const overlapping = await chain([7, 9]);
    const late = await runCli('replay', source, ...FAST, '--no-store', '--train-on', overlapping);
    expect(late.stderr).toMatch(/--train-on: block 9 .* is not before block 8 /);
    const known = await runCli('replay', source, ...FAST, '--no-store', '--model', model);
    expect(known).toMatchObject({ exitCode: 2, stdout: '' });
    expect(known.stderr).toMatch(/has learned the blocks up to 8, and the replay begins with block 8 /);
  });

  it.skipIf(!hasChdb)('neither goes on from what the store holds then, nor keeps what it learned', async () => {
    const store = ['--store', join(temporaryFolder(), 'store')];
    const goingOn = 'going on from what was learned up to block 8\n';
    expect(await runCli('replay', await chain([7, 8]), ...FAST, ...store)).toMatchObject({ exitCode: 0, stderr: '' });
    const model = await modelOf([7, 8]);
    const taught = await runCli('replay', await chain([9]), ...FAST, ...store, '--model', model);
    expect(taught).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await runCli('replay', await chain([10]), ...FAST, ...store)).toMatchObject({ stderr: goingOn });
  });

  it.each([
    [['--train-on', 'no-such-folder'], /no-such-folder/],
    [['--train-on', 'http://127.0.0.1:2'], /The node at http:\/\/127\.0\.0\.1:2: connect ECONNREFUSED/],
    [['--model', 'no-such-folder'], /no-such-folder/],
    [['--train-on', 'x', '--model', 'y'], /--train-on <source>' cannot be used with option '--model/],
    [['--train-on', 'x', '--policy', 'sequential,oracle'], /--train-on: nothing that was asked for predicts/],
    [['--model', 'x', '--policy', 'optimistic'], /--model: nothing that was asked for predicts; .*adaptive/],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { exitCode, stdout, stderr } = await runCli('replay', await chain([9]), ...args, '--no-store');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
