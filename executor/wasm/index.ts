import { LanecastError } from '../../errors.js';
import type { Workload } from '../../scheduler/workload.js';
import type { BlockResult, BlockSnapshot } from '../../types.js';
import { createEngine, MOST_WORKERS, type Engine } from './engine.js';
import { LoadedBlock } from './loaded-block.js';
import { LoadedRecording } from './loaded-recording.js';
import type { RunOptions } from './run.js';

export type { BlockOutcome, EngineRun, LoadTimes, LoadedBlock } from './loaded-block.js';
export type { LoadedRecording } from './loaded-recording.js';
export type { RunOptions } from './run.js';

/**
 * Executes blocks of Berlin to Osaka on the WASM engine. Errors: UNSUPPORTED for earlier forks and where a table of the
 * engine is too small (execute the block elsewhere); EXECUTION_FAILED for a transaction that its block cannot hold, for a
 * worker that died or hung, or where the engine is not built.
 */
export interface WasmExecutor {
  /** Most workers that a run may have. */
  readonly workers: number;
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
  /** Worker threads, started when they are first needed. From 1 to 14; 1 if absent. */
  readonly workers?: number | undefined;
}

export function createWasmExecutor({ workers = 1 }: WasmExecutorOptions = {}): WasmExecutor {
  if (!Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS) {
    throw new LanecastError(
      'INVALID_ARGUMENT',
      `Number of workers "${workers}" is invalid. Expected 1 to ${MOST_WORKERS}.`,
    );
  }
  const opened: { engine: Promise<Engine> | null } = { engine: null };
  const open = (): Promise<Engine> => (opened.engine ??= createEngine(workers));
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
      opened.engine = null;
    },
  };
}
