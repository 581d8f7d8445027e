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

/** One engine: its memory, the main thread's instance, and the pool of worker threads with theirs. */
export interface Engine {
  readonly instance: EngineInstance;
  readonly states: StateLoader;
  readonly pool: WorkerPool;
  /** Most workers that a run may have. */
  readonly workers: number;
}

/** Throws UNSUPPORTED where the memory is not to be had. */
export async function createEngine(workers: number): Promise<Engine> {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: MEMORY_PAGES, shared: true });
  const share: EngineShare = { module: compileEngine(), memory };
  const instance = new EngineInstance(share, await createPrecompiles());
  layOut(instance, workers);
  // The main thread has a region of its own behind the workers'.
  instance.exports.attach(workers);
  return { instance, states: new StateLoader(instance), pool: new WorkerPool(share, workers), workers };
}

function layOut({ exports }: EngineInstance, workers: number): void {
  for (let bytes = EVM_MEMORY_BYTES; bytes >= LEAST_EVM_MEMORY_BYTES; bytes /= 2) {
    if (exports.layOut(workers + 1, KEYS, CODE_BYTES, bytes, LIMIT_BYTES) !== 0) return;
  }
  throw new LanecastError('UNSUPPORTED', `The engine can't have the memory that ${workers} workers need.`);
}

/** Bytes that the current block takes of the block heap. */
export function heapBytes({ instance }: Engine): number {
  return (instance.u32(layout.H_HEAP) >>> 0) - (instance.u32(layout.H_HEAP_START) >>> 0);
}

/** A counter of the last run, over its workers. */
export function sumOverWorkers({ instance }: Engine, workers: number, counter: number): number {
  const [base, size] = [instance.u32(layout.H_WORKER_BASE), instance.u32(layout.H_WORKER_BYTES)];
  let sum = 0;
  for (let worker = 0; worker < workers; worker += 1) sum += instance.u32(base + size * worker + counter);
  return sum;
}
