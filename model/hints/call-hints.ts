import type { BlockHints } from '../../scheduler/predictor.js';
import { at } from '../numbers.js';
import { MIN_ACCESS_PROBABILITY } from '../prepared-calls.js';
import type { AccountUse } from './account-use.js';
import type { PoolKeys } from './pool-keys.js';

/** Of a transaction the first, the most telling keys. */
const MOST_KEYS = 64;

/** All that a plan needs of a transaction, worked out when it arrived. Keys have the numbers that a pool gave them. */
export interface CallHints {
  /** Of the pool's numbering. */
  readonly generation: number;
  readonly keys: Uint32Array;
  readonly read: Float32Array;
  readonly write: Float32Array;
  readonly add: Float32Array;
  readonly cost: number;
}

/** Collects the keys of a transaction, each once. */
export class HintRow {
  readonly #keys: number[] = [];
  readonly #uses: AccountUse[] = [];

  /** The stronger use counts of a key that is there already. */
  add(key: number, use: AccountUse): void {
    if (Math.max(use.read, use.write, use.add) < MIN_ACCESS_PROBABILITY) return;
    const position = this.#keys.indexOf(key);
    const known = this.#uses[position];
    if (known !== undefined) {
      this.#uses[position] = strongest(known, use);
    } else if (this.#keys.length < MOST_KEYS) {
      this.#keys.push(key);
      this.#uses.push(use);
    }
  }

  finish(cost: number, pool: PoolKeys): CallHints {
    return {
      generation: pool.generation,
      keys: Uint32Array.from(this.#keys, (key) => pool.add(key)),
      read: Float32Array.from(this.#uses, ({ read }) => read),
      write: Float32Array.from(this.#uses, ({ write }) => write),
      add: Float32Array.from(this.#uses, ({ add }) => add),
      cost: Math.max(1, cost),
    };
  }
}

/** Whoever looks at a value does not merely add to it. */
function strongest(a: AccountUse, b: AccountUse): AccountUse {
  const read = Math.max(a.read, b.read);
  return { read, write: Math.max(a.write, b.write), add: Math.min(Math.max(a.add, b.add), 1 - read) };
}

/**
 * The hints of a block: its rows one after the other, without keys that nobody else names. `feeKey`: a key that all
 * transactions add to; null for none.
 */
export function layOut(rows: readonly CallHints[], pool: PoolKeys, feeKey: number | null): BlockHints {
  const count = rows.length;
  const offsets = new Uint32Array(count + 1);
  const costs = new Float64Array(count);
  let capacity = feeKey === null ? 0 : count;
  for (const { keys } of rows) capacity += keys.length;
  const [keys, read] = [new Uint32Array(capacity), new Float32Array(capacity)];
  const [write, add] = [new Float32Array(capacity), new Float32Array(capacity)];
  let length = 0;
  for (let index = 0; index < count; index++) {
    const row = rows[index];
    if (row === undefined) continue;
    for (let position = 0; position < row.keys.length; position++) {
      const key = at(row.keys, position);
      if (!pool.isShared(key)) continue;
      keys[length] = key;
      read[length] = at(row.read, position);
      write[length] = at(row.write, position);
      add[length] = at(row.add, position);
      length += 1;
    }
    if (feeKey !== null) {
      keys[length] = feeKey;
      add[length] = 1;
      length += 1;
    }
    offsets[index + 1] = length;
    costs[index] = row.cost;
  }
  return { offsets, keys, keyCount: pool.count, read, write, add, conflicts: null, costs };
}
