// The worker thread's entry: one engine instance on the shared memory, one task per block. It imports next to nothing.
import { workerData } from 'node:worker_threads';
import { EngineInstance, type EngineShare } from './instance.js';
import type { WorkerTask, WorkerReport } from './messages.js';
import { createPrecompiles } from './precompiles/index.js';

const engine = new EngineInstance(workerData as EngineShare, await createPrecompiles());

/** Works on the prepared run as worker `worker` until it has ended. */
export function run({ worker }: WorkerTask): WorkerReport {
  const startMs = performance.now();
  engine.exports.attach(worker);
  const outcome = engine.exports.runWorker();
  return { outcome, busyNs: (performance.now() - startMs) * 1e6 };
}
