import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasChdb } from '../datasets/store-suite.js';
import { runCli, temporaryFolder } from './run-cli.js';

describe.skipIf(!hasChdb)('lanecast ingest of a block series', () => {
  it('keeps it, says what it leaves out, and can be repeated', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'series.csv');
    const store = ['--store', join(folder, 'store')];
    writeFileSync(
      path,
      'block_number,timestamp,base_fee_per_gas,gas_limit,gas_used,miner\n7,1,9,30,15,x\n8,2,9,30,15,y\n',
    );
    const first = await runCli('ingest', path, '--chain', '5', '--json', ...store);
    expect(first).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/left out: miner/) as string });
    expect(JSON.parse(first.stdout)).toMatchObject({
      schema: 'lanecast.ingest-series/1',
      chainId: 5,
      added: 2,
      lastBlock: 8,
    });
    const again = await runCli('ingest', path, '--chain', '5', ...store);
    expect(again.stdout).toMatch(
      /2 blocks of a series read \(chain 5, 7 to 8\); 0 written to .*; 2 were there already/,
    );
  });

  it('refuses what does not go together, and opens no store for bad input', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bad.csv'), 'a,b\n1,2\n');
    const bad = await runCli('ingest', join(folder, 'bad.csv'), '--store', join(folder, 'store'));
    expect(bad).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/bad\.csv:1: expected the names/) as string,
    });
    expect((await runCli('ingest', 'blocks', '--chain', '5')).stderr).toMatch(/--chain is for block series/);
    expect((await runCli('ingest', join(folder, 'bad.csv'), '--seed', '5')).stderr).toMatch(/--seed is for generated/);
  });
});
