import { LanecastError } from '../../errors.js';
import { regionOf, type Engine } from './engine.js';
import * as layout from './layout.js';

/** How long workers may take to leave once they were told to, before their threads are ended. */
const GRACE_MS = 2_000;

export interface Leading {
  /** With the calling one. */
  readonly workers: number;
  readonly limitMs: number;
}

/**
 * Runs what is prepared: tells the threads that are up, and works on it like them on the calling thread, without waiting for any.
 * When it answers how the run has ended (OUTCOME_*), nobody else is in it. Throws EXECUTION_FAILED where a worker died in
 * it, or did not leave in time; then all threads are ended.
 */
export async function lead(engine: Engine, { workers, limitMs }: Leading): Promise<number> {
  const { exports } = engine.instance;
  const run = engine.instance.u32(layout.RUN_EPOCH);
  try {
    const watch = new Watch(engine, { run, limitMs, failures: engine.pool.dispatch(workers - 1, run) });
    while (exports.leadRun() === 0) await watch.look();
    return await watch.untilClosed();
  } catch (cause) {
    exports.giveUpRun();
    await engine.pool.destroy();
    throw new LanecastError('EXECUTION_FAILED', 'A worker thread died or hung while it executed a block.', { cause });
  }
}

interface Watched {
  readonly run: number;
  readonly limitMs: number;
  /** Why threads failed that were told of the run, by worker. */
  readonly failures: ReadonlyMap<number, unknown>;
}

/** Looks after the other workers when there is nothing to do. */
class Watch {
  readonly #engine: Engine;
  readonly #watched: Watched;
  readonly #startMs = performance.now();

  constructor(engine: Engine, watched: Watched) {
    this.#engine = engine;
    this.#watched = watched;
  }

  /** Throws why a worker died in the run, or that it has not ended long after its limit; at the limit it is given up. */
  async look(): Promise<void> {
    const { instance, pool } = this.#engine;
    const { run, limitMs, failures } = this.#watched;
    await pool.listen();
    for (const [worker, cause] of failures) {
      // Who died before it entered has left nothing undone.
      if (instance.u32(regionOf(this.#engine, worker) + layout.W_INSIDE) === run) throw cause;
    }
    const elapsedMs = performance.now() - this.#startMs;
    if (elapsedMs > limitMs + GRACE_MS) throw new Error(`no end after ${limitMs} ms`);
    if (elapsedMs > limitMs) instance.exports.giveUpRun();
  }

  async untilClosed(): Promise<number> {
    for (;;) {
      const outcome = this.#engine.instance.exports.closeRun();
      if (outcome !== 0) return outcome;
      await this.look();
    }
  }
}
