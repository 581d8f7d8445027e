import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { LanecastError } from '../../errors.js';
import { Problem } from '../problem.js';
import type { ThreadReply } from './reply.js';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A worker thread that answers requests one after the other. */
export class Thread {
  /** What it said when it came up. Rejects with LanecastError where it could not. */
  readonly isUp: Promise<unknown>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #isClosed = false;
  #hasComeUp = false;

  /**
   * `entry`: its file under server/, without `.js`, which is run from the build. `onDeath` is called once if it ends without having
   * been told to. Throws LanecastError EXECUTION_FAILED where it is not built.
   */
  constructor(entry: string, options: WorkerOptions, onDeath: (reason: string) => void) {
    this.#worker = new Worker(builtFile(entry), options);
    this.isUp = this.#wait(0);
    this.#worker.on('message', (reply: ThreadReply) => this.#receive(reply));
    this.#worker.on('error', (error) => this.#die(error instanceof Error ? error.message : String(error), onDeath));
    this.#worker.on('exit', (code) => this.#die(`it ended with exit code ${code}`, onDeath));
  }

  /** Rejects with Problem, or with Error for what is a bug. */
  request(request: unknown, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Problem('not_ready', 'A thread of the service has ended.'));
    this.#lastId += 1;
    const answer = this.#wait(this.#lastId);
    this.#worker.postMessage({ id: this.#lastId, request }, transfer);
    return answer;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker.terminate();
  }

  #wait(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #receive(reply: ThreadReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.ok) {
      this.#hasComeUp = true;
      waiting?.resolve(reply.value);
    } else if (reply.code !== null) waiting?.reject(new Problem(reply.code, reply.message));
    else waiting?.reject(reply.id === 0 ? new LanecastError('INVALID_INPUT', reply.message) : new Error(reply.message));
  }

  #die(reason: string, onDeath: (reason: string) => void): void {
    const wasClosed = this.#isClosed;
    this.#isClosed = true;
    const error = new Problem('not_ready', 'A thread of the service ended; try again.');
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    if (!wasClosed && this.#hasComeUp) onDeath(reason);
  }
}

/** The bytes' memory where it is theirs alone: to be handed over rather than copied. */
export function ownMemory({ buffer, byteLength }: Uint8Array): readonly ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}

/** What `npm run build` makes lies in dist/, seen from there (dist/server/threads/) and from the sources. */
function builtFile(entry: string): string {
  const names = [`../${entry}.js`, `../../dist/server/${entry}.js`];
  const found = names.map((name) => new URL(name, import.meta.url)).find((url) => existsSync(url));
  if (found !== undefined) return fileURLToPath(found);
  throw new LanecastError('EXECUTION_FAILED', `A thread is not built: ${entry}.js is missing. Run \`npm run build\`.`);
}
