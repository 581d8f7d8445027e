import { at, compressRows, rowOf, type CompressedRows } from '../rows.js';
import type { Workload } from '../workload.js';

/** A block as transactions and the keys that must live in one shard. */
export interface OwnedKeys {
  /** By transaction. */
  readonly costs: Float64Array;
  /** By key of the workload: 1 where it must live in one shard. */
  readonly isOwned: Uint8Array;
  /** By transaction: its owned keys, each once. */
  readonly keys: CompressedRows;
  /** By key: the transactions that touch it, ascending; empty rows for keys that are not owned. */
  readonly users: CompressedRows;
}

/**
 * A key that is only read is the same everywhere, and credits that nobody sees can be summed up at the end: such keys are
 * copied to all shards. Every other key is owned: one that is replaced, or both credited and seen.
 */
export function ownedKeysOf({ transactions, keyCount }: Workload): OwnedKeys {
  const [seen, credited, isOwned] = [new Uint8Array(keyCount), new Uint8Array(keyCount), new Uint8Array(keyCount)];
  for (const { key, kind } of transactions.flatMap(({ accesses }) => accesses)) {
    if (kind === 'write') isOwned[key] = 1;
    else if (kind === 'read') seen[key] = 1;
    else credited[key] = 1;
  }
  for (const key of isOwned.keys()) {
    if (at(seen, key) === 1 && at(credited, key) === 1) isOwned[key] = 1;
  }
  const keys = transactions.map(({ accesses }) => [
    ...new Set(accesses.map(({ key }) => key).filter((key) => at(isOwned, key) === 1)),
  ]);
  const users = Array.from({ length: keyCount }, (): number[] => []);
  for (const [index, row] of keys.entries()) for (const key of row) users[key]?.push(index);
  return {
    costs: Float64Array.from(transactions, ({ cost }) => cost),
    isOwned,
    keys: compressRows(keys),
    users: compressRows(users),
  };
}

/** The keys that must live in one shard. */
export function listOwned({ isOwned }: OwnedKeys): number[] {
  return [...isOwned.keys()].filter((key) => isOwned[key] === 1);
}

export function isFree({ keys }: OwnedKeys, transaction: number): boolean {
  return rowOf(keys, transaction).length === 0;
}
