import { createTx } from '@ethereumjs/tx';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { bytesToHex, hexToBytes } from '@ethereumjs/util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder } from '../../server/engine/create-engine.js';
import { Problem } from '../../server/problem.js';
import { IGNORED_FIELDS, READ_FIELDS, readTransaction } from '../../server/transactions/read-transaction.js';
import { TransactionObject } from '../../server/transactions/schema.js';
import { TransactionCache } from '../../server/transactions/transaction-cache.js';
import type { Transaction } from '../../types.js';
import { address, payment, tokenTransfer, word } from './blocks.js';

function accepts(value: unknown): boolean {
  try {
    readTransaction(value, 0, 't');
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((content) => bytesToHex(content));
/** Right and wrong values of every kind. */
const values = fc.oneof(
  ...[
    hex(20),
    hex(32),
    hex(4),
    hex(33),
    fc.constantFrom('0x', '0x0', '0xg', '12', '-1', '1.5', '', '0X1F', `0x${'f'.repeat(65)}`),
  ],
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    [],
    {},
    0,
    7,
    -1,
    1.5,
    1e300,
    2 ** 53,
    Number.MAX_SAFE_INTEGER,
    127,
    128,
  ),
  fc.constantFrom<unknown>('legacy', 'eip1559', '0x7f', '0x80', '9007199254740992', '9'.repeat(78), '9'.repeat(79)),
  fc.array(hex(32), { maxLength: 2 }),
  fc.array(fc.record({ address: hex(20), storageKeys: fc.array(hex(32), { maxLength: 2 }) }), { maxLength: 2 }),
  fc.array(fc.record({ chainId: fc.constant('0x1'), address: hex(20), nonce: fc.constant(1), r: fc.constant('0x1') }), {
    maxLength: 2,
  }),
);

describe('transactions as JSON', () => {
  it('are accepted by the quick check exactly where the described schema accepts them', () => {
    const fields = fc.constantFrom(...READ_FIELDS, ...IGNORED_FIELDS.slice(0, 4), 'unknown');
    const changes = fc.array(fc.tuple(fields, values), { maxLength: 3 });
    const bases = fc.constantFrom(tokenTransfer(1, 2), payment(3, 4), {});
    fc.assert(
      fc.property(bases, changes, (base, changed) => {
        const json = JSON.parse(JSON.stringify({ ...base, ...Object.fromEntries(changed) })) as unknown;
        expect(accepts(json)).toBe(TransactionObject.safeParse(json).success);
      }),
      { seed: 7, numRuns: 3_000 },
    );
  });

  it('mean the same in hex, in decimal text and as numbers, under either name', () => {
    const a = readTransaction(
      { from: address(1), to: address(2), gas: '0x5208', value: '0x10', nonce: '0x1', input: '0xAB', gasPrice: 5 },
      0,
      't',
    );
    const b = readTransaction(
      { from: address(1), to: address(2), gasLimit: 21000, value: '16', nonce: 1, data: '0xab', gasPrice: '5' },
      0,
      't',
    );
    expect(b).toEqual(a);
  });

  it('tell their type by name, by number, and by their fields', () => {
    const base = { from: address(1), gas: 1 };
    const typeOf = (fields: object): number => readTransaction({ ...base, ...fields }, 0, 't').type;
    expect([
      typeOf({}),
      typeOf({ accessList: [] }),
      typeOf({ maxFeePerGas: 1 }),
      typeOf({ type: 'eip4844' }),
      typeOf({ type: '0x7e' }),
    ]).toEqual([0, 1, 2, 3, 126]);
  });

  it('drop fees that their type does not have, as nodes state an effective price for every type', () => {
    const read = readTransaction({ ...tokenTransfer(1, 2), gasPrice: '0x1' }, 0, 't');
    expect(read).toMatchObject({
      gasPriceWei: null,
      maxFeePerGasWei: 2_000_000_000n,
      maxPriorityFeePerGasWei: 1_000_000_000n,
    });
  });
});

describe('raw transactions', () => {
  const key = hexToBytes(`0x${'46'.repeat(32)}`);
  const chain = (chainId: number) => new Common({ chain: { ...Mainnet, chainId }, hardfork: Hardfork.Prague });

  it.each([
    ['legacy', 1, { type: 0, gasPrice: 5n }],
    [
      'EIP-2930',
      10,
      {
        type: 1,
        gasPrice: 5n,
        accessList: [{ address: address(9) as `0x${string}`, storageKeys: [word(1) as `0x${string}`] }],
      },
    ],
    ['EIP-1559', 8453, { type: 2, maxFeePerGas: 5n, maxPriorityFeePerGas: 1n }],
  ])('give sender and fields: %s', async (_name, chainId, fields) => {
    const decode = await createDecoder();
    const data = { nonce: 3n, gasLimit: 21_000n, to: address(2) as `0x${string}`, value: 7n, data: '0x0102' as const };
    const signed = createTx({ ...data, ...fields }, { common: chain(chainId) }).sign(key);
    const read = decode(bytesToHex(signed.serialize()), 4);
    expect(read).toMatchObject({
      ...{ index: 4, type: fields.type, nonce: 3, gasLimit: 21_000, to: address(2), valueWei: 7n, input: '0x0102' },
      hash: bytesToHex(signed.hash()),
      from: signed.getSenderAddress().toString(),
    });
    expect(read.accessList).toHaveLength(fields.type === 1 ? 1 : 0);
  });

  it('are refused where they are cut, not signed, or nothing of the kind', async () => {
    const decode = await createDecoder();
    const data = { type: 2, nonce: 3n, gasLimit: 21_000n, maxFeePerGas: 5n, maxPriorityFeePerGas: 1n };
    const transaction = createTx(data, { common: chain(1) });
    const raw = bytesToHex(transaction.sign(key).serialize());
    for (const bad of [
      '0x',
      '0xc0',
      '0x02',
      '0x05c0',
      raw.slice(0, -2),
      `${raw}00`,
      bytesToHex(transaction.serialize()),
    ]) {
      expect(() => decode(bad as `0x${string}`, 0), bad).toThrow();
    }
  });
});

describe('the cache of transactions', () => {
  function cacheOf(options: Partial<ConstructorParameters<typeof TransactionCache>[0]> = {}) {
    const left: Transaction[] = [];
    const decodeRaw = () => {
      throw new Error('nothing raw here');
    };
    return { cache: new TransactionCache({ decodeRaw, onLeave: (gone) => left.push(...gone), ...options }), left };
  }
  const copy = (json: object): unknown => JSON.parse(JSON.stringify(json));

  it('gives the same object for the same content and another for any other', () => {
    const { cache } = cacheOf();
    const first = cache.read(copy(tokenTransfer(1, 2)), 0, 't');
    expect(cache.read(copy(tokenTransfer(1, 2)), 5, 't')).toBe(first);
    // The same hash, sender and nonce, but other content: what somebody states is not believed.
    expect(cache.read(copy({ ...tokenTransfer(1, 2), input: '0x' }), 0, 't')).not.toBe(first);
    expect(cache.read(copy({ ...tokenTransfer(1, 2), accessList: [] }), 0, 't')).not.toBe(first);
    expect(cache.read(copy(tokenTransfer(1, 2)), 0, 't')).toBe(first);
  });

  it('is bounded, and drops what was not asked about for longest', () => {
    const { cache, left } = cacheOf({ maxTransactions: 2 });
    const [a] = [1, 2].map((sender) => cache.read(copy(tokenTransfer(sender, 9)), 0, 't'));
    expect(cache.read(copy(tokenTransfer(1, 9)), 0, 't')).toBe(a);
    cache.read(copy(tokenTransfer(3, 9)), 0, 't');
    cache.trim();
    expect(left.map(({ from }) => from)).toEqual([address(2)]);
    expect(cache.size).toBe(2);
  });

  it('keeps few replacements of one sender and nonce', () => {
    const { cache, left } = cacheOf();
    for (let fee = 1; fee <= 10; fee++) cache.read(copy({ ...tokenTransfer(1, 2), maxFeePerGas: fee }), 0, 't');
    expect([cache.size, left.length]).toEqual([4, 6]);
  });

  it('forgets what was in a block, and what is stale', () => {
    const { cache, left } = cacheOf({ learnedBlocks: 1_000 });
    const first = cache.read(copy(tokenTransfer(1, 2)), 0, 't');
    const second = cache.read(copy(tokenTransfer(2, 2)), 0, 't');
    cache.noteBlock([first.hash]);
    expect(left).toEqual([first]);
    for (let block = 0; block < 14; block++) cache.noteBlock([]);
    expect(cache.read(copy(tokenTransfer(2, 2)), 0, 't')).toBe(second);
    cache.noteBlock([]);
    expect(cache.read(copy(tokenTransfer(2, 2)), 0, 't')).not.toBe(second);
  });
});
