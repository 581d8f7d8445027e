import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createGunzip, gzipSync } from 'node:zlib';
import type { ChdbModule } from '../../datasets/store/client.js';

type Engine = ReturnType<ChdbModule['createChdbConnection']>;

/** A ClickHouse server as the official client sees it: the HTTP protocol in front of the embedded engine. */
export interface ClickHouseServer {
  /** `http://user:password@127.0.0.1:port`, or without credentials where none are asked for. */
  readonly url: string;
  /** Parameters of each query and insert so far, as they came. */
  readonly requests: readonly URLSearchParams[];
  close(): Promise<void>;
}

export interface ClickHouseServerOptions {
  /** Folder of the embedded engine. */
  readonly path: string;
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** URL parameters that are not settings. */
const RESERVED = new Set(['query', 'query_id', 'database', 'session_id', 'role', 'default_format']);

/** Listens on a free port of 127.0.0.1. Needs chdb, and the process's only data directory. */
export async function startClickHouseServer(options: ClickHouseServerOptions): Promise<ClickHouseServer> {
  const { createChdbConnection } = await import('chdb/connection');
  const engine = createChdbConnection({ path: options.path });
  const requests: URLSearchParams[] = [];
  let last: Promise<void> = Promise.resolve();
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const body = await readBody(request);
      if (url.pathname === '/ping') return void response.end('Ok.\n');
      requests.push(url.searchParams);
      await respond({ engine, options, request, response }, url.searchParams, body);
    };
    // One statement at a time: settings belong to the engine's only session.
    last = last.then(answer, answer);
    last.catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${credentialsInUrl(options)}127.0.0.1:${port}`,
    requests,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      await engine.close();
    },
  };
}

function credentialsInUrl({ credentials }: ClickHouseServerOptions): string {
  if (credentials === undefined) return '';
  return `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`;
}

function readBody(request: IncomingMessage): Promise<string> {
  return text(request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request);
}

interface Exchange {
  readonly engine: Engine;
  readonly options: ClickHouseServerOptions;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function respond(exchange: Exchange, params: URLSearchParams, body: string): Promise<void> {
  const refusal = refuse(exchange, params);
  if (refusal !== null) return fail(exchange, refusal);
  const settings = {
    clickhouse_settings: Object.fromEntries([...params].filter(([name]) => isSetting(name))),
    query_params: queryParams(params),
  };
  const insert = params.get('query');
  try {
    if (insert === null) {
      const { stream, summary } = await exchange.engine.exec({ query: body, ...settings });
      succeed(exchange, { params, body: await text(stream), summary: JSON.stringify(summary) });
    } else {
      const { summary } = await exchange.engine.insert({ query: insert, values: body, ...settings });
      succeed(exchange, { params, body: '', summary: JSON.stringify(summary) });
    }
  } catch (error) {
    fail(exchange, error as ServerError);
  }
}

interface ServerError {
  readonly code: string;
  readonly type: string;
  readonly message: string;
}

function refuse({ options, request }: Exchange, params: URLSearchParams): ServerError | null {
  const { user, password } = options.credentials ?? { user: 'default', password: '' };
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  if (request.headers.authorization !== expected) {
    const message = `${user}: Authentication failed: password is incorrect, or there is no user with such name.`;
    return { code: '516', type: 'AUTHENTICATION_FAILED', message };
  }
  const database = params.get('database') ?? 'default';
  if (database === 'default') return null;
  return { code: '81', type: 'UNKNOWN_DATABASE', message: `Database ${database} does not exist.` };
}

function isSetting(name: string): boolean {
  return !RESERVED.has(name) && !name.startsWith('param_');
}

/** The client escapes text as TabSeparated does, and so will the engine's binding: undo it once. */
function queryParams(params: URLSearchParams): Record<string, string> {
  const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' };
  const entries = [...params].filter(([name]) => name.startsWith('param_'));
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name.slice('param_'.length),
      value.startsWith('[')
        ? value
        : value.replace(/\\(.)/g, (_, character: string) => escapes[character] ?? character),
    ]),
  );
}

interface Answer {
  readonly params: URLSearchParams;
  readonly body: string;
  readonly summary: string;
}

function succeed({ request, response }: Exchange, { params, body, summary }: Answer): void {
  response.setHeader('X-ClickHouse-Summary', summary);
  response.setHeader('X-ClickHouse-Query-Id', params.get('query_id') ?? '');
  const compress = params.get('enable_http_compression') === '1' && request.headers['accept-encoding'] === 'gzip';
  if (!compress) return void response.end(body);
  response.setHeader('Content-Encoding', 'gzip');
  response.end(gzipSync(body));
}

const STATUS_OF_CODE: Readonly<Record<string, number>> = { 516: 403, 81: 404, 60: 404, 62: 400 };

function fail({ response }: Exchange, { code, type, message }: ServerError): void {
  response.statusCode = STATUS_OF_CODE[code] ?? 500;
  response.setHeader('X-ClickHouse-Exception-Code', code);
  response.end(`Code: ${code}. DB::Exception: ${message} (${type}) (version 26.7.2.1)\n`);
}
