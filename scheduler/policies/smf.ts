import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { emptyPlan, type Plan } from '../plan.js';
import type { BlockHints } from '../predictor.js';
import { at } from '../rows.js';
import { ranksOf } from '../upward-rank.js';
import type { PlanInput } from './plan-input.js';

const THRESHOLD = 0.5;
const SAMPLE_SIZE = 5;

/**
 * `smf`: Shortest Makespan First (Cheng et al., "Towards Optimal Transaction Scheduling", VLDB 2024) on the keys that are
 * probably used. Starts with any transaction; then, of 5 drawn from those that are left, appends the one that makes the
 * schedule end the least later, the one drawn first where several do. Draws are seeded by the block's number. As published,
 * the makespan knows no number of workers and no pairs, and an access waits for earlier ones of the schedule to the same key
 * unless both read; here also unless both merely add. Time in proportion to 5 × predicted accesses. Block order without hints.
 *
 * The schedule is a priority and nothing waits: it was made to be the serial order, but here the block's is. A transaction
 * sees what is before it in the block, so waiting for what is before it in the schedule would wait for the wrong ones.
 */
export function smfPlan({ block, hints, workers }: PlanInput): Plan {
  const plan = emptyPlan(block.transactions.length, workers);
  if (hints === null) return plan;
  const order = scheduleOf(new KeyTimes(hints), new Queue(block.transactions.length, block.number));
  return { ...plan, priority: ranksOf(order) };
}

function scheduleOf(times: KeyTimes, queue: Queue): Uint32Array {
  const order = new Uint32Array(queue.length);
  for (let place = 0; place < order.length; place++) {
    queue.draw(place === 0 ? 1 : SAMPLE_SIZE);
    const next = queue.remove(times.leastIncrease(queue.drawn));
    times.append(next);
    order[place] = next;
  }
  return order;
}

/** The transactions that are left. */
class Queue {
  readonly #transactions: Uint32Array;
  readonly #generator: ReturnType<typeof xoroshiro128plus>;
  #length: number;
  #drawn = 0;

  constructor(transactions: number, seed: number) {
    this.#transactions = Uint32Array.from({ length: transactions }, (_, index) => index);
    this.#generator = xoroshiro128plus(seed);
    this.#length = transactions;
  }

  get length(): number {
    return this.#length;
  }

  /** Those drawn last, in the order of the draws; a view. */
  get drawn(): Uint32Array {
    return this.#transactions.subarray(0, this.#drawn);
  }

  /** Draws different ones: all where there are no more than `count`. They stay in the queue. */
  draw(count: number): void {
    this.#drawn = Math.min(count, this.#length);
    for (let place = 0; place < this.#drawn; place++) {
      this.#swap(place, uniformInt(this.#generator, place, this.#length - 1));
    }
  }

  /** Takes out and returns the one at `place` among those drawn. */
  remove(place: number): number {
    this.#length--;
    this.#swap(place, this.#length);
    return at(this.#transactions, this.#length);
  }

  #swap(one: number, other: number): void {
    const transaction = at(this.#transactions, one);
    this.#transactions[one] = at(this.#transactions, other);
    this.#transactions[other] = transaction;
  }
}

/** When the keys of a growing schedule were last used, in the unit of costs from its start. */
class KeyTimes {
  readonly #hints: BlockHints;
  /** By key: the end of the latest transaction that sees it, of the latest that changes it, and of the latest that adds to it. */
  readonly #readCost: Float64Array;
  readonly #writtenCost: Float64Array;
  readonly #addedCost: Float64Array;
  #makespanCost = 0;

  constructor(hints: BlockHints) {
    this.#hints = hints;
    this.#readCost = new Float64Array(hints.keyCount);
    this.#writtenCost = new Float64Array(hints.keyCount);
    this.#addedCost = new Float64Array(hints.keyCount);
  }

  /** The place, among the candidates, of the one that delays the end of the schedule least; the first of equal ones. */
  leastIncrease(candidates: Uint32Array): number {
    let [best, bestCost] = [0, Infinity];
    for (let place = 0; place < candidates.length && bestCost > this.#makespanCost; place++) {
      const makespanCost = Math.max(this.#makespanCost, this.#endOf(at(candidates, place)));
      if (makespanCost < bestCost) [best, bestCost] = [place, makespanCost];
    }
    return best;
  }

  append(transaction: number): void {
    const { offsets, keys, read, write, add } = this.#hints;
    const endCost = this.#endOf(transaction);
    for (let access = at(offsets, transaction); access < at(offsets, transaction + 1); access++) {
      const key = at(keys, access);
      if (at(read, access) >= THRESHOLD) raise(this.#readCost, key, endCost);
      if (at(write, access) >= THRESHOLD) raise(this.#writtenCost, key, endCost);
      if (at(add, access) >= THRESHOLD) raise(this.#addedCost, key, endCost);
    }
    this.#makespanCost = Math.max(this.#makespanCost, endCost);
  }

  #endOf(transaction: number): number {
    const { offsets, costs } = this.#hints;
    let startCost = 0;
    for (let access = at(offsets, transaction); access < at(offsets, transaction + 1); access++) {
      startCost = Math.max(startCost, this.#freeAt(access));
    }
    return startCost + at(costs, transaction);
  }

  /** When the key of an access is free for it; 0 for one that is not probable. */
  #freeAt(access: number): number {
    const { keys, read, write, add } = this.#hints;
    const reads = at(read, access) >= THRESHOLD;
    const writes = at(write, access) >= THRESHOLD;
    const adds = at(add, access) >= THRESHOLD;
    const key = at(keys, access);
    let freeCost = 0;
    if (reads || writes || adds) freeCost = at(this.#writtenCost, key);
    if (reads || writes) freeCost = Math.max(freeCost, at(this.#addedCost, key));
    if (writes || adds) freeCost = Math.max(freeCost, at(this.#readCost, key));
    return freeCost;
  }
}

function raise(values: Float64Array, index: number, value: number): void {
  if (value > at(values, index)) values[index] = value;
}
