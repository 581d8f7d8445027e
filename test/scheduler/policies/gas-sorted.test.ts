import { describe, expect, it } from 'vitest';
import { gasSortedPlan } from '../../../scheduler/policies/gas-sorted.js';
import { blockersIn, inputOf, orderIn, predictedInput } from './inputs.js';

describe('gas-sorted', () => {
  it('takes the most gas first by the median of the prediction, equal ones in block order', () => {
    expect(orderIn(gasSortedPlan(predictedInput(4, { gas: [100, 300, 100, 200] })))).toEqual([1, 3, 0, 2]);
  });

  it('goes by gas, not by time', () => {
    expect(orderIn(gasSortedPlan(predictedInput(2, { gas: [1, 2], ns: [2, 1] })))).toEqual([1, 0]);
  });

  it('goes by gas limits without a prediction', () => {
    expect(orderIn(gasSortedPlan(inputOf([{ gasLimit: 21_000 }, { gasLimit: 90_000 }])))).toEqual([1, 0]);
  });

  it('waits for nothing', () => {
    const input = predictedInput(2, { pairs: [[0, 1, 1]], uses: [[[0, 1, 1]], [[0, 1, 1]]] });
    expect(blockersIn(gasSortedPlan(input))).toEqual([[], []]);
  });
});
