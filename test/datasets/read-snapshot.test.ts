import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snapshotToJson } from '../../datasets/snapshot.js';
import { FORKS, type BlockSnapshot, type Fork } from '../../types.js';
import { change, readingError, readSnapshotJson, snapshotJson, word } from './read-fixtures.js';
import { MINER, ORIGIN, PAYEE, SENDER, TOKEN } from './read-fixtures.js';
import { snapshots } from './read-arbitraries.js';

/** The fixture as a Cancun block with one transaction of each type. */
function cancunJson(): ReturnType<typeof snapshotJson> {
  const typed = { from: SENDER, to: TOKEN, value: '0x0', gas: '0xffff', gasPrice: '0xb', input: '0x' };
  const fees = { maxFeePerGas: '0x14', maxPriorityFeePerGas: '0x2' };
  const accessList = [{ address: TOKEN, storageKeys: [word(0)] }];
  const authorization = { chainId: '0x0', address: TOKEN, nonce: '0x1', yParity: '0x1', r: '0x123', s: word(7) };
  const transactions = [
    { ...typed, type: '0x0' },
    { ...typed, type: '0x1', accessList },
    { ...typed, ...fees, type: '0x2', accessList: [] },
    { ...typed, ...fees, type: '0x3', maxFeePerBlobGas: '0x1e', blobVersionedHashes: [word(8)] },
    { ...typed, ...fees, type: '0x4', authorizationList: [authorization] },
  ].map((transaction, index) => ({ ...transaction, hash: word(index), nonce: `0x${(7 + index).toString(16)}` }));
  const withdrawals = [{ index: '0x1', validatorIndex: '0x2', address: PAYEE, amount: '0x3' }];
  const header = {
    difficulty: '0x0',
    mixHash: word(77),
    baseFeePerGas: '0x7',
    excessBlobGas: '0x60000',
    blobGasUsed: '0x20000',
    parentBeaconBlockRoot: word(78),
    receiptsRoot: word(79),
    logsBloom: `0x${'00'.repeat(256)}`,
    extraData: '0x6265',
  };
  const json = change(snapshotJson(), 'fork', 'cancun');
  return { ...json, block: { ...(json['block'] as object), ...header, transactions, withdrawals } };
}

