/** Constants of the engine's schedule (executor/engine/assembly) that decide who does what; a test compares. */

/** Waste that is no reason to give up yet. */
export const LEAST_WASTE = 24;
/** In percent of committed transactions and for each worker beyond the first: beyond, one worker does the rest. */
export const WASTE_PERCENT = 30;
/** Transactions committed while a worker slept: so many that none of them is a long one. */
export const CHAIN_LENGTH = 16;
/** The hints of readers lag behind by so many transactions, to be written less often. */
export const READER_LAG = 16;
/** How long an idle worker sleeps before it looks again. */
export const SLEEP_NS = 1_000_000;
