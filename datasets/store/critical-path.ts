/**
 * Waiting of the transactions of one block, by transaction index: the indices of earlier transactions that each one
 * waits for.
 */
export type Blockers = readonly (readonly number[])[];

/**
 * The gas of the longest chain of waiting transactions: gas taken as time, no number of workers executes the block in
 * less. finish(j) = gasUsed[j] + max of finish(i) over the blockers i of j; the result is the largest finish.
 * Takes time in proportion to transactions and blockers.
 */
export function criticalPathGas(gasUsed: readonly number[], blockers: Blockers): number {
  const finishGas: number[] = [];
  for (const [index, gas] of gasUsed.entries()) {
    const start = (blockers[index] ?? []).reduce((latest, blocker) => Math.max(latest, finishGas[blocker] ?? 0), 0);
    finishGas.push(start + gas);
  }
  return finishGas.reduce((longest, finish) => Math.max(longest, finish), 0);
}
