import { Piscina } from 'piscina';
import type { EngineShare } from './instance.js';
import type { WorkerReport, WorkerTask } from './messages.js';
import { workerFile } from './module.js';

/** Threads that have an engine each on the same memory: the only user of piscina. */
export class WorkerPool {
  readonly #share: EngineShare;
  readonly #threads: number;
  #piscina: Piscina<WorkerTask, WorkerReport> | null = null;

  constructor(share: EngineShare, threads: number) {
    this.#share = share;
    this.#threads = threads;
  }

  /** One task a worker. Rejects as soon as a thread dies, with a task or without. */
  async dispatch(workers: number): Promise<WorkerReport[]> {
    const piscina = this.#open();
    const tasks = Array.from({ length: workers }, (_, worker) => piscina.run({ worker }));
    const death = new AbortController();
    try {
      return await Promise.race([Promise.all(tasks), diesOf(piscina, death.signal)]);
    } finally {
      death.abort();
    }
  }

  /** Threads that run now; for tests, which end one. */
  get threads(): Piscina['threads'] {
    return this.#open().threads;
  }

  /** Ends all threads, whatever they are doing. The next dispatch starts others. */
  async destroy(): Promise<void> {
    const piscina = this.#piscina;
    this.#piscina = null;
    await piscina?.destroy();
  }

  #open(): Piscina<WorkerTask, WorkerReport> {
    if (this.#piscina !== null) return this.#piscina;
    this.#piscina = new Piscina({
      filename: workerFile(),
      name: 'run',
      minThreads: this.#threads,
      maxThreads: this.#threads,
      concurrentTasksPerWorker: 1,
      // Woken by the event loop: on virtual machines sooner than from a wait on shared memory.
      atomics: 'disabled',
      workerData: this.#share,
      workerHistogram: false,
      recordTiming: false,
    });
    // Between runs nobody waits: the next run finds out.
    this.#piscina.on('error', () => undefined);
    return this.#piscina;
  }
}

/** Rejects when a thread of the pool fails outside of a task: where it can't load the engine, for instance. */
function diesOf(piscina: Piscina<WorkerTask, WorkerReport>, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    piscina.once('error', reject);
    signal.addEventListener('abort', () => piscina.off('error', reject));
  });
}
