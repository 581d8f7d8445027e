import { keccak_256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';
import { change, CODE_HASH, MINER, ORIGIN, PAYEE, readingError, readTracerJson } from './read-fixtures.js';
import { SENDER, TOKEN, tracerJson, word, type JsonObject } from './read-fixtures.js';

/** The fixture's accesses in short: `field kind address-or-slot`. */
function accessesOf(json: JsonObject): string[][] {
  const names = { [MINER]: 'miner', [SENDER]: 'sender', [TOKEN]: 'token', [PAYEE]: 'payee' };
  return readTracerJson(json).transactions.map(({ accesses }) =>
    accesses.map(({ address, field, kind }) => `${field} ${kind} ${names[address] ?? address}`),
  );
}

const ACCESSES = [
  ['account read sender', 'account write sender', 'account add payee', 'account add miner'],
  [
    'account read sender',
    'account write sender',
    'account read token',
    'code read token',
    'slot read token',
    'slot write token',
  ],
];

describe('reading tracer output', () => {
  it('yields a record: what ran, what it used and what it accessed', () => {
    const record = readTracerJson(tracerJson());
    expect(record).toMatchObject({ kind: 'record', origin: ORIGIN, chainId: 1 });
    expect(record.header).toMatchObject({
      number: 100,
      feeRecipient: MINER,
      difficulty: 0n,
      extraData: '0x',
      logsBloom: null,
      mixHash: null,
    });
    expect(record.transactions).toMatchObject([
      { transaction: { index: 0, hash: word(1) }, gasUsed: 21_000, succeeded: true, logs: [] },
      { transaction: { index: 1, input: '0xa9059cbb' }, gasUsed: 21_000, succeeded: false },
    ]);
    expect(record.transactions[1]?.logs).toEqual([{ address: TOKEN, topics: [word(5)], data: '0xab' }]);
    for (const { keccakPreimages, callFrames, executionNs } of record.transactions) {
      expect({ keccakPreimages, callFrames, executionNs }).toEqual({
        keccakPreimages: [],
        callFrames: [],
        executionNs: null,
      });
    }
  });

  it('extracts the accesses of each transaction', () => {
    expect(accessesOf(tracerJson())).toEqual(ACCESSES);
  });

  it('states the values of slots and the hashes of code', () => {
    const record = readTracerJson(tracerJson());
    const values = record.transactions.flatMap(({ accesses }) =>
      accesses.flatMap(({ slot, kind, value }) => (slot === null ? [] : [{ slot, kind, value }])),
    );
    expect(values).toEqual([
      { slot: word(0), kind: 'read', value: word(9) },
      { slot: word(0), kind: 'write', value: word(1) },
    ]);
    expect(record.codeHashes).toEqual(new Map([[TOKEN, CODE_HASH]]));
  });

  it('computes the hash of code where that alone is stated, and none of no code', () => {
    const json = change(tracerJson(), `prestateTracer.1.result.${TOKEN}.code`, '0x6001600055');
    change(json, `prestateTracer.1.result.${TOKEN}.codeHash`, undefined);
    change(json, `prestateTracer.0.result.${MINER}.code`, '0x');
    change(json, `prestateTracer.0.result.${PAYEE}.codeHash`, word(0));
    const hash = `0x${Buffer.from(keccak_256(Buffer.from('6001600055', 'hex'))).toString('hex')}`;
    expect(readTracerJson(json).codeHashes).toEqual(new Map([[TOKEN, hash]]));
  });

  it('states the hash of code that a transaction sets, where the diff states it', () => {
    const json = change(tracerJson(), `prestateTracerDiff.0.result.post.${PAYEE}.code`, '0x6001600055');
    expect([...readTracerJson(json).codeHashes.keys()]).toEqual([PAYEE, TOKEN]);
  });

  it('takes code in place of its hash, as geth answers it', () => {
    const json = change(tracerJson(), `prestateTracer.1.result.${TOKEN}.code`, '0x6001');
    change(json, `prestateTracer.1.result.${TOKEN}.codeHash`, undefined);
    change(json, `prestateTracer.0.result.${PAYEE}.codeHash`, undefined);
    change(json, `prestateTracer.0.result.${MINER}.code`, '0x');
    expect(accessesOf(json)).toEqual(ACCESSES);
  });

  it('takes numbers in hex where others write them in decimal, and hex in upper case', () => {
    const json = change(tracerJson(), `prestateTracer.1.result.${SENDER}.nonce`, '0x8');
    const prestate = { ...(json['prestateTracer'] as { result: JsonObject }[])[1]?.result };
    const upper = TOKEN.replaceAll('3', 'A');
    const text = JSON.stringify(change(json, 'prestateTracer.1.result', prestate)).replaceAll(TOKEN, upper);
    const lower = JSON.stringify(readTracerJson(JSON.parse(text)).transactions[1]?.accesses);
    expect(lower).toContain(upper.toLowerCase());
    expect(lower).not.toContain(upper);
  });

  it('takes a fee recipient that the tracer does not list for one whose balance stayed the same', () => {
    const json = change(tracerJson(), `prestateTracer.1.result.${MINER}`, undefined);
    expect(accessesOf(json)).toEqual(ACCESSES);
  });

  it('does without optional fields of receipts and results', () => {
    const json = tracerJson();
    for (const name of ['transactionHash', 'transactionIndex', 'status', 'logs']) {
      change(json, `receipts.1.${name}`, undefined);
    }
    for (const name of ['prestateTracer', 'prestateTracerDiff']) change(json, `${name}.1.txHash`, undefined);
    const [, call] = readTracerJson(json).transactions;
    expect(call).toMatchObject({ gasUsed: 21_000, succeeded: null, logs: [] });
    expect(accessesOf(json)).toEqual(ACCESSES);
  });

  it('reads transactions of other chains, with the fees that they state', () => {
    const json = change(tracerJson(), 'block.transactions.0.type', '0x7e');
    change(change(json, 'block.transactions.0.gasPrice', undefined), 'block.transactions.0.maxFeePerGas', '0x3');
    expect(readTracerJson(json).transactions[0]?.transaction).toMatchObject({
      type: 126,
      gasPriceWei: null,
      maxFeePerGasWei: 3n,
      maxPriorityFeePerGasWei: null,
    });
  });

  it('tolerates fields that it does not know and null for those it can do without', () => {
    const json = change(change(tracerJson(), 'extra', 1), 'block.logsBloom', null);
    change(change(json, 'receipts.0.contractAddress', null), `prestateTracer.0.result.${PAYEE}.storage`, null);
    expect(accessesOf(change(json, 'prestateTracer.0.error', null))).toEqual(ACCESSES);
  });
});

describe('what is wrong with tracer output', () => {
  const cases: [problem: string, path: string, value: unknown, message: string][] = [
    ['no diff', 'prestateTracerDiff', undefined, 'field prestateTracerDiff: is missing, expected a list'],
    ['no prestate', 'prestateTracer', undefined, 'field prestateTracer: is missing, expected a list'],
    ['no receipts', 'receipts', undefined, 'field receipts: is missing, expected a list'],
    ['too few receipts', 'receipts', [], 'field receipts: expected 2 entries, one per transaction, got 0'],
    [
      'too few results',
      'prestateTracerDiff',
      [{}],
      'prestateTracerDiff: expected 2 entries, one per transaction, got 1',
    ],
    [
      'hashes of transactions',
      'block.transactions.0',
      word(1),
      'transaction 0, field block.transactions.0: expected a full',
    ],
    [
      'a failed trace',
      'prestateTracer.1',
      { error: 'execution timeout' },
      `transaction 1, field prestateTracer.1.error: expected the tracer's result, got "execution timeout" (the tracer failed`,
    ],
    [
      'no result',
      'prestateTracerDiff.1.result',
      undefined,
      'transaction 1, field prestateTracerDiff.1.result: is missing',
    ],
    [
      'a diff without post',
      'prestateTracerDiff.0.result.post',
      undefined,
      'prestateTracerDiff.0.result.post: is missing',
    ],
    [
      'the trace of another transaction',
      'prestateTracer.1.txHash',
      word(7),
      `transaction 1, field prestateTracer.1.txHash: expected ${word(2)}, the hash of transaction 1 of the block, got "${word(7)}"`,
    ],
    [
      'the diff of another transaction',
      'prestateTracerDiff.0.txHash',
      word(7),
      'field prestateTracerDiff.0.txHash: expected',
    ],
    [
      'the receipt of another transaction',
      'receipts.0.transactionHash',
      word(7),
      'field receipts.0.transactionHash: expected',
    ],
    ['an index twice in the block', 'block.transactions.1.transactionIndex', '0x0', 'got 0, which occurred before'],
    [
      'an index twice in the receipts',
      'receipts.1.transactionIndex',
      '0x0',
      'transaction 1, field receipts.1.transactionIndex',
    ],
    ['a receipt without gas', 'receipts.1.gasUsed', undefined, 'transaction 1, field receipts.1.gasUsed: is missing'],
    [
      'a negative nonce',
      `prestateTracer.0.result.${PAYEE}.nonce`,
      -1,
      'expected a number from 0 up, got -1 (negative)',
    ],
    [
      'a bad topic',
      'receipts.1.logs.0.topics.0',
      '0x05',
      'field receipts.1.logs.0.topics.0: expected 32 bytes of hex, got "0x05"',
    ],
    ['a bad code hash', `prestateTracer.1.result.${TOKEN}.codeHash`, `${CODE_HASH}00`, '(33 bytes)'],
  ];
  it.each(cases)('%s', (_problem, path, value, message) => {
    const error = readingError(change(tracerJson(), path, value));
    expect(error.message).toContain(message);
    expect(error).toMatchObject({ code: 'INVALID_INPUT', location: { origin: ORIGIN, blockNumber: 100 } });
  });
});
