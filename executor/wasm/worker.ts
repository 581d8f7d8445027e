// The worker thread's entry: one engine instance on the shared memory, one task per block. It imports next to nothing.
import { workerData } from 'node:worker_threads';
import { EngineInstance } from './instance.js';
import type { WorkerStart, WorkerTask } from './messages.js';
import { createPrecompiles } from './precompiles/index.js';

const start = workerData as WorkerStart;
const engine = new EngineInstance(start, await createPrecompiles());
engine.exports.attach(start.worker);

/** Works on a run until it has ended; a task that comes too late does nothing. */
export function run({ run }: WorkerTask): void {
  engine.exports.runWorker(run);
}
