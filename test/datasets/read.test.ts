import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBlocks, type ReadOutcome } from '../../datasets/read.js';
import { change, folderOf, readAll, readingError, snapshotJson, tracerJson } from './read-fixtures.js';

function block(number: number): string {
  return JSON.stringify(change(snapshotJson(), 'block.number', `0x${number.toString(16)}`));
}

function numbers(outcomes: readonly ReadOutcome[]): (number | string)[] {
  return outcomes.map((outcome) => (outcome.ok ? outcome.block.header.number : outcome.error.message));
}

async function numbersIn(files: Readonly<Record<string, string | Uint8Array>>): Promise<(number | string)[]> {
  const folder = folderOf(files);
  return numbers(await readAll(folder)).map((item) => (typeof item === 'string' ? item.replace(folder, '') : item));
}

describe('reading block files', () => {
  it('tells the two shapes apart by their content', async () => {
    const trace = JSON.stringify(change(tracerJson(), 'block.number', '0x65'));
    const outcomes = await readAll(folderOf({ '100.json': block(100), '101.json': trace }));
    expect(outcomes.map((outcome) => outcome.ok && outcome.block.kind)).toEqual(['snapshot', 'record']);
  });

  it('reads a single file whatever its name, and says where it was read', async () => {
    const path = join(folderOf({ 'a-block': gzipSync(block(100)) }), 'a-block');
    expect(await readAll(path)).toMatchObject([{ ok: true, block: { origin: path, header: { number: 100 } } }]);
  });

  it('recognises gzip by its first bytes, not by name', async () => {
    expect(await numbersIn({ '1.json': gzipSync(block(1)), '2.json.gz': block(2) })).toEqual([1, 2]);
  });

  it('reads gzip files of several members and of a byte order mark', async () => {
    const text = block(3);
    const members = Buffer.concat([gzipSync(text.slice(0, 100)), gzipSync(text.slice(100))]);
    expect(await numbersIn({ '3.json.gz': members, '4.json': `\ufeff${block(4)}` })).toEqual([3, 4]);
  });

  it('reads one block a line, with blank lines and without a last line break', async () => {
    const lines = `${block(1)}\n\n${block(2)}\r\n   \n${block(3)}`;
    const folder = folderOf({ 'a.jsonl': lines, 'b.ndjson.gz': gzipSync(`${block(4)}\n`) });
    const outcomes = await readAll(folder);
    expect(numbers(outcomes)).toEqual([1, 2, 3, 4]);
    expect(outcomes[1]).toMatchObject({ block: { origin: `${join(folder, 'a.jsonl')}:3` } });
  });

  it('reads lines that are longer than a chunk of the file', async () => {
    const long = JSON.stringify({ ...(JSON.parse(block(1)) as object), note: 'x'.repeat(300_000) });
    expect(await numbersIn({ 'a.jsonl': `${long}\n${block(2)}\n${long.replace('"0x1"', '"0x3"')}\n` })).toEqual([
      1, 2, 3,
    ]);
  });

  it('ignores index.json, other files and sub-folders', async () => {
    const folder = folderOf({ '7.json': block(7), 'index.json': '[]', 'README.md': '#', '8.json.bak': 'x' });
    mkdirSync(join(folder, '9.json'));
    expect(numbers(await readAll(folder))).toEqual([7]);
  });
});

describe('the order of blocks', () => {
  it('is that of the numbers in the names, not of the letters', async () => {
    expect(
      await numbersIn({ '10.json': block(10), '9.json': block(9), 'block-11.json.gz': gzipSync(block(11)) }),
    ).toEqual([9, 10, 11]);
  });

  it('is found in the files where the names do not tell', async () => {
    const files = { 'a.json': block(30), 'b.json': block(20), '0x1f.json': block(31), '2022-06-21.jsonl': block(10) };
    expect(await numbersIn(files)).toEqual([10, 20, 30, 31]);
  });

  it('is checked: a block that comes late or twice is an error, and the next is read', async () => {
    expect(await numbersIn({ 'a.jsonl': [5, 4, 5, 6].map(block).join('\n') })).toEqual([
      5,
      '/a.jsonl:2, block 4, field block.number: expected a block above 5, which was read before it',
      '/a.jsonl:3, block 5, field block.number: expected a block above 5, which was read before it',
      6,
    ]);
  });
});

describe('files that cannot be read', () => {
  it('are outcomes, and the blocks after them are still read', async () => {
    const zipped = gzipSync(block(2));
    const corrupt = Uint8Array.from(zipped);
    corrupt.fill(0xff, 20, 60);
    const outcomes = await numbersIn({
      '1.json': '',
      '2.json.gz': zipped.subarray(0, zipped.length - 20),
      '3.json.gz': corrupt,
      '4.json.gz': 'plain words',
      '5.json': '{"block":',
      '6.jsonl.gz': gzipSync(`nonsense\n${block(6)}`).subarray(0, -8),
      '7.jsonl': '\n',
      '8.json': block(8),
    });
    expect(outcomes).toEqual([
      '/1.json: is empty, expected a block as JSON',
      '/2.json.gz: the gzip data ends too early: the file is truncated',
      expect.stringContaining('/3.json.gz: the gzip data is corrupt: '),
      expect.stringContaining('/4.json.gz: is neither JSON nor gzipped JSON: Unexpected token'),
      expect.stringContaining('/5.json: is neither JSON nor gzipped JSON: Unexpected end'),
      expect.stringContaining('/6.jsonl.gz:1: is neither JSON nor gzipped JSON: '),
      '/6.jsonl.gz: the gzip data ends too early: the file is truncated',
      '/7.jsonl:2: is empty, expected a block as JSON',
      8,
    ]);
  });

  it.each([
    ['a list', []],
    ['a text', 'block'],
    ['null', null],
    ['an object of another kind', { number: 1 }],
  ])('are those that hold %s instead of a block', (_name, json) => {
    expect(readingError(json).message).toMatch(/^fixture\.json: expected (a block snapshot \{|an object, got)/);
  });

  it('are an error of the source where there is no such path', async () => {
    const path = join(folderOf({}), 'absent.json');
    await expect(readBlocks(path).next()).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      exitCode: 2,
      message: `${path}: no such file or folder.`,
    });
  });

  it('are an error of the source where a folder holds no block', async () => {
    const folder = folderOf({ 'index.json': '[]', 'notes.txt': '' });
    await expect(readBlocks(folder).next()).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: `${folder}: no block files in this folder. Expected *.json or *.jsonl, as they are or gzipped (*.gz).`,
    });
  });
});
