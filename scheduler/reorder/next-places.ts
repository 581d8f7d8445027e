import { at } from '../rows.js';
import type { TipRanks } from './tolerance.js';

/** Of the transactions without a place, the first so many are considered for the next one. */
const LOOK_AHEAD = 512;
const END = -1;

export interface PlaceRules {
  /** By transaction: a number for its sender. */
  readonly senders: Uint32Array;
  readonly tips: TipRanks;
  /** By transaction: 1 for one that nobody passes and that passes nobody. */
  readonly pinned: Uint8Array;
  readonly mostPositions: number;
}

/**
 * Says which transactions may have the next place of a new order. To finish in the given order is always allowed, so whoever
 * takes one of them after the other comes to an end.
 */
export class NextPlaces {
  readonly #rules: PlaceRules;
  /** The transactions without a place, in the given order; after each the next one. The last element leads to the first. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** By sender: the last place for which one of its transactions was passed. */
  readonly #passedAt: Int32Array;
  readonly #allowed: number[] = [];
  #place = 0;

  constructor(rules: PlaceRules) {
    const count = rules.senders.length;
    this.#rules = rules;
    this.#next = Int32Array.from({ length: count + 1 }, (_, index) => (index + 1 < count ? index + 1 : END));
    this.#previous = Int32Array.from({ length: count + 1 }, (_, index) => index - 1);
    this.#next[count] = count === 0 ? END : 0;
    this.#previous[0] = count;
    this.#passedAt = new Int32Array(count).fill(END);
  }

  /** In the given order; the same array each time. Empty when all have a place. */
  allowed(): readonly number[] {
    const { senders, tips, pinned, mostPositions } = this.#rules;
    this.#allowed.length = 0;
    let [lowest, highest, slack, seen] = [Infinity, -1, Infinity, 0];
    for (let index = at(this.#next, senders.length); index !== END && seen < LOOK_AHEAD; seen++) {
      const isFirst = seen === 0;
      if (!isFirst && (pinned[index] === 1 || slack < 1 || index - this.#place > mostPositions)) break;
      const [sender, rank] = [at(senders, index), at(tips.rank, index)];
      const inTolerance = lowest >= at(tips.lowest, rank) && highest <= at(tips.highest, rank);
      if (isFirst || (inTolerance && this.#passedAt[sender] !== this.#place)) this.#allowed.push(index);
      if (pinned[index] === 1) break;
      this.#passedAt[sender] = this.#place;
      lowest = Math.min(lowest, rank);
      highest = Math.max(highest, rank);
      // How many may still come before it, if the rest keeps the given order.
      slack = Math.min(slack, index + mostPositions - (this.#place + seen));
      index = at(this.#next, index);
    }
    return this.#allowed;
  }

  /** Gives the next place to one of those that are allowed. */
  take(index: number): void {
    const [previous, next] = [at(this.#previous, index), at(this.#next, index)];
    this.#next[previous] = next;
    if (next !== END) this.#previous[next] = previous;
    this.#place += 1;
  }
}
