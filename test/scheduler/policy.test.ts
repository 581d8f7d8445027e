import { describe, expect, it } from 'vitest';
import { emptyPlan } from '../../scheduler/plan.js';
import { criticalPathPlan } from '../../scheduler/policies/critical-path.js';
import { gasSortedPlan } from '../../scheduler/policies/gas-sorted.js';
import { sameContractPlan } from '../../scheduler/policies/same-contract.js';
import { senderSpreadPlan } from '../../scheduler/policies/sender-spread.js';
import { smfPlan } from '../../scheduler/policies/smf.js';
import { isPolicy, planOf, POLICIES, usesHints } from '../../scheduler/policy.js';
import { changeOf } from './hints.js';
import { inputOf } from './policies/inputs.js';

describe('policies', () => {
  it('are known by name', () => {
    expect(POLICIES.every(isPolicy)).toBe(true);
    expect(new Set(POLICIES).size).toBe(POLICIES.length);
    expect(isPolicy('fastest')).toBe(false);
  });

  it('use hints, or do not', () => {
    expect(POLICIES.filter(usesHints)).toEqual(['gas-sorted', 'critical-path', 'smf', 'adaptive']);
  });

  it('make the plan that bears their name', () => {
    const calls = Array.from(
      { length: 6 },
      (_, index) => ({ input: '0xa9059cbb', gasLimit: 30_000 * (index % 4) }) as const,
    );
    const costs = [3, 8, 5, 8, 1, 2];
    const input = inputOf(calls, { hints: { costs, uses: calls.map((_, index) => [changeOf(index % 2)]) } });
    expect(planOf('sequential', input)).toEqual(emptyPlan(6, 1));
    expect(planOf('optimistic', input)).toEqual(emptyPlan(6, 4));
    expect(planOf('gas-sorted', input)).toEqual(gasSortedPlan(input));
    expect(planOf('critical-path', input)).toEqual(criticalPathPlan(input));
    expect(planOf('sender-spread', input)).toEqual(senderSpreadPlan(input));
    expect(planOf('same-contract', input)).toEqual(sameContractPlan(input));
    expect(planOf('smf', input)).toEqual(smfPlan(input));
  });

  it('that do not use hints plan the same with and without', () => {
    const calls = Array.from({ length: 6 }, () => ({ input: '0xa9059cbb' }) as const);
    const hints = { costs: [3, 8, 5, 8, 1, 2], uses: calls.map(() => [changeOf(0)]) };
    for (const policy of POLICIES) {
      if (policy === 'adaptive' || policy === 'oracle') continue;
      const [hinted, plain] = [planOf(policy, inputOf(calls, { hints })), planOf(policy, inputOf(calls))];
      if (usesHints(policy)) expect(hinted).not.toEqual(plain);
      else expect(hinted).toEqual(plain);
    }
  });
});
