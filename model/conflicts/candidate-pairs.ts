import { float64At, grownFloat64, grownInt32, int32At } from '../numbers.js';
import { StampedIndex } from '../tables/stamped-index.js';
import type { BlockCall } from './block-call.js';
import { RecentLists } from './recent-lists.js';

const MIN_READ = 0.03;
const MIN_WRITE = 0.02;
const MIN_OVERLAP = 0.01;
const LIKELY = 0.3;
const PAIR_BUDGET = 200_000;
const [MIN_PER_LIST, MAX_PER_LIST] = [16, 256];

/**
 * Finds the pairs of a block that may conflict through indices: a shared recipient, sender, party or predicted key; never all
 * pairs. Of each list the nearest earlier transactions count, up to a limit that keeps the block's work linear. One serves
 * many blocks; of each transaction `earlierOf` comes before `add`.
 */
export class CandidatePairs {
  readonly #words = new StampedIndex();
  readonly #keyNumbers = new StampedIndex();
  readonly #byRecipient = new RecentLists();
  readonly #bySender = new RecentLists();
  readonly #byParty = new RecentLists();
  readonly #writers = new RecentLists();
  /** By entry of `#writers`: P(the transaction writes the key). */
  #evidence = new Float64Array(1024);
  /** By key of the call at hand: its number in `#keyNumbers`. */
  #callKeys = new Int32Array(256);
  #perList = MAX_PER_LIST;
  /** One bit an earlier transaction. */
  #found = new Int32Array(8);
  /** Earlier transactions that were found, ascending: the first `count` are those of the last `earlierOf`. */
  earlier = new Int32Array(256);
  count = 0;
  #missed = new Float64Array(256);
  #best = new Float64Array(256);
  #keys = new Int32Array(256);
  #likely = new Int32Array(256);
  #stampedOverlap = new Int32Array(256);
  #touched = new Int32Array(256);

