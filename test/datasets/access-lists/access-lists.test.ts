import { RLP } from '@ethereumjs/rlp';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { BlockAccessList, Numbering } from '../../../datasets/access-lists/access-list.js';
import { decodeAccessList } from '../../../datasets/access-lists/decode.js';
import { detectNumbering } from '../../../datasets/access-lists/numbering.js';
import { readAccessLists } from '../../../datasets/access-lists/read-access-lists.js';
import { accessListStats, compareWithRecord } from '../../../datasets/access-lists/statistics.js';
import { readBlocks } from '../../../datasets/read.js';
import type { BlockRecord } from '../../../types.js';
import { hasSharedData, sharedData } from '../../shared-data.js';
import { folderOf } from '../read-fixtures.js';
import { hash, recordOf, slotAccess } from '../store-records.js';
import { collect } from '../store-suite.js';
import { bytes, encodeRecord, scalar } from './encode.js';

const A = bytes(`0x${'0a'.repeat(20)}`);
const B = bytes(`0x${'0b'.repeat(20)}`);
const one = scalar(1);

function listOf(record: BlockRecord, numbering: Numbering): BlockAccessList {
  const accounts = decodeAccessList(encodeRecord(record, numbering), 'list');
  return { origin: 'list', blockNumber: record.header.number, accounts, numbering: detectNumbering(accounts, 'list') };
}

function write(contract: number, slot: number, value: number): ReturnType<typeof slotAccess> {
  return { ...slotAccess('write', contract, slot), value: hash(value) };
}

describe('decodeAccessList', () => {
  it.each([
    ['nothing', new Uint8Array(0), /is empty/],
    ['no RLP', bytes('0xf8'), /is not RLP/],
    ['bytes after the list', bytes('0xc000'), /is not RLP/],
    ['bytes in place of a list', RLP.encode(A), /expected a list, got bytes/],
    ['five fields', RLP.encode([[A, [], [], [], []]]), /field 0: expected 6 items, got 5/],
    ['a short address', RLP.encode([[one, [], [], [], [], []]]), /field 0.address: expected 20 bytes, got 1/],
    [
      'accounts out of order',
      RLP.encode([
        [B, [], [], [], [], []],
        [A, [], [], [], [], []],
      ]),
      /field 1: expected ascending/,
    ],
    [
      'an account twice',
      RLP.encode([
        [A, [], [], [], [], []],
        [A, [], [], [], [], []],
      ]),
      /without duplicates/,
    ],
    [
      'slots out of order',
      RLP.encode([[A, [], [scalar(2), one], [], [], []]]),
      /0a0a\.storageReads\.1: expected ascending/,
    ],
    [
      'a slot both read and changed',
      RLP.encode([[A, [[one, [[one, one]]]], [one], [], [], []]]),
      /among storageChanges/,
    ],
    ['a slot without changes', RLP.encode([[A, [[one, []]], [], [], [], []]]), /storageChanges\.0: has no changes/],
    [
      'indices out of order',
      RLP.encode([
        [
          A,
          [
            [
              one,
              [
                [scalar(2), one],
                [one, one],
              ],
            ],
          ],
          [],
          [],
          [],
          [],
        ],
      ]),
      /got 1 after 2/,
    ],
    [
      'an index with leading zeros',
      RLP.encode([[A, [], [], [[bytes('0x0001'), one]], [], []]]),
      /without leading zeros/,
    ],
    [
      'a value of 33 bytes',
      RLP.encode([[A, [[one, [[one, new Uint8Array(33).fill(1)]]]], [], [], [], []]]),
      /at most 32 bytes/,
    ],
    ['a short word with leading zeros', RLP.encode([[A, [], [bytes('0x0001')], [], [], []]]), /without leading zeros/],
  ])('refuses %s', (_, encoded, message) => {
    expect(() => decodeAccessList(encoded, 'list')).toThrow(message);
  });

  it('takes an empty list', () => {
    expect(decodeAccessList(bytes('0xc0'), 'list')).toEqual([]);
  });
});

describe('the numbering of indices', () => {
  const record = recordOf(7, [
    { accesses: [write(1, 1, 5)] },
    { accesses: [write(1, 1, 6)] },
    { accesses: [write(1, 1, 7)] },
  ]);

  it.each(['draft', 'final'] as const)('is told by the content: %s', (numbering) => {
    const list = listOf(record, numbering);
    expect(list.numbering).toBe(numbering);
    expect(accessListStats(list)).toMatchObject({
      transactions: 3,
      conflictPairsAtLeast: 3,
      dependentTransactionsAtLeast: 2,
      longestChainAtLeast: 3,
    });
    const agreeing = { same: 3, otherValue: 0, onlyInList: 0, onlyInBlock: 0, readsNotInList: 0, transactions: 3 };
    expect(compareWithRecord(list, record)).toEqual({ blockNumber: 7, ...agreeing });
  });

  it('is asked for where there is nothing to tell it by', () => {
    const accounts = decodeAccessList(RLP.encode([[A, [], [one], [], [], []]]), 'list');
    expect(() => detectNumbering(accounts, 'list')).toThrow(/name it with --access-list-numbering/);
  });

  it('shows a list that disagrees with its block', () => {
    const other = recordOf(7, [{ accesses: [write(1, 1, 9)] }, { accesses: [slotAccess('read', 2, 2)] }]);
    expect(compareWithRecord(listOf(record, 'final'), other)).toMatchObject({
      otherValue: 1,
      onlyInList: 1,
      onlyInBlock: 0,
      readsNotInList: 1,
    });
  });
});

describe('readAccessLists', () => {
  it('reads a folder by block number, gzipped or not, and takes the numbering that is named', async () => {
    const encoded = encodeRecord(recordOf(7, [{ accesses: [write(1, 1, 5)] }]), 'draft');
    const folder = folderOf({ '10.rlp': encoded, '9.rlp.gz': gzipSync(encoded), 'note.txt': 'x' });
    const lists = await collect(readAccessLists(folder, null));
    expect(lists.map(({ blockNumber, numbering }) => [blockNumber, numbering])).toEqual([
      [9, 'draft'],
      [10, 'draft'],
    ]);
    expect((await collect(readAccessLists(folder, 'final')))[0]?.numbering).toBe('final');
    await expect(collect(readAccessLists(folderOf({}), null))).rejects.toThrow(/no block access lists here/);
  });

  it.skipIf(!hasSharedData)('reads real lists, which follow a draft', async () => {
    const lists = await collect(readAccessLists(sharedData('block-access-lists'), null));
    expect(lists.length).toBe(20);
    expect(new Set(lists.map(({ numbering }) => numbering))).toEqual(new Set(['draft']));
    const [first] = lists.map(accessListStats);
    expect(first).toMatchObject({
      blockNumber: 20_615_532,
      accounts: 431,
      changedSlots: 424,
      slotWrites: 474,
      readSlots: 662,
    });
  });

  it.skipIf(!hasSharedData)('gives back the writes of real traces in both numberings', async () => {
    for await (const outcome of readBlocks(sharedData('mainnet-traces', '15000001.json.gz'))) {
      if (!outcome.ok || outcome.block.kind !== 'record') throw new Error('expected a record');
      for (const numbering of ['draft', 'final'] as const) {
        const comparison = compareWithRecord(listOf(outcome.block, numbering), outcome.block);
        expect(comparison).toMatchObject({ otherValue: 0, onlyInList: 0, onlyInBlock: 0, readsNotInList: 0 });
        expect(comparison.same).toBeGreaterThan(500);
      }
    }
  });
});
