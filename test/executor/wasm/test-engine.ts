import type { Engine } from '../../../executor/wasm/engine.js';
import { EngineInstance, type EngineShare } from '../../../executor/wasm/instance.js';
import * as layout from '../../../executor/wasm/layout.js';
import { StateLoader } from '../../../executor/wasm/load-state.js';
import { compileEngine } from '../../../executor/wasm/module.js';
import { WorkerPool, type PoolOptions } from '../../../executor/wasm/pool.js';
import { createPrecompiles } from '../../../executor/wasm/precompiles/index.js';

const MEMORY_PAGES = 65_536;
const LIMIT_BYTES = (MEMORY_PAGES - 2) * 65_536;
const EVM_MEMORY_BYTES = 16 << 20;
const IDLE_TIMEOUT_MS = 60_000;
/** Looks, a millisecond apart, after which the calling thread stops waiting for the others. */
const MOST_LOOKS = 30_000;

export interface TableSizes {
  /** A power of two. */
  readonly keys?: number;
  readonly codeBytes?: number;
}

/** Whether the calling thread may begin; `told`: how many threads were told of the run. */
export type Gate = (told: number) => boolean;

export interface TestEngine extends Engine {
  readonly share: EngineShare;
  readonly pool: PunctualPool;
}

/** Whoever is up takes part: the calling thread begins when they are in the run, or when the gate says so. */
export class PunctualPool extends WorkerPool {
  gate: Gate;
  readonly #clock = new Int32Array(new SharedArrayBuffer(4));

  constructor(share: EngineShare, options: PoolOptions, instance: EngineInstance) {
    super(share, options);
    this.gate = (told) => instance.u32(layout.RUN_JOINED) > told || instance.u32(layout.RUN_OUTCOME) !== 0;
  }

  override dispatch(count: number, run: number): ReadonlyMap<number, unknown> {
    const told = Math.min(count, this.threads.length);
    const failures = super.dispatch(count, run);
    for (let looks = 0; !this.gate(told); looks += 1) {
      if (looks === MOST_LOOKS) throw new Error('the others do not come');
      Atomics.wait(this.#clock, 0, 0, 1);
    }
    return failures;
  }
}

/** An engine with tables as small as a test wants them. Its threads are not up. */
export async function createTestEngine(workers: number, sizes: TableSizes = {}): Promise<TestEngine> {
  const { keys = 1 << 14, codeBytes = 1 << 24 } = sizes;
  const memory = new WebAssembly.Memory({ initial: 64, maximum: MEMORY_PAGES, shared: true });
  const share: EngineShare = { module: compileEngine(), memory };
  const instance = new EngineInstance(share, await createPrecompiles());
  if (instance.exports.layOut(workers, keys, codeBytes, EVM_MEMORY_BYTES, LIMIT_BYTES) === 0) {
    throw new Error('no room for the tables');
  }
  instance.exports.attach(0);
  const pool = new PunctualPool(share, { threads: workers - 1, idleTimeoutMs: IDLE_TIMEOUT_MS }, instance);
  return { instance, states: new StateLoader(instance), pool, workers, share };
}

/** The same with all threads up. */
export async function createWarmEngine(workers: number, sizes: TableSizes = {}): Promise<TestEngine> {
  const engine = await createTestEngine(workers, sizes);
  await engine.pool.warmUp(workers - 1);
  return engine;
}
