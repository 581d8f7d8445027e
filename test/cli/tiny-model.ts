import { TrainedContender } from '../../cli/evaluate/model-contender.js';
import { keccak256 } from '../../executor/reference/index.js';
import { openTensorflow } from '../../model/network/tensorflow.js';
import type { Plans } from '../../model/training/trainer.js';

const TINY = {
  hidden: [4],
  members: 1,
  maxEpochs: 2,
  patience: 1,
  batchRows: 256,
  learningRate: 0.01,
  weightDecay: 1e-3,
};
const TINY_PLANS: Plans = { conflicts: TINY, accesses: TINY, costs: TINY };

/** A model of networks that train in no time. */
export function tinyModel(seed = 1): TrainedContender {
  const runtime = (): ReturnType<typeof openTensorflow> => openTensorflow({ candidates: ['wasm'] });
  return new TrainedContender({ keccak256, seed, halfLifeBlocks: 100, plans: TINY_PLANS, runtime });
}
