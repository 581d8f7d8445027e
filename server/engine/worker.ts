// A model thread's entry: one engine, one request at a time. The main thread reads and writes sockets, and nothing else.
import { parentPort, workerData } from 'node:worker_threads';
import { LanecastError } from '../../errors.js';
import { Problem } from '../problem.js';
import { wallMs } from './clock.js';
import { createEngine } from './create-engine.js';
import { perform } from './local-model.js';
import type { ModelRequest, ModelStart, ThreadReply } from './messages.js';

function send(reply: ThreadReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(reply, transfer);
}

function sendError(id: number, error: unknown): void {
  const code = error instanceof Problem ? error.code : null;
  const isSaid = code !== null || error instanceof LanecastError;
  const message = error instanceof Error ? (isSaid ? error.message : (error.stack ?? error.message)) : String(error);
  send({ id, ok: false, code, message });
}

try {
  const started = await createEngine(workerData as ModelStart, wallMs);
  parentPort?.on('message', ({ id, request }: { readonly id: number; readonly request: ModelRequest }) => {
    try {
      const value = perform(started, request);
      send({ id, ok: true, value }, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []);
    } catch (error) {
      sendError(id, error);
    }
  });
  send({ id: 0, ok: true, value: started.facts() });
} catch (error) {
  sendError(0, error);
}
