import { describe, expect, it } from 'vitest';
import { bytes, fixedBytes, frequentText, nullableFloat, oneOf, unsigned } from '../../datasets/store/columns.js';
import { addColumn, createTable, selectList } from '../../datasets/store/ddl.js';
import { ACCESSES, BLOCKS, INGESTS } from '../../datasets/store/schema.js';
import type { Hex } from '../../types.js';

const hexOf = (row: Hex): Hex => row;

describe('a column', () => {
  it.each<[string, () => string, string]>([
    ['bytes', () => bytes('b', hexOf).encode('0x005Cff'), '\\x00\\x5C\\xff'],
    ['no bytes', () => bytes('b', hexOf).encode('0x'), ''],
    ['text', () => frequentText('t', String).encode('a\\b\tc\nd\r\0é'), 'a\\x5cb\\x09c\\x0ad\\x0d\\x00é'],
    ['a large integer', () => unsigned('n', 256, (row: bigint) => row).encode(2n ** 256n - 1n), `${2n ** 256n - 1n}`],
  ])('writes %s as TabSeparated does', (_, encode, expected) => {
    expect(encode()).toBe(expected);
  });

  it.each<[string, () => string, string]>([
    ['a fraction', () => unsigned('n', 64, Number).encode(1.5), 'expected a whole number of at most 2^53 - 1, got 1.5'],
    ['a rounded integer', () => unsigned('n', 64, Number).encode(2 ** 60), 'at most 2^53 - 1, got 115292150'],
    ['a negative', () => unsigned('n', 64, Number).encode(-1), 'expected an unsigned integer of 64 bits, got -1'],
    ['too much', () => unsigned('n', 8, Number).encode(256), 'expected an unsigned integer of 8 bits, got 256'],
    ['an infinity', () => nullableFloat('f', Number).encode(Infinity), 'expected a finite number, got Infinity'],
    ['half a byte', () => bytes('b', hexOf).encode('0x123'), 'an even number of hexadecimal digits, got 0x123'],
    ['other letters', () => bytes('b', hexOf).encode('0xzz'), 'got 0xzz'],
    ['no 0x', () => bytes('b', hexOf).encode('1234' as Hex), 'got 1234'],
    ['too short a hash', () => fixedBytes('b', 32, hexOf).encode('0x12'), 'expected 32 bytes, got 1: 0x12'],
  ])('refuses %s', (_, encode, message) => {
    expect(encode).toThrow(RangeError);
    expect(encode).toThrow(message);
  });

  it('stores a closed list by position', () => {
    expect(oneOf('k', ['read', 'write'], () => 'read').type).toBe("Enum8('read' = 0, 'write' = 1)");
  });
});

describe('a table', () => {
  it('is made by one statement', () => {
    expect(createTable(INGESTS)).toEqual([
      'CREATE TABLE IF NOT EXISTS ingests (ingest_id UInt128 CODEC(ZSTD(1)), writer LowCardinality(String) CODEC(ZSTD(1)), ' +
        'chain_id UInt64 CODEC(ZSTD(1)), first_block UInt64 CODEC(ZSTD(1)), last_block UInt64 CODEC(ZSTD(1)), ' +
        'finished UInt8 CODEC(ZSTD(1))) ENGINE = ReplacingMergeTree(finished) ORDER BY (ingest_id) ' +
        'SETTINGS fsync_after_insert = 1, fsync_part_directory = 1',
    ]);
    expect(createTable(BLOCKS)[0]).toContain(
      'PARTITION BY (chain_id, intDiv(number, 1000000)) ORDER BY (chain_id, number)',
    );
  });

  it('of an earlier version gets the columns that it lacks', () => {
    expect(addColumn(ACCESSES, 'value')).toEqual([
      'ALTER TABLE accesses ADD COLUMN IF NOT EXISTS value Nullable(FixedString(32)) CODEC(ZSTD(1))',
    ]);
    expect(() => addColumn(ACCESSES, 'values')).toThrow('table accesses has no column values');
  });

  it('is read with bytes as digits, under the names of its columns', () => {
    expect(selectList(BLOCKS)).toMatch(/^chain_id, number, ingest_id, origin, lower\(hex\(hash\)\) AS hash, /);
  });
});
