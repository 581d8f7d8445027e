import { at } from './rows.js';

/** A priority queue of transactions by rank: a binary heap. Each transaction is in it at most once. */
export class TaskQueue {
  readonly #ranks: Uint32Array;
  readonly #transactions: Uint32Array;
  readonly #queued: Uint8Array;
  readonly #heap: number[] = [];

  /** `ranks` is a permutation of the transactions: the smaller, the earlier. */
  constructor(ranks: Uint32Array) {
    this.#ranks = ranks;
    this.#transactions = new Uint32Array(ranks.length);
    for (const [transaction, rank] of ranks.entries()) this.#transactions[rank] = transaction;
    this.#queued = new Uint8Array(ranks.length);
  }

  /** The rank of the next transaction; Infinity when empty. */
  get nextRank(): number {
    return this.#heap[0] ?? Infinity;
  }

  has(transaction: number): boolean {
    return this.#queued[transaction] === 1;
  }

  /** Does nothing where it is queued already. */
  push(transaction: number): void {
    if (this.has(transaction)) return;
    this.#queued[transaction] = 1;
    const rank = at(this.#ranks, transaction);
    let place = this.#heap.length;
    this.#heap.push(rank);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (at(this.#heap, parent) <= rank) break;
      this.#heap[place] = at(this.#heap, parent);
      place = parent;
    }
    this.#heap[place] = rank;
  }

  /** Takes the next transaction out; null when empty. */
  pop(): number | null {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return null;
    if (this.#heap.length > 0) this.#sink(last);
    const transaction = at(this.#transactions, first);
    this.#queued[transaction] = 0;
    return transaction;
  }

  #sink(rank: number): void {
    const { length } = this.#heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child + 1 < length && at(this.#heap, child + 1) < at(this.#heap, child)) child++;
      if (child >= length || at(this.#heap, child) >= rank) break;
      this.#heap[place] = at(this.#heap, child);
      place = child;
    }
    this.#heap[place] = rank;
  }
}
