import { LanecastError } from '../../errors.js';
import { EngineInstance, type EngineShare } from './instance.js';
import * as layout from './layout.js';
import { StateLoader } from './load-state.js';
import { compileEngine } from './module.js';
import { WorkerPool } from './pool.js';
import { createPrecompiles } from './precompiles/index.js';

const MEMORY_PAGES = 65_536;
const PAGE_BYTES = 65_536;
/** Of the whole memory: 4 GiB less two pages. Only what is used takes real memory. */
const LIMIT_BYTES = (MEMORY_PAGES - 2) * PAGE_BYTES;
const KEYS = 1 << 20;
const CODE_BYTES = 256 << 20;
/** For the EVM memory of all frames of a worker; less where many workers share the address space. */
const EVM_MEMORY_BYTES = 128 << 20;
const LEAST_EVM_MEMORY_BYTES = 16 << 20;
export const MOST_WORKERS = 14;
/** Well above the time between blocks, so that threads are there for the next one. */
const DEFAULT_IDLE_TIMEOUT_MS = 60_000;

/** One engine: its memory, the calling thread's instance, which is worker 0 of every run, and the threads of the others. */
export interface Engine {
  readonly instance: EngineInstance;
  readonly states: StateLoader;
  readonly pool: WorkerPool;
  /** Most workers that a run may have, the calling thread included. */
  readonly workers: number;
}

/** Throws UNSUPPORTED where the memory is not to be had. `idleTimeoutMs`: see PoolOptions. */
export async function createEngine(workers: number, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS): Promise<Engine> {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: MEMORY_PAGES, shared: true });
  const share: EngineShare = { module: compileEngine(), memory };
  const instance = new EngineInstance(share, await createPrecompiles());
  layOut(instance, workers);
  instance.exports.attach(0);
  const pool = new WorkerPool(share, { threads: workers - 1, idleTimeoutMs });
  return { instance, states: new StateLoader(instance), pool, workers };
}

function layOut({ exports }: EngineInstance, workers: number): void {
  for (let bytes = EVM_MEMORY_BYTES; bytes >= LEAST_EVM_MEMORY_BYTES; bytes /= 2) {
    if (exports.layOut(workers, KEYS, CODE_BYTES, bytes, LIMIT_BYTES) !== 0) return;
  }
  throw new LanecastError('UNSUPPORTED', `The engine can't have the memory that ${workers} workers need.`);
}

/** Bytes that the current block takes of the block heap. */
export function heapBytes({ instance }: Engine): number {
  return (instance.u32(layout.H_HEAP) >>> 0) - (instance.u32(layout.H_HEAP_START) >>> 0);
}

/** Where the memory of a worker begins. */
export function regionOf({ instance }: Engine, worker: number): number {
  return instance.u32(layout.H_WORKER_BASE) + instance.u32(layout.H_WORKER_BYTES) * worker;
}

/** A counter of the last run, over its workers. */
export function sumOverWorkers(engine: Engine, workers: number, counter: number): number {
  let sum = 0;
  for (let worker = 0; worker < workers; worker += 1) sum += engine.instance.u32(regionOf(engine, worker) + counter);
  return sum;
}
