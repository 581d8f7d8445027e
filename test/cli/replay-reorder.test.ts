import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isVerified } from '../../cli/replay/aggregate.js';
import type { ReplayDocument } from '../../cli/replay/document.js';
import { tracerJson } from '../datasets/read-fixtures.js';
import { soundBlock, writeBlocks } from './blocks-on-disk.js';
import { runCli, temporaryFolder } from './run-cli.js';

const SOURCE = ['generated:payments-10', '--blocks', '2', '--transactions', '40'];
const FAST = ['--no-store', '--repeats', '1', '--workers', '2', '--simulate-workers', '4,16', '--policy', 'sequential'];

async function replay(...args: readonly string[]): Promise<ReplayDocument> {
  const { exitCode, stdout } = await runCli('replay', ...args, ...FAST, '--json');
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as ReplayDocument;
}

describe('lanecast replay --mode reorder', () => {
  it('finds orders by prediction, runs them on threads, and judges them by what was true', async () => {
    const { blocks } = await replay(...SOURCE, '--mode', 'reorder', '--fee-tolerance', '1');
    expect(blocks).toHaveLength(2);
    for (const { reorder, shards, execution, runs } of blocks) {
      expect({ shards, execution }).toEqual({ shards: null, execution: 'evm' });
      expect(runs.map(({ policy, workers }) => [policy, workers])).toEqual([['sequential', 1]]);
      if (reorder === null) throw new Error('expected a new order');
      expect(reorder).toMatchObject({
        ...{ feeTolerance: 1, mostPositions: null, workers: 4, pinned: [], fellBack: false },
        execution: { threads: 2, verified: true, outcomesChanged: 0 },
      });
      expect(reorder.order.toSorted((a, b) => a - b)).toEqual([...Array(40).keys()]);
      expect(reorder.moved).toBeGreaterThan(0);
      expect(reorder.predicted.makespanAfterCost).toBeLessThan(reorder.predicted.makespanBeforeCost);
      expect(reorder.actual?.makespanBeforeCost).toBeGreaterThan(0);
      expect(reorder.execution?.reordered.feesWei).toBe(reorder.execution?.given.feesWei);
    }
  });

  it('is part of what is verified, as are shards', async () => {
    const [block] = (await replay(...SOURCE, '--mode', 'reorder', '--shards', '2')).blocks;
    if (!block?.reorder?.execution || block.shards === null) throw new Error('expected a new order and shards');
    expect(isVerified(block)).toBe(true);
    const execution = { ...block.reorder.execution, verified: false };
    expect(isVerified({ ...block, reorder: { ...block.reorder, execution } })).toBe(false);
    expect(isVerified({ ...block, reorder: { ...block.reorder, execution: null } })).toBe(true);
    expect(isVerified({ ...block, shards: { ...block.shards, verified: false } })).toBe(false);
  });

  it('says so below the other tables', async () => {
    const { exitCode, stdout } = await runCli('replay', ...SOURCE, ...FAST, '--mode', 'reorder', '--shards', '2');
    expect(exitCode).toBe(0);
    const titles = stdout.split('\n').filter((line) => line.endsWith(':'));
    expect(titles).toEqual([
      'On threads of this machine (executed transactions):',
      'New orders (fee tolerance 10.0 %, 4 workers; headers do not apply to them):',
      'Simulated on 2 shards, by predicted accesses (at most 25.0 % above an equal share):',
    ]);
  });

  it('only predicts what a trace would do', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'trace.json'), JSON.stringify(tracerJson()));
    const { blocks } = await replay(folder, '--mode', 'reorder');
    expect(blocks).toMatchObject([{ execution: 'recorded', reorder: { feeTolerance: 0.1, execution: null } }]);
  });

  it('only predicts where the engine has to leave a block to the reference', async () => {
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7, {}, 'istanbul'));
    const { blocks } = await replay(folder, '--mode', 'reorder');
    expect(blocks).toMatchObject([{ engine: 'reference', reorder: { execution: null } }]);
  });
});

describe('lanecast replay --shards', () => {
  it('assigns and simulates each block by what is predicted of it', async () => {
    const { blocks } = await replay(...SOURCE, '--shards', '4', '--shard-balance', '0.5');
    expect(blocks).toHaveLength(2);
    for (const { reorder, shards } of blocks) {
      expect(reorder).toBeNull();
      if (shards === null) throw new Error('expected shards');
      expect(shards).toMatchObject({ shards: 4, balanceBound: 0.5, verified: true });
      expect(shards.localCost).toHaveLength(4);
      expect(shards.crossShardShare).toBe(shards.crossShard / 40);
      expect(shards.speedup).toBeGreaterThanOrEqual(1);
    }
    // Who sends changes an account, and of 10 all send in the first block and 9 in the second: the rest are only paid.
    expect(blocks.map(({ shards }) => shards?.ownedKeys)).toEqual([10, 9]);
    // That the fee recipient is paid, too, is learned from the first block.
    expect(blocks.map(({ shards }) => shards?.copiedKeys)).toEqual([0, 2]);
  });
});

describe('lanecast replay', () => {
  it('neither reorders nor assigns to shards unless asked', async () => {
    const { blocks } = await replay(...SOURCE, '--mode', 'preserve');
    expect(blocks).toMatchObject([
      { reorder: null, shards: null },
      { reorder: null, shards: null },
    ]);
  });

  it.each([
    [['--mode', 'sort'], /"sort" is none of preserve, reorder/],
    [['--mode', 'reorder', '--fee-tolerance', '1.5'], /fraction from 0 to 1\./],
    [['--mode', 'reorder', '--fee-tolerance', 'much'], /fraction from 0 to 1\./],
    [['--mode', 'reorder', '--fee-tolerance', '-0.1'], /fraction from 0 to 1\./],
    [['--fee-tolerance', '0.1'], /--fee-tolerance is for --mode reorder only/],
    [['--mode', 'preserve', '--fee-tolerance', '0.1'], /--fee-tolerance is for --mode reorder only/],
    [['--mode', 'reorder', '--engine', 'reference'], /--mode reorder: new orders are executed with --engine wasm/],
    [['--shards', '0'], /whole number from 1 to 1024/],
    [['--shards', '1025'], /whole number from 1 to 1024/],
    [['--shards', '2.5'], /whole number from 1 to 1024/],
    [['--shards', '2', '--shard-balance', '-1'], /fraction from 0 on\./],
    [['--shard-balance', '0.1'], /--shard-balance is for --shards only/],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { exitCode, stdout, stderr } = await runCli('replay', ...SOURCE, ...args, '--no-store');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
