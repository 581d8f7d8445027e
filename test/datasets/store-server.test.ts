import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import { startClickHouseServer, type ClickHouseServer } from '../helpers/clickhouse-http.js';
import { recordOf } from './store-records.js';
import { collect, defineStoreTests, hasChdb, openTestStore, temporaryFolder } from './store-suite.js';

const PASSWORD = 's3cr/t pass:word';

async function startServer(): Promise<ClickHouseServer> {
  const credentials = { user: 'lane', password: PASSWORD };
  const server = await startClickHouseServer({ path: temporaryFolder(), credentials });
  onTestFinished(() => server.close());
  return server;
}

async function failureOf(url: string): Promise<LanecastError> {
  const error: unknown = await openStore({ url }).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LanecastError)) throw new Error(`expected a LanecastError, got ${inspect(error)}`);
  return error;
}

describe.skipIf(!hasChdb)('the store on a server', () => {
  defineStoreTests(async () => ({ url: (await startServer()).url }));

  it('takes compression, database and settings from the URL', async () => {
    const server = await startServer();
    const url = `${server.url}/default?compression_request=1&compression_response=1&ch_max_threads=2`;
    const store = await openTestStore({ url });
    await store.ingest([recordOf(1, [{}])]);
    expect(await collect(store.records())).toEqual([recordOf(1, [{}])]);
    const last = server.requests.at(-1);
    expect(last?.get('max_threads')).toBe('2');
    expect(last?.get('enable_http_compression')).toBe('1');
  });

  it('reads 64-bit integers as text on every request', async () => {
    const server = await startServer();
    await openTestStore({ url: server.url });
    const quoted = server.requests.map((params) => params.get('output_format_json_quote_64bit_integers'));
    expect(new Set(quoted)).toEqual(new Set(['1']));
  });

  it('names the host and hides the password where the server refuses it', async () => {
    const server = await startServer();
    const url = server.url.replace(/:[^:@]*@/, ':wr0ng-pass@');
    const error = await failureOf(url);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', exitCode: 2 });
    expect(error.message).toContain(new URL(url).host);
    expect(error.message).toContain('AUTHENTICATION_FAILED, code 516');
    expect(inspect(error, { depth: 9 })).not.toContain('wr0ng-pass');
  });

  it('says that the database does not exist', async () => {
    const error = await failureOf(`${(await startServer()).url}/elsewhere`);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(error.message).toContain('UNKNOWN_DATABASE, code 81');
  });

  it('says that the server went away', async () => {
    const server = await startClickHouseServer({ path: temporaryFolder() });
    const store = await openTestStore({ url: server.url });
    await server.close();
    await expect(store.chains()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(new URL(server.url).host) as string,
    });
  });
});

describe('a server that is none', () => {
  it('is reported with its host where nothing listens, without the password', async () => {
    const port = await freePort();
    const error = await failureOf(`http://lane:s3cret@127.0.0.1:${port}`);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', exitCode: 2 });
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(error.message).toContain('ECONNREFUSED');
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
  });

  it('is reported where something else answers, even if that repeats the password', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('no page for s3cret\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const error = await failureOf(`http://lane:s3cret@127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(error.message).toContain('does not answer as ClickHouse does (no page for ***)');
  });

  it.each([
    ['not a URL, with s3cret', 'malformed'],
    ['postgres://lane:s3cret@localhost/', 'postgres:'],
    ['http://lane:s3cret@localhost/?colour=red', 'Unknown URL parameters: colour'],
    ['http://lane:s3cret%@localhost/', 'URI malformed'],
  ])('is refused for a bad URL: %s', async (url, reason) => {
    const error = await failureOf(url);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', exitCode: 2 });
    expect(error.message).toContain(reason);
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
