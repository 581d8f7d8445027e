import { at, rowOf } from '../rows.js';
import type { OwnedKeys } from './owned-keys.js';

/** Of a key that is copied to all shards, and of a transaction before it has a shard. */
export const NO_SHARD = -1;

/** Where the owned keys live, and what follows for the transactions. A transaction is local where all its keys live. */
export class Placement {
  readonly shards: number;
  /** By key of the workload; NO_SHARD for those that are not owned. */
  readonly shardOfKey: Int32Array;
  /** By shard: the cost of its local transactions. */
  readonly localCost: Float64Array;
  readonly #owned: OwnedKeys;
  /** By transaction and shard: how many of its keys live there. */
  readonly #counts: Uint32Array;
  #crossShard = 0;

  /** `shardOfKey` becomes part of the placement. */
  constructor(owned: OwnedKeys, shards: number, shardOfKey: Int32Array) {
    this.shards = shards;
    this.shardOfKey = shardOfKey;
    this.localCost = new Float64Array(shards);
    this.#owned = owned;
    this.#counts = new Uint32Array(owned.costs.length * shards);
    for (const index of owned.costs.keys()) {
      for (const key of this.keysOf(index)) this.#count(index, at(shardOfKey, key), 1);
      this.#register(index, 1);
    }
  }

  /** Transactions with keys in several shards. */
  get crossShard(): number {
    return this.#crossShard;
  }

  keysOf(index: number): Uint32Array {
    return rowOf(this.#owned.keys, index);
  }

  /** The shard of a local transaction; NO_SHARD for one with keys in several shards or without any. */
  localShard(index: number): number {
    const [first] = this.keysOf(index);
    if (first === undefined) return NO_SHARD;
    const shard = at(this.shardOfKey, first);
    return this.#countOf(index, shard) === this.keysOf(index).length ? shard : NO_SHARD;
  }

  isCrossShard(index: number): boolean {
    return this.keysOf(index).length > 0 && this.localShard(index) === NO_SHARD;
  }

  /** The shards that hold a key of a transaction, ascending. */
  shardsOf(index: number): number[] {
    return [...new Set(Array.from(this.keysOf(index), (key) => at(this.shardOfKey, key)))].sort((a, b) => a - b);
  }

  /** The shard that holds most of its keys, of several the first. */
  mainShard(index: number): number {
    let main = NO_SHARD;
    for (const shard of this.shardsOf(index)) {
      if (main === NO_SHARD || this.#countOf(index, shard) > this.#countOf(index, main)) main = shard;
    }
    return main;
  }

  move(key: number, to: number): void {
    const from = at(this.shardOfKey, key);
    const users = rowOf(this.#owned.users, key);
    for (const index of users) this.#register(index, -1);
    this.shardOfKey[key] = to;
    for (const index of users) {
      this.#count(index, from, -1);
      this.#count(index, to, 1);
      this.#register(index, 1);
    }
  }

  /** Adds a transaction without keys to a shard. */
  addFree(index: number, shard: number): void {
    this.localCost[shard] = at(this.localCost, shard) + at(this.#owned.costs, index);
  }

  leastLoaded(): number {
    return this.localCost.reduce((least, cost, shard) => (cost < at(this.localCost, least) ? shard : least), 0);
  }

  #countOf(index: number, shard: number): number {
    return at(this.#counts, index * this.shards + shard);
  }

  #count(index: number, shard: number, difference: number): void {
    this.#counts[index * this.shards + shard] = this.#countOf(index, shard) + difference;
  }

  #register(index: number, sign: number): void {
    if (this.keysOf(index).length === 0) return;
    const shard = this.localShard(index);
    if (shard === NO_SHARD) this.#crossShard += sign;
    else this.localCost[shard] = at(this.localCost, shard) + sign * at(this.#owned.costs, index);
  }
}
