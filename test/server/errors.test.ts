import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { executedBlock, question, tokenTransfer } from './blocks.js';
import { startService, type Answer, type TestService } from './service.js';

function codeOf({ status, json }: Answer): readonly [number, unknown] {
  return [status, (json as { readonly code: string }).code];
}

/** What a server answers to bytes that are no proper request, until it hangs up. */
function sendBytes(service: TestService, text: string): Promise<string> {
  const { hostname, port } = new URL(service.listening.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('a request that is wrong', () => {
  it.each([
    ['an empty body', '', 'malformed_json', 'it is empty'],
    ['half a document', '{"transactions":[', 'malformed_json', 'no JSON'],
    ['a list', '[]', 'invalid_request', 'expected object'],
    ['no transactions', '{}', 'invalid_request', 'transactions: '],
    ['an unknown field', '{"transactions":[],"worker":2}', 'invalid_request', 'worker'],
    ['workers of zero', '{"transactions":[],"workers":0}', 'invalid_request', 'workers: '],
    ['an unknown mode', '{"transactions":[],"mode":"best"}', 'invalid_request', 'mode: '],
    ['a number', '{"transactions":[1]}', 'invalid_request', 'transactions.0: expected an object, got 1'],
    [
      'a raw transaction of nothing',
      '{"transactions":["0x"]}',
      'invalid_request',
      'transactions.0: is no raw signed transaction',
    ],
    ['text', '{"transactions":["hello"]}', 'invalid_request', 'transactions.0: expected a transaction object'],
  ])('is told what: %s', async (_name, body, code, message) => {
    const answer = await (await startService()).post('/v1/schedule', body);
    expect(answer.json).toMatchObject({ statusCode: 400, code, error: 'Bad Request' });
    expect((answer.json as { readonly message: string }).message).toContain(message);
  });

  it('is told which field of which transaction', async () => {
    const service = await startService();
    const messageOf = async (fields: object): Promise<unknown> => {
      const { json } = await service.post('/v1/conflicts', {
        transactions: [tokenTransfer(1, 2), { ...tokenTransfer(3, 4), ...fields }],
      });
      return (json as { readonly message: string }).message;
    };
    expect(await messageOf({ gas: '0x' })).toMatch(/^transactions\.1\.gas: expected a whole number/);
    expect(await messageOf({ gasPirce: '0x1' })).toBe('transactions.1.gasPirce: is an unknown field: leave it out');
    expect(await messageOf({ accessList: [{ address: '0x1' }] })).toMatch(/^transactions\.1\.accessList\.0\.address: /);
    expect(await messageOf({ from: undefined })).toBe(
      'transactions.1.from: is missing, expected an address: 20 bytes as hex',
    );
    expect(await messageOf({ data: '0x00' })).toMatch(/^transactions\.1\.data: says something else than input/);
  });

  it('is told so by status: paths, methods, types, sizes', async () => {
    const service = await startService({ app: { maxBodyBytes: 1_000 } });
    expect(codeOf(await service.get('/v2'))).toEqual([404, 'not_found']);
    const other = await service.get('/v1/schedule');
    expect(codeOf(other)).toEqual([405, 'method_not_allowed']);
    expect(other.headers.get('allow')).toBe('POST');
    expect(codeOf(await service.send('/v1/schedule', { method: 'POST', body: '{}' }))).toEqual([
      415,
      'unsupported_media_type',
    ]);
    expect(codeOf(await service.post('/v1/schedule', '{}', { 'content-encoding': 'rot13' }))).toEqual([
      415,
      'unsupported_media_type',
    ]);
    expect(codeOf(await service.post('/v1/schedule', question(20)))).toEqual([413, 'payload_too_large']);
    expect(codeOf(await service.get('/v1/blocks?limit=many'))).toEqual([400, 'invalid_request']);
    expect(codeOf(await service.get('/v1/forecast'))).toEqual([503, 'forecast_unavailable']);
  });

  it('gets the same shape where it is no HTTP, or comes too slowly', async () => {
    const service = await startService({
      listen: { timeouts: { lameMs: 0, headersMs: 50, requestMs: 50, checkMs: 20 } },
    });
    expect(await sendBytes(service, 'hello\r\n\r\n')).toContain('"code":"invalid_request"');
    const slow =
      'POST /v1/schedule HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"tra';
    expect(await sendBytes(service, slow)).toContain('"code":"request_timeout"');
  });
});

describe('a bug', () => {
  it('is told to nobody but the log, with the id of the request', async () => {
    const service = await startService({
      pool: {
        start: () =>
          Promise.resolve({
            facts: { model: { version: 'x' } } as never,
            request: () => Promise.reject(new Error('secret')),
            close: () => Promise.resolve(),
          }),
      },
    });
    const answer = await service.post('/v1/schedule', question(), { 'x-request-id': 'abc-1' });
    expect(codeOf(answer)).toEqual([500, 'internal_error']);
    expect(answer.text).toContain('abc-1');
    expect(answer.text).not.toContain('secret');
    expect(service.logged.join()).toContain('secret');
  });
});

describe('writes', () => {
  it('need the token where there is one', async () => {
    const service = await startService({ app: { token: 'open sesame' } });
    const refused = await service.post('/v1/observations', executedBlock(1));
    expect(codeOf(refused)).toEqual([401, 'unauthorized']);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(codeOf(await service.post('/v1/model/reload', {}, { authorization: 'Bearer open' }))).toEqual([
      401,
      'unauthorized',
    ]);
    expect(
      (await service.post('/v1/observations', executedBlock(1), { authorization: 'Bearer open sesame' })).status,
    ).toBe(200);
  });

  it('are refused without a token where others can reach the service', async () => {
    const service = await startService({ app: { isLoopback: false } });
    expect(codeOf(await service.post('/v1/observations', executedBlock(1)))).toEqual([403, 'writes_disabled']);
    expect((await service.post('/v1/schedule', question())).status).toBe(200);
  });
});

describe('headers', () => {
  it('keep browsers of other origins out unless one is named', async () => {
    const closed = await (await startService()).get('/v1/model', { origin: 'https://a.example' });
    expect(closed.headers.get('access-control-allow-origin')).toBeNull();
    const service = await startService({ app: { corsOrigin: 'https://a.example' } });
    expect(
      (await service.get('/v1/model', { origin: 'https://a.example' })).headers.get('access-control-allow-origin'),
    ).toBe('https://a.example');
    expect(
      (await service.get('/v1/model', { origin: 'https://b.example' })).headers.get('access-control-allow-origin'),
    ).toBeNull();
    const preflight = await service.send('/v1/schedule', {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, POST']);
  });

  it('name each request, and say nothing of what runs here', async () => {
    const service = await startService();
    const answer = await service.get('/healthz', { 'x-request-id': 'bad id\t!' });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('too many requests', () => {
  it('from one address are refused', async () => {
    const service = await startService({ app: { requestsPerSecond: 3 } });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => service.get('/v1/model')));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    expect((await service.get('/healthz')).status).toBe(200);
  });
});

describe('the log', () => {
  it('holds nothing of what was sent', async () => {
    const service = await startService();
    await service.post('/v1/schedule', { transactions: [tokenTransfer(7, 8)] });
    await service.post('/v1/schedule', '{"transactions":["secret"]}');
    expect(service.logged.length).toBeGreaterThanOrEqual(2);
    expect(service.logged.join()).not.toMatch(/secret|a9059cbb/);
  });
});
