import type { BlockRecord } from '../../types.js';
import type { BlockAccessList } from './access-list.js';
import { indicesOf, transactionOf } from './numbering.js';

/** What a block access list tells of a block alone. Which transaction read a slot is not in it, so conflicts are at least these. */
export interface AccessListStats {
  readonly origin: string;
  readonly blockNumber: number | null;
  readonly numbering: BlockAccessList['numbering'];
  readonly accounts: number;
  /** Slots that transactions changed, and how often in all. */
  readonly changedSlots: number;
  readonly slotWrites: number;
  /** Slots that were read and not changed. */
  readonly readSlots: number;
  /** Transactions that changed anything: from the first to the last, there may be others among them. */
  readonly transactions: number;
  /** Ordered pairs (i < j) of transactions that both changed a slot: at least so many conflict. */
  readonly conflictPairsAtLeast: number;
  /** Transactions that changed a slot which an earlier one changed. */
  readonly dependentTransactionsAtLeast: number;
  /** Transactions of the longest chain of such dependents. */
  readonly longestChainAtLeast: number;
}

/** How a list and the record of the same block agree on changes of slots; pre- and post-execution left out. */
export interface AccessListComparison {
  readonly blockNumber: number;
  readonly transactions: number;
  /** Changes in both with the same value, or with a value that the record does not state. */
  readonly same: number;
  readonly otherValue: number;
  readonly onlyInList: number;
  readonly onlyInBlock: number;
  /** Slots that the record reads and changes nowhere, and the list names neither. */
  readonly readsNotInList: number;
}

export function accessListStats(list: BlockAccessList): AccessListStats {
  const writers = writersBySlot(list);
  const pairs = new Set<string>();
  const blockers = new Map<number, Set<number>>();
  for (const own of writers) {
    for (const [place, later] of own.entries()) {
      for (const earlier of own.slice(0, place)) {
        pairs.add(`${earlier} ${later}`);
        blockers.set(later, (blockers.get(later) ?? new Set()).add(earlier));
      }
    }
  }
  return {
    origin: list.origin,
    blockNumber: list.blockNumber,
    numbering: list.numbering,
    accounts: list.accounts.length,
    changedSlots: writers.length,
    slotWrites: writers.reduce((sum, own) => sum + own.length, 0),
    readSlots: list.accounts.reduce((sum, { storageReads }) => sum + storageReads.length, 0),
    transactions: countTransactions(list),
    conflictPairsAtLeast: pairs.size,
    dependentTransactionsAtLeast: blockers.size,
    longestChainAtLeast: longestChain(blockers, writers),
  };
}

/** By address, slot and transaction. */
export function compareWithRecord(list: BlockAccessList, record: BlockRecord): AccessListComparison {
  const [count, listed, named] = [record.transactions.length, new Map<string, string>(), new Set<string>()];
  for (const { address, storageChanges, storageReads } of list.accounts) {
    for (const slot of storageReads) named.add(`${address} ${slot}`);
    for (const { slot, changes } of storageChanges) {
      named.add(`${address} ${slot}`);
      for (const { index, value } of changes) {
        const transaction = transactionOf(index, list.numbering);
        if (transaction !== null && transaction < count) listed.set(`${transaction} ${address} ${slot}`, value);
      }
    }
  }
  const found = { same: 0, otherValue: 0, onlyInBlock: 0 };
  const unnamed = new Set<string>();
  for (const { transaction, accesses } of record.transactions) {
    for (const { address, slot, kind, value } of accesses) {
      if (slot === null) continue;
      if (!named.has(`${address} ${slot}`)) unnamed.add(`${address} ${slot}`);
      if (kind !== 'write') continue;
      const key = `${transaction.index} ${address} ${slot}`;
      const other = listed.get(key);
      if (other === undefined) found.onlyInBlock += 1;
      else if (value === null || value === other) found.same += 1;
      else found.otherValue += 1;
      listed.delete(key);
    }
  }
  const { number } = record.header;
  return { blockNumber: number, transactions: count, ...found, onlyInList: listed.size, readsNotInList: unnamed.size };
}

/** Of each slot that transactions changed, which ones did, ascending. */
function writersBySlot(list: BlockAccessList): number[][] {
  const { accounts, numbering } = list;
  const count = countTransactions(list);
  return accounts
    .flatMap(({ storageChanges }) => storageChanges)
    .map(({ changes }) => changes.flatMap(({ index }) => transactionOf(index, numbering) ?? []))
    .map((writers) => writers.filter((writer) => writer < count))
    .filter((writers) => writers.length > 0);
}

/**
 * In the final numbering a transaction changes a nonce at its index, and what comes after the transactions does not; early
 * drafts leave out the nonces of senders.
 */
function countTransactions({ accounts, numbering }: BlockAccessList): number {
  const indices = accounts.flatMap(numbering === 'final' ? ({ nonceChanges }) => [...nonceChanges] : indicesOf);
  const last = indices.reduce((latest, index) => Math.max(latest, transactionOf(index, numbering) ?? -1), -1);
  return last + 1;
}

function longestChain(blockers: ReadonlyMap<number, ReadonlySet<number>>, writers: readonly number[][]): number {
  const lengths = new Map<number, number>();
  const transactions = [...new Set(writers.flat())].sort((a, b) => a - b);
  for (const transaction of transactions) {
    const before = [...(blockers.get(transaction) ?? [])].map((earlier) => lengths.get(earlier) ?? 0);
    lengths.set(transaction, 1 + Math.max(0, ...before));
  }
  return Math.max(0, ...lengths.values());
}
