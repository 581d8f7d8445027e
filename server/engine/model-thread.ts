import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LanecastError } from '../../errors.js';
import { Problem } from '../problem.js';
import type { ModelPort } from './local-model.js';
import type { ModelFacts, ModelReplies, ModelRequest, ModelStart, ThreadReply } from './messages.js';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What `npm run build` makes lies in dist/, seen from there and from the sources. */
function workerFile(): string {
  const names = ['./worker.js', '../../dist/server/engine/worker.js'];
  const found = names.map((name) => new URL(name, import.meta.url)).find((url) => existsSync(url));
  if (found === undefined) {
    throw new LanecastError('EXECUTION_FAILED', 'The model thread is not built: run `npm run build`.');
  }
  return fileURLToPath(found);
}

/** A model on a thread of its own. `onDeath` is called once if the thread ends without having been told to. */
export async function startModelThread(start: ModelStart, onDeath: (reason: string) => void): Promise<ModelPort> {
  const thread = new ModelThread(new Worker(workerFile(), { workerData: start }), onDeath);
  await thread.isUp;
  return thread;
}

class ModelThread implements ModelPort {
  readonly isUp: Promise<unknown>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #facts: ModelFacts | null = null;
  #lastId = 0;
  #isClosed = false;

  constructor(worker: Worker, onDeath: (reason: string) => void) {
    this.#worker = worker;
    this.isUp = this.#wait(0);
    worker.on('message', (reply: ThreadReply) => this.#receive(reply));
    worker.on('error', (error) => this.#die(error instanceof Error ? error.message : String(error), onDeath));
    worker.on('exit', (code) => this.#die(`it ended with exit code ${code}`, onDeath));
  }

  get facts(): ModelFacts {
    if (this.#facts === null) throw new Error('the model thread is asked before it is up');
    return this.#facts;
  }

  request<Kind extends ModelRequest['kind']>(
    request: Extract<ModelRequest, { readonly kind: Kind }>,
  ): Promise<ModelReplies[Kind]> {
    if (this.#isClosed) return Promise.reject(new Problem('not_ready', 'The model thread has ended.'));
    this.#lastId += 1;
    const answer = this.#wait(this.#lastId);
    this.#worker.postMessage({ id: this.#lastId, request }, transferOf(request));
    return answer as Promise<ModelReplies[Kind]>;
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
    if (!reply.ok) {
      waiting?.reject(errorOf(reply));
      return;
    }
    if (reply.id === 0) this.#facts = reply.value as ModelFacts;
    else if (isObservation(reply.value)) this.#facts = reply.value.facts;
    waiting?.resolve(reply.value);
  }

  #die(reason: string, onDeath: (reason: string) => void): void {
    const wasClosed = this.#isClosed;
    this.#isClosed = true;
    for (const { reject } of this.#waiting.values())
      reject(new Problem('not_ready', 'The model thread ended; try again.'));
    this.#waiting.clear();
    if (!wasClosed && this.#facts !== null) onDeath(reason);
  }
}

function errorOf({ id, code, message }: Extract<ThreadReply, { readonly ok: false }>): Error {
  if (code !== null) return new Problem(code, message);
  return id === 0 ? new LanecastError('INVALID_INPUT', message) : new Error(message);
}

function isObservation(value: unknown): value is ModelReplies['observe'] {
  return typeof value === 'object' && value !== null && 'observed' in value;
}

/** Bodies are handed over rather than copied, where they are not a part of something larger. */
function transferOf(request: ModelRequest): ArrayBuffer[] {
  if (request.kind !== 'answer') return [];
  const { buffer, byteLength } = request.body;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
