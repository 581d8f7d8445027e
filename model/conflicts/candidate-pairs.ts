import { at } from '../numbers.js';
import type { BlockCall } from './block-call.js';

/** How two calls' predicted keys overlap. */
export interface Overlap {
  /** That the later one touches a key that the earlier one writes, keys taken as independent: 0 to 1. */
  readonly probability: number;
  /** Of the single likeliest key. */
  readonly best: number;
  readonly keys: number;
  readonly likelyKeys: number;
}

const MIN_READ = 0.03;
const MIN_WRITE = 0.02;
const MIN_OVERLAP = 0.01;
const LIKELY = 0.3;
const PAIR_BUDGET = 200_000;
const [MIN_PER_LIST, MAX_PER_LIST] = [16, 256];

/**
 * Finds the pairs of a block that may conflict through indices: a shared recipient, sender, party or predicted key; never all
 * pairs. Of each list the nearest earlier transactions count, up to a limit that keeps the block's work linear.
 */
export class CandidatePairs {
  readonly #byRecipient = new Map<number, number[]>();
  readonly #bySender = new Map<number, number[]>();
  readonly #byParty = new Map<number, number[]>();
  readonly #writers = new Map<number, { readonly indices: number[]; readonly evidence: number[] }>();
  readonly #perList: number;
  readonly #missed: Float64Array;
  readonly #best: Float64Array;
  readonly #keys: Uint16Array;
  readonly #likely: Uint16Array;
  readonly #stamp: Int32Array;
  readonly #stampedOverlap: Int32Array;
  readonly #found: number[] = [];

  constructor(transactions: number) {
    this.#perList = Math.max(MIN_PER_LIST, Math.min(MAX_PER_LIST, Math.floor(PAIR_BUDGET / (transactions + 1))));
    this.#missed = new Float64Array(transactions);
    this.#best = new Float64Array(transactions);
    this.#keys = new Uint16Array(transactions);
    this.#likely = new Uint16Array(transactions);
    this.#stamp = new Int32Array(transactions).fill(-1);
    this.#stampedOverlap = new Int32Array(transactions).fill(-1);
  }

  /** Earlier transactions that `later` may depend on, ascending; a list that the next call overwrites. */
  earlierOf(later: BlockCall, index: number): readonly number[] {
    this.#found.length = 0;
    const { call, parties } = later;
    if (call.to >= 0) {
      this.#take(this.#byRecipient.get(call.to), index);
      this.#take(this.#byParty.get(call.to), index);
    }
    this.#take(this.#bySender.get(call.from), index);
    for (const party of parties) this.#take(this.#byParty.get(party), index);
    this.#overlap(later, index);
    return this.#found.sort((a, b) => a - b);
  }

  /** Of a pair that `earlierOf` just found for `index`. */
  overlapWith(earlier: number, index: number): Overlap {
    if (at(this.#stampedOverlap, earlier) !== index) return NO_OVERLAP;
    return {
      probability: 1 - at(this.#missed, earlier),
      best: at(this.#best, earlier),
      keys: at(this.#keys, earlier),
      likelyKeys: at(this.#likely, earlier),
    };
  }

  /** Makes a transaction an earlier one for those that follow. */
  add(call: BlockCall, index: number): void {
    if (call.call.to >= 0) {
      append(this.#byRecipient, call.call.to, index);
      append(this.#byParty, call.call.to, index);
    }
    append(this.#bySender, call.call.from, index);
    for (const party of call.parties) append(this.#byParty, party, index);
    for (let position = 0; position < call.keys.length; position++) {
      const evidence = at(call.writeEvidence, position);
      if (evidence <= MIN_WRITE || at(call.readEvidence, position) <= MIN_READ) continue;
      const key = at(call.keys, position);
      const writers = this.#writers.get(key);
      if (writers === undefined) this.#writers.set(key, { indices: [index], evidence: [evidence] });
      else {
        writers.indices.push(index);
        writers.evidence.push(evidence);
      }
    }
  }

  #take(list: readonly number[] | undefined, index: number): void {
    if (list === undefined) return;
    for (let position = Math.max(0, list.length - this.#perList); position < list.length; position++) {
      this.#find(at(list, position), index);
    }
  }

  #find(earlier: number, index: number): void {
    if (at(this.#stamp, earlier) === index) return;
    this.#stamp[earlier] = index;
    this.#found.push(earlier);
  }

  #overlap(later: BlockCall, index: number): void {
    const touched: number[] = [];
    for (let position = 0; position < later.keys.length; position++) {
      const read = at(later.readEvidence, position);
      const writers = read <= MIN_READ ? undefined : this.#writers.get(at(later.keys, position));
      if (writers === undefined) continue;
      const first = Math.max(0, writers.indices.length - this.#perList);
      for (let entry = first; entry < writers.indices.length; entry++) {
        this.#accumulate(at(writers.indices, entry), read * at(writers.evidence, entry), { index, touched });
      }
    }
    for (const earlier of touched) if (1 - at(this.#missed, earlier) > MIN_OVERLAP) this.#find(earlier, index);
  }

  #accumulate(earlier: number, probability: number, { index, touched }: { index: number; touched: number[] }): void {
    if (at(this.#stampedOverlap, earlier) !== index) {
      this.#stampedOverlap[earlier] = index;
      this.#missed[earlier] = 1;
      this.#best[earlier] = 0;
      this.#keys[earlier] = 0;
      this.#likely[earlier] = 0;
      touched.push(earlier);
    }
    this.#missed[earlier] = at(this.#missed, earlier) * (1 - probability);
    this.#best[earlier] = Math.max(at(this.#best, earlier), probability);
    this.#keys[earlier] = at(this.#keys, earlier) + 1;
    if (probability > LIKELY) this.#likely[earlier] = at(this.#likely, earlier) + 1;
  }
}

const NO_OVERLAP: Overlap = { probability: 0, best: 0, keys: 0, likelyKeys: 0 };

function append(lists: Map<number, number[]>, key: number, index: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [index]);
  else list.push(index);
}
