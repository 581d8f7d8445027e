import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { emptyPlan, type Plan } from '../plan.js';
import { at, rowOf, type CompressedRows } from '../rows.js';
import { ranksOf } from '../upward-rank.js';
import type { PlanInput } from './plan-input.js';
import { predictedGas } from './predicted-costs.js';
import { predictedKeys, type PredictedKeys } from './predicted-keys.js';

const THRESHOLD = 0.5;
const SAMPLE_SIZE = 5;

/**
 * `smf`: Shortest Makespan First (Cheng et al., "Towards Optimal Transaction Scheduling", VLDB 2024) on predicted keys.
 * Starts with any transaction; then, of 5 drawn from those that are left, appends the one that makes the schedule end the
 * least later, the one drawn first where several do. Draws are seeded by the block's number. As published, the makespan
 * knows no number of workers, and an access waits for earlier ones of the schedule to the same key unless both read. Time in
 * proportion to 5 × predicted accesses. Block order without a prediction.
 *
 * The schedule is a priority and nothing waits: it was made to be the serial order, but here the block's is. A transaction
 * sees what is before it in the block, so waiting for what is before it in the schedule would wait for the wrong ones.
 */
export function smfPlan(input: PlanInput): Plan {
  const { block, prediction, workers } = input;
  const plan = emptyPlan(block.transactions.length, workers);
  if (prediction === null) return plan;
  const keys = predictedKeys(prediction.accesses, { feeRecipient: block.feeRecipient, threshold: THRESHOLD });
  const order = scheduleOf(new KeyTimes(predictedGas(input), keys), new Queue(block.transactions.length, block.number));
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

/** When the keys of a growing schedule were last used, in gas from its start. */
class KeyTimes {
  readonly #costsGas: Float64Array;
  readonly #keys: PredictedKeys;
  /** By key: the end of the latest transaction that changes it, and of the latest one that touches it. */
  readonly #writtenGas: Float64Array;
  readonly #touchedGas: Float64Array;
  #makespanGas = 0;

  constructor(costsGas: Float64Array, keys: PredictedKeys) {
    this.#costsGas = costsGas;
    this.#keys = keys;
    this.#writtenGas = new Float64Array(keys.keyCount);
    this.#touchedGas = new Float64Array(keys.keyCount);
  }

  /** The place, among the candidates, of the one that delays the end of the schedule least; the first of equal ones. */
  leastIncrease(candidates: Uint32Array): number {
    let [best, bestGas] = [0, Infinity];
    for (let place = 0; place < candidates.length && bestGas > this.#makespanGas; place++) {
      const makespanGas = Math.max(this.#makespanGas, this.#endOf(at(candidates, place)));
      if (makespanGas < bestGas) [best, bestGas] = [place, makespanGas];
    }
    return best;
  }

  append(transaction: number): void {
    const endGas = this.#endOf(transaction);
    for (const key of rowOf(this.#keys.reads, transaction)) raise(this.#touchedGas, key, endGas);
    for (const key of rowOf(this.#keys.writes, transaction)) {
      raise(this.#touchedGas, key, endGas);
      raise(this.#writtenGas, key, endGas);
    }
    this.#makespanGas = Math.max(this.#makespanGas, endGas);
  }

  #endOf(transaction: number): number {
    const { reads, writes } = this.#keys;
    const startGas = Math.max(
      greatestIn(reads, transaction, this.#writtenGas),
      greatestIn(writes, transaction, this.#touchedGas),
    );
    return startGas + at(this.#costsGas, transaction);
  }
}

/** The greatest value of the keys in a row; 0 where there are none. */
function greatestIn({ offsets, indices }: CompressedRows, row: number, values: Float64Array): number {
  let greatest = 0;
  for (let place = at(offsets, row); place < at(offsets, row + 1); place++) {
    greatest = Math.max(greatest, at(values, at(indices, place)));
  }
  return greatest;
}

function raise(values: Float64Array, index: number, value: number): void {
  if (value > at(values, index)) values[index] = value;
}
