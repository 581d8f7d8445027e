/** Constants of the engine's schedule (executor/engine/assembly) that decide who does what; a test compares. */

/** Waste that is no reason to give up yet. */
export const LEAST_WASTE = 24;
/** Of what is not committed, at most one in so many may be executed for one worker to do the rest. */
export const LEAST_LEFT = 4;
/**
 * The percentage of executions in vain beyond which one worker does the rest: then `workers` workers together come to what one
 * and a half come to without waste, and tracking takes the rest.
 */
export function mostWastePercent(workers: number): number {
  return 100 - 150 / Math.max(2, workers);
}
/** Executions while a worker slept: so many that none of them is a long one. */
export const CHAIN_LENGTH = 16;
/** The hints of readers lag behind by so many transactions, to be written less often. */
export const READER_LAG = 16;
/** How long an idle worker sleeps before it looks again. */
export const SLEEP_NS = 1_000_000;
