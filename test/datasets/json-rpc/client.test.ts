import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../datasets/json-rpc/client.js';
import { parseEndpoint } from '../../../datasets/json-rpc/endpoint.js';
import { RpcError } from '../../../datasets/json-rpc/rpc-error.js';
import { startStubNode, type Fault } from '../../helpers/stub-node.js';
import { syntheticChain } from '../../helpers/synthetic-chain.js';
import { connectTo, errorOf } from './nodes.js';

const chain = syntheticChain({ from: 1, to: 30 });

const numbers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `0x${(index + 1).toString(16)}`);

describe('calls of a node', () => {
  it('of one turn travel together, in batches of the given size', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub, { batchSize: 4 });
    const blocks = await Promise.all(numbers(10).map((number) => client.call('eth_getBlockByNumber', [number, false])));
    expect(blocks).toMatchObject(numbers(10).map((number) => ({ number })));
    expect(stub.requests.map((calls) => calls.length).sort()).toEqual([2, 4, 4]);
  });

  it('travel alone where their answers are large, and as no batch where there is one', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub);
    const one = client.call('eth_blockNumber', []);
    const two = client.call('eth_chainId', [], { alone: true });
    expect(await Promise.all([one, two])).toEqual(['0x1e', '0x7a69']);
    expect(stub.requests).toHaveLength(2);
  });

  it('are no more at a time than allowed', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub, { concurrency: 2, batchSize: 1 });
    let [open, most] = [0, 0];
    stub.onRequest = () => {
      most = Math.max(most, (open += 1));
      setImmediate(() => (open -= 1));
      return undefined;
    };
    await Promise.all(numbers(12).map((number) => client.call('eth_getBlockByNumber', [number, false])));
    expect(most).toBeLessThanOrEqual(2);
  });

  it('send the credentials that the URL names', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub, { endpoint: parseEndpoint(stub.url.replace('//', '//me:secret@')) });
    await client.call('eth_blockNumber', []);
    expect(stub.headers().authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
  });
});

describe('a node that fails for a while', () => {
  const passing: [string, Fault][] = [
    ['HTTP 503', { status: 503, body: 'down' }],
    ['HTTP 502 without a body', { status: 502 }],
    ['JSON that was cut', { cutAt: 25 }],
    ['an empty answer', { cutAt: 0 }],
    ['a page of HTML', { status: 200, body: '<html>' }],
    ['a connection that goes', { disconnect: 'before' }],
    ['a connection that goes within the answer', { disconnect: 'within' }],
  ];
  it.each(passing)('%s: the call is repeated', async (_name, fault) => {
    const stub = await startStubNode(chain);
    const { client, clock } = connectTo(stub);
    stub.onRequest = (_calls, index) => (index < 3 ? fault : undefined);
    expect(await client.call('eth_blockNumber', [])).toBe('0x1e');
    expect(stub.requests).toHaveLength(4);
    expect(clock.sleeps).toEqual([188, 375, 750]);
  });

  it('no answer in time: the call is repeated', async () => {
    const stub = await startStubNode(chain);
    const { client, clock } = connectTo(stub);
    stub.onRequest = (_calls, index) => (index === 0 ? { hang: clock.expire } : undefined);
    expect(await client.call('eth_blockNumber', [])).toBe('0x1e');
    expect(stub.requests).toHaveLength(2);
  });

  it.each([
    ['seconds', '7', 7_000],
    ['fractions of seconds', '6.5', 6_500],
    ['a date', new Date(1_700_000_009_000).toUTCString(), 9_000],
  ])('HTTP 429 with Retry-After in %s: waits as long, and so do other calls', async (_name, value, waitMs) => {
    const stub = await startStubNode(chain);
    const waits: [number, string][] = [];
    const { client, clock } = connectTo(stub, { onWait: (...wait) => waits.push(wait) });
    stub.onRequest = (_calls, index) => (index === 0 ? { status: 429, headers: { 'retry-after': value } } : undefined);
    const startMs = clock.nowMs();
    expect(await client.call('eth_blockNumber', [])).toBe('0x1e');
    expect(clock.nowMs() - startMs).toBe(waitMs);
    expect(waits).toEqual([[waitMs, 'HTTP 429']]);
  });

  it('is given up where it asks for more patience than anybody has', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub);
    stub.onRequest = () => ({ status: 429, headers: { 'retry-after': '86400' } });
    expect((await errorOf(client.call('eth_blockNumber', []))).message).toMatch(
      /HTTP 429, and it asks to wait 86400 s/,
    );
  });

  it('is given up after the last attempt, with the reason and without secrets', async () => {
    const stub = await startStubNode(chain);
    const endpoint = parseEndpoint(`${stub.url}/v3/0123456789abcdef`);
    const { client } = connectTo(stub, { endpoint });
    stub.onRequest = () => ({ status: 503, body: 'no capacity for 0123456789abcdef' });
    const error = await errorOf(client.call('eth_blockNumber', []));
    expect(error).toMatchObject({ code: 'NODE_UNAVAILABLE', exitCode: 2 });
    expect(error.message).toBe(`The node at ${stub.url}: HTTP 503: no capacity for ***, at the last of 6 attempts.`);
  });

  it('that never was there is named at once', async () => {
    const { client, clock } = connectTo({ url: 'http://127.0.0.1:2' });
    const error = await errorOf(client.call('eth_blockNumber', []));
    expect(error.message).toBe('The node at http://127.0.0.1:2: connect ECONNREFUSED 127.0.0.1:2.');
    expect(clock.sleeps).toEqual([]);
  });

  it('waits twice as long each time, up to a limit, and not the same as others', () => {
    expect([0, 1, 2, 10].map((failures) => backoffMs(failures, () => 0))).toEqual([125, 250, 500, 7_500]);
    expect(backoffMs(1_000, () => 0.999, 60_000)).toBeLessThanOrEqual(60_000);
  });
});

