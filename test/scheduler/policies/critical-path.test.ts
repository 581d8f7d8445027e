import { describe, expect, it } from 'vitest';
import { emptyPlan } from '../../../scheduler/plan.js';
import { criticalPathPlan } from '../../../scheduler/policies/critical-path.js';
import { blockersIn, FEE_RECIPIENT, inputOf, orderIn, predictedInput, slotOf, type Use } from './inputs.js';

const reads: Use = [0, 1, 0];
const changes: Use = [0, 1, 1];

describe('critical-path', () => {
  it('waits for the latest earlier transaction that probably writes a key that is probably touched', () => {
    const input = predictedInput(5, { uses: [[changes], [changes], [reads], [], [reads]] });
    expect(blockersIn(criticalPathPlan(input))).toEqual([[], [0], [1], [], [1]]);
  });

  it('does not wait below a probability of 0.5', () => {
    const uses: Use[][] = [[[0, 1, 0.5]], [[0, 1, 0.49]], [[0, 0.5, 0]], [[0, 0.49, 0]]];
    expect(blockersIn(criticalPathPlan(predictedInput(4, { uses })))).toEqual([[], [0], [0], []]);
  });

  it('waits for the pairs of at least 0.5', () => {
    const input = predictedInput(3, {
      pairs: [
        [0, 1, 0.49],
        [0, 2, 0.5],
        [1, 2, 0.9],
      ],
    });
    expect(blockersIn(criticalPathPlan(input))).toEqual([[], [], [0, 1]]);
  });

  it('names a transaction once, whatever says so, and none that is not earlier', () => {
    const input = predictedInput(2, {
      uses: [
        [changes, [1, 1, 1]],
        [changes, [1, 1, 1]],
      ],
      pairs: [
        [0, 1, 1],
        [1, 1, 1],
        [1, 0, 1],
      ],
    });
    expect(blockersIn(criticalPathPlan(input))).toEqual([[], [0]]);
  });

  it('does not wait for who pays the fee recipient', () => {
    const keys = [{ address: FEE_RECIPIENT, slot: null }, slotOf(1)];
    const uses: Use[][] = [[changes, [1, 1, 1]], [changes], [[1, 1, 1]]];
    expect(blockersIn(criticalPathPlan(predictedInput(3, { uses, keys })))).toEqual([[], [], [0]]);
  });

  it('starts what the most costly chain waits for', () => {
    const draft = {
      gas: [10, 50, 10, 45],
      pairs: [[0, 3, 1] as const],
    };
    // The chain of 0 and 3 costs 55.
    expect(orderIn(criticalPathPlan(predictedInput(4, draft)))).toEqual([0, 1, 3, 2]);
  });

  it('measures by time where times are predicted', () => {
    expect(orderIn(criticalPathPlan(predictedInput(3, { gas: [3, 2, 1], ns: [1, 3, 2] })))).toEqual([1, 2, 0]);
  });

  it('is Block-STM in block order without a prediction', () => {
    expect(criticalPathPlan(inputOf([{}, {}]))).toEqual(emptyPlan(2, 4));
  });
});
