import { emptyPlan, oraclePlan, type Plan } from './plan.js';
import type { Workload } from './workload.js';

/** `sequential`: one worker. `optimistic`: Block-STM as published. `oracle`: true accesses and costs, the bound. */
export const POLICIES = ['sequential', 'optimistic', 'oracle'] as const;
export type Policy = (typeof POLICIES)[number];

export function isPolicy(name: string): name is Policy {
  return POLICIES.some((policy) => policy === name);
}

/** The plan that a policy makes for a block on at most `workers` workers. */
export function planFor(policy: Policy, workload: Workload, workers: number): Plan {
  const { length } = workload.transactions;
  switch (policy) {
    case 'sequential':
      return emptyPlan(length, 1);
    case 'optimistic':
      return emptyPlan(length, workers);
    case 'oracle':
      return oraclePlan(workload, workers);
  }
}
