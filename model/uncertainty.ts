import type { BlockCall } from './conflicts/block-call.js';
import { at } from './numbers.js';

/** Calls of a function below which history says nothing of what it touches. */
const MIN_FUNCTION_CALLS = 3;
/** Slots expected to be misjudged, below which a look ahead is not worth its price. */
const MIN_UNCERTAINTY_SLOTS = 0.5;

/** What may be spent on looking ahead in one block. What is absent has no limit. */
export interface PreExecutionBudget {
  readonly maxTransactions?: number;
  readonly maxTotalNs?: number;
}

/**
 * How many slots history is expected to misjudge: the variance of its guesses. Infinity for a function that it hardly
 * knows, 0 for what runs no code.
 */
export function uncertaintySlots({ runsCode, functionCalls, readEvidence }: BlockCall): number {
  if (!runsCode) return 0;
  if (functionCalls < MIN_FUNCTION_CALLS) return Infinity;
  return readEvidence.reduce((sum, evidence) => sum + evidence * (1 - evidence), 0);
}

/**
 * Indices of the transactions that history is least sure of, ascending, as far as the budget goes: the most uncertain are
 * chosen first, of equals the earlier. `expectedNs` prices a call.
 */
export function chooseUncertain(
  calls: readonly BlockCall[],
  { maxTransactions = Infinity, maxTotalNs = Infinity }: PreExecutionBudget,
  expectedNs: (call: BlockCall) => number,
): number[] {
  const uncertainty = calls.map(uncertaintySlots);
  const ranked = [...uncertainty.keys()]
    .filter((index) => at(uncertainty, index) >= MIN_UNCERTAINTY_SLOTS)
    .sort((a, b) => compare(at(uncertainty, b), at(uncertainty, a)) || a - b);
  const chosen: number[] = [];
  let leftNs = maxTotalNs;
  for (const index of ranked) {
    const call = calls[index];
    if (call === undefined || chosen.length >= maxTransactions) break;
    const priceNs = expectedNs(call);
    if (priceNs > leftNs) continue;
    leftNs -= priceNs;
    chosen.push(index);
  }
  return chosen.sort((a, b) => a - b);
}

/** Unlike a difference right for infinite ones. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
