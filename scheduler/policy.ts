import { emptyPlan, type Plan } from './plan.js';
import { criticalPathPlan } from './policies/critical-path.js';
import { gasSortedPlan } from './policies/gas-sorted.js';
import type { PlanInput } from './policies/plan-input.js';
import { sameContractPlan } from './policies/same-contract.js';
import { senderSpreadPlan } from './policies/sender-spread.js';
import { smfPlan } from './policies/smf.js';

/**
 * - `sequential`: one transaction after the other, on one worker.
 * - `optimistic`: Block-STM as published.
 * - `gas-sorted`: the most costly transactions first; nothing waits.
 * - `critical-path`: waits for what is probable, and starts first what the most costly chain waits for.
 * - `sender-spread`: transactions of one sender apart from each other (Aptos, AIP-27); nothing waits.
 * - `same-contract`: calls of one contract one after the other.
 * - `smf`: Shortest Makespan First, as an order; nothing waits.
 * - `adaptive`: waits where that is expected to pay, and keeps to the block's order but for what could not wait.
 * - `oracle`: true accesses and costs, the bound.
 */
export const POLICIES = [
  'sequential',
  'optimistic',
  'gas-sorted',
  'critical-path',
  'sender-spread',
  'same-contract',
  'smf',
  'adaptive',
  'oracle',
] as const;
export type Policy = (typeof POLICIES)[number];

export function isPolicy(name: string): name is Policy {
  return POLICIES.some((policy) => policy === name);
}

/** Whether a policy plans by what is predicted of a block. */
export function usesHints(policy: Policy): boolean {
  return HINTED.has(policy);
}

const HINTED: ReadonlySet<Policy> = new Set<Policy>(['gas-sorted', 'critical-path', 'smf', 'adaptive']);

/** The plan of a policy that needs no more than a block and its hints, on at most as many workers as there are. */
export function planOf(policy: Exclude<Policy, 'adaptive' | 'oracle'>, input: PlanInput): Plan {
  switch (policy) {
    case 'sequential':
      return emptyPlan(input.block.transactions.length, 1);
    case 'optimistic':
      return emptyPlan(input.block.transactions.length, input.workers);
    case 'gas-sorted':
      return gasSortedPlan(input);
    case 'critical-path':
      return criticalPathPlan(input);
    case 'sender-spread':
      return senderSpreadPlan(input);
    case 'same-contract':
      return sameContractPlan(input);
    case 'smf':
      return smfPlan(input);
  }
}
