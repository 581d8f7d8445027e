import { describe, expect, it } from 'vitest';
import { startStubNode, type StubBlock } from '../../helpers/stub-node.js';
import { hashOf, syntheticChain } from '../../helpers/synthetic-chain.js';
import { errorOf, nodeOf, recordOfStub, requireOk } from './nodes.js';

const chain = syntheticChain({ from: 0, to: 9 });

function blockOf(number: number): StubBlock {
  const block = chain[number];
  if (block === undefined) throw new Error('no such block');
  return block;
}

const missing = { error: { code: -32601, message: 'the method does not exist/is not available' } };

describe('a block of a node', () => {
  it('is what a file of the same answers is read as', async () => {
    const stub = await startStubNode(chain);
    const { node } = nodeOf(stub);
    expect(requireOk(await node.block(7))).toEqual(recordOfStub(blockOf(7), stub.url));
    expect(stub.calls('debug_traceBlockByHash').map(({ params }) => params)).toEqual([
      [hashOf(7), { tracer: 'prestateTracer', timeout: '60s', tracerConfig: { diffMode: false } }],
      [hashOf(7), { tracer: 'prestateTracer', timeout: '60s', tracerConfig: { diffMode: true } }],
    ]);
    expect([await node.chainId(), await node.head()]).toEqual([31_337, 9]);
  });

  it('has no path, key or password of the node in its origin', async () => {
    const stub = await startStubNode(chain);
    const { node } = nodeOf({ url: `${stub.url.replace('//', '//me:secret@')}/v3/0123456789abcdef` });
    expect(requireOk(await node.block(7)).origin).toBe(stub.url);
  });

  it('may have no transactions', async () => {
    const empty = { ...blockOf(3), block: { ...blockOf(3).block, transactions: [] } };
    const stub = await startStubNode([{ ...empty, receipts: [], prestateTracer: [], prestateTracerDiff: [] }]);
    expect(requireOk(await nodeOf(stub).node.block(3)).transactions).toEqual([]);
  });

  it.each([
    ['geth', undefined],
    ['without { txHash, result } around each', (trace: unknown) => (trace as { readonly result: unknown }).result],
    ['with { result } alone', (trace: unknown) => ({ result: (trace as { readonly result: unknown }).result })],
    ['with empty code, zero slots and unchanged accounts', dressFully],
  ])('is the same from tracers that dress their results otherwise: %s', async (_name, dress) => {
    const stub = await startStubNode(chain);
    if (dress !== undefined) stub.dressTrace = dress;
    const expected = recordOfStub(blockOf(7), stub.url);
    const block = requireOk(await nodeOf(stub).node.block(7));
    expect(block).toEqual(expected);
  });

  it.each([
    [
      'eth_getBlockReceipts by hash',
      ['eth_getBlockReceipts'],
      { error: { code: -32602, message: 'invalid argument 0' } },
    ],
    ['eth_getBlockReceipts at all', ['eth_getBlockReceipts'], missing],
    ['debug_traceBlockByHash', ['debug_traceBlockByHash'], missing],
  ])('is read from nodes without %s, which are not asked for it again', async (name, methods, answer) => {
    const stub = await startStubNode(chain);
    const byHashOnly = name.endsWith('by hash');
    stub.onCall = ({ method, params }) =>
      methods.includes(method) && (!byHashOnly || String(params[0]).length === 66) ? answer : undefined;
    const { node } = nodeOf(stub);
    expect(requireOk(await node.block(7))).toEqual(recordOfStub(blockOf(7), stub.url));
    const asked = stub.calls(methods[0] ?? '').length;
    expect(requireOk(await node.block(8))).toEqual(recordOfStub(blockOf(8), stub.url));
    expect(stub.calls(methods[0] ?? '').length - asked).toBe(byHashOnly ? 1 : 0);
  });

  it('takes receipts of single transactions in batches', async () => {
    const stub = await startStubNode(chain);
    stub.onCall = ({ method }) => (method === 'eth_getBlockReceipts' ? missing : undefined);
    requireOk(await nodeOf(stub).node.block(7));
    expect(
      stub.requests.filter((calls) => calls.every(({ method }) => method === 'eth_getTransactionReceipt')),
    ).toHaveLength(1);
  });
});

