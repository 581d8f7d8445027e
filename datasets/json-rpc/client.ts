import pLimit from 'p-limit';
import { LanecastError } from '../../errors.js';
import { matchAnswers, type Answer, type Request } from './answers.js';
import type { Clock } from './clock.js';
import type { Endpoint } from './endpoint.js';
import type { RpcError } from './rpc-error.js';
import { post, type Exchange } from './transport.js';

export interface RpcClientOptions {
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  /** From 0 to below 1, for the jitter of waiting times. */
  readonly random: () => number;
  /** HTTP requests at a time. */
  readonly concurrency: number;
  /** Calls in one HTTP request; smaller once the node refuses so many. */
  readonly batchSize: number;
  /** Of one HTTP request. */
  readonly timeoutMs: number;
  /** HTTP requests for one call before it fails. */
  readonly attempts?: number | undefined;
  /** Ends everything: what is under way and what waits fails at once. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait, with its reason. */
  readonly onWait?: ((waitMs: number, problem: string) => void) | undefined;
}

export interface RpcClient {
  readonly endpoint: Endpoint;
  /**
   * Calls a method. Calls of one turn of the event loop travel together, but for those that are `alone` because their
   * answers are large. Fails with RpcError where the node answers an error that repetition does not help, with
   * LanecastError NODE_UNAVAILABLE where it gives no answer.
   */
  call(method: string, params: readonly unknown[], options?: { readonly alone?: boolean }): Promise<unknown>;
  /** Ends what is under way. */
  close(): void;
}

const DEFAULT_ATTEMPTS = 6;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 15_000;
/** A node that asks for more patience than this is given up. */
const MAX_ASKED_WAIT_MS = 10 * 60 * 1_000;

/** A call on its way. */
interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly alone: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** HTTP requests so far; those in batches that were too large are one. */
  attempts: number;
}

export function createRpcClient(options: RpcClientOptions): RpcClient {
  const courier = new Courier(options);
  return {
    endpoint: options.endpoint,
    call: (method, params, { alone = false } = {}) => courier.call(method, params, alone),
    close: () => courier.close(),
  };
}

/**
 * Half of the waiting time is fixed, half is drawn, so that clients which failed together don't return together; it doubles
 * from time to time.
 */
export function backoffMs(failures: number, random: () => number, maxMs: number = MAX_BACKOFF_MS): number {
  const fullMs = Math.min(maxMs, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 30));
  return Math.round(fullMs / 2 + (fullMs / 2) * random());
}

class Courier {
  private readonly options: RpcClientOptions;
  private readonly limit: ReturnType<typeof pLimit>;
  private readonly ending = new AbortController();
  private queue: Call[] = [];
  private nextId = 1;
  private batchLimit: number;
  private notBeforeMs = 0;
  /** Whether anything ever came back. */
  private answered = false;

  constructor(options: RpcClientOptions) {
    this.options = options;
    this.limit = pLimit(options.concurrency);
    this.batchLimit = options.batchSize;
    const { signal } = options;
    if (signal?.aborted === true) this.close();
    else signal?.addEventListener('abort', () => this.close(), { once: true });
  }

