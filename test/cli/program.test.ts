import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.js';

describe('lanecast', () => {
  it.each([
    [['--help']],
    [['replay', '--help']],
    [['ingest', '--help']],
    [['stats', '--help']],
    [['generate', '--help']],
    [['train', '--help']],
    [['evaluate', '--help']],
  ])('explains itself: %j', async (args) => {
    const { exitCode, stdout, stderr } = await runCli(...args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: lanecast/);
  });

  it('refuses commands that it does not know', async () => {
    expect((await runCli('frobnicate')).exitCode).toBe(2);
  });
});

describe('lanecast generate', () => {
  it('writes blocks that replay, the same to the byte for the same seed', async () => {
    const folder = temporaryFolder();
    const size = ['--profile', 'payments-10', '--blocks', '2', '--transactions', '20', '--seed', '3'];
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    expect((await runCli('generate', ...size, '--out', first)).exitCode).toBe(0);
    expect((await runCli('generate', ...size, '--out', second)).exitCode).toBe(0);
    const names = readdirSync(first);
    expect(names).toHaveLength(2);
    for (const name of names) expect(readFileSync(join(first, name))).toEqual(readFileSync(join(second, name)));
    const { exitCode, stdout } = await runCli('replay', first, '--no-store', '--repeats', '1', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ blocks: [{ transactions: 20 }, { transactions: 20 }] });
  });

  it('writes into no folder that holds something, unless told', async () => {
    const folder = temporaryFolder();
    const args = ['generate', '--profile', 'payments-2', '--blocks', '1', '--transactions', '2', '--out', folder];
    expect((await runCli(...args)).exitCode).toBe(0);
    const refused = await runCli(...args);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/is not empty/);
    expect((await runCli(...args, '--force')).exitCode).toBe(0);
  });
});
