import type { BlockRecord } from '../../types.js';
import { Problem } from '../problem.js';
import type { Question } from './engine.js';
import type { ModelPort } from './local-model.js';
import type { ModelFacts, ModelStart, SavedModel } from './messages.js';
import type { ObservedBlock } from './observe.js';

/** Starts one model; `onDeath` is called if it ends by itself. */
export type StartReplica = (start: ModelStart, onDeath: (reason: string) => void) => Promise<ModelPort>;

export interface ModelPoolOptions {
  readonly start: StartReplica;
  /** Models that are at work at once, all with the same knowledge, from 1. */
  readonly replicas: number;
  /** Questions that may wait for an answer, of all replicas together; further ones are refused. */
  readonly maxWaiting: number;
  /** In ms. */
  readonly now: () => number;
  readonly onDeath?: (reason: string) => void;
}

interface Replica {
  readonly port: ModelPort;
  waiting: number;
  isLearning: boolean;
}

const RETRY_AFTER_SECONDS = 1;

/** Too much waits already: better told at once than served too late. */
export class Overloaded extends Problem {
  readonly retryAfterSeconds = RETRY_AFTER_SECONDS;
}

/**
 * Several models with the same knowledge. A question goes to the one with least to do; while one learns a block the others answer,
 * and then they learn it in turn. One that dies is replaced by a copy of another.
 */
export class ModelPool {
  readonly #options: ModelPoolOptions;
  #start: ModelStart;
  #replicas: Replica[] = [];
  /** Observations, saves and reloads happen one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #generation = 0;
  #shed = 0;
  #restarts = 0;

  private constructor(options: ModelPoolOptions, start: ModelStart) {
    this.#options = options;
    this.#start = start;
  }

  /** Errors: those of `start`. */
  static async open(options: ModelPoolOptions, start: ModelStart): Promise<ModelPool> {
    const pool = new ModelPool(options, start);
    pool.#replicas = await pool.#startAll(start);
    return pool;
  }

  get isUp(): boolean {
    return this.#replicas.length > 0;
  }

  /** Throws Problem `not_ready`. */
  get facts(): ModelFacts {
    return this.#first().port.facts;
  }

  /** Questions that wait for an answer. */
  get waiting(): number {
    return this.#replicas.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  get counts(): {
    readonly replicas: number;
    readonly learning: number;
    readonly shed: number;
    readonly restarts: number;
  } {
    const learning = this.#replicas.filter(({ isLearning }) => isLearning).length;
    return { replicas: this.#replicas.length, learning, shed: this.#shed, restarts: this.#restarts };
  }

  /** JSON as UTF-8. Throws Problem; `Overloaded` where too much waits. */
  async answer(question: Question, body: Uint8Array): Promise<Uint8Array> {
    const replica = this.#leastBusy();
    if (this.waiting >= this.#options.maxWaiting) {
      this.#shed += 1;
      throw new Overloaded('overloaded', `${this.#options.maxWaiting} requests wait for an answer already: try again.`);
    }
    replica.waiting += 1;
    try {
      return await replica.port.request<'answer'>({ kind: 'answer', question, body, askedMs: this.#options.now() });
    } finally {
      replica.waiting -= 1;
    }
  }

  /** Answers when one has learned the block; the others do before the next observation. */
  observe(record: BlockRecord): Promise<{ readonly observed: ObservedBlock; readonly facts: ModelFacts }> {
    return new Promise((resolve, reject) => {
      this.#inTurn(async () => {
        const [first, ...others] = this.#leastBusyFirst();
        if (first === undefined) throw new Problem('not_ready', 'No model is up.');
        resolve(await learnOn(first, record));
        for (const other of others) await learnOn(other, record).catch(() => undefined);
      }).catch(reject);
    });
  }

  save(): Promise<SavedModel> {
    return this.#inTurn(() => this.#first().port.request<'save'>({ kind: 'save' }));
  }

  /**
   * Starts other models and lets them take over; the old ones answer what they were asked. What was learned since is kept where
   * the networks are the same. Errors: those of `start`, and everything stays as it was.
   */
  reload(start: Omit<ModelStart, 'saved'>): Promise<ModelFacts> {
    return this.#inTurn(async () => {
      const saved = this.isUp ? await this.#first().port.request<'save'>({ kind: 'save' }) : null;
      const replicas = await this.#startAll({ ...start, saved });
      const old = this.#replicas;
      this.#replicas = replicas;
      this.#start = { ...start, saved: null };
      for (const replica of old) void this.#retire(replica);
      return this.facts;
    });
  }

  async close(): Promise<void> {
    this.#generation += 1;
    await this.#turn.catch(() => undefined);
    const replicas = this.#replicas;
    this.#replicas = [];
    await Promise.all(replicas.map(({ port }) => port.close()));
  }

  async #startAll(start: ModelStart): Promise<Replica[]> {
    const ports = await Promise.allSettled(Array.from({ length: this.#options.replicas }, () => this.#startOne(start)));
    const failed = ports.find((port) => port.status === 'rejected');
    const replicas = ports.flatMap((port) => (port.status === 'fulfilled' ? [port.value] : []));
    if (failed === undefined) return replicas;
    await Promise.all(replicas.map(({ port }) => port.close()));
    throw failed.reason;
  }

  async #startOne(start: ModelStart): Promise<Replica> {
    const started: { replica?: Replica } = {};
    const port = await this.#options.start(start, (reason) => this.#replace(started.replica, reason));
    started.replica = { port, waiting: 0, isLearning: false };
    return started.replica;
  }

  #replace(dead: Replica | undefined, reason: string): void {
    const generation = this.#generation;
    this.#replicas = this.#replicas.filter((replica) => replica !== dead);
    this.#options.onDeath?.(reason);
    this.#inTurn(async () => {
      if (generation !== this.#generation || this.#replicas.length >= this.#options.replicas) return;
      const saved = this.isUp ? await this.#first().port.request<'save'>({ kind: 'save' }) : this.#start.saved;
      this.#replicas.push(await this.#startOne({ ...this.#start, saved }));
      this.#restarts += 1;
    }).catch((error: unknown) => this.#options.onDeath?.(error instanceof Error ? error.message : String(error)));
  }

  /** What it was asked it still answers. */
  async #retire(replica: Replica): Promise<void> {
    while (replica.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await replica.port.close();
  }

  #inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.catch(() => undefined).then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #first(): Replica {
    const first = this.#replicas[0];
    if (first === undefined) throw new Problem('not_ready', 'No model is up.');
    return first;
  }

  #leastBusy(): Replica {
    const free = this.#replicas.filter(({ isLearning }) => !isLearning);
    const candidates = free.length > 0 ? free : this.#replicas;
    let least = this.#first();
    if (candidates[0] !== undefined) least = candidates[0];
    for (const candidate of candidates) if (candidate.waiting < least.waiting) least = candidate;
    return least;
  }

  #leastBusyFirst(): Replica[] {
    return [...this.#replicas].sort((a, b) => a.waiting - b.waiting);
  }
}

async function learnOn(
  replica: Replica,
  record: BlockRecord,
): Promise<{ readonly observed: ObservedBlock; readonly facts: ModelFacts }> {
  replica.isLearning = true;
  try {
    return await replica.port.request<'observe'>({ kind: 'observe', record });
  } finally {
    replica.isLearning = false;
  }
}
