// The entry of the thread that reads and executes observed blocks, so that neither sockets nor models wait for it.
import { parentPort } from 'node:worker_threads';
import { createReferenceExecutor } from '../../executor/reference/index.js';
import { createDecoder } from '../engine/create-engine.js';
import type { RecorderInput } from '../ports.js';
import { replyWith } from '../threads/reply.js';
import { recordObservation } from './record.js';

const tools = { executor: createReferenceExecutor(), decodeRaw: await createDecoder() };

parentPort?.on('message', ({ id, request }: { readonly id: number; readonly request: RecorderInput }) => {
  void replyWith(id, () => recordObservation(request, tools));
});
void replyWith(0, () => null);