/** As some nodes answer: what did not change is there, too, and so is what is nothing. */
function dressFully(trace: unknown): unknown {
  const { txHash, result } = trace as { readonly txHash: string; readonly result: Record<string, unknown> };
  const zero = `0x${'0'.repeat(64)}`;
  const full = (account: unknown): unknown => {
    const { storage, ...rest } = account as { readonly storage?: Record<string, string> };
    return { code: '0x', ...rest, ...(storage === undefined ? {} : { storage: { ...storage } }) };
  };
  const all = (state: unknown): Record<string, unknown> =>
    Object.fromEntries(Object.entries(state as object).map(([address, account]) => [address, full(account)]));
  if (!('pre' in result)) return { txHash, result: all(result) };
  const fields = { pre: result['pre'] as Record<string, object>, post: result['post'] as Record<string, object> };
  const post = Object.fromEntries(
    Object.entries(fields.pre).map(([address, before]) => [address, { ...before, ...fields.post[address] }]),
  );
  // A slot that was set from zero stands in both halves.
  const pre = Object.fromEntries(
    Object.entries(fields.pre).map(([address, before]) => {
      const { storage } = (fields.post[address] ?? {}) as { readonly storage?: Record<string, string> };
      if (storage === undefined) return [address, before];
      const zeros = Object.fromEntries(Object.keys(storage).map((slot) => [slot, zero]));
      return [address, { ...before, storage: { ...zeros, ...(before as { readonly storage?: object }).storage } }];
    }),
  );
  return { txHash, result: { pre, post } };
}

describe('a block that changes while it is read', () => {
  const other = syntheticChain({ from: 5, to: 9, fork: 1, parentHash: hashOf(4) });

  it('is read again where receipts and traces go by number', async () => {
    const stub = await startStubNode(chain);
    let reorganised = false;
    stub.onCall = ({ method }) => {
      if (method === 'debug_traceBlockByHash') return missing;
      if (method === 'debug_traceBlockByNumber' && !reorganised) {
        reorganised = true;
        stub.setChain(other);
      }
      return undefined;
    };
    const block = requireOk(await nodeOf(stub).node.block(7));
    expect(block).toEqual(recordOfStub(other[2] ?? blockOf(7), stub.url));
  });

  it('stays what it was where all go by hash', async () => {
    const stub = await startStubNode(chain);
    stub.onCall = ({ method }) => {
      if (method === 'debug_traceBlockByHash') stub.setChain(other);
      return undefined;
    };
    expect(requireOk(await nodeOf(stub).node.block(7))).toEqual(recordOfStub(blockOf(7), stub.url));
  });

  it.each([
    [
      'receipts of another block',
      'eth_getBlockReceipts',
      { result: [{ blockHash: hashOf(1) }, { blockHash: hashOf(1) }] },
    ],
    ['no receipts', 'eth_getBlockReceipts', { result: null }],
    ['too few receipts', 'eth_getBlockReceipts', { result: [] }],
    ['too few traces', 'debug_traceBlockByHash', { result: [] }],
    ['a block that the node lost', 'debug_traceBlockByHash', { error: { code: -32000, message: 'block not found' } }],
    ['no block yet', 'eth_getBlockByNumber', { result: null }],
    ['another number', 'eth_getBlockByNumber', { result: blockOf(3).block }],
    ['an error inside the node', 'eth_getBlockReceipts', { error: { code: -32603, message: 'internal error' } }],
  ])('or is not there as a whole is read again: %s', async (_name, method, answer) => {
    const stub = await startStubNode(chain);
    let times = 0;
    stub.onCall = (call) => (call.method === method && (times += 1) <= 2 ? answer : undefined);
    const { node, clock } = nodeOf(stub);
    expect(requireOk(await node.block(7))).toEqual(recordOfStub(blockOf(7), stub.url));
    expect(clock.sleeps.length).toBeGreaterThan(0);
  });

  it('is said to be missing after a while', async () => {
    const stub = await startStubNode(chain);
    const outcome = await nodeOf(stub).node.block(12);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
    expect(outcome.ok ? '' : outcome.error.message).toMatch(/block 12: the node does not have it/);
    expect(stub.calls('eth_getBlockByNumber')).toHaveLength(5);
  });
});

