import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../scheduler/plan.js';
import { criticalPathPlan } from '../../../scheduler/policies/critical-path.js';
import { gasSortedPlan } from '../../../scheduler/policies/gas-sorted.js';
import type { PlanInput } from '../../../scheduler/policies/plan-input.js';
import { sameContractPlan } from '../../../scheduler/policies/same-contract.js';
import { senderSpreadPlan } from '../../../scheduler/policies/sender-spread.js';
import { smfPlan } from '../../../scheduler/policies/smf.js';
import { rowCount } from '../../../scheduler/rows.js';
import { simulate } from '../../../scheduler/simulator.js';
import { verifyRun } from '../../../scheduler/verify.js';
import { workloads } from '../workloads.js';
import { blockersIn, inputOf, inputsFor } from './inputs.js';

const POLICIES: [string, (input: PlanInput) => Plan][] = [
  ['gas-sorted', gasSortedPlan],
  ['critical-path', criticalPathPlan],
  ['sender-spread', senderSpreadPlan],
  ['same-contract', sameContractPlan],
  ['smf', smfPlan],
];

const cases = workloads.chain((workload) => inputsFor(workload).map((input) => ({ workload, input })));
const SETTINGS = { numRuns: 200, seed: 15_000_001 };

describe.each(POLICIES)('%s, whatever the prediction', (_, planOf) => {
  it('makes a plan of its block', () => {
    fc.assert(
      fc.property(cases, ({ workload, input }) => {
        const plan = planOf(input);
        const { length } = workload.transactions;
        expect([plan.priority.length, rowCount(plan.blockers), rowCount(plan.writes)]).toEqual([
          length,
          length,
          length,
        ]);
        expect(plan.workers).toBe(input.workers);
        expect(plan.priority.every((priority) => priority < Math.max(1, length))).toBe(true);
        for (const [index, blockers] of blockersIn(plan).entries()) {
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
        expect(verifyRun(workload, simulate(workload, planOf(input), { workers }))).toBe(true);
      }),
      SETTINGS,
    );
  });

  it('depends on its input only', () => {
    fc.assert(
      fc.property(cases, ({ input }) => {
        const before = structuredClone(input);
        expect(planOf(input)).toEqual(planOf(input));
        expect(input).toEqual(before);
      }),
      SETTINGS,
    );
  });

  it('plans an empty block', () => {
    expect(planOf(inputOf([])).priority).toHaveLength(0);
    expect(planOf(inputOf([], { prediction: {} })).priority).toHaveLength(0);
  });
});
