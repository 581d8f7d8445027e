import { at, rowOf } from '../rows.js';
import { isFree, listOwned, type OwnedKeys } from './owned-keys.js';
import type { Placement } from './placement.js';

const MOST_PASSES = 8;

/**
 * Brings the keys of cross-shard transactions together, one transaction at a time, wherever that leaves fewer cross-shard
 * transactions and no shard with more local work than the limit; until nothing is gained.
 */
export function joinTransactions(owned: OwnedKeys, placement: Placement, mostCost: number): void {
  for (let pass = 0, before = Infinity; pass < MOST_PASSES && placement.crossShard < before; pass++) {
    before = placement.crossShard;
    for (const index of owned.costs.keys()) {
      if (placement.isCrossShard(index)) joinOne(placement, index, mostCost);
    }
  }
}

function joinOne(placement: Placement, index: number, mostCost: number): void {
  const before = placement.crossShard;
  for (const shard of placement.shardsOf(index)) {
    const undo = moveAll(placement, placement.keysOf(index), shard);
    if (placement.crossShard < before && at(placement.localCost, shard) <= mostCost) return;
    undo();
  }
}

/** Moves keys to a shard; answers how to move them back. */
function moveAll(placement: Placement, keys: Uint32Array, shard: number): () => void {
  const moved = Array.from(keys, (key) => [key, at(placement.shardOfKey, key)] as const).filter(
    ([, from]) => from !== shard,
  );
  for (const [key] of moved) placement.move(key, shard);
  return () => {
    for (const [key, from] of moved) placement.move(key, from);
  };
}

/**
 * Takes keys away from shards with more local work than the limit, to the one with the least: first where no transaction
 * becomes cross-shard by it, then where it must be. What hangs on one key alone stays together.
 */
export function relieveShards(owned: OwnedKeys, placement: Placement, mostCost: number): void {
  const keys = listOwned(owned).sort((a, b) => rowOf(owned.users, a).length - rowOf(owned.users, b).length || a - b);
  for (const mayCut of [false, true]) {
    for (const key of keys) relieveOf(key, placement, { mostCost, mayCut });
  }
}

function relieveOf(
  key: number,
  placement: Placement,
  { mostCost, mayCut }: { readonly mostCost: number; readonly mayCut: boolean },
): void {
  const { localCost, shardOfKey, crossShard } = placement;
  const [from, to] = [at(shardOfKey, key), placement.leastLoaded()];
  const load = at(localCost, from);
  if (load <= mostCost || from === to) return;
  placement.move(key, to);
  const helps = Math.max(at(localCost, from), at(localCost, to)) < load;
  if (!helps || (!mayCut && placement.crossShard > crossShard)) placement.move(key, from);
}

/** Gives transactions without owned keys to the shards with the least work, the most costly ones first. */
export function placeFree(owned: OwnedKeys, placement: Placement): ReadonlyMap<number, number> {
  const { costs } = owned;
  const free = [...costs.keys()].filter((index) => isFree(owned, index));
  const chosen = new Map<number, number>();
  for (const index of free.sort((a, b) => at(costs, b) - at(costs, a) || a - b)) {
    const shard = placement.leastLoaded();
    placement.addFree(index, shard);
    chosen.set(index, shard);
  }
  return chosen;
}
