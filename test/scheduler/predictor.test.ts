import { describe, expect, it } from 'vitest';
import { hintsOf, mediansOf, type BlockPrediction } from '../../scheduler/predictor.js';
import { rowsOf } from '../model/blocks.js';
import { addressOf } from './policies/inputs.js';

const levels = [0.1, 0.5, 0.9];
const prediction: BlockPrediction = {
  accesses: {
    keys: [
      { address: addressOf(1), slot: null },
      { address: addressOf(2), slot: `0x${'00'.repeat(32)}` },
    ],
    offsets: Uint32Array.of(0, 1, 3),
    keyIndices: Uint32Array.of(1, 0, 1),
    readProbability: Float32Array.of(1, 0.5, 0.25),
    writeProbability: Float32Array.of(1, 0, 0.125),
  },
  conflicts: rowsOf(2, [[0, 1, 0.75]]),
  gasUsed: { levels, values: Float64Array.of(21_000, 30_000, 40_000, 0, 0.5, 2) },
  executionNs: null,
};

describe('hints of a prediction', () => {
  it('are its accesses and pairs, with gas for costs', () => {
    expect(hintsOf(prediction)).toEqual({
      offsets: Uint32Array.of(0, 1, 3),
      keys: Uint32Array.of(1, 0, 1),
      keyCount: 2,
      read: Float32Array.of(1, 0.5, 0.25),
      write: Float32Array.of(1, 0, 0.125),
      add: new Float32Array(3),
      conflicts: prediction.conflicts,
      costs: Float64Array.of(30_000, 1),
    });
  });

  it('go by time where times are predicted', () => {
    const executionNs = { levels, values: Float64Array.of(1, 700, 900, 5, 50, 500) };
    expect(hintsOf({ ...prediction, executionNs }).costs).toEqual(Float64Array.of(700, 50));
  });
});

it('medians are at least 1, wherever their level stands', () => {
  expect(mediansOf({ levels: [0.5, 0.9], values: Float64Array.of(-3, 9, 4, 5) })).toEqual(Float64Array.of(1, 4));
});
