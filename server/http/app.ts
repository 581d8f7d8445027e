import { z } from 'zod';
import type { DashboardFile } from '../dashboard.js';
import type { Logger } from '../logger.js';
import { Metrics } from '../metrics.js';
import { Problem } from '../problem.js';
import type { Service } from '../service.js';
import { addDocs } from './docs.js';
import { streamEvents } from './events.js';
import {
  createExpress,
  readBody,
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from './express.js';
import { problemOf, sendProblem } from './problems.js';
import { allowOrigin, limitRate, requestIds, requireToken, secureHeaders } from './security.js';

export interface AppOptions {
  readonly service: Service;
  readonly logger: Logger;
  /** Null: writes are for those on this machine, if the service listens to no others. */
  readonly token: string | null;
  readonly isLoopback: boolean;
  /** From one address; null for any number. */
  readonly requestsPerSecond: number | null;
  /** An origin whose pages may read answers; null for none. */
  readonly corsOrigin: string | null;
  readonly version: string;
  /** Largest body of a question. */
  readonly maxBodyBytes: number;
  /** Largest body of an observation. */
  readonly maxObservationBytes: number;
  /** Monotonic, in ms. */
  readonly now: () => number;
  /** Whether memory, event loop and the like are among the metrics. */
  readonly processMetrics: boolean;
  /** Files of the dashboard by path; none if absent. */
  readonly pages?: ReadonlyMap<string, DashboardFile> | undefined;
}

/** The HTTP interface, apart from any socket. */
export interface App {
  readonly express: Express;
  /** Requests that were taken and are not answered yet, streams of events aside. */
  readonly active: number;
  /** From now on new work is refused with 503, while what was taken is finished. */
  drain(): void;
}

const BlocksQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'expected a whole number from 0 to 64')
    .transform(Number)
    .refine((limit) => limit <= 64, 'expected a whole number from 0 to 64')
    .default(16),
});

/** Bodies that are read or wait at once; more are refused before they are read. */
const MOST_BODIES = 256;

export function createApp(options: AppOptions): App {
  const { service, now } = options;
  const app = createExpress();
  const metrics = new Metrics(service, { process: options.processMetrics });
  const state = { active: 0, isDraining: false };
  const startMs = now();
  app.use(requestIds(), watch(options, metrics), secureHeaders());
  if (options.corsOrigin !== null) app.use(allowOrigin(options.corsOrigin));
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok', uptimeSeconds: Math.round(now() - startMs) / 1_000 });
  });
  app.get('/readyz', (_request, response) => {
    if (state.isDraining) throw draining();
    response.json({ status: 'ready', model: service.model });
  });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.text());
  });
  if (options.requestsPerSecond !== null) app.use(limitRate(options.requestsPerSecond));
  app.use('/v1', takeWork(state));
  addQuestions(app, options);
  addWrites(app, options);
  addReads(app, service);
  addDocs(app, options.version);
  for (const [path, { type, body }] of options.pages ?? []) {
    app.get(path, (_request, response) => void response.type(type).send(body));
  }
  refuseOthers(app);
  app.use(reportError(options));
  return {
    express: app,
    get active() {
      return state.active;
    },
    drain: () => {
      state.isDraining = true;
    },
  };
}

function draining(): Problem {
  return new Problem('draining', 'This instance is shutting down: ask another.');
}

/** One line in the log and two numbers for each request; nothing of what was sent. */
function watch({ logger, now }: AppOptions, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const startMs = now();
    response.once('close', () => {
      const [ms, route] = [now() - startMs, routeOf(request)];
      const status = response.writableFinished ? response.statusCode : 499;
      metrics.observe({ method: request.method, route, status, seconds: ms / 1_000 });
      const line = {
        requestId: response.getHeader('x-request-id'),
        method: request.method,
        route,
        status,
        ms: Math.round(ms * 100) / 100,
      };
      if (status >= 500) logger.warn(line, 'request');
      else logger.debug(line, 'request');
    });
    next();
  };
}

