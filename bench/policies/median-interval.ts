import { median } from '../../cli/replay/statistics.js';
import type { MedianInterval } from './document.js';

export const CONFIDENCE = 0.95;

/**
 * The median, and the two order statistics between which the median of all such figures lies with at least the confidence that is
 * asked, whatever their distribution: how many figures lie below it is binomial with probability 1/2 (David and Nagaraja, Order
 * Statistics, 7.1).
 */
export function medianWithInterval(values: readonly number[], confidence = CONFIDENCE): MedianInterval {
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  const { place, tail } = outermost(count, (1 - confidence) / 2);
  const [low, high] = [sorted[place - 1], sorted[count - place]];
  const interval = low === undefined || high === undefined ? null : { low, high, confidence: 1 - 2 * tail };
  return { count, median: median(sorted) ?? Number.NaN, interval };
}

/** The greatest place from 1 of which at most `share` of cases have the median below it, and that share; place 0 where there is none. */
function outermost(count: number, share: number): { readonly place: number; readonly tail: number } {
  let [place, tail] = [0, 0];
  let logTerm = -count * Math.LN2;
  while (place < count / 2 && tail + Math.exp(logTerm) <= share) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((count - place) / (place + 1));
    place += 1;
  }
  return { place, tail };
}
