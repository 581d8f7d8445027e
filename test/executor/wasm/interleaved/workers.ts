import { Random } from '../../../../datasets/generate/random.js';
import type { Engine } from '../../../../executor/wasm/engine.js';
import type { EngineInstance } from '../../../../executor/wasm/instance.js';
import * as layout from '../../../../executor/wasm/layout.js';
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
  leadRun(): number;
  closeRun(): number;
  runWorker(run: number): void;
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
  /** How often a thread may go on within one run; without limit if absent. What is left of its task comes late. */
  readonly mostTurns?: number;
}

/** One worker on the engine's memory, suspended before one of its atomic accesses. */
class SteppedWorker {
  readonly number: number;
  readonly #exports: SteppedExports;
  readonly #stack: number;
  readonly #instance: EngineInstance;
  #state: 'suspended' | 'asleep' | 'done' = 'done';
  /** What it is doing, again and again until it has come to the end of it; then what it has to do next. */
  #call: (() => number) | null = null;
  readonly #calls: (() => number)[] = [];
  #answer = 0;
  /** What its atomic wait answers. */
  #woken = EQUAL;
  #asleepAt = 0;
  /** In the current run. */
  turns = 0;

  constructor(number: number, module: WebAssembly.Module, pool: SteppedPool) {
    this.number = number;
    this.#instance = pool.engine.instance;
    const host = {
      precompile: () => -1,
      step: () => this.#suspendIf(() => pool.wantsSwitch(), 'suspended'),
      wait: (at: number, expected: number) => this.#wait(at >>> 0, expected >>> 0),
      notify: (at: number, count: number) => pool.wake(at >>> 0, count),
    };
    const imports = { env: { memory: pool.memory }, host };
    this.#exports = new WebAssembly.Instance(module, imports).exports as unknown as SteppedExports;
    const [base, size] = [this.#instance.u32(layout.H_WORKER_BASE), this.#instance.u32(layout.H_WORKER_BYTES)];
    this.#stack = base + size * (number + 1) - STACK_BYTES;
    this.#exports.attach(number);
  }

  /** Takes a task, behind those that it has not come to. */
  tell(run: number): void {
    this.#calls.push(() => {
      this.#exports.runWorker(run);
      return 0;
    });
  }

  /** Of the worker that leads: one of its two calls. The instance that has prepared the run has used its region meanwhile. */
  begin(name: 'leadRun' | 'closeRun'): void {
    this.#exports.attach(this.number);
    this.#calls.push(() => this.#exports[name]());
  }

  get isAble(): boolean {
    return this.#state === 'suspended' || (this.#state === 'done' && this.#calls.length > 0);
  }

  /** What its last call came to, or null where it is still at it. */
  get answer(): number | null {
    return this.#state === 'done' && this.#calls.length === 0 ? this.#answer : null;
  }

  sleepsAt(address: number): boolean {
    return this.#state === 'asleep' && this.#asleepAt === address;
  }

  get isAsleep(): boolean {
    return this.#state === 'asleep';
  }

  wakeUp(how: number): void {
    this.#woken = how;
    this.#state = 'suspended';
  }

  /** Goes on to its next suspension, or its end. */
  resume(): void {
    this.turns += 1;
    if (this.#state === 'done') this.#call = this.#calls.shift() ?? null;
    else this.#exports.asyncify_start_rewind(this.#stack);
    this.#state = 'done';
    this.#answer = this.#call?.() ?? 0;
    if (this.#exports.asyncify_get_state() !== 0) this.#exports.asyncify_stop_unwind();
  }

  #suspendIf(wants: () => boolean, state: 'suspended' | 'asleep'): void {
    if (this.#exports.asyncify_get_state() === REWINDING) this.#exports.asyncify_stop_rewind();
    else if (wants()) {
      this.#state = state;
      this.#instance.setU32(this.#stack, this.#stack + 8);
      this.#instance.setU32(this.#stack + 4, this.#stack + STACK_BYTES - 64);
      this.#exports.asyncify_start_unwind(this.#stack);
    }
  }

  #wait(at: number, expected: number): number {
    if (this.#exports.asyncify_get_state() !== REWINDING && this.#instance.u32(at) !== expected) return NOT_EQUAL;
    this.#asleepAt = at;
    this.#suspendIf(() => true, 'asleep');
    return this.#woken;
  }
}

/**
 * Runs workers on one thread, in an order that a seed decides, in place of a pool of threads; the calling thread's part of a run, too.
 * Tasks that a thread has not come to when a run is over are left to it: they come late, in a run after it or between two.
 */
export class SteppedPool {
  readonly engine: Engine;
  readonly memory: WebAssembly.Memory;
  readonly #module: WebAssembly.Module;
  #random = new Random(0);
  #how: Interleaving = { seed: 0, switchChance: 0, timeoutChance: 0 };
  readonly #workers: SteppedWorker[] = [];

  /** Takes the place of the engine's pool, and of its instance where that works on a run. */
  constructor(engine: Omit<Engine, 'pool'>, share: { module: WebAssembly.Module; memory: WebAssembly.Memory }) {
    this.memory = share.memory;
    this.#module = share.module;
    const { instance } = engine;
    const { exports } = instance;
    const led = {
      ...exports,
      leadRun: () => this.#lead('leadRun'),
      closeRun: () => {
        const outcome = this.#lead('closeRun');
        exports.attach(0);
        return outcome;
      },
    };
    Object.defineProperty(instance, 'exports', { value: led });
    this.engine = { ...engine, pool: this as unknown as WorkerPool };
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

  /** Whatever threads have left to do may go on between two runs. */
  listen(): Promise<void> {
    while (this.#random.chance(0.5) && this.#goOn());
    return Promise.resolve();
  }

  dispatch(count: number, run: number): ReadonlyMap<number, unknown> {
    this.#workerOf(count);
    for (const worker of this.#workers) worker.turns = 0;
    for (const worker of this.#workers.slice(1, count + 1)) worker.tell(run);
    return new Map();
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }

  /** Until the leader has come to the end of its call. */
  #lead(name: 'leadRun' | 'closeRun'): number {
    const leader = this.#workerOf(0);
    leader.begin(name);
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      if (leader.answer !== null) return leader.answer >>> 0;
      if (!this.#goOn()) throw new Error('all workers sleep');
    }
    throw new Error('the workers run in circles');
  }

  /** Made once, from 0 up to that number. */
  #workerOf(number: number): SteppedWorker {
    while (this.#workers.length <= number) {
      this.#workers.push(new SteppedWorker(this.#workers.length, this.#module, this));
    }
    return this.#workers[number] ?? raise();
  }

  /** False where no worker can go on. */
  #goOn(): boolean {
    const { timeoutChance, mostTurns = Infinity } = this.#how;
    for (const worker of this.#workers) {
      if (worker.isAsleep && this.#random.chance(timeoutChance)) worker.wakeUp(TIMED_OUT);
    }
    const able = this.#workers.filter(({ isAble, number, turns }) => isAble && (number === 0 || turns < mostTurns));
    const next = able[able.length < 2 ? 0 : this.#random.below(able.length)];
    next?.resume();
    return next !== undefined;
  }
}

function raise(): never {
  throw new Error('no such worker');
}
