import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readDashboard } from '../../../server/dashboard.js';
import type { LiveBlock } from '../../../server/live.js';
import { makeBlock, makeForecast, makeIdentity, makeModel } from './live-fixture.js';

/** What helmet sends unless told otherwise; the page has to do with it. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';" +
  "img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline';" +
  'upgrade-insecure-requests';

export interface StubOptions {
  /** Observed before the page is opened, oldest first. */
  readonly blocks: readonly LiveBlock[];
}

/** Serves the dashboard, and made-up blocks. */
export class StubService {
  readonly #files = readDashboard();
  readonly #listeners = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => this.#answer(request.url ?? '/', response));
  readonly #blocks: LiveBlock[];
  #sequence: number;
  readonly #waiting: (() => void)[] = [];
  #isDown = false;

  constructor({ blocks }: StubOptions) {
    this.#sequence = blocks.at(-1)?.sequence ?? 0;
    this.#blocks = [...blocks];
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Resolves when a page listens to the events. */
  async listener(): Promise<void> {
    if (this.#listeners.size > 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** One more block, as the service tells of it. */
  observe(changes: Partial<LiveBlock> = {}): LiveBlock {
    this.#sequence += 1;
    const block = { ...makeBlock({ sequence: this.#sequence }), ...changes };
    this.#blocks.push(block);
    this.#send('block', block);
    this.#send('model', makeModel(this.#sequence));
    this.#send('forecast', makeForecast(this.#sequence));
    return block;
  }

  /** Ends all connections, and answers no more until `comeBack`. */
  goDown(): void {
    this.#isDown = true;
    for (const listener of this.#listeners) listener.destroy();
    this.#listeners.clear();
  }

  comeBack(): void {
    this.#isDown = false;
  }

  async close(): Promise<void> {
    this.goDown();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #send(event: string, value: unknown): void {
    for (const listener of this.#listeners) listener.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
  }

  #answer(url: string, response: ServerResponse): void {
    const path = url.split('?')[0] ?? '/';
    if (this.#isDown) {
      response.destroy();
      return;
    }
    response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
    const file = this.#files.get(path);
    if (file !== undefined) {
      response.setHeader('content-type', file.type).end(file.body);
      return;
    }
    if (path === '/v1/events') {
      this.#listen(response);
      return;
    }
    const [status, answer] = this.#json(path);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': here\n\n');
    this.#listeners.add(response);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #json(path: string): [number, unknown] {
    const sequence = this.#sequence;
    if (path === '/v1/blocks') {
      return [200, { model: makeIdentity(sequence), blocks: this.#blocks.slice(-24), held: this.#blocks.length }];
    }
    if (path === '/v1/model') return [200, makeModel(sequence)];
    if (path === '/v1/forecast' && sequence > 0) return [200, makeForecast(sequence)];
    const message = path === '/v1/forecast' ? 'No block has been observed, so nothing can be forecast.' : 'Not found.';
    return [404, { statusCode: 404, code: 'NOT_FOUND', error: 'Not Found', message }];
  }
}
