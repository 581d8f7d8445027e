import { describe, expect, it } from 'vitest';
import { gasSortedPlan } from '../../../scheduler/policies/gas-sorted.js';
import { blockersIn, changeOf, orderIn } from '../hints.js';
import { hintedInput, inputOf } from './inputs.js';

describe('gas-sorted', () => {
  it('takes the most costly first, equal ones in block order', () => {
    expect(orderIn(gasSortedPlan(hintedInput(4, { costs: [100, 300, 100, 200] })))).toEqual([1, 3, 0, 2]);
  });

  it('goes by gas limits without hints', () => {
    expect(orderIn(gasSortedPlan(inputOf([{ gasLimit: 21_000 }, { gasLimit: 90_000 }])))).toEqual([1, 0]);
  });

  it('waits for nothing', () => {
    const input = hintedInput(2, { pairs: [[0, 1, 1]], uses: [[changeOf(0)], [changeOf(0)]] });
    expect(blockersIn(gasSortedPlan(input))).toEqual([[], []]);
  });
});
