import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { LanecastError } from '../../errors.js';
import { Problem } from '../problem.js';
import type { App } from './app.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly timeouts?: Partial<Timeouts>;
}

/** In ms. */
export interface Timeouts {
  /** Until the headers of a request are whole. */
  readonly headersMs: number;
  /** Until the whole request is there: slow clients get no longer. */
  readonly requestMs: number;
  /** A connection without request. */
  readonly keepAliveMs: number;
  /** After the end was asked for: how long requests that were taken may go on. */
  readonly graceMs: number;
  /** After the end was asked for: how long new requests are still answered, with 503. */
  readonly lameMs: number;
  /** How often the limits are looked at. */
  readonly checkMs: number;
}

const DEFAULT_TIMEOUTS: Timeouts = {
  ...{ headersMs: 10_000, requestMs: 30_000, keepAliveMs: 65_000, graceMs: 30_000, lameMs: 1_000, checkMs: 1_000 },
};

const MOST_CONNECTIONS = 1_024;
const MOST_HEADER_BYTES = 16 * 1_024;
const POLL_MS = 10;

/** An application on a socket. */
export interface Listening {
  readonly url: string;
  /** Refuses new work, finishes what was taken, and ends. True where all was finished within the grace. */
  close(): Promise<boolean>;
}

/** Throws LanecastError INVALID_ARGUMENT where the address can't be listened on. */
export async function listen(app: App, { host, port, timeouts }: ListenOptions): Promise<Listening> {
  const limits = { ...DEFAULT_TIMEOUTS, ...timeouts };
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: MOST_HEADER_BYTES,
    },
    app.express,
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.on('clientError', answerBroken);
  await bind(server, host, port);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    close: () => close(server, app, limits),
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'somebody listens there already' : (error.code ?? error.message);
      reject(new LanecastError('INVALID_ARGUMENT', `${host}, port ${port}: ${reason}: name another --port or --host.`));
    });
    server.listen({ host, port }, resolve);
  });
}

/** What is no HTTP, or comes too slowly, is told so in the shape of all errors, if anybody listens. */
function answerBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = brokenProblem(error.code ?? '');
  const body = JSON.stringify(problem.body);
  const head = [
    `HTTP/1.1 ${problem.statusCode} ${problem.body.error}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function brokenProblem(code: string): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem('request_timeout', 'the request did not come in time');
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem('invalid_request', `the headers are larger than ${MOST_HEADER_BYTES} bytes`);
  return new Problem('invalid_request', 'this is no HTTP request');
}

async function close(server: Server, app: App, { graceMs, lameMs }: Timeouts): Promise<boolean> {
  app.drain();
  const endMs = performance.now() + graceMs;
  const lameEndMs = performance.now() + lameMs;
  while ((app.active > 0 || performance.now() < lameEndMs) && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const isFinished = app.active === 0;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  server.closeAllConnections();
  await closed;
  return isFinished;
}
