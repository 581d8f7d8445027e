import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { Forecast, LiveBlocks, ModelState } from './live.js';
import { ObservationBody } from './observations/schema.js';
import { PROBLEMS, type ProblemCode } from './problem.js';
import {
  ConflictsAnswer,
  ConflictsRequestBody,
  Health,
  ObservationAnswer,
  ProblemAnswer,
  Readiness,
  ReloadAnswer,
  ScheduleAnswer,
  ScheduleRequestBody,
} from './schemas.js';

const READ: readonly ProblemCode[] = ['rate_limited', 'internal_error', 'draining'];
const QUESTION: readonly ProblemCode[] = [
  ...([...READ, 'malformed_json', 'invalid_request', 'request_timeout', 'wrong_chain'] as const),
  ...(['payload_too_large', 'unsupported_media_type', 'overloaded', 'not_ready'] as const),
];
const GUARDED: readonly ProblemCode[] = ['unauthorized', 'writes_disabled'];
const WRITE: readonly ProblemCode[] = [...QUESTION, ...GUARDED, 'block_not_reproduced'];

const TOKEN = { security: [{ token: [] }, {}] };

/** The description of the interface as OpenAPI 3.1, made from the schemas that requests and tests are checked by. */
export function createOpenApi(version: string): ReturnType<typeof createDocument> {
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Lanecast',
      version,
      description:
        'Predicts which transactions will conflict, what they will cost, and how to execute them on several threads. A prediction is a ' +
        'hint: the result of a block is that of its order, whatever is predicted.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Needed for writes if one is configured.' },
      },
    },
    paths: {
      '/v1/conflicts': { post: conflicts() },
      '/v1/schedule': { post: schedule() },
      '/v1/observations': { post: observations() },
      '/v1/forecast': { get: forecast() },
      '/v1/model': { get: model() },
      '/v1/model/reload': { post: reload() },
      '/v1/blocks': { get: blocks() },
      '/v1/events': { get: events() },
      '/healthz': { get: health() },
      '/readyz': { get: readiness() },
      '/metrics': { get: metrics() },
    },
  });
}

function conflicts(): ZodOpenApiOperationObject {
  return {
    summary: 'What transactions will touch, conflict on, and cost',
    operationId: 'predictConflicts',
    requestBody: body(ConflictsRequestBody),
    responses: responses('The prediction.', ConflictsAnswer, QUESTION),
  };
}

function schedule(): ZodOpenApiOperationObject {
  return {
    summary: 'How to execute transactions on several threads, in their order or in a better one',
    operationId: 'planSchedule',
    requestBody: body(ScheduleRequestBody),
    responses: responses('The schedule.', ScheduleAnswer, QUESTION),
  };
}

function observations(): ZodOpenApiOperationObject {
  return {
    summary: 'Teaches an executed block, once: the same block again changes nothing',
    operationId: 'observeBlock',
    ...TOKEN,
    requestBody: body(ObservationBody),
    responses: responses('What came of it.', ObservationAnswer, WRITE),
  };
}

function forecast(): ZodOpenApiOperationObject {
  return {
    summary: 'The load of the next blocks',
    operationId: 'forecastLoad',
    responses: responses('Quantiles by horizon.', Forecast, [...READ, 'forecast_unavailable', 'not_ready']),
  };
}

function model(): ZodOpenApiOperationObject {
  return {
    summary: 'What answers, what it learned, and how good it has been',
    operationId: 'describeModel',
    responses: responses('The model.', ModelState, [...READ, 'not_ready']),
  };
}

function reload(): ZodOpenApiOperationObject {
  return {
    summary: 'Loads the trained model again, without a pause',
    operationId: 'reloadModel',
    ...TOKEN,
    responses: responses('The model that took over.', ReloadAnswer, [
      ...READ,
      ...GUARDED,
      'reload_failed',
      'not_ready',
    ]),
  };
}

function blocks(): ZodOpenApiOperationObject {
  const limit = z.int().min(0).max(64).default(16);
  return {
    summary: 'The latest observed blocks, predicted against observed',
    operationId: 'listBlocks',
    requestParams: { query: z.object({ limit }) },
    responses: responses('Oldest first.', LiveBlocks, [...READ, 'invalid_request', 'not_ready']),
  };
}

function events(): ZodOpenApiOperationObject {
  const after = z.string().optional().meta({ description: 'Sequence of the last block that the client has.' });
  const description =
    'Events `block` (a LiveBlock; its id is its sequence), `model` (a ModelState) and `forecast` (a Forecast), as they come.';
  return {
    summary: 'The same as it happens: server-sent events',
    operationId: 'streamEvents',
    requestParams: { query: z.object({ after }), header: z.object({ 'Last-Event-ID': after }) },
    responses: {
      '200': { description, content: { 'text/event-stream': { schema: z.string() } } },
      ...problems([...READ, 'overloaded']),
    },
  };
}

function health(): ZodOpenApiOperationObject {
  return { summary: 'Whether the process is alive', responses: responses('It is.', Health, ['internal_error']) };
}

function readiness(): ZodOpenApiOperationObject {
  return { summary: 'Whether it takes work', responses: responses('It does.', Readiness, ['not_ready', 'draining']) };
}

function metrics(): ZodOpenApiOperationObject {
  const content = { 'text/plain': { schema: z.string() } };
  return { summary: 'For Prometheus', responses: { '200': { description: 'Metrics.', content } } };
}

function body(schema: z.ZodType): NonNullable<ZodOpenApiOperationObject['requestBody']> {
  return { required: true, content: { 'application/json': { schema } } };
}

function responses(description: string, schema: z.ZodType, codes: readonly ProblemCode[]): ZodOpenApiResponsesObject {
  return { '200': { description, content: { 'application/json': { schema } } }, ...problems(codes) };
}

function problems(codes: readonly ProblemCode[]): ZodOpenApiResponsesObject {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const [status] = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => {
      const description = `${PROBLEMS[same[0] ?? 'internal_error'][1]}: ${same.map((code) => `\`${code}\``).join(', ')}.`;
      return [String(status) as '400', { description, content: { 'application/json': { schema: ProblemAnswer } } }];
    }),
  );
}
