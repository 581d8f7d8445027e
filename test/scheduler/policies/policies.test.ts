import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanInput } from '../../../scheduler/policies/plan-input.js';
import { planOf, POLICIES } from '../../../scheduler/policy.js';
import { rowCount } from '../../../scheduler/rows.js';
import { simulate } from '../../../scheduler/simulator.js';
import { verifyRun } from '../../../scheduler/verify.js';
import { workloads } from '../workloads.js';
import { blockersIn } from '../hints.js';
import { inputOf, inputsFor } from './inputs.js';

const planned = POLICIES.filter((policy) => policy !== 'adaptive' && policy !== 'oracle');

const cases = workloads.chain((workload) => inputsFor(workload).map((input) => ({ workload, input })));
const SETTINGS = { numRuns: 200, seed: 15_000_001 };

describe.each(planned)('%s, whatever the hints', (policy) => {
  const plan = (input: PlanInput) => planOf(policy, input);

  it('makes a plan of its block', () => {
    fc.assert(
      fc.property(cases, ({ workload, input }) => {
        const made = plan(input);
        const { length } = workload.transactions;
        expect([made.priority.length, rowCount(made.blockers), rowCount(made.writes)]).toEqual([
          length,
          length,
          length,
        ]);
        expect(made.workers).toBe(policy === 'sequential' ? 1 : input.workers);
        expect(made.priority.every((priority) => priority < Math.max(1, length))).toBe(true);
        for (const [index, blockers] of blockersIn(made).entries()) {
          expect(blockers.every((blocker) => blocker < index)).toBe(true);
          expect(new Set(blockers).size).toBe(blockers.length);
        }
      }),
      SETTINGS,
    );
  });

  it('leads to a serial run', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 6 }), ({ workload, input }, workers) => {
        expect(verifyRun(workload, simulate(workload, plan(input), { workers }))).toBe(true);
      }),
      SETTINGS,
    );
  });

  it('depends on its input only', () => {
    fc.assert(
      fc.property(cases, ({ input }) => {
        const before = structuredClone(input);
        expect(plan(input)).toEqual(plan(input));
        expect(input).toEqual(before);
      }),
      SETTINGS,
    );
  });

  it('plans an empty block', () => {
    expect(plan(inputOf([])).priority).toHaveLength(0);
    expect(plan(inputOf([], { hints: {} })).priority).toHaveLength(0);
  });
});
