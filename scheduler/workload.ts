import { LanecastError } from '../errors.js';
import type { Access, AccessKind, Address, BlockRecord, TransactionRecord } from '../types.js';

/** One access of a transaction to a key. */
export interface WorkAccess {
  /** Integer name of the access key within its workload, from 0. */
  readonly key: number;
  readonly kind: AccessKind;
  /** When it happens, as a fraction of the transaction's cost: 0 at its start, 1 at its end. */
  readonly position: number;
}

/** A transaction as the scheduler sees it: no values, no code. */
export interface WorkItem {
  /** Nanoseconds or gas, as the workload was made. */
  readonly cost: number;
  /** Each (key, kind) at most once, by position. Every write is accompanied by a read; an `add` stands alone. */
  readonly accesses: readonly WorkAccess[];
  /** The last earlier transaction of the same sender, whose nonce it is sure to need; undefined where there is none. */
  readonly previous?: number | undefined;
}

/** A block for scheduling, in block order. */
export interface Workload {
  readonly transactions: readonly WorkItem[];
  /** Keys are 0 … keyCount − 1. */
  readonly keyCount: number;
}

/** `time`: measured ns. `gas`: gas used. `gas-less-intrinsic`: gas used less 15,000, closer to the work done; at least 1. */
export type WorkCost = 'time' | 'gas' | 'gas-less-intrinsic';

/**
 * `lazy`: credits commute with each other; only who reads the account afterwards depends on them. `strict`: a credit
 * reads and writes the account.
 */
export type Balances = 'lazy' | 'strict';

export interface WorkloadOptions {
  readonly cost: WorkCost;
  /** `lazy` if absent. */
  readonly balances?: Balances | undefined;
}

const INTRINSIC_GAS = 15_000;
const KIND_ORDER: readonly AccessKind[] = ['read', 'write', 'add'];

/**
 * The workload of a recorded block. Code that no transaction of the block writes is left out. Of the fee recipient's
 * account, lazy balances leave out mere credits; strict ones leave it out altogether, or every transaction would depend
 * on the one before.
 * Throws LanecastError INVALID_ARGUMENT for cost `time` where a transaction has no measured time.
 */
export function createWorkload(record: BlockRecord, options: WorkloadOptions): Workload {
  const keys = new Map<string, number>();
  const relevant = relevanceOf(record, options.balances ?? 'lazy');
  const previous = previousOfSender(record);
  const transactions = record.transactions.map((transaction, index) => {
    const accesses = relevant(transaction.accesses);
    return {
      cost: costOf(transaction, record, options.cost),
      accesses: collectAccesses(accesses, {
        keys,
        gasUsed: transaction.gasUsed,
        strict: options.balances === 'strict',
      }),
      previous: previous[index],
    };
  });
  return { transactions, keyCount: keys.size };
}

function previousOfSender({ transactions }: BlockRecord): (number | undefined)[] {
  const last = new Map<Address, number>();
  return transactions.map(({ transaction: { from } }, index) => {
    const previous = last.get(from);
    last.set(from, index);
    return previous;
  });
}

function costOf(record: TransactionRecord, block: BlockRecord, cost: WorkCost): number {
  switch (cost) {
    case 'gas':
      return record.gasUsed;
    case 'gas-less-intrinsic':
      return Math.max(1, record.gasUsed - INTRINSIC_GAS);
    case 'time':
      return record.executionNs ?? refuseTime(record, block);
  }
}

function refuseTime(record: TransactionRecord, block: BlockRecord): never {
  const place = `${block.origin}, block ${block.header.number}, transaction ${record.transaction.index}`;
  throw new LanecastError(
    'INVALID_ARGUMENT',
    `${place}: no measured time; expected cost "gas" or "gas-less-intrinsic"`,
  );
}

/** Picks from the accesses of one transaction those that can make a dependency. */
function relevanceOf(block: BlockRecord, balances: Balances): (accesses: readonly Access[]) => readonly Access[] {
  const all = block.transactions.flatMap(({ accesses }) => accesses);
  const writtenCode = new Set(all.filter(({ field, kind }) => field === 'code' && kind !== 'read').map(nameOf));
  const { feeRecipient } = block.header;
  const isFeeAccount = ({ address, field }: Access): boolean => field === 'account' && address === feeRecipient;
  return (accesses) => {
    const feeAccesses = accesses.filter(isFeeAccount);
    const dropsFee = balances === 'strict' || feeAccesses.every(({ kind }) => kind === 'add');
    return accesses.filter((access) => {
      if (access.field === 'code') return writtenCode.has(nameOf(access));
      return !(dropsFee && isFeeAccount(access));
    });
  };
}

function nameOf({ address, field, slot }: Access): string {
  return slot === null ? `${address}:${field}` : `${address}:${slot}`;
}

interface CollectOptions {
  readonly keys: Map<string, number>;
  readonly gasUsed: number;
  readonly strict: boolean;
}

/** What one transaction does with one key; null for what it doesn't do. */
interface KeyUse {
  readAt: number | null;
  writeAt: number | null;
  addAt: number | null;
}

function collectAccesses(accesses: readonly Access[], options: CollectOptions): WorkAccess[] {
  const uses = new Map<number, KeyUse>();
  for (const access of accesses) {
    const use = useOf(uses, intern(options.keys, nameOf(access)));
    noteAccess(use, access, options.gasUsed);
  }
  const collected = [...uses].flatMap(([key, use]) => accessesOf(key, normalise(use, options.strict)));
  return collected.sort(byPosition);
}

function useOf(uses: Map<number, KeyUse>, key: number): KeyUse {
  const known = uses.get(key);
  if (known !== undefined) return known;
  const use: KeyUse = { readAt: null, writeAt: null, addAt: null };
  uses.set(key, use);
  return use;
}

function intern(keys: Map<string, number>, name: string): number {
  const known = keys.get(name);
  if (known !== undefined) return known;
  keys.set(name, keys.size);
  return keys.size - 1;
}

function noteAccess(use: KeyUse, { kind, atGas }: Access, gasUsed: number): void {
  const known = atGas === null || gasUsed === 0 ? null : Math.min(1, Math.max(0, atGas / gasUsed));
  if (kind === 'read') use.readAt = Math.min(use.readAt ?? 1, known ?? 0);
  else if (kind === 'write') use.writeAt = Math.max(use.writeAt ?? 0, known ?? 1);
  else use.addAt = Math.max(use.addAt ?? 0, known ?? 1);
}

/**
 * A credit beside a read or write of the same account is a change of what was seen. A write sees the old value: SSTORE
 * by its gas, an account because balance and nonce are one key, code because creation looks whether there is any.
 */
function normalise(use: KeyUse, strict: boolean): KeyUse {
  const { readAt, writeAt, addAt } = use;
  const commutes = addAt !== null && readAt === null && writeAt === null && !strict;
  if (commutes || (addAt === null && writeAt === null)) return use;
  return { readAt: readAt ?? 0, writeAt: Math.max(writeAt ?? 0, addAt ?? 0), addAt: null };
}

function accessesOf(key: number, { readAt, writeAt, addAt }: KeyUse): WorkAccess[] {
  const accesses: WorkAccess[] = [];
  if (readAt !== null) accesses.push({ key, kind: 'read', position: readAt });
  if (writeAt !== null) accesses.push({ key, kind: 'write', position: writeAt });
  if (addAt !== null) accesses.push({ key, kind: 'add', position: addAt });
  return accesses;
}

function byPosition(a: WorkAccess, b: WorkAccess): number {
  return a.position - b.position || KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind) || a.key - b.key;
}
