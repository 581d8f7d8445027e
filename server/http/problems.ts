import { Overloaded } from '../engine/model-pool.js';
import { Problem } from '../problem.js';
import type { Request, Response } from './express.js';

const RETRY_AFTER_SECONDS = 1;

/** Answers with a problem, in the one shape that all errors have. */
export function sendProblem(response: Response, problem: Problem): void {
  if (problem instanceof Overloaded) response.set('retry-after', String(problem.retryAfterSeconds));
  else if (problem.statusCode === 503) response.set('retry-after', String(RETRY_AFTER_SECONDS));
  if (problem.code === 'unauthorized') response.set('www-authenticate', 'Bearer');
  response.status(problem.statusCode).json(problem.body);
}

/**
 * What went wrong, as clients may know it. Errors of the body parser carry a status and a type; whatever else is not a Problem is a
 * bug, of which clients learn the id of their request only.
 */
export function problemOf(error: unknown, request: Request, limitBytes: number): Problem {
  if (error instanceof Problem) return error;
  const { status, type } = partsOf(error);
  if (status === 413)
    return new Problem('payload_too_large', `the body is larger than the ${limitBytes} bytes that are read`);
  if (status === 415)
    return new Problem('unsupported_media_type', 'expected a body without encoding, or gzip, deflate or br');
  if (type === 'request.aborted' || type === 'request.size.invalid') {
    return new Problem('invalid_request', 'the body ended before it was whole');
  }
  if (status !== null && status >= 400 && status < 500)
    return new Problem('invalid_request', 'the request can not be read');
  const id = String(request.res?.getHeader('x-request-id') ?? '');
  return new Problem('internal_error', `Something went wrong here, not in the request. Its id is ${id}.`, {
    cause: error,
  });
}

function partsOf(error: unknown): { readonly status: number | null; readonly type: string } {
  if (typeof error !== 'object' || error === null) return { status: null, type: '' };
  const status = 'status' in error && typeof error.status === 'number' ? error.status : null;
  return { status, type: 'type' in error ? String(error.type) : '' };
}
