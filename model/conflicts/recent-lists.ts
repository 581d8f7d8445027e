import { grownInt32, int32At } from '../numbers.js';

const NONE = -1;

/** Lists of integers, read from the last entry backwards, in flat arrays that serve one block after the other. */
export class RecentLists {
  #heads = new Int32Array(256).fill(NONE);
  #lists = 0;
  #values = new Int32Array(1024);
  #previous = new Int32Array(1024);
  #entries = 0;

  clear(): void {
    this.#heads.fill(NONE, 0, this.#lists);
    this.#lists = 0;
    this.#entries = 0;
  }

  /** Answers the number of the entry. */
  add(list: number, value: number): number {
    while (list >= this.#heads.length) {
      const length = this.#heads.length;
      this.#heads = grownInt32(this.#heads).fill(NONE, length);
    }
    if (this.#entries === this.#values.length) {
      this.#values = grownInt32(this.#values);
      this.#previous = grownInt32(this.#previous);
    }
    const entry = this.#entries;
    this.#entries += 1;
    this.#lists = Math.max(this.#lists, list + 1);
    this.#values[entry] = value;
    this.#previous[entry] = int32At(this.#heads, list);
    this.#heads[list] = entry;
    return entry;
  }

  /** The last entry of a list; -1 where it has none. */
  last(list: number): number {
    return list < this.#heads.length ? int32At(this.#heads, list) : NONE;
  }

  /** The entry before another in its list; -1 where there is none. */
  previous(entry: number): number {
    return int32At(this.#previous, entry);
  }

  value(entry: number): number {
    return int32At(this.#values, entry);
  }
}
