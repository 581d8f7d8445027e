import { Evidence } from './evidence.js';
import type { Keccak256 } from './tables/key-space.js';
import { DEFAULT_HALF_LIFE_BLOCKS, DEFAULT_THRESHOLDS, type Model } from './training/trainer.js';

/** A model that has learned nothing and has no networks: what it learns later are statistics, which speak alone. */
export function untrainedModel(keccak256: Keccak256): Model {
  return {
    evidence: new Evidence({ keccak256, halfLifeBlocks: DEFAULT_HALF_LIFE_BLOCKS }),
    ...{ conflicts: null, accesses: null, gasUsed: [], executionNs: [] },
    thresholds: DEFAULT_THRESHOLDS,
  };
}
