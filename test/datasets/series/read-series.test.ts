import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSeries } from '../../../datasets/series/read-series.js';
import type { BlockSeries } from '../../../datasets/series/series.js';
import { hasSharedData, sharedData } from '../../shared-data.js';

const NAMES = 'block_number,timestamp,base_fee_per_gas,gas_limit,gas_used,transaction_count';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanecast-series-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function read(text: string | Buffer): Promise<BlockSeries> {
  const path = join(folder, 'series.csv');
  await writeFile(path, text);
  return readSeries(path);
}

describe('readSeries', () => {
  it('reads what is there, with nothing for an unknown transaction count', async () => {
    const series = await read(`${NAMES}\n7,100,1000000000,30000000,15000000,150\n8,112,1000000001,30000000,0,\n`);
    expect(series.length).toBe(2);
    expect([...series.number]).toEqual([7, 8]);
    expect([...series.timestampSeconds]).toEqual([100, 112]);
    expect([...series.baseFeePerGasWei]).toEqual([1_000_000_000, 1_000_000_001]);
    expect([...series.gasLimit]).toEqual([30_000_000, 30_000_000]);
    expect([...series.gasUsed]).toEqual([15_000_000, 0]);
    expect([...series.transactionCount]).toEqual([150, NaN]);
    expect(series.conflictDensity).toBeNull();
    expect(series.unknownColumns).toEqual([]);
  });

  it('reads gzip, CRLF, a byte order mark, quotes, a missing last line feed and columns in another order', async () => {
    const text =
      '\u{feff}"gas_used",gas_limit,base_fee_per_gas,timestamp,block_number\r\n"5",30,7,1,3\r\n\r\n6,30,7,1,"4"';
    const series = await read(gzipSync(text));
    expect([...series.number]).toEqual([3, 4]);
    expect([...series.gasUsed]).toEqual([5, 6]);
    expect([...series.transactionCount]).toEqual([NaN, NaN]);
  });

  it('reads further columns, and names those that mean nothing', async () => {
    const series = await read(
      `${NAMES},conflict_density,parallelism,excess_blob_gas,blob_gas_used,miner\n` +
        `1,1,1,30,1,1,0.0125,4.5,131072,0,"a, b"\n2,1,1,30,1,1,,1e1,,,c`,
    );
    expect(series.conflictDensity).toEqual(Float64Array.of(0.0125, NaN));
    expect(series.parallelism).toEqual(Float64Array.of(4.5, 10));
    expect(series.excessBlobGas).toEqual(Float64Array.of(131_072, NaN));
    expect(series.blobGasUsed).toEqual(Float64Array.of(0, NaN));
    expect(series.unknownColumns).toEqual(['miner']);
  });

  it.each([
    ['a gap', '1,1,1,30,1,\n3,1,1,30,1,', /series\.csv:3: expected block 2 after block 1, got 3 \(a gap/],
    ['a duplicate', '1,1,1,30,1,\n1,1,1,30,1,', /:3: expected block 2 after block 1, got 1 \(a duplicate\)/],
    ['disorder', '5,1,1,30,1,\n4,1,1,30,1,', /:3: expected block 6 after block 5, got 4 \(not in order/],
    ['time that runs back', '1,9,1,30,1,\n2,8,1,30,1,', /:3: expected a timestamp from 9 up/],
    ['too few fields', '1,1,1,30,1', /:2: expected 6 fields, as in the line with the names, got 5/],
    ['too many fields', '1,1,1,30,1,1,1', /:2: expected 6 fields, as in the line with the names, got 7/],
    [
      'an empty base fee',
      '1,1,,30,1,1',
      /:2: expected a whole number from 0 to 2\^53 - 1, as base_fee_per_gas, got ""/,
    ],
    ['a negative number', '1,1,-5,30,1,1', /:2: expected a whole number .*, got "-5"/],
    ['a fraction', '1,1,1.5,30,1,1', /:2: expected a whole number .*, got "1\.5"/],
    ['2^53', '1,1,9007199254740992,30,1,1', /:2: expected a whole number .*9007199254740992/],
    ['no number', '1,1,1,30,1,x', /as transaction_count, got "x"/],
    ['a gas limit of 0', '1,1,1,0,0,', /:2: expected a gas limit above 0/],
  ])('refuses %s with the number of the line', async (_, lines, message) => {
    await expect(read(`${NAMES}\n${lines}\n`)).rejects.toThrow(message);
  });

  it.each([
    ['an empty file', '', /is empty/],
    ['no blocks', `${NAMES}\n`, /no blocks/],
    ['no names', '1,2,3,4,5,6\n', /:1: expected the names of columns, with block_number, timestamp,/],
    ['a column twice', `${NAMES},gas_used\n`, /expected one column gas_used, got "gas_used" too/],
  ])('refuses %s', async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it('refuses a share above 1, a truncated gzip and a file that is not there', async () => {
    await expect(read(`${NAMES},conflict_density\n1,1,1,30,1,1,1.5`)).rejects.toThrow(/from 0 to 1, or nothing/);
    await expect(read(gzipSync(`${NAMES}\n1,1,1,30,1,`).subarray(0, 40))).rejects.toThrow(/truncated/);
    await expect(readSeries(join(folder, 'none.csv'))).rejects.toThrow(/no such file/);
  });

  it('says the same of any whole numbers, wherever the file is cut into pieces', async () => {
    const count = fc.option(fc.integer({ min: 0, max: 9_999 }), { nil: null });
    const row = fc.tuple(fc.maxSafeNat(), fc.integer({ min: 1, max: 1e12 }), fc.maxSafeNat(), count);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        const lines = rows.map(([fee, limit, used, transactions], i) =>
          [i, i, fee, limit, used, transactions ?? ''].join(','),
        );
        const series = await read(`${NAMES}\n${lines.join('\n')}`);
        expect([...series.baseFeePerGasWei]).toEqual(rows.map(([fee]) => fee));
        expect([...series.gasUsed]).toEqual(rows.map(([, , used]) => used));
        expect([...series.transactionCount]).toEqual(rows.map(([, , , transactions]) => transactions ?? NaN));
      }),
      { numRuns: 50 },
    );
  });

  it('grows past its first columns and reads over the borders of pieces', async () => {
    const blocks = 20_000;
    const lines = Array.from({ length: blocks }, (_, i) => `${i},${i},${1e9 + i},30000000,${i * 3},${i % 300}`);
    const series = await read(`${NAMES}\n${lines.join('\n')}\n`);
    expect(series.length).toBe(blocks);
    expect(series.gasUsed.every((gas, i) => gas === 3 * i)).toBe(true);
    expect(series.transactionCount.at(-1)).toBe((blocks - 1) % 300);
  });

  it.skipIf(!hasSharedData)('reads 1.1 million blocks of the real chain', async () => {
    const series = await readSeries(sharedData('block-series', 'mainnet-blocks.csv.gz'));
    expect([series.length, series.number[0], series.number.at(-1)]).toEqual([1_100_000, 18_320_000, 19_419_999]);
    expect(series.transactionCount.filter(Number.isNaN).length).toBe(94_376);
    expect(series.baseFeePerGasWei[0]).toBe(5_934_815_433);
  });
});
