export function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The middle value, or the mean of the two in the middle; undefined for an empty list. */
export function median(sorted: readonly number[]): number | undefined {
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** The median of values in any order; 0 for an empty list. */
export function medianOf(values: readonly number[]): number {
  return median([...values].sort((a, b) => a - b)) ?? 0;
}

/** sequential / parallel; 1 where there was no work. */
export function speedup(sequentialNs: number, parallelNs: number): number {
  return sequentialNs === 0 && parallelNs === 0 ? 1 : sequentialNs / parallelNs;
}

/**
 * Medians by transaction over the repetitions of a block, scaled to the time of the whole block: a pause hits single
 * transactions of single repetitions.
 */
export function typicalTimes(repetitions: readonly (readonly number[])[], blockNs: number): number[] {
  const [first] = repetitions;
  if (first === undefined) return [];
  const medians = first.map((_, index) => medianOf(repetitions.map((timesNs) => timesNs[index] ?? 0)));
  const scale = blockNs / Math.max(sumOf(medians), 1);
  return medians.map((timeNs) => timeNs * scale);
}
