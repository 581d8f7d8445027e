import type { BlockRecord } from '../types.js';

/** Conflicts through storage slots; account and code keys aside. */
export interface Conflicts {
  /** Ordered pairs (i < j) of which j reads or writes a slot that i wrote. */
  readonly pairs: number;
  /** Transactions that are the later one of such a pair. */
  readonly dependentTransactions: number;
}

/** Counts the storage conflicts of a block. Time in proportion to accesses and pairs. */
export function countConflicts({ transactions }: BlockRecord): Conflicts {
  const writers = new Map<string, number[]>();
  /** By transaction: the latest one that was found to depend on it, plus one. */
  const pairedWith = new Uint32Array(transactions.length);
  let [pairs, dependentTransactions] = [0, 0];
  for (const [index, { accesses }] of transactions.entries()) {
    const slots = new Map<string, boolean>();
    for (const { address, slot, kind } of accesses) {
      if (slot !== null) slots.set(address + slot, kind === 'write' || slots.get(address + slot) === true);
    }
    const before = pairs;
    for (const name of slots.keys()) {
      for (const writer of writers.get(name) ?? []) {
        if (pairedWith[writer] === index + 1) continue;
        pairedWith[writer] = index + 1;
        pairs += 1;
      }
    }
    if (pairs > before) dependentTransactions += 1;
    for (const [name, written] of slots) if (written) append(writers, name, index);
  }
  return { pairs, dependentTransactions };
}

function append(writers: Map<string, number[]>, name: string, index: number): void {
  const list = writers.get(name);
  if (list === undefined) writers.set(name, [index]);
  else list.push(index);
}
