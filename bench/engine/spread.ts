import { median } from '../../cli/replay/statistics.js';
import type { Spread } from './document.js';

/** Of figures of which the larger are the better. */
export function spreadOfRates(values: readonly number[]): Spread {
  return { median: medianOf(values), best: Math.max(...values), worst: Math.min(...values) };
}

/** Of figures of which the smaller are the better. */
export function spreadOfTimes(values: readonly number[]): Spread {
  return { median: medianOf(values), best: Math.min(...values), worst: Math.max(...values) };
}

export function medianOf(values: readonly number[]): number {
  return median([...values].sort((a, b) => a - b)) ?? Number.NaN;
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
