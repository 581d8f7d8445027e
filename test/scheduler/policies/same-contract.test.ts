import { describe, expect, it } from 'vitest';
import { sameContractPlan } from '../../../scheduler/policies/same-contract.js';
import { blockersIn, orderIn } from '../hints.js';
import { addressOf, inputOf } from './inputs.js';

const [one, other] = [addressOf(1), addressOf(2)];
const input = '0xa9059cbb';

describe('same-contract', () => {
  it('runs the calls of a contract one after the other, each after the previous one', () => {
    const calls = [one, other, one, one, other].map((to) => ({ to, input }) as const);
    expect(blockersIn(sameContractPlan(inputOf(calls)))).toEqual([[], [], [0], [2], [1]]);
  });

  it('takes a payment to an address with code for a call', () => {
    const payments = [{ to: one }, { to: one }, { to: other }, { to: other }];
    expect(blockersIn(sameContractPlan(inputOf(payments, { withCode: [one] })))).toEqual([[], [0], [], []]);
  });

  it('leaves creations alone', () => {
    const creations = [
      { to: null, input },
      { to: null, input },
    ] as const;
    expect(blockersIn(sameContractPlan(inputOf(creations)))).toEqual([[], []]);
  });

  it('keeps the order of the block', () => {
    expect(orderIn(sameContractPlan(inputOf([{ to: one, input }, {}, { to: one, input }])))).toEqual([0, 1, 2]);
  });
});
