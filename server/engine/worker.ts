// A model thread's entry: one engine, one request at a time. The main thread reads and writes sockets, and nothing else.
import { parentPort, workerData } from 'node:worker_threads';
import { replyWith } from '../threads/reply.js';
import { wallMs } from './clock.js';
import { createEngine, type StartedEngine } from './create-engine.js';
import { perform } from './local-model.js';
import type { ModelRequest, ModelStart } from './messages.js';

await replyWith(0, async () => {
  const started: StartedEngine = await createEngine(workerData as ModelStart, wallMs);
  parentPort?.on('message', ({ id, request }: { readonly id: number; readonly request: ModelRequest }) => {
    void replyWith(id, () => perform(started, request));
  });
  return started.facts();
});
