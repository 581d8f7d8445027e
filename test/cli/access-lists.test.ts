import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../datasets/access-lists/encode.js';
import { readTracerJson, tracerJson } from '../datasets/read-fixtures.js';
import { runCli, temporaryFolder } from './run-cli.js';

function listsAndBlocks(): { readonly lists: string; readonly blocks: string } {
  const folder = temporaryFolder();
  const [lists, blocks] = [join(folder, 'lists'), join(folder, 'blocks')];
  mkdirSync(lists);
  mkdirSync(blocks);
  writeFileSync(join(lists, '100.rlp'), encodeRecord(readTracerJson(tracerJson()), 'final'));
  writeFileSync(join(blocks, '100.json'), JSON.stringify(tracerJson()));
  return { lists, blocks };
}

describe('lanecast with block access lists', () => {
  it('shows what they tell, and compares them with the blocks of a source', async () => {
    const { lists, blocks } = listsAndBlocks();
    const shown = await runCli('stats', lists);
    expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/100 +final/) as string });
    const compared = await runCli('stats', lists, '--against', blocks, '--json');
    expect(compared.exitCode).toBe(0);
    expect(JSON.parse(compared.stdout)).toMatchObject({
      schema: 'lanecast.access-lists/1',
      lists: [{ blockNumber: 100, slotWrites: 1 }],
      comparisons: [{ blockNumber: 100, same: 1, onlyInList: 0 }],
    });
    const misread = await runCli('stats', lists, '--against', blocks, '--access-list-numbering', 'draft');
    expect(misread.exitCode).toBe(1);
  });

  it('explains why they can be neither replayed nor ingested, and refuses flags that mean nothing', async () => {
    const { lists, blocks } = listsAndBlocks();
    for (const source of [lists, join(lists, '100.rlp')]) {
      const replayed = await runCli('replay', source, '--no-store');
      expect(replayed).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/has no transactions/) as string });
    }
    expect((await runCli('replay', 'series.csv.gz', '--no-store')).stderr).toMatch(
      /a block series has no transactions/,
    );
    expect((await runCli('stats', lists, '--top', '3')).stderr).toMatch(/--top is for the store/);
    expect((await runCli('stats', '--against', blocks)).stderr).toMatch(/need access lists/);
  });
});