describe('reading a block snapshot', () => {
  it('yields the block in the words of the project', () => {
    const snapshot = readSnapshotJson(snapshotJson());
    expect(snapshot).toMatchObject({ kind: 'snapshot', origin: ORIGIN, chainId: 1, fork: 'istanbul', withdrawals: [] });
    expect(snapshot.header).toEqual({
      number: 100,
      hash: word(100),
      parentHash: word(99),
      feeRecipient: MINER,
      timestampSeconds: 100_000_000,
      gasLimit: 30_000_000,
      gasUsed: 42_000,
      baseFeePerGasWei: null,
      receiptsRoot: null,
      logsBloom: null,
      difficulty: 131_072n,
      mixHash: null,
      extraData: '0x',
      excessBlobGas: null,
      blobGasUsed: null,
      parentBeaconBlockRoot: null,
    });
    expect(snapshot.transactions[0]).toEqual({
      index: 0,
      hash: word(1),
      type: 0,
      from: SENDER,
      to: PAYEE,
      nonce: 7,
      valueWei: 5n,
      input: '0x',
      gasLimit: 60_000,
      gasPriceWei: 10n,
      maxFeePerGasWei: null,
      maxPriorityFeePerGasWei: null,
      maxFeePerBlobGasWei: null,
      accessList: [],
      blobVersionedHashes: [],
      authorizationList: [],
    });
    expect(snapshot.preState.get(SENDER)).toEqual({ balanceWei: 10n ** 18n, nonce: 7, code: '0x', storage: new Map() });
    expect(snapshot.preState.get(TOKEN)?.storage).toEqual(new Map([[word(0), word(9)]]));
    expect(snapshot.blockHashes).toEqual(new Map([[99, word(99)]]));
  });

  it('reads the header fields and transactions of later forks', () => {
    const { header, transactions, withdrawals } = readSnapshotJson(cancunJson());
    expect(header).toMatchObject({
      baseFeePerGasWei: 7n,
      mixHash: word(77),
      excessBlobGas: 393_216,
      blobGasUsed: 131_072,
      parentBeaconBlockRoot: word(78),
      receiptsRoot: word(79),
      extraData: '0x6265',
    });
    expect(header.logsBloom).toHaveLength(514);
    expect(withdrawals).toEqual([{ index: 1, validatorIndex: 2, address: PAYEE, amountGwei: 3n }]);
    expect(transactions.map(({ gasPriceWei, maxFeePerGasWei }) => [gasPriceWei, maxFeePerGasWei])).toEqual([
      [11n, null],
      [11n, null],
      [null, 20n],
      [null, 20n],
      [null, 20n],
    ]);
    expect(transactions[1]?.accessList).toEqual([{ address: TOKEN, storageKeys: [word(0)] }]);
    expect(transactions[3]).toMatchObject({ maxFeePerBlobGasWei: 30n, blobVersionedHashes: [word(8)] });
    expect(transactions[4]?.authorizationList).toEqual([
      { chainId: 0n, address: TOKEN, nonce: 1n, yParity: 1, r: word(0x123), s: word(7) },
    ]);
  });

  it('brings hex to lower case', () => {
    const upper = `0x${'AB'.repeat(20)}`;
    const json = change(snapshotJson(), 'block.miner', upper);
    change(json, `preState.${upper}`, {
      balance: '0xFF',
      code: '0xFE',
      storage: { [`0x${'CD'.repeat(32)}`]: word(1) },
    });
    const snapshot = readSnapshotJson(change(json, 'block.transactions.1.to', upper));
    expect(snapshot.header.feeRecipient).toBe(upper.toLowerCase());
    expect(snapshot.transactions[1]?.to).toBe(upper.toLowerCase());
    expect(snapshot.preState.get(upper.toLowerCase() as `0x${string}`)).toEqual({
      balanceWei: 255n,
      nonce: 0,
      code: '0xfe',
      storage: new Map([[`0x${'cd'.repeat(32)}`, word(1)]]),
    });
  });

  it('takes quantities as JSON numbers too, and names of block hashes in hex', () => {
    const json = change(change(snapshotJson(), 'block.number', 100), 'block.transactions.0.value', 5);
    change(change(json, 'chainId', '0x1'), 'blockHashes', { '0x63': word(99) });
    expect(readSnapshotJson(json)).toEqual(readSnapshotJson(snapshotJson()));
  });

  it('tolerates fields that it does not know', () => {
    const json = change(change(snapshotJson(), 'block.uncles', []), 'block.transactions.0.v', '0x25');
    change(change(json, 'note', 'x'), `preState.${SENDER}.codeHash`, word(0));
    expect(readSnapshotJson(json)).toEqual(readSnapshotJson(snapshotJson()));
  });

  it('takes the place of a transaction as its index where none is stated', () => {
    const json = change(snapshotJson(), 'block.transactions.1.transactionIndex', undefined);
    expect(readSnapshotJson(json).transactions.map(({ index }) => index)).toEqual([0, 1]);
  });

  it('lets a sender be absent from the pre-state where it can have been empty', () => {
    const free = { nonce: '0x0', gasPrice: '0x0', value: '0x0' };
    const json = change(snapshotJson(), `preState.${SENDER}`, undefined);
    const block = json['block'] as { transactions: object[] };
    block.transactions[0] = { ...block.transactions[0], ...free };
    expect(readSnapshotJson(json).preState.has(SENDER)).toBe(false);
    const funded = change(snapshotJson(), 'block.transactions.1.from', PAYEE);
    expect(readSnapshotJson(change(funded, 'block.transactions.1.nonce', '0x0')).transactions).toHaveLength(2);
  });
});

const LONG = `0x${'12'.repeat(50)}`;
const SHORTENED = `"${LONG.slice(0, 41)}…" (102 characters)`;