describe('a node that lacks something', () => {
  it('explains what is possible without debug methods, and what a node needs', async () => {
    const stub = await startStubNode(chain);
    stub.onCall = ({ method }) => (method.startsWith('debug_') ? missing : undefined);
    const error = await errorOf(nodeOf(stub).node.block(7));
    expect(error).toMatchObject({ code: 'UNSUPPORTED', exitCode: 2 });
    expect(error.message).toMatch(
      /has no debug_traceBlockByNumber[^]*--http\.api eth,debug[^]*headers[^]*lanecast ingest URL --headers-only/,
    );
  });

  it('explains what pruned state means, with the number of the block, and is not asked again', async () => {
    const stub = await startStubNode(chain);
    stub.onCall = ({ method }) =>
      method.startsWith('debug_') ? { error: { code: -32000, message: 'missing trie node abc (path )' } } : undefined;
    const outcome = await nodeOf(stub).node.block(7);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'UNSUPPORTED', exitCode: 2 } });
    expect(outcome.ok ? '' : outcome.error.message).toMatch(/can't trace block 7[^]*missing trie node[^]*archive/);
    expect(stub.calls('debug_traceBlockByHash')).toHaveLength(2);
  });

  it('names the method and what the node answers to it', async () => {
    const stub = await startStubNode(chain);
    stub.onCall = () => ({ error: { code: -32000, message: 'not synced' } });
    const error = await errorOf(nodeOf(stub).node.head());
    expect(error.message).toBe(`The node at ${stub.url} answers to eth_blockNumber: not synced (-32000).`);
  });
});

describe('a header of a node', () => {
  it('may state numbers with leading zeros, and lacks what its time did not have', async () => {
    const stub = await startStubNode(chain);
    stub.onCall = ({ method }) =>
      method === 'eth_getBlockByNumber'
        ? {
            result: {
              ...chain.find(({ block }) => Number(block.number) === 7)?.block,
              number: '0x0007',
              gasUsed: '0x00a410',
            },
          }
        : undefined;
    expect(await nodeOf(stub).node.header(7)).toMatchObject({
      ok: true,
      block: { header: { number: 7 }, gasUsed: 42_000, transactionCount: 2, baseFeePerGasWei: null, blobGasUsed: null },
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['of another block', { number: '0x6' }, /block 7, field number: expected block 7, got 6/],
    ['that says what can not be', { gasUsed: '0xfffffffff' }, /block 7, field gasUsed: expected at most the gas limit/],
    ['without transactions', { transactions: null }, /block 7, field transactions: expected a list/],
  ])('%s is asked for again, then left out', async (_name, wrong, problem) => {
    const stub = await startStubNode(chain);
    const block = chain.find((candidate) => Number(candidate.block.number) === 7)?.block;
    let times = 0;
    stub.onCall = ({ method }) =>
      method === 'eth_getBlockByNumber' && (times += 1) < 5
        ? { result: { ...block, ...(wrong as object) } }
        : undefined;
    expect(await nodeOf(stub).node.header(7)).toMatchObject({ ok: true });
    times = -5;
    const outcome = await nodeOf(stub).node.header(7);
    expect(outcome.ok ? '' : outcome.error.message).toMatch(problem);
  });
});
