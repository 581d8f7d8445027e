import { emptyPlan, type Plan } from '../plan.js';
import { rankDescending } from '../upward-rank.js';
import type { PlanInput } from './plan-input.js';

/**
 * `gas-sorted`: the most costly transactions first, equal ones in block order, and nothing waits: list scheduling by descending
 * gas of blocks without conflicts, in the manner of Karmegam, Kiffer and Fernández Anta ("Exploiting Multi-Core Parallelism in
 * Blockchain Validation and Construction", SEA 2026). Conflicts are left to validation. Costs are the expected ones, or the
 * gas limits without hints.
 */
export function gasSortedPlan({ block: { transactions }, hints, workers }: PlanInput): Plan {
  const costs = hints?.costs ?? Float64Array.from(transactions, ({ gasLimit }) => gasLimit);
  return { ...emptyPlan(transactions.length, workers), priority: rankDescending(costs) };
}