  /** Begins a block of so many transactions. */
  start(transactions: number): void {
    this.#perList = Math.max(MIN_PER_LIST, Math.min(MAX_PER_LIST, Math.floor(PAIR_BUDGET / (transactions + 1))));
    this.#words.clear();
    this.#keyNumbers.clear();
    for (const lists of [this.#byRecipient, this.#bySender, this.#byParty, this.#writers]) lists.clear();
    while (this.#missed.length < transactions) this.#grow();
    this.#stampedOverlap.fill(-1, 0, transactions);
  }

  /** Finds the earlier transactions that `later` may depend on: they stand in `earlier`. */
  earlierOf({ call, parties, keys, readEvidence }: BlockCall, index: number): void {
    if (call.to >= 0) {
      const recipient = this.#words.find(call.to);
      this.#take(this.#byRecipient, recipient);
      this.#take(this.#byParty, recipient);
    }
    this.#take(this.#bySender, this.#words.find(call.from));
    for (let party = 0; party < parties.length; party++) {
      this.#take(this.#byParty, this.#words.find(parties[party] ?? -1));
    }
    this.#overlap(keys, readEvidence, index);
    this.#list(index);
  }

  /** Whether the keys of a pair that `earlierOf` just found for `index` overlap at all; the rest is 0 where not. */
  overlaps(earlier: number, index: number): boolean {
    return int32At(this.#stampedOverlap, earlier) === index;
  }

  /** P(the later one touches a key that the earlier one writes), keys taken as independent. */
  overlapProbability(earlier: number): number {
    return 1 - float64At(this.#missed, earlier);
  }

  /** Of the single likeliest key. */
  bestOverlap(earlier: number): number {
    return float64At(this.#best, earlier);
  }

  overlapKeys(earlier: number): number {
    return int32At(this.#keys, earlier);
  }

  likelyOverlapKeys(earlier: number): number {
    return int32At(this.#likely, earlier);
  }

  /** Makes the transaction of the last `earlierOf` an earlier one for those that follow. */
  add({ call, parties, keys, readEvidence, writeEvidence }: BlockCall, index: number): void {
    if (call.to >= 0) {
      const recipient = this.#words.add(call.to);
      this.#byRecipient.add(recipient, index);
      this.#byParty.add(recipient, index);
    }
    this.#bySender.add(this.#words.add(call.from), index);
    for (let party = 0; party < parties.length; party++) {
      this.#byParty.add(this.#words.add(parties[party] ?? -1), index);
    }
    for (let position = 0; position < keys.length; position++) {
      const evidence = writeEvidence[position] ?? 0;
      if (evidence <= MIN_WRITE || (readEvidence[position] ?? 0) <= MIN_READ) continue;
      const entry = this.#writers.add(int32At(this.#callKeys, position), index);
      while (entry >= this.#evidence.length) this.#evidence = grownFloat64(this.#evidence);
      this.#evidence[entry] = evidence;
    }
  }

  #take(lists: RecentLists, list: number): void {
    let entry = list < 0 ? -1 : lists.last(list);
    for (let taken = 0; entry >= 0 && taken < this.#perList; taken++) {
      this.#find(lists.value(entry));
      entry = lists.previous(entry);
    }
  }

  #find(earlier: number): void {
    const word = earlier >>> 5;
    this.#found[word] = int32At(this.#found, word) | (1 << (earlier & 31));
  }

  #list(index: number): void {
    this.count = 0;
    for (let word = 0; word <= index >>> 5; word++) {
      let bits = int32At(this.#found, word);
      this.#found[word] = 0;
      for (; bits !== 0; bits &= bits - 1) {
        this.earlier[this.count] = 32 * word + 31 - Math.clz32(bits & -bits);
        this.count += 1;
      }
    }
  }

  #overlap(keys: readonly number[], readEvidence: readonly number[], index: number): void {
    while (keys.length > this.#callKeys.length) this.#callKeys = grownInt32(this.#callKeys);
    let touched = 0;
    for (let position = 0; position < keys.length; position++) {
      const read = readEvidence[position] ?? 0;
      if (read <= MIN_READ) continue;
      const key = this.#keyNumbers.add(keys[position] ?? -1);
      this.#callKeys[position] = key;
      let entry = this.#writers.last(key);
      for (let taken = 0; entry >= 0 && taken < this.#perList; taken++) {
        const earlier = this.#writers.value(entry);
        if (int32At(this.#stampedOverlap, earlier) !== index) {
          this.#begin(earlier, index);
          this.#touched[touched++] = earlier;
        }
        this.#accumulate(earlier, read * float64At(this.#evidence, entry));
        entry = this.#writers.previous(entry);
      }
    }
    for (let position = 0; position < touched; position++) {
      const earlier = int32At(this.#touched, position);
      if (1 - float64At(this.#missed, earlier) > MIN_OVERLAP) this.#find(earlier);
    }
  }

  #begin(earlier: number, index: number): void {
    this.#stampedOverlap[earlier] = index;
    this.#missed[earlier] = 1;
    this.#best[earlier] = 0;
    this.#keys[earlier] = 0;
    this.#likely[earlier] = 0;
  }

  #accumulate(earlier: number, probability: number): void {
    this.#missed[earlier] = float64At(this.#missed, earlier) * (1 - probability);
    if (probability > float64At(this.#best, earlier)) this.#best[earlier] = probability;
    this.#keys[earlier] = int32At(this.#keys, earlier) + 1;
    if (probability > LIKELY) this.#likely[earlier] = int32At(this.#likely, earlier) + 1;
  }

  #grow(): void {
    this.#missed = grownFloat64(this.#missed);
    this.#best = grownFloat64(this.#best);
    this.#keys = grownInt32(this.#keys);
    this.#likely = grownInt32(this.#likely);
    this.#stampedOverlap = grownInt32(this.#stampedOverlap);
    this.#touched = grownInt32(this.#touched);
    this.earlier = grownInt32(this.earlier);
    this.#found = grownInt32(this.#found);
  }
}