  call(method: string, params: readonly unknown[], alone: boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.queue.length === 0) setImmediate(() => this.flush());
      this.queue.push({ method, params, alone, resolve, reject, attempts: 0 });
    });
  }

  close(): void {
    this.ending.abort();
  }

  private flush(): void {
    const calls = this.queue;
    this.queue = [];
    for (const call of calls.filter(({ alone }) => alone)) this.dispatch([call]);
    this.dispatch(calls.filter(({ alone }) => !alone));
  }

  /** In batches, each of which looks after itself from here on. */
  private dispatch(calls: readonly Call[]): void {
    for (let start = 0; start < calls.length; start += this.batchLimit) {
      const batch = calls.slice(start, start + this.batchLimit);
      this.deliver(batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error instanceof Error ? error : new Error(String(error)));
      });
    }
  }

  private async deliver(batch: readonly Call[]): Promise<void> {
    const requests = batch.map(({ method, params }): Request => ({
      jsonrpc: '2.0',
      id: this.nextId++,
      method,
      params,
    }));
    for (const call of batch) call.attempts += 1;
    const exchange = await this.limit(() => this.send(requests));
    if (this.ending.signal.aborted) return fail(batch, this.unavailable('the connection was closed'));
    if (exchange.kind === 'failed' && exchange.nobodyThere === true && !this.answered) {
      return fail(batch, this.unavailable(exchange.problem));
    }
    this.answered ||= exchange.kind === 'answered';
    if (exchange.kind === 'failed') return this.retry(batch, exchange.problem, exchange.waitMs);
    if (exchange.kind === 'refused') return this.refuse(batch, exchange);
    const matched = matchAnswers(requests, exchange.json);
    if (matched.kind === 'unmatched') return this.mistrust(batch, matched.problem);
    if (matched.kind === 'matched') return this.settle(batch, matched.answers);
    if (matched.error.isTransient) return this.retry(batch, this.textOf(matched.error));
    this.refuse(batch, { kind: 'refused', status: 200, problem: this.textOf(matched.error) });
  }

  private async send(requests: readonly Request[]): Promise<Exchange> {
    const { clock, endpoint, timeoutMs } = this.options;
    const { signal } = this.ending;
    for (;;) {
      const waitMs = this.notBeforeMs - clock.nowMs();
      if (waitMs <= 0 || signal.aborted) break;
      await clock.sleep(waitMs, signal);
    }
    return post(requests.length === 1 ? requests[0] : requests, { endpoint, clock, timeoutMs, signal });
  }

  private settle(batch: readonly Call[], answers: readonly Answer[]): void {
    const [again, smaller]: [Call[], Call[]] = [[], []];
    let problem = '';
    for (const [position, answer] of answers.entries()) {
      const call = batch[position];
      if (call === undefined) continue;
      if (answer.ok) call.resolve(answer.value);
      else if (isFinal(answer.error)) call.reject(this.shown(answer.error));
      else if (answer.error.isTooLarge && batch.length > 1) smaller.push(call);
      else if (answer.error.isTransient) {
        again.push(call);
        problem = this.textOf(answer.error);
      } else call.reject(this.shown(answer.error));
    }
    if (smaller.length > 0) this.resend(smaller, batch.length);
    if (again.length > 0) this.retry(again, problem);
  }

  /** A batch is refused for its size, or because the node takes none at all: halves of it come down to single requests. */
  private refuse(batch: readonly Call[], { status, problem }: Extract<Exchange, { kind: 'refused' }>): void {
    if (batch.length > 1 && ![401, 403].includes(status)) return this.resend(batch, batch.length);
    fail(batch, this.unavailable(`${problem}${hintOf(status)}`));
  }

  /** Once it is an accident; twice, the node may not know what a batch is. */
  private mistrust(batch: readonly Call[], problem: string): void {
    if (batch.length > 1 && batch.some(({ attempts }) => attempts > 1)) return this.resend(batch, batch.length);
    this.retry(batch, `a wrong answer (${this.options.endpoint.redact(problem)})`);
  }

  private resend(calls: readonly Call[], refusedSize: number): void {
    this.batchLimit = Math.min(this.batchLimit, Math.max(1, Math.floor(refusedSize / 2)));
    // The size was at fault; what fails from here on is another failure. Sizes shrink each time, so this has an end.
    for (const call of calls) call.attempts = Math.min(call.attempts, 1);
    this.dispatch(calls);
  }

  private retry(calls: readonly Call[], problem: string, askedMs: number | null = null): void {
    const { clock, random, attempts = DEFAULT_ATTEMPTS, onWait } = this.options;
    if (askedMs !== null && askedMs > MAX_ASKED_WAIT_MS) {
      return fail(calls, this.unavailable(`${problem}, and it asks to wait ${Math.ceil(askedMs / 1_000)} s`));
    }
    const [spent, left] = partition(calls, (call) => call.attempts >= attempts);
    fail(spent, this.unavailable(`${problem}, at the last of ${attempts} attempts`));
    if (left.length === 0) return;
    const waitMs = Math.max(askedMs ?? 0, backoffMs(Math.max(...left.map((call) => call.attempts)) - 1, random));
    // What the node asks for holds for all requests.
    if (askedMs !== null) this.notBeforeMs = Math.max(this.notBeforeMs, clock.nowMs() + waitMs);
    onWait?.(waitMs, problem);
    void clock.sleep(waitMs, this.ending.signal).then(() => {
      if (this.ending.signal.aborted) fail(left, this.unavailable('the connection was closed'));
      else this.dispatch(left);
    });
  }

  private shown(error: RpcError): RpcError {
    return error.shownAs(this.options.endpoint.redact(error.message));
  }

  private textOf(error: RpcError): string {
    return `error "${this.shown(error).message}"`;
  }

  private unavailable(problem: string): LanecastError {
    return new LanecastError('NODE_UNAVAILABLE', `The node at ${this.options.endpoint.name}: ${problem}.`);
  }
}

/** Whether repeating the request is no use, whatever else its text says. */
function isFinal(error: RpcError): boolean {
  return error.isMethodMissing || error.isStateMissing;
}

function hintOf(status: number): string {
  if (status === 401 || status === 403) {
    return '; it wants credentials: http(s)://user:password@host, or the authorization header in LANECAST_RPC_AUTHORIZATION';
  }
  if (status >= 300 && status < 400) return '; it redirects: name the address that it redirects to';
  return '';
}

function fail(calls: readonly Call[], error: Error): void {
  for (const { reject } of calls) reject(error);
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
