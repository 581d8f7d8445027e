import type { EngineShare } from './instance.js';

/** What a thread starts with: the engine, and which of its workers it is, from 1. Worker 0 is the calling thread. */
export interface WorkerStart extends EngineShare {
  readonly worker: number;
}

/** What a thread is told once per block: the number of the run to take part in, as the engine counts (RUN_EPOCH). */
export interface WorkerTask {
  readonly run: number;
}
