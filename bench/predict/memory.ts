import { Evidence } from '../../model/evidence.js';
import { DEFAULT_HALF_LIFE_BLOCKS } from '../../model/training/trainer.js';
import { syntheticBlocks } from './synthetic.js';

/** What statistics hold, in bytes; the first two are what the process has more than before, after a collection. */
export interface EvidenceMemory {
  readonly functions: number;
  readonly heapBytes: number;
  readonly arrayBytes: number;
  readonly estimatedBytes: number;
  readonly learnNs: number;
}

/** Learns one call of each of so many functions. Meaningful where the collector can be called. */
export function measureMemory(
  functions: number,
  seed: number,
  keccak256: (data: Uint8Array) => Uint8Array,
): EvidenceMemory {
  const before = settledMemory();
  const evidence = new Evidence({ keccak256, halfLifeBlocks: DEFAULT_HALF_LIFE_BLOCKS });
  const start = process.hrtime.bigint();
  for (const block of syntheticBlocks(functions, seed, keccak256)) evidence.learn(block);
  const learnNs = Number(process.hrtime.bigint() - start);
  const after = settledMemory();
  return {
    functions: evidence.functions.size,
    heapBytes: after.heapUsed - before.heapUsed,
    arrayBytes: after.arrayBuffers - before.arrayBuffers,
    estimatedBytes: evidence.byteLength,
    learnNs,
  };
}

function settledMemory(): NodeJS.MemoryUsage {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage();
}
