import type { BlockHints } from '../../scheduler/predictor.js';
import { float64At, uint32At } from '../numbers.js';
import type { AccountUse } from './account-use.js';
import { PoolKeys } from './pool-keys.js';

/** Less likely uses make no dependency that is worth a wait. */
const LEAST_PROBABILITY = 0.05;
/** Of a transaction the first, the most telling keys. */
const MOST_KEYS = 64;
/** Beyond, the pool starts over: transactions that are still waiting are then prepared again. */
const MOST_ENTRIES = 1 << 21;
const MOST_ROWS = 1 << 19;
/** An entry: the number of a key, and three probabilities of a byte each. */
const ENTRY_WORDS = 2;
const BYTE = 255;

/** The keys of a transaction, each once; the stronger use of two counts. */
export class HintRow {
  readonly keys: number[] = [];
  readonly uses: AccountUse[] = [];

  add(key: number, use: AccountUse): void {
    if (Math.max(use.read, use.write, use.add) < LEAST_PROBABILITY) return;
    const position = this.keys.indexOf(key);
    const known = this.uses[position];
    if (known !== undefined) {
      this.uses[position] = strongest(known, use);
    } else if (this.keys.length < MOST_KEYS) {
      this.keys.push(key);
      this.uses.push(use);
    }
  }
}

/** Whoever looks at a value does not merely add to it. */
function strongest(a: AccountUse, b: AccountUse): AccountUse {
  const read = Math.max(a.read, b.read);
  return { read, write: Math.max(a.write, b.write), add: Math.min(Math.max(a.add, b.add), 1 - read) };
}

/**
 * What is expected of waiting transactions, one after the other in flat memory, because the rows of a block are read on the
 * clock, and objects all over the heap would cost a cache miss each.
 */
export class HintPool {
  readonly #keys = new PoolKeys();
  #entries = new Uint32Array(ENTRY_WORDS * 4096);
  #starts = new Uint32Array(1024);
  #costs = new Float64Array(1024);
  #entryCount = 0;
  #rowCount = 0;
  #firstRow = 0;
  /** Rows that were not released. */
  #waiting = 0;

  /** Starts over where it is full, or nobody waits. To be called before the transactions of a block are added. */
  makeRoom(): void {
    if (this.#waiting <= 0 || this.#entryCount >= MOST_ENTRIES || this.#rowCount >= MOST_ROWS || this.#keys.isFull)
      this.startOver();
  }

  /** Forgets all transactions. */
  startOver(): void {
    this.#firstRow += this.#rowCount;
    this.#entryCount = 0;
    this.#rowCount = 0;
    this.#waiting = 0;
    this.#keys.clear();
  }

  /** Whether a row that was added is still there. */
  holds(row: number): boolean {
    return row >= this.#firstRow;
  }

  /** The number of the new row. */
  add({ keys, uses }: HintRow, cost: number): number {
    this.#reserve(keys.length);
    for (const [position, key] of keys.entries()) {
      const use = uses[position];
      if (use === undefined) continue;
      const entry = ENTRY_WORDS * this.#entryCount;
      this.#entryCount += 1;
      this.#entries[entry] = this.#keys.add(key, changes(use));
      this.#entries[entry + 1] = packed(use);
    }
    this.#costs[this.#rowCount] = Math.max(1, cost);
    this.#rowCount += 1;
    this.#waiting += 1;
    this.#starts[this.#rowCount] = this.#entryCount;
    return this.#firstRow + this.#rowCount - 1;
  }

  /** The transaction of a row has left: its keys are less contended. */
  release(row: number): void {
    if (!this.holds(row)) return;
    const index = row - this.#firstRow;
    this.#waiting -= 1;
    for (let entry = uint32At(this.#starts, index); entry < uint32At(this.#starts, index + 1); entry++) {
      const uses = uint32At(this.#entries, ENTRY_WORDS * entry + 1);
      this.#keys.remove(uint32At(this.#entries, ENTRY_WORDS * entry), uses >>> 8 !== 0);
    }
  }

  /** The number of a key, for `hintsOf`. */
  numberOf(key: number): number {
    return this.#keys.numberOf(key);
  }

  /**
   * The hints of a block: the rows of its transactions, without keys that nobody else names or nobody changes. `creditedKey`: a
   * number of a key that all of them add to; null for none.
   */
  hintsOf(rows: Uint32Array, creditedKey: number | null): BlockHints {
    const offsets = new Uint32Array(rows.length + 1);
    const costs = new Float64Array(rows.length);
    const capacity = this.#capacityOf(rows) + (creditedKey === null ? 0 : rows.length);
    const [keys, read] = [new Uint32Array(capacity), new Float32Array(capacity)];
    const [write, add] = [new Float32Array(capacity), new Float32Array(capacity)];
    let length = 0;
    for (let index = 0; index < rows.length; index++) {
      const row = uint32At(rows, index) - this.#firstRow;
      for (let entry = uint32At(this.#starts, row); entry < uint32At(this.#starts, row + 1); entry++) {
        const key = uint32At(this.#entries, ENTRY_WORDS * entry);
        if (key !== creditedKey && !this.#keys.isContended(key)) continue;
        const uses = uint32At(this.#entries, ENTRY_WORDS * entry + 1);
        keys[length] = key;
        read[length] = (uses & BYTE) / BYTE;
        write[length] = ((uses >>> 8) & BYTE) / BYTE;
        add[length] = (uses >>> 16) / BYTE;
        length += 1;
      }
      if (creditedKey !== null) {
        keys[length] = creditedKey;
        add[length] = 1;
        length += 1;
      }
      offsets[index + 1] = length;
      costs[index] = float64At(this.#costs, row);
    }
    return {
      ...{ offsets, keyCount: this.#keys.count, conflicts: null, costs },
      keys: keys.subarray(0, length),
      read: read.subarray(0, length),
      write: write.subarray(0, length),
      add: add.subarray(0, length),
    };
  }

  #capacityOf(rows: Uint32Array): number {
    let capacity = 0;
    for (const row of rows) {
      const index = row - this.#firstRow;
      capacity += uint32At(this.#starts, index + 1) - uint32At(this.#starts, index);
    }
    return capacity;
  }

  #reserve(entries: number): void {
    if (ENTRY_WORDS * (this.#entryCount + entries) > this.#entries.length) {
      const longer = new Uint32Array(2 * this.#entries.length + ENTRY_WORDS * entries);
      longer.set(this.#entries);
      this.#entries = longer;
    }
    if (this.#rowCount + 2 <= this.#starts.length) return;
    const [starts, costs] = [new Uint32Array(2 * this.#starts.length), new Float64Array(2 * this.#starts.length)];
    starts.set(this.#starts);
    costs.set(this.#costs);
    this.#starts = starts;
    this.#costs = costs;
  }
}

function changes({ write, add }: AccountUse): boolean {
  return Math.max(write, add) >= LEAST_PROBABILITY;
}

/** What is too unlikely to count is nothing. */
function packed({ read, write, add }: AccountUse): number {
  return byteOf(read) | (byteOf(write) << 8) | (byteOf(add) << 16);
}

function byteOf(probability: number): number {
  return probability < LEAST_PROBABILITY ? 0 : Math.round(Math.min(1, probability) * BYTE);
}
