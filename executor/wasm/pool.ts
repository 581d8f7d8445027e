import { setImmediate as nextTurn } from 'node:timers/promises';
import { Piscina } from 'piscina';
import { LanecastError } from '../../errors.js';
import type { EngineShare } from './instance.js';
import type { WorkerStart, WorkerTask } from './messages.js';
import { workerFile } from './module.js';

/** Tasks that a thread may have been told of before it is heard again: it refuses old ones in no time. */
const MOST_UNANSWERED = 64;
/** No run has this number. */
const NO_RUN: WorkerTask = { run: 0 };

type Threads = Piscina['threads'];

export interface PoolOptions {
  /** Most threads. */
  readonly threads: number;
  /** After which a thread that nobody used ends, in ms. */
  readonly idleTimeoutMs: number;
}

/** Threads that have an engine each on the same memory, started when they are first needed: the only user of piscina. */
export class WorkerPool {
  readonly #start: (worker: number) => PooledThread;
  readonly #most: number;
  #threads: PooledThread[] = [];

  constructor(share: EngineShare, { threads, idleTimeoutMs }: PoolOptions) {
    this.#most = threads;
    this.#start = (worker) => new PooledThread({ ...share, worker }, idleTimeoutMs);
  }

  /**
   * Tells the first `count` threads of a run, those of them that are up; the others are started, for later runs. Answers, by
   * worker and filled as they come, why threads failed that were told.
   */
  dispatch(count: number, run: number): ReadonlyMap<number, unknown> {
    const failures = new Map<number, unknown>();
    for (const [place, thread] of this.#first(count).entries()) {
      thread.tell({ run }).catch((error: unknown) => failures.set(place + 1, error));
    }
    return failures;
  }

  /** Starts the first `count` threads. Throws EXECUTION_FAILED where one can't start, or is ended meanwhile. */
  async warmUp(count: number): Promise<void> {
    try {
      await Promise.all(this.#first(count).map((thread) => thread.start()));
    } catch (cause) {
      throw new LanecastError('EXECUTION_FAILED', 'A worker thread did not start.', { cause });
    }
  }

  /** One turn of the event loop: whoever has come up, answered or died since is known afterwards. */
  async listen(): Promise<void> {
    await nextTurn();
  }

  /** Those that are up. */
  get threads(): Threads {
    return this.#threads.flatMap((thread) => thread.running);
  }

  /** Ends all threads, whatever they are doing. The next run starts others. */
  async destroy(): Promise<void> {
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(threads.map((thread) => thread.destroy()));
  }

  #first(count: number): PooledThread[] {
    while (this.#threads.length < Math.min(count, this.#most)) {
      this.#threads.push(this.#start(this.#threads.length + 1));
    }
    return this.#threads.slice(0, count);
  }
}

/** A piscina of one thread, so that no task waits behind another's, and the thread is the same worker in every run. */
class PooledThread {
  readonly #piscina: Piscina<WorkerTask, void>;
  #isUp = false;
  #starting: Promise<void> | null = null;
  /** It could not start: then it is tried again only where somebody waits for it. */
  #isBroken = false;

  constructor(start: WorkerStart, idleTimeoutMs: number) {
    this.#piscina = new Piscina({
      filename: workerFile(),
      name: 'run',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: idleTimeoutMs,
      concurrentTasksPerWorker: MOST_UNANSWERED,
      // Woken by the event loop: on virtual machines sooner than from a wait on shared memory.
      atomics: 'disabled',
      workerData: start,
      workerHistogram: false,
      recordTiming: false,
    });
    this.#piscina.on('workerCreate', () => (this.#isUp = true));
    this.#piscina.on('workerDestroy', () => (this.#isUp = false));
    // Between runs nobody waits: the next run starts it again.
    this.#piscina.on('error', () => undefined);
  }

  get running(): Threads {
    return this.#isUp ? this.#piscina.threads : [];
  }

  /** Rejects where the thread dies of the task or before it has come to it. */
  async tell(task: WorkerTask): Promise<void> {
    if (this.#isUp) return this.#piscina.run(task);
    if (!this.#isBroken) this.start().catch(() => undefined);
  }

  /** Resolves when the thread is up. */
  start(): Promise<void> {
    if (this.#isUp) return Promise.resolve();
    this.#starting ??= this.#comeUp().finally(() => (this.#starting = null));
    return this.#starting;
  }

  destroy(): Promise<void> {
    return this.#piscina.destroy();
  }

  /** Piscina starts a thread for a task that nobody is there for. */
  async #comeUp(): Promise<void> {
    const settled = new AbortController();
    try {
      await Promise.race([this.#piscina.run(NO_RUN), endOf(this.#piscina, settled.signal)]);
      this.#isBroken = false;
    } catch (error) {
      this.#isBroken = true;
      throw error;
    } finally {
      settled.abort();
    }
  }
}

/** Rejects when the thread fails outside of a task, or ends. */
function endOf(piscina: Piscina<WorkerTask, void>, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    // An error follows the end that it brings about, within the same turn.
    const ended = (): void => queueMicrotask(() => reject(new Error('the thread has ended')));
    piscina.once('error', reject).once('workerDestroy', ended);
    signal.addEventListener('abort', () => piscina.off('error', reject).off('workerDestroy', ended));
  });
}
