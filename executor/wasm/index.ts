import { LanecastError } from '../../errors.js';
import type { Workload } from '../../scheduler/workload.js';
import type { BlockResult, BlockSnapshot } from '../../types.js';
import { createEngine, MOST_WORKERS, type Engine } from './engine.js';
import { LoadedBlock } from './loaded-block.js';
import { LoadedRecording } from './loaded-recording.js';
import type { WorkerPool } from './pool.js';
import { refuseWorkers, type RunOptions } from './run.js';

export type { BlockOutcome, EngineRun, LoadTimes, LoadedBlock } from './loaded-block.js';
export type { LoadedRecording } from './loaded-recording.js';
export type { RunOptions } from './run.js';

/** What a timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Executes blocks of Berlin to Osaka on the WASM engine. Errors: UNSUPPORTED for earlier forks and where a table of the
 * engine is too small (execute the block elsewhere); EXECUTION_FAILED for a transaction that its block cannot hold, for a
 * worker that died or hung, or where the engine is not built.
 */
export interface WasmExecutor {
  /** Most workers that a run may have, the calling thread included. */
  readonly workers: number;
  /** Threads that are up now, the calling one left out. They end where nobody needs them for a while. */
  readonly threads: number;
  /**
   * Starts the threads that runs of so many workers use besides the calling one, ahead of the first that does, and waits until they
   * are up. A run waits for none: it begins with those that are up, and starts the others for later runs.
   */
  warmUp(workers: number): Promise<void>;
  /** Brings a block into the engine, in place of the one before. */
  load(snapshot: BlockSnapshot): Promise<LoadedBlock>;
  /** Brings a block of recorded transactions into the engine, in place of the one before. */
  loadRecorded(workload: Workload, unitsPerCost?: number): Promise<LoadedRecording>;
  /** Loads, runs once and describes; on one worker unless told otherwise. */
  execute(snapshot: BlockSnapshot, options?: Partial<RunOptions>): Promise<BlockResult>;
  /** Ends the threads. */
  close(): Promise<void>;
}

export interface WasmExecutorOptions {
  /** Most workers of a run: the calling thread, and others that are started when they are first needed. From 1 to 14; 1 if absent. */
  readonly workers?: number | undefined;
  /** After which a thread that no run needed ends, in ms. Ten seconds if absent. */
  readonly idleTimeoutMs?: number | undefined;
}

/** Throws INVALID_ARGUMENT. */
export function createWasmExecutor(options: WasmExecutorOptions = {}): WasmExecutor {
  const { workers = 1, idleTimeoutMs } = options;
  refuseWorkers(workers, MOST_WORKERS);
  refuseIdleTimeout(idleTimeoutMs);
  const opened: { engine: Promise<Engine> | null; pool: WorkerPool | null } = { engine: null, pool: null };
  const create = async (): Promise<Engine> => {
    const engine = await createEngine(workers, idleTimeoutMs);
    opened.pool = engine.pool;
    return engine;
  };
  const open = (): Promise<Engine> => (opened.engine ??= create());
  const load = async (snapshot: BlockSnapshot): Promise<LoadedBlock> => new LoadedBlock(await open(), snapshot);
  const execute = async (snapshot: BlockSnapshot, settings: RunOptions): Promise<BlockResult> => {
    const block = await load(snapshot);
    if (settings.workers > 1 || settings.plan !== undefined || settings.tracked === true) {
      await block.run(settings);
      return block.describe([]);
    }
    return block.describe(block.timeTransactions());
  };
  /** There is one block in the engine at a time, so that blocks which are given at once take turns. */
  const queue: { last: Promise<unknown> } = { last: Promise.resolve() };
  return {
    workers,
    get threads() {
      return opened.pool?.threads.length ?? 0;
    },
    warmUp: async (count) => {
      refuseWorkers(count, workers);
      await (await open()).pool.warmUp(count - 1);
    },
    load,
    loadRecorded: async (workload, unitsPerCost) => new LoadedRecording(await open(), workload, unitsPerCost),
    execute: (snapshot, options = {}) => {
      const result = queue.last.then(() => execute(snapshot, { workers: 1, ...options }));
      queue.last = result.catch(() => undefined);
      return result;
    },
    close: async () => {
      // An engine that could not be had has no threads, and whoever asked for it was told.
      const engine = await opened.engine?.catch(() => null);
      await engine?.pool.destroy();
      opened.engine = opened.pool = null;
    },
  };
}

function refuseIdleTimeout(idleTimeoutMs: number | undefined): void {
  if (idleTimeoutMs === undefined || (idleTimeoutMs >= 0 && idleTimeoutMs <= LONGEST_TIMER_MS)) return;
  throw new LanecastError(
    'INVALID_ARGUMENT',
    `Idle timeout "${idleTimeoutMs}" is invalid. Expected 0 to ${LONGEST_TIMER_MS} ms.`,
  );
}
