import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { Problem } from '../problem.js';
import type { RequestHandler } from './express.js';
import { sendProblem } from './problems.js';

const REQUEST_ID = /^[\w.-]{1,64}$/;
const WINDOW_MS = 1_000;
const PREFLIGHT_SECONDS = 600;

/** Every answer has an id: the client's where it sent one that may stand in a log. */
export function requestIds(): RequestHandler {
  return (request, response, next) => {
    const given = request.get('x-request-id') ?? '';
    response.set('x-request-id', REQUEST_ID.test(given) ? given : randomUUID());
    next();
  };
}

/**
 * Headers for browsers: the pages load nothing from elsewhere. Styles may stand in the page, because libraries for charts and
 * descriptions set them on elements. Nothing is said about TLS: that ends at a proxy, if anywhere.
 */
export function secureHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  });
}

/** Lets pages of one other origin read answers. */
export function allowOrigin(origin: string): RequestHandler {
  return (request, response, next) => {
    response.vary('origin');
    if (request.get('origin') === origin || origin === '*') {
      response.set('access-control-allow-origin', origin);
      response.set('access-control-expose-headers', 'x-request-id, retry-after');
    }
    if (request.method !== 'OPTIONS' || request.get('access-control-request-method') === undefined) {
      next();
      return;
    }
    response.set('access-control-allow-methods', 'GET, POST');
    response.set('access-control-allow-headers', 'content-type, authorization, x-request-id');
    response.set('access-control-max-age', String(PREFLIGHT_SECONDS));
    response.status(204).end();
  };
}

/** So many requests a second from one address. */
export function limitRate(perSecond: number): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: perSecond,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    handler: (_request, response) =>
      sendProblem(response, new Problem('rate_limited', `more than ${perSecond} requests a second from this address`)),
  });
}

/**
 * Lets through who knows the token. Where there is none, writes are for those on this machine, which `isLoopback` says of the
 * address that the service listens on.
 */
export function requireToken(token: string | null, isLoopback: boolean): RequestHandler {
  const expected = token === null ? null : digestOf(`Bearer ${token}`);
  return (request, _response, next) => {
    if (expected === null) {
      if (isLoopback) next();
      else
        next(
          new Problem('writes_disabled', 'writes need a token here: start the service with --token or LANECAST_TOKEN'),
        );
      return;
    }
    const given = digestOf(request.get('authorization') ?? '');
    if (timingSafeEqual(given, expected)) next();
    else
      next(new Problem('unauthorized', 'expected the header "Authorization: Bearer …" with the token of this service'));
  };
}

/** Digests have one length, as the comparison wants it. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