describe('errors in answers', () => {
  it('of one element leave the others alone; those that may pass are repeated', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub);
    let limited = 0;
    stub.onCall = ({ params }) => {
      if (params[0] === '0x2' && (limited += 1) === 1) return { error: { code: -32005, message: 'limit exceeded' } };
      return params[0] === '0x3' ? { error: { code: -32000, message: 'no such thing' } } : undefined;
    };
    const results = await Promise.allSettled(
      numbers(3).map((number) => client.call('eth_getBlockByNumber', [number, false])),
    );
    expect(results).toMatchObject([
      { value: { number: '0x1' } },
      { value: { number: '0x2' } },
      { reason: { name: 'RpcError', rpcCode: -32000, message: 'no such thing', method: 'eth_getBlockByNumber' } },
    ]);
    expect(stub.requests.map((calls) => calls.length)).toEqual([3, 1]);
  });

  it('come in HTTP errors, too', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub);
    const body = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32601, message: 'Method not found' } });
    stub.onRequest = () => ({ status: 404, body });
    expect(await errorOf(client.call('debug_traceBlockByHash', []))).toMatchObject({ isMethodMissing: true });
  });

  const strange: [string, (json: unknown) => unknown][] = [
    ['wrong ids', (json) => (json as object[]).map((one) => ({ ...one, id: 99_999 }))],
    ['one answer too few', (json) => (json as object[]).slice(1)],
    ['the same id twice', (json) => (json as object[]).map((one) => ({ ...one, id: 1 }))],
    ['elements that are no objects', () => ['nothing', 'of', 'use']],
    ['elements without result and error', (json) => (json as { id: number }[]).map(({ id }) => ({ id }))],
  ];
  it.each(strange)('are looked for by id: %s means to ask again', async (_name, change) => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub);
    stub.onBody = (json) => (stub.requests.length === 1 ? change(json) : json);
    const blocks = await Promise.all(numbers(3).map((number) => client.call('eth_getBlockByNumber', [number, false])));
    expect(blocks).toMatchObject(numbers(3).map((number) => ({ number })));
  });

  it('may come in any order', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub);
    stub.onBody = (json) => (json as unknown[]).reverse();
    const blocks = await Promise.all(numbers(3).map((number) => client.call('eth_getBlockByNumber', [number, false])));
    expect(blocks).toMatchObject(numbers(3).map((number) => ({ number })));
    expect(stub.requests).toHaveLength(1);
  });
});

