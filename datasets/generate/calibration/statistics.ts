/** The value at a quantile of a list, interpolated between neighbours; NaN for an empty list. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = at * (sorted.length - 1);
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Ranks that enter the fit: beyond them a key's count says more about the size of the sample than about the key. */
const RANKS = 1_000;
const RANKS_PER_OCTAVE = 4;

/**
 * Exponent s of count ∝ rank^−s by least squares of log count on log rank over the 1,000 most used keys, at ranks spaced
 * evenly in the logarithm so that the few popular keys weigh as much as the many rare ones. NaN for fewer than two keys.
 */
export function zipfExponent(counts: Iterable<number>): number {
  const sorted = [...counts].toSorted((a, b) => b - a).slice(0, RANKS);
  const points: { x: number; y: number }[] = [];
  let lastRank = 0;
  for (let step = 0; ; step += 1) {
    const rank = Math.round(2 ** (step / RANKS_PER_OCTAVE));
    const count = sorted[rank - 1];
    if (count === undefined) return -slope(points);
    if (rank > lastRank) points.push({ x: Math.log(rank), y: Math.log(count) });
    lastRank = rank;
  }
}

function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  if (points.length < 2) return Number.NaN;
  const [meanX, meanY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
}
