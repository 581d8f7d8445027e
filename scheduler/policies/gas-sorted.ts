import { emptyPlan, type Plan } from '../plan.js';
import { rankDescending } from '../upward-rank.js';
import type { PlanInput } from './plan-input.js';
import { predictedGas } from './predicted-costs.js';

/**
 * `gas-sorted`: the transactions of most gas first, equal ones in block order, and nothing waits: list scheduling by descending
 * gas of blocks without conflicts, in the manner of Karmegam, Kiffer and Fernández Anta ("Exploiting Multi-Core Parallelism in
 * Blockchain Validation and Construction", SEA 2026). Conflicts are left to validation. Gas is the predicted median, or the
 * gas limit without a prediction.
 */
export function gasSortedPlan(input: PlanInput): Plan {
  const plan = emptyPlan(input.block.transactions.length, input.workers);
  return { ...plan, priority: rankDescending(predictedGas(input)) };
}
