import type { Hash, KeccakPreimage } from '../../types.js';

/** Fields of a struct and short arrays follow the hash of their place. */
const MAX_OFFSET = 1024n;

/**
 * Of the inputs that were hashed, those whose hash served as a storage key, directly or plus a small offset, and those
 * whose hash is a word of such an input (nested mappings); in order of hashing.
 */
export function selectPreimages(hashed: ReadonlyMap<bigint, KeccakPreimage>, slots: Iterable<Hash>): KeccakPreimage[] {
  if (hashed.size === 0) return [];
  const ascending = [...hashed.keys()].sort((a, b) => (a < b ? -1 : 1));
  const selected = new Set<KeccakPreimage>();
  const open: KeccakPreimage[] = [];
  const select = (hash: bigint | undefined): void => {
    const preimage = hash === undefined ? undefined : hashed.get(hash);
    if (preimage === undefined || selected.has(preimage)) return;
    selected.add(preimage);
    open.push(preimage);
  };
  for (const slot of slots) {
    const key = BigInt(slot);
    const base = lastNotAbove(ascending, key);
    if (base !== undefined && key - base <= MAX_OFFSET) select(base);
  }
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const word of next.preimage.slice(2).match(/.{64}/g) ?? []) select(BigInt(`0x${word}`));
  }
  return [...hashed.values()].filter((preimage) => selected.has(preimage));
}

function lastNotAbove(ascending: readonly bigint[], value: bigint): bigint | undefined {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0n) <= value) low = middle + 1;
    else high = middle;
  }
  return ascending[low - 1];
}
