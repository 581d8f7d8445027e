import { parentPort } from 'node:worker_threads';
import { LanecastError } from '../../errors.js';
import { Problem, type ProblemCode } from '../problem.js';

/** From a thread. The first has the id 0 and says that it is up. Errors travel as code and message. */
export type ThreadReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly code: ProblemCode | null; readonly message: string };

/** In a thread: answers a request with what `act` gives. Bytes are handed over rather than copied. */
export async function replyWith(id: number, act: () => unknown): Promise<void> {
  try {
    const value = await act();
    const transfer = value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : [];
    parentPort?.postMessage({ id, ok: true, value } satisfies ThreadReply, transfer);
  } catch (error) {
    parentPort?.postMessage({ id, ok: false, ...describe(error) } satisfies ThreadReply);
  }
}

/** Of a bug the stack is told, for the log; the service tells clients nothing of it. */
function describe(error: unknown): { readonly code: ProblemCode | null; readonly message: string } {
  if (error instanceof Problem) return { code: error.code, message: error.message };
  if (!(error instanceof Error)) return { code: null, message: String(error) };
  return { code: null, message: error instanceof LanecastError ? error.message : (error.stack ?? error.message) };
}
