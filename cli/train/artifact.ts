import { keccak256 } from '../../executor/reference/index.js';
import { readArtifact } from '../../model/artifact/artifact.js';
import { modelOf } from '../../model/artifact/model-parts.js';
import { DEFAULT_HALF_LIFE_BLOCKS } from '../../model/training/trainer.js';
import { summariseModel } from '../evaluate/document.js';
import type { ReadModel } from '../evaluate/model-contender.js';

/** Throws what `readArtifact` throws, and INVALID_INPUT where a threshold is missing. */
export async function readModel(folder: string): Promise<ReadModel> {
  const stored = await readArtifact(folder, { keccak256 });
  const { seed, options, createdFrom } = stored.manifest;
  const model = modelOf(folder, stored);
  const halfLifeBlocks = options['halfLifeBlocks'];
  return {
    model,
    summary: summariseModel(model, {
      artifact: folder,
      seed,
      halfLifeBlocks: typeof halfLifeBlocks === 'number' ? halfLifeBlocks : DEFAULT_HALF_LIFE_BLOCKS,
      hasTimes: options['hasTimes'] === true,
    }),
    chainId: createdFrom.chainId,
    lastBlock: createdFrom.lastBlock,
  };
}
