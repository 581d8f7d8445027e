import { createReferenceExecutor } from '../../executor/reference/index.js';
import type { BlockRecord } from '../../types.js';
import { createDecoder } from '../engine/create-engine.js';
import type { RecorderInput, RecorderPort } from '../ports.js';
import { ownMemory, Thread } from '../threads/thread.js';
import { recordObservation } from './record.js';

/** Records on a thread that is started when it is first needed, and again should it have died. */
export function createRecorderThread(): RecorderPort {
  let thread: Thread | null = null;
  return {
    record: async (from) => {
      thread ??= new Thread('observations/worker', {}, () => (thread = null));
      await thread.isUp;
      return (await thread.request(from, 'body' in from ? ownMemory(from.body) : [])) as BlockRecord;
    },
    close: async () => thread?.close(),
  };
}

/** Records on the calling thread. */
export async function createLocalRecorder(): Promise<RecorderPort> {
  const tools = { executor: createReferenceExecutor(), decodeRaw: await createDecoder() };
  return {
    record: (from: RecorderInput) => recordObservation(from, tools),
    close: async () => Promise.resolve(),
  };
}
