import type { Clock } from './clock.js';
import type { Endpoint } from './endpoint.js';

/** What became of one HTTP request, by what the caller does next. */
export type Exchange =
  /** JSON came back; whether it is an answer is for the caller to say. */
  | { readonly kind: 'answered'; readonly json: unknown }
  /** It may succeed later, though less likely where there is nobody: after `waitMs` where the node says so. */
  | {
      readonly kind: 'failed';
      readonly problem: string;
      readonly waitMs: number | null;
      readonly nobodyThere?: boolean;
    }
  /** It would be refused again as it is. */
  | { readonly kind: 'refused'; readonly status: number; readonly problem: string };

export interface TransportOptions {
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  /** Of one exchange, up to the last byte of its answer. */
  readonly timeoutMs: number;
  /** Ends exchanges that are under way. */
  readonly signal: AbortSignal;
}

const RETRIED_STATUS = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529]);
const SHOWN_CHARACTERS = 160;

/** Sends one JSON document. Never throws: whatever goes wrong is an outcome. */
export async function post(body: unknown, options: TransportOptions): Promise<Exchange> {
  const { endpoint, clock, timeoutMs, signal } = options;
  const ending = new AbortController();
  const stop = (): void => ending.abort();
  const state = { timedOut: false };
  const cancel = clock.after(timeoutMs, () => {
    state.timedOut = true;
    stop();
  });
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...endpoint.headers },
      body: JSON.stringify(body),
      // A redirected POST becomes a GET, and credentials are for the host that was named.
      redirect: 'manual',
      signal: ending.signal,
    });
    return judge(response, await response.text(), options);
  } catch (error) {
    const problem = state.timedOut ? `no answer within ${timeoutMs} ms` : endpoint.redact(describeFailure(error));
    return { kind: 'failed', problem, waitMs: null, nobodyThere: /ECONNREFUSED|ENOTFOUND|bad port/.test(problem) };
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
}

function judge(response: Response, text: string, { clock, endpoint }: TransportOptions): Exchange {
  const { status } = response;
  const waitMs = response.ok ? null : readRetryAfter(response.headers.get('retry-after'), clock.nowMs());
  if (status === 429 || waitMs !== null) return { kind: 'failed', problem: `HTTP ${status}`, waitMs };
  const json = parse(text);
  // Many nodes send errors of JSON-RPC with statuses of HTTP.
  if (json !== undefined && (response.ok || isRpcAnswer(json))) return { kind: 'answered', json };
  const shown = text.trim() === '' ? '' : `: ${shorten(endpoint.redact(text))}`;
  if (RETRIED_STATUS.has(status)) return { kind: 'failed', problem: `HTTP ${status}${shown}`, waitMs: null };
  if (response.ok) return { kind: 'failed', problem: `an answer that is no whole JSON${shown}`, waitMs: null };
  return { kind: 'refused', status, problem: `HTTP ${status}${shown}` };
}

function isRpcAnswer(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  return Array.isArray(json) || 'error' in json || 'result' in json;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 9110: seconds, or a date; some servers send fractions of seconds. */
function readRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  if (/^\d+(?:\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1_000);
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

/** What fetch throws says nothing; its causes do. */
function describeFailure(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
    if (cause.cause === undefined) return cause.message;
  }
  return String(error);
}

function shorten(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS)}…`;
}
