import type { Engine } from '../../../executor/wasm/engine.js';
import { EngineInstance, type EngineShare } from '../../../executor/wasm/instance.js';
import { StateLoader } from '../../../executor/wasm/load-state.js';
import { compileEngine } from '../../../executor/wasm/module.js';
import { WorkerPool } from '../../../executor/wasm/pool.js';
import { createPrecompiles } from '../../../executor/wasm/precompiles/index.js';

const MEMORY_PAGES = 65_536;
const LIMIT_BYTES = (MEMORY_PAGES - 2) * 65_536;
const EVM_MEMORY_BYTES = 16 << 20;

export interface TableSizes {
  /** A power of two. */
  readonly keys?: number;
  readonly codeBytes?: number;
}

export interface TestEngine extends Engine {
  readonly share: EngineShare;
}

/** An engine with tables as small as a test wants them. */
export async function createTestEngine(workers: number, sizes: TableSizes = {}): Promise<TestEngine> {
  const { keys = 1 << 14, codeBytes = 1 << 24 } = sizes;
  const memory = new WebAssembly.Memory({ initial: 64, maximum: MEMORY_PAGES, shared: true });
  const share: EngineShare = { module: compileEngine(), memory };
  const instance = new EngineInstance(share, await createPrecompiles());
  if (instance.exports.layOut(workers + 1, keys, codeBytes, EVM_MEMORY_BYTES, LIMIT_BYTES) === 0) {
    throw new Error('no room for the tables');
  }
  instance.exports.attach(workers);
  return { instance, states: new StateLoader(instance), pool: new WorkerPool(share, workers), workers, share };
}