describe('a node that refuses batches', () => {
  const refusals: [string, (calls: number) => Fault | { body: unknown } | undefined][] = [
    ['by HTTP 400', () => ({ status: 400, body: 'batch requests are disabled' })],
    ['by HTTP 413', () => ({ status: 413 })],
    [
      'by one error',
      () => ({ body: { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'batching is disabled' } } }),
    ],
    [
      'by a list of one error',
      () => ({ body: [{ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'no batch' } }] }),
    ],
    ['by answering the first call alone', () => ({ body: { jsonrpc: '2.0', id: 1, result: '0x1' } })],
  ];
  it.each(refusals)('%s is asked call by call', async (_name, refusal) => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub, { batchSize: 8 });
    stub.onRequest = (calls) => {
      const refused = calls.length > 1 ? refusal(calls.length) : undefined;
      return refused !== undefined && 'body' in refused && !('status' in refused)
        ? { status: 200, body: JSON.stringify(refused.body) }
        : refused;
    };
    const ask = (): Promise<unknown[]> =>
      Promise.all(numbers(8).map((number) => client.call('eth_getBlockByNumber', [number, false])));
    expect(await ask()).toMatchObject(numbers(8).map((number) => ({ number })));
    const before = stub.requests.length;
    await ask();
    expect(stub.requests.slice(before).map((calls) => calls.length)).toEqual(Array.from({ length: 8 }, () => 1));
  });

  it('may fail otherwise, too, before it answers single requests', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub, { batchSize: 10_000, concurrency: 1 });
    const failures = new Map<unknown, number>();
    stub.onRequest = (calls) => {
      if (calls.length > 1) return { status: 400, body: 'batch requests are disabled' };
      const [number] = calls[0]?.params ?? [];
      const failed = failures.get(number) ?? 0;
      failures.set(number, failed + 1);
      return failed < 3 ? { status: 503 } : undefined;
    };
    const asked = numbers(30);
    const blocks = await Promise.all(asked.map((number) => client.call('eth_getBlockByNumber', [number, false])));
    expect(blocks).toMatchObject(asked.map((number) => ({ number })));
  });

  it('of more than some gets batches of half the size', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub, { batchSize: 20 });
    const body = JSON.stringify({ id: null, error: { code: -32600, message: 'batch too large' } });
    stub.onRequest = (calls) => (calls.length > 10 ? { status: 200, body } : undefined);
    await Promise.all(numbers(20).map((number) => client.call('eth_getBlockByNumber', [number, false])));
    expect(stub.requests.map((calls) => calls.length)).toEqual([20, 10, 10]);
  });

  it('is not taken for one that wants credentials', async () => {
    const stub = await startStubNode(chain);
    const { client } = connectTo(stub);
    stub.onRequest = () => ({ status: 401, body: 'missing token' });
    const calls = numbers(2).map((number) => client.call('eth_getBlockByNumber', [number, false]));
    const [error] = await Promise.all(calls.map(errorOf));
    expect(error?.message).toMatch(/HTTP 401: missing token; it wants credentials/);
    expect(stub.requests).toHaveLength(1);
  });
});

describe('what an error says', () => {
  const errors: [number | null, string, Partial<RpcError>][] = [
    [-32601, 'the method debug_traceBlockByHash does not exist/is not available', { isMethodMissing: true }],
    [-32000, 'Method not supported', { isMethodMissing: true }],
    [-32000, 'This API is disabled for your plan: debug namespace not enabled', { isMethodMissing: true }],
    [
      -32000,
      'missing trie node 5e0c (path ) state 0x5e0c is not available',
      { isStateMissing: true, isMethodMissing: false },
    ],
    [-32000, 'required historical state unavailable (reexec=128)', { isStateMissing: true, isMethodMissing: false }],
    [-32000, 'historical state not available in path scheme yet', { isStateMissing: true, isMethodMissing: false }],
    [-32000, 'state at block #123 is pruned', { isStateMissing: true, isBlockMissing: false }],
    [-32000, 'old data not available due to pruning', { isStateMissing: true, isMethodMissing: false }],
    [-32000, 'No state available for block 123', { isStateMissing: true, isBlockMissing: false }],
    [4444, 'pruned history unavailable', { isStateMissing: true, isMethodMissing: false }],
    [-32000, 'block 0xab not found', { isBlockMissing: true, isStateMissing: false }],
    [-32000, 'header not found', { isBlockMissing: true }],
    [-32602, 'invalid argument 0: hex string has length 64', { isFormUnknown: true }],
    [-32005, 'project ID request rate exceeded', { isTransient: true }],
    [-32000, 'execution timeout', { isTransient: true, isMethodMissing: false }],
    [-32003, 'response too large', { isTooLarge: true }],
  ];
  it.each(errors)('%i %s', (code, message, expected) => {
    expect(new RpcError('debug_traceBlockByHash', code, message)).toMatchObject(expected);
  });
});
