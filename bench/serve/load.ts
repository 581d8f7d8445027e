import autocannon from 'autocannon';
import type { LoadResult } from './document.js';
import type { Section } from './bodies.js';

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Null for as many as go. */
  readonly perSecond: number | null;
}

/** Asks for schedules. With a rate, latency counts from when a request should have been sent. */
export async function applyLoad({ name, bodies }: Section, load: Load): Promise<LoadResult> {
  const headers = { 'content-type': 'application/json' };
  const result = await autocannon({
    url: `${load.url}/v1/schedule`,
    connections: load.connections,
    duration: load.seconds,
    timeout: 10,
    ...(load.perSecond === null ? {} : { overallRate: load.perSecond }),
    requests: bodies.map((body) => ({ method: 'POST' as const, headers, body })),
  });
  return {
    section: name,
    bodyBytes: Math.round(bodies.reduce((sum, body) => sum + body.length, 0) / bodies.length),
    ...{ connections: load.connections, targetPerSecond: load.perSecond, seconds: result.duration },
    requests: result.requests.total,
    requestsPerSecond: result.requests.total / result.duration,
    ...{ p50Ms: result.latency.p50, p99Ms: result.latency.p99, maxMs: result.latency.max },
    errors: result.errors + result.timeouts + result.non2xx,
  };
}
