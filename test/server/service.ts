import { expect, onTestFinished } from 'vitest';
import { startLocalModel } from '../../server/engine/local-model.js';
import { ModelPool, type ModelPoolOptions } from '../../server/engine/model-pool.js';
import { createApp, type App, type AppOptions } from '../../server/http/app.js';
import { listen, type ListenOptions, type Listening } from '../../server/http/listen.js';
import { createLogger } from '../../server/logger.js';
import { createLocalRecorder } from '../../server/observations/recorder.js';
import { Service, type ServiceOptions } from '../../server/service.js';
import { contractProblem } from './contract.js';

export interface Setting {
  readonly pool?: Partial<ModelPoolOptions>;
  readonly service?: Partial<ServiceOptions>;
  readonly app?: Partial<AppOptions>;
  readonly listen?: Partial<ListenOptions>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
  readonly text: string;
}

/** A service with its model on this thread, and its clock standing still. */
export interface TestService {
  readonly service: Service;
  readonly app: App;
  readonly listening: Listening;
  readonly logged: readonly string[];
  /** Every answer must be as the OpenAPI document says. `path` may have a query. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  send(path: string, init: RequestInit): Promise<Answer>;
}

const NO_WAITING = { lameMs: 0, graceMs: 5_000 };

export async function startService(setting: Setting = {}): Promise<TestService> {
  const logged: string[] = [];
  const logger = createLogger('debug', { write: (line) => void logged.push(line) });
  const pool = await ModelPool.open(
    { start: (start) => startLocalModel(start, () => 0), replicas: 1, maxWaiting: 64, now: () => 0, ...setting.pool },
    { artifact: null, saved: null, maxWorkers: 4 },
  );
  const service = new Service({
    ...{ pool, recorder: await createLocalRecorder(), forecast: null, keeper: null, known: [], artifact: null },
    ...{
      maxWorkers: 4,
      nowMs: () => 1_700_000_000_000,
      onError: (what, error) => void logged.push(`${what}: ${String(error)}`),
    },
    ...setting.service,
  });
  const app = createApp({
    ...{ service, logger, token: null, isLoopback: true, requestsPerSecond: null, corsOrigin: null, version: '0.0.0' },
    ...{ maxBodyBytes: 2 ** 20, maxObservationBytes: 2 ** 20, now: () => 0, processMetrics: false },
    ...setting.app,
  });
  const listening = await listen(app, { host: '127.0.0.1', port: 0, timeouts: NO_WAITING, ...setting.listen });
  onTestFinished(async () => {
    service.feed.close();
    await listening.close();
    await service.close();
  });
  const send = (path: string, init: RequestInit): Promise<Answer> => request(listening.url, path, init);
  return {
    ...{ service, app, listening, logged, send },
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, body, headers = {}) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

async function request(url: string, path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url + path, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const json: unknown = isJson ? JSON.parse(text) : null;
  const bare = path.split('?')[0] ?? path;
  if (isJson && bare !== '/openapi.json') {
    expect(
      contractProblem(bare, init.method ?? 'GET', response.status, json),
      `${path}: ${text.slice(0, 300)}`,
    ).toBeNull();
  }
  return { status: response.status, headers: response.headers, json, text };
}
