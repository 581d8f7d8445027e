/** Rates and counts as small integers: networks see these, so that equal situations are evaluated once. */
export const RATE_LEVELS = 32;
const MAX_EVIDENCE = 60;

/** A share, 0 to 1, as 0 … 32. */
export function rateLevel(share: number): number {
  return Math.round(Math.min(1, share) * RATE_LEVELS);
}

// Where twice the binary logarithm is rounded up: a quarter and three quarters of the way to the next power of two.
const FIRST_QUARTER = 2 ** 0.25;
const THIRD_QUARTER = 2 ** 0.75;
const MOST_SIZE = 2 ** ((MAX_EVIDENCE - 0.5) / 2);

/** A count as twice its binary logarithm, plus one: 0, 2, 3, 4, 5 … */
export function evidenceLevel(count: number): number {
  if (count <= 0) return 0;
  const size = 1 + count;
  if (size >= MOST_SIZE) return MAX_EVIDENCE;
  const exponent = 31 - Math.clz32(size);
  const power = 1 << exponent;
  return 2 * exponent + (size >= power * FIRST_QUARTER ? 1 : 0) + (size >= power * THIRD_QUARTER ? 1 : 0);
}

const ODDS_STEPS = 4;
const MAX_ODDS = 28;

/** A probability by its log-odds in steps of a quarter, 0 … 56; one half is 28. */
export function oddsLevel(probability: number): number {
  const odds = Math.log(probability / (1 - probability)) * ODDS_STEPS;
  return Math.round(Math.min(MAX_ODDS, Math.max(-MAX_ODDS, odds))) + MAX_ODDS;
}