/** Paths that clients make up are nobody's route. */
function routeOf(request: Request): string {
  const route = request.route as { readonly path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'unknown';
}

interface WorkState {
  active: number;
  isDraining: boolean;
}

function takeWork(state: WorkState): RequestHandler {
  return (request, response, next) => {
    if (state.isDraining) {
      response.set('connection', 'close');
      throw draining();
    }
    if (request.path === '/events') {
      next();
      return;
    }
    if (state.active >= MOST_BODIES) throw new Problem('overloaded', 'too many requests are open already: try again');
    state.active += 1;
    response.once('close', () => {
      state.active -= 1;
    });
    next();
  };
}

function requireJson(request: Request, _response: Response, next: NextFunction): void {
  if (request.is('application/json') !== false) next();
  else next(new Problem('unsupported_media_type', 'expected a body with the content type application/json'));
}

function bodyOf(request: Request): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array();
}

function addQuestions(app: Express, { service, maxBodyBytes }: AppOptions): void {
  for (const question of ['conflicts', 'schedule'] as const) {
    app.post(`/v1/${question}`, requireJson, readBody(maxBodyBytes), async (request, response) => {
      const answer = await service.answer(question, bodyOf(request));
      response.type('application/json').send(Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength));
    });
  }
}

function addWrites(app: Express, { service, token, isLoopback, maxObservationBytes }: AppOptions): void {
  const guard = requireToken(token, isLoopback);
  app.post('/v1/observations', guard, requireJson, readBody(maxObservationBytes), async (request, response) => {
    response.json(await service.observe({ body: bodyOf(request) }));
  });
  app.post('/v1/model/reload', guard, async (_request, response) => {
    const { model } = await service.reload();
    response.json({ status: 'reloaded', model });
  });
}

function addReads(app: Express, service: Service): void {
  app.get('/v1/forecast', (_request, response) => {
    response.json(service.forecast());
  });
  app.get('/v1/model', (_request, response) => {
    response.json(service.modelState());
  });
  app.get('/v1/blocks', (request, response) => {
    const query = BlocksQuery.safeParse(request.query);
    if (!query.success) {
      const issue = query.error.issues[0];
      throw new Problem('invalid_request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
    }
    response.json(service.blocks(query.data.limit));
  });
  app.get('/v1/events', (request, response) => {
    streamEvents(service.feed, request, response);
  });
}

const METHODS: Readonly<Record<string, string>> = {
  '/v1/conflicts': 'POST',
  '/v1/schedule': 'POST',
  '/v1/observations': 'POST',
  '/v1/model/reload': 'POST',
  '/v1/forecast': 'GET, HEAD',
  '/v1/model': 'GET, HEAD',
  '/v1/blocks': 'GET, HEAD',
  '/v1/events': 'GET, HEAD',
  '/healthz': 'GET, HEAD',
  '/readyz': 'GET, HEAD',
  '/metrics': 'GET, HEAD',
  '/openapi.json': 'GET, HEAD',
};

function refuseOthers(app: Express): void {
  for (const [path, methods] of Object.entries(METHODS)) {
    app.all(path, (request, response) => {
      response.set('allow', methods);
      throw new Problem('method_not_allowed', `${request.method} is not for ${path}: expected ${methods}`);
    });
  }
  app.use(() => {
    throw new Problem('not_found', 'There is nothing at this path; /docs describes what there is.');
  });
}

function reportError({ logger, maxBodyBytes, maxObservationBytes }: AppOptions) {
  // Express knows a handler of errors by its four parameters.
  return (error: unknown, request: Request, response: Response, next: NextFunction): void => {
    const limit = request.path === '/v1/observations' ? maxObservationBytes : maxBodyBytes;
    const problem = problemOf(error, request, limit);
    if (problem.code === 'internal_error') {
      logger.error({ requestId: response.getHeader('x-request-id'), err: error }, 'a request failed by a bug');
    }
    if (response.headersSent) next(error);
    else sendProblem(response, problem);
  };
}