describe('what is wrong with a block snapshot', () => {
  const cases: [problem: string, path: string, value: unknown, message: string][] = [
    ['no pre-state', 'preState', undefined, 'field preState: is missing, expected the accounts that the block touches'],
    ['no block', 'block', undefined, 'field block: is missing, expected an object'],
    [
      'a missing field',
      'block.gasLimit',
      undefined,
      'field block.gasLimit: is missing, expected a quantity like "0x1f"',
    ],
    ['a null field', 'block.hash', null, 'field block.hash: expected 32 bytes of hex, got null'],
    [
      'hex of odd length',
      'block.hash',
      '0xabc',
      'block.hash: expected 32 bytes of hex, got "0xabc" (odd number of digits)',
    ],
    ['hex of wrong length', 'block.miner', LONG, `expected 20 bytes of hex, got ${SHORTENED} (50 bytes)`],
    [
      'hex without 0x',
      'block.miner',
      '11'.repeat(20),
      `expected 20 bytes of hex, got "${'11'.repeat(20)}" (no 0x in front)`,
    ],
    ['hex with other letters', 'block.extraData', '0xzz', 'expected bytes as hex, got "0xzz" (not hex digits)'],
    [
      'a quantity without 0x',
      'block.gasUsed',
      '5208',
      'expected a quantity like "0x1f" or a JSON number, got "5208" (no 0x',
    ],
    [
      'an empty quantity',
      'block.gasUsed',
      '0x',
      'field block.gasUsed: expected a quantity like "0x1f" or a JSON number, got "0x"',
    ],
    [
      'a negative number',
      'block.timestamp',
      -5,
      'field block.timestamp: expected a number from 0 up, got -5 (negative)',
    ],
    ['a negative quantity', 'block.timestamp', '-0x5', 'got "-0x5" (negative)'],
    ['a fraction', 'block.timestamp', 1.5, 'field block.timestamp: expected a whole number, got 1.5'],
    [
      'a number too large',
      'block.gasLimit',
      '0x20000000000000',
      'expected at most 2^53 - 1, got "0x20000000000000" (too large)',
    ],
    [
      'an inexact JSON number',
      'block.difficulty',
      2 ** 60,
      'at most 2^53 - 1 where it is a JSON number, got 1152921504606847000 (too large)',
    ],
    ['a list as object', 'preState', [], 'field preState: expected an object, got a list'],
    ['an object as list', 'block.transactions', {}, 'field block.transactions: expected a list, got an object'],
    ['an unknown fork', 'fork', 'merge', `field fork: expected one of ${FORKS.join(', ')}, got "merge" (unknown fork)`],
    ['no fork', 'fork', undefined, `field fork: is missing, expected one of ${FORKS.join(', ')}`],
    [
      'a header without what its fork needs',
      'fork',
      'london',
      'block.baseFeePerGas: is missing, expected the value that every',
    ],
    ['no block hashes', 'blockHashes', undefined, 'field blockHashes: is missing, expected an object'],
    ['a block hash of no block', 'blockHashes.latest', word(1), 'expected a block number as name, got "latest"'],
    [
      'hashes of transactions',
      'block.transactions.1',
      word(1),
      `transaction 1, field block.transactions.1: expected a full tra`,
    ],
    [
      'a bad field of a transaction',
      'block.transactions.1.gas',
      true,
      'transaction 1, field block.transactions.1.gas: expected',
    ],
    [
      'an unknown type',
      'block.transactions.1.type',
      '0x7e',
      'expected a type that can be executed: 0 to 4, got "0x7e"',
    ],
    [
      'no fee',
      'block.transactions.0.gasPrice',
      undefined,
      'field block.transactions.0.gasPrice: is missing, expected a quantity',
    ],
    [
      'a fee of a later type',
      'block.transactions.0.type',
      '0x2',
      'field block.transactions.0.maxFeePerGas: is missing',
    ],
    [
      'an index twice',
      'block.transactions.1.transactionIndex',
      '0x0',
      'expected 1 at this position, got 0, which occurred before',
    ],
    ['an index too high', 'block.transactions.0.transactionIndex', '0x1', 'expected 0 at this position, got 1'],
    [
      'a sender without pre-state',
      `preState.${SENDER}`,
      undefined,
      `transaction 0, field block.transactions.0.from: expected a s`,
    ],
    [
      'an account without balance',
      `preState.${TOKEN}.balance`,
      undefined,
      `field preState.${TOKEN}.balance: is missing`,
    ],
    [
      'a bad address',
      'preState.0x12',
      {},
      'field preState.0x12: expected a name of 20 bytes of hex, got "0x12" (1 bytes)',
    ],
    [
      'a bad slot',
      `preState.${TOKEN}.storage.0x0`,
      word(1),
      'storage.0x0: expected a name of 32 bytes of hex, got "0x0" (odd',
    ],
    [
      'a bad slot value',
      `preState.${TOKEN}.storage.${word(0)}`,
      '0x1',
      'expected 32 bytes of hex, got "0x1" (odd number of digits)',
    ],
    [
      'a code hash without code',
      `preState.${SENDER}.codeHash`,
      word(5),
      `preState.${SENDER}.code: is missing, expected the code`,
    ],
  ];
  it.each(cases)('%s', (_problem, path, value, message) => {
    const error = readingError(change(snapshotJson(), path, value));
    expect(error.message).toContain(message);
    expect(error).toMatchObject({ code: 'INVALID_INPUT', location: { origin: ORIGIN } });
  });

  it('is told with file, block, transaction and field', () => {
    const error = readingError(change(snapshotJson(), 'block.transactions.1.to', '0x'));
    expect(error.location).toEqual({
      origin: ORIGIN,
      blockNumber: 100,
      transactionIndex: 1,
      field: 'block.transactions.1.to',
    });
    expect(error.message).toBe(
      'fixture.json, block 100, transaction 1, field block.transactions.1.to: expected 20 bytes of hex, got "0x" (0 bytes)',
    );
  });

  it('a later sender without pre-state whose nonce says that it was there before', () => {
    const error = readingError(change(snapshotJson(), 'block.transactions.1.from', PAYEE));
    expect(error.message).toContain(`transaction 1, field block.transactions.1.from: expected a sender with an entry`);
  });

  it('two entries of one address in different case', () => {
    const json = change(snapshotJson(), `preState.0x${'aB'.repeat(20)}`, { balance: '0x0' });
    const error = readingError(change(json, `preState.0x${'ab'.repeat(20)}`, { balance: '0x1' }));
    expect(error.message).toContain('expected one entry for 0xabab');
  });

  it('a type that is missing where the fields are not of a legacy transaction', () => {
    const json = change(snapshotJson(), 'block.transactions.0.type', undefined);
    expect(readSnapshotJson(json).transactions[0]?.type).toBe(0);
    const error = readingError(change(json, 'block.transactions.0.maxFeePerGas', '0x1'));
    expect(error.message).toContain(
      'block.transactions.0.type: is missing, expected the type of a transaction with maxFeePerGas',
    );
  });

  const needed: [Fork, string][] = [
    ['london', 'baseFeePerGas'],
    ['paris', 'mixHash'],
    ['cancun', 'excessBlobGas'],
    ['cancun', 'parentBeaconBlockRoot'],
  ];
  it.each(needed)('from %s on, a header without %s', (_fork, name) => {
    expect(readingError(change(cancunJson(), `block.${name}`, undefined)).location.field).toBe(`block.${name}`);
  });
});

describe('writing a block snapshot', () => {
  const reread = (snapshot: BlockSnapshot): BlockSnapshot => {
    return readSnapshotJson(JSON.parse(JSON.stringify(snapshotToJson(snapshot))));
  };

  it('reads back what it wrote: read(write(x)) = x', () => {
    fc.assert(
      fc.property(snapshots(), (snapshot) => {
        expect(reread(snapshot)).toEqual(snapshot);
      }),
      { seed: 20_615_532, numRuns: 200 },
    );
  });

  it('writes what was read, less the fields that execution does not need', () => {
    expect(snapshotToJson(readSnapshotJson(snapshotJson()))).toEqual(change(snapshotJson(), 'block.extraData', '0x'));
    expect(reread(readSnapshotJson(cancunJson()))).toEqual(readSnapshotJson(cancunJson()));
  });
});
