import { Random } from '../../../../datasets/generate/random.js';
import type { Engine } from '../../../../executor/wasm/engine.js';
import * as layout from '../../../../executor/wasm/layout.js';
import type { WorkerReport } from '../../../../executor/wasm/messages.js';
import type { WorkerPool } from '../../../../executor/wasm/pool.js';

/** Room for the stack of a suspended worker: the end of its EVM memory, which no test comes near. */
const STACK_BYTES = 1 << 17;
const EQUAL = 0;
const NOT_EQUAL = 1;
const TIMED_OUT = 2;
const REWINDING = 2;
/** More than any run takes: beyond it the workers run in circles. */
const MOST_STEPS = 20_000_000;

interface SteppedExports {
  attach(worker: number): void;
  runWorker(): number;
  asyncify_start_unwind(at: number): void;
  asyncify_stop_unwind(): void;
  asyncify_start_rewind(at: number): void;
  asyncify_stop_rewind(): void;
  asyncify_get_state(): number;
}

export interface Interleaving {
  readonly seed: number;
  /** That another worker goes on before an atomic access. */
  readonly switchChance: number;
  /** That a sleeper wakes up by itself. With 0, a wake-up that is lost ends the run with an error. */
  readonly timeoutChance: number;
}

/** One worker on the engine's memory, suspended before one of its atomic accesses. */
class SteppedWorker {
  readonly exports: SteppedExports;
  readonly number: number;
  readonly #stack: number;
  readonly #engine: Engine;
  state: 'new' | 'suspended' | 'asleep' | 'done' = 'new';
  outcome = 0;
  /** What its atomic wait answers. */
  #woken = EQUAL;
  #asleepAt = 0;

  constructor(number: number, share: { module: WebAssembly.Module; memory: WebAssembly.Memory }, pool: SteppedPool) {
    this.number = number;
    this.#engine = pool.engine;
    const host = {
      precompile: () => -1,
      step: () => this.#suspendIf(() => pool.wantsSwitch(), 'suspended'),
      wait: (at: number, expected: number) => this.#wait(at >>> 0, expected >>> 0),
      notify: (at: number, count: number) => pool.wake(at >>> 0, count),
    };
    const imports = { env: { memory: share.memory }, host };
    this.exports = new WebAssembly.Instance(share.module, imports).exports as unknown as SteppedExports;
    const { instance } = pool.engine;
    const [base, size] = [instance.u32(layout.H_WORKER_BASE), instance.u32(layout.H_WORKER_BYTES)];
    this.#stack = base + size * (number + 1) - STACK_BYTES;
  }

  reset(): void {
    this.state = 'new';
    this.outcome = 0;
    this.#woken = EQUAL;
  }

  sleepsAt(address: number): boolean {
    return this.state === 'asleep' && this.#asleepAt === address;
  }

  wakeUp(how: number): void {
    this.#woken = how;
    this.state = 'suspended';
  }

  /** Goes on to its next suspension, or its end. */
  resume(): void {
    if (this.state === 'new') this.exports.attach(this.number);
    else this.exports.asyncify_start_rewind(this.#stack);
    this.state = 'done';
    this.outcome = this.exports.runWorker();
    if (this.exports.asyncify_get_state() !== 0) this.exports.asyncify_stop_unwind();
  }

  #suspendIf(wants: () => boolean, state: 'suspended' | 'asleep'): void {
    if (this.exports.asyncify_get_state() === REWINDING) this.exports.asyncify_stop_rewind();
    else if (wants()) {
      this.state = state;
      this.#engine.instance.setU32(this.#stack, this.#stack + 8);
      this.#engine.instance.setU32(this.#stack + 4, this.#stack + STACK_BYTES - 64);
      this.exports.asyncify_start_unwind(this.#stack);
    }
  }

  #wait(at: number, expected: number): number {
    if (this.exports.asyncify_get_state() !== REWINDING && this.#engine.instance.u32(at) !== expected) return NOT_EQUAL;
    this.#asleepAt = at;
    this.#suspendIf(() => true, 'asleep');
    return this.#woken;
  }
}

/** Runs workers on one thread, in an order that a seed decides, in place of a pool of threads. */
export class SteppedPool {
  engine: Engine;
  steps = 0;
  readonly #share: { module: WebAssembly.Module; memory: WebAssembly.Memory };
  #random = new Random(0);
  #how: Interleaving = { seed: 0, switchChance: 0, timeoutChance: 0 };
  #workers: SteppedWorker[] = [];
  readonly #made = new Map<number, SteppedWorker>();

  /** `engine`: without its own pool. */
  constructor(engine: Omit<Engine, 'pool'>, share: { module: WebAssembly.Module; memory: WebAssembly.Memory }) {
    this.engine = { ...engine, pool: this as unknown as WorkerPool };
    this.#share = share;
  }

  interleave(how: Interleaving): void {
    this.#how = how;
    this.#random = new Random(how.seed);
  }

  wantsSwitch(): boolean {
    return this.#random.chance(this.#how.switchChance);
  }

  wake(address: number, count: number): void {
    for (let left = count >>> 0; left > 0; left -= 1) {
      const sleepers = this.#workers.filter((worker) => worker.sleepsAt(address));
      if (sleepers.length === 0) return;
      sleepers[this.#random.below(sleepers.length)]?.wakeUp(EQUAL);
    }
  }

  dispatch(count: number): Promise<WorkerReport[]> {
    this.#workers = Array.from({ length: count }, (_, number) => this.#workerOf(number));
    this.steps = 0;
    while (this.#goOn()) {
      this.steps += 1;
      if (this.steps > MOST_STEPS) return Promise.reject(new Error('the workers run in circles'));
    }
    if (this.#workers.some(({ state }) => state !== 'done')) return Promise.reject(new Error('all workers sleep'));
    return Promise.resolve(this.#workers.map(({ outcome }) => ({ outcome, busyNs: 0 })));
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }

  #workerOf(number: number): SteppedWorker {
    const worker = this.#made.get(number) ?? new SteppedWorker(number, this.#share, this);
    this.#made.set(number, worker);
    worker.reset();
    return worker;
  }

  /** False where no worker can go on. */
  #goOn(): boolean {
    for (const worker of this.#workers) {
      if (worker.state === 'asleep' && this.#random.chance(this.#how.timeoutChance)) worker.wakeUp(TIMED_OUT);
    }
    const able = this.#workers.filter(({ state }) => state === 'new' || state === 'suspended');
    const next = able[able.length < 2 ? 0 : this.#random.below(able.length)];
    next?.resume();
    return next !== undefined;
  }
}
