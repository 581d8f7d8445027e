/** Rates and counts as small integers: networks see these, so that equal situations are evaluated once. */
export const RATE_LEVELS = 32;
const MAX_EVIDENCE = 60;

/** A share, 0 to 1, as 0 … 32. */
export function rateLevel(share: number): number {
  return Math.round(Math.min(1, share) * RATE_LEVELS);
}

/** A count as twice its binary logarithm, plus one: 0, 2, 3, 4, 5 … */
export function evidenceLevel(count: number): number {
  return count <= 0 ? 0 : Math.min(MAX_EVIDENCE, Math.round(2 * Math.log2(1 + count)));
}

const ODDS_STEPS = 4;
const MAX_ODDS = 28;

/** A probability by its log-odds in steps of a quarter, 0 … 56; one half is 28. */
export function oddsLevel(probability: number): number {
  const odds = Math.log(probability / (1 - probability)) * ODDS_STEPS;
  return Math.round(Math.min(MAX_ODDS, Math.max(-MAX_ODDS, odds))) + MAX_ODDS;
}
