import { ZERO_WORD } from '../types.js';
import type { Access, AccessField, AccessKind, Address, Hash, Hex, Transaction } from '../types.js';

/** An account as prestateTracer shows it; null is what it leaves out. */
export interface TracedAccount {
  readonly balanceWei: bigint | null;
  readonly nonce: number | null;
  /** The code, or its hash where the tracer states no code; `0x` for none. Serves only to be compared. */
  readonly code: Hex | null;
  /** As the tracer states it; null where it states the code alone. */
  readonly codeHash: Hash | null;
  readonly storage: ReadonlyMap<Hash, Hash>;
}

export type TracedState = ReadonlyMap<Address, TracedAccount>;

/** What the tracer says of one transaction: without diff mode, and the two halves of diff mode. */
export interface TracedTransaction {
  readonly transaction: Transaction;
  readonly feeRecipient: Address;
  readonly prestate: TracedState;
  readonly before: TracedState;
  readonly after: TracedState;
}

/** What happened to one account. */
interface AccountChange {
  readonly balance: 'up' | 'down' | 'same';
  readonly nonce: boolean;
  readonly code: boolean;
  readonly deleted: boolean;
  readonly hasCode: boolean;
  /** Touched slots with their values before the transaction. */
  readonly slots: ReadonlyMap<Hash, Hash>;
  /** Changed slots with their values after it. */
  readonly changedSlots: ReadonlyMap<Hash, Hash>;
}

/**
 * The accesses of a transaction, from geth's prestateTracer with and without diff mode.
 *
 * Touched accounts and slots are reads, changed ones writes besides; whatever is written is read too (SSTORE's gas
 * depends on the old value, a creation looks at nonce and code, a balance is taken from somewhere). Two accounts are
 * `add` instead, as nothing observes them: the fee recipient, which the tracer lists in every transaction, and the
 * recipient of a plain transfer. The tracer cannot tell which of an account's balance, nonce and code was looked at, so
 * every touched account counts as read.
 */
export function extractAccesses(traced: TracedTransaction): Access[] {
  const { prestate, before, after } = traced;
  const addresses = new Set([...prestate.keys(), ...before.keys(), ...after.keys()]);
  return [...addresses].flatMap((address) => accountAccesses(traced, address));
}

function accountAccesses(traced: TracedTransaction, address: Address): Access[] {
  const change = findChange(traced, address);
  if (isUnobserved(traced, address, change)) {
    return change.balance === 'same' ? [] : [access(address, 'account', 'add')];
  }
  const changed = change.balance !== 'same' || change.nonce || change.deleted;
  return [
    ...readAndWrite(address, 'account', true, changed),
    ...readAndWrite(address, 'code', change.hasCode, change.code),
    ...slotAccesses(address, 'read', change.slots),
    ...slotAccesses(address, 'write', change.changedSlots),
  ];
}

function readAndWrite(address: Address, field: AccessField, read: boolean, write: boolean): Access[] {
  return [
    ...(read || write ? [access(address, field, 'read')] : []),
    ...(write ? [access(address, field, 'write')] : []),
  ];
}

function access(address: Address, field: AccessField, kind: AccessKind): Access {
  return { address, field, slot: null, kind, atGas: null, value: null };
}

function slotAccesses(address: Address, kind: AccessKind, values: ReadonlyMap<Hash, Hash>): Access[] {
  return [...values].map(([slot, value]) => ({ address, field: 'slot', slot, kind, atGas: null, value }));
}

/** Whether the account was at most credited: no code of it ran and nothing looked at its balance. */
function isUnobserved(traced: TracedTransaction, address: Address, change: AccountChange): boolean {
  const { transaction, feeRecipient } = traced;
  if (address === transaction.from || change.balance === 'down') return false;
  if (change.nonce || change.code || change.deleted || change.slots.size > 0) return false;
  if (address === transaction.to) return transaction.input === '0x' && !change.hasCode;
  return address === feeRecipient;
}

function findChange(traced: TracedTransaction, address: Address): AccountChange {
  const prestate = traced.prestate.get(address);
  const before = traced.before.get(address);
  const after = traced.after.get(address);
  const oldBalance = before?.balanceWei ?? prestate?.balanceWei ?? 0n;
  const oldNonce = before?.nonce ?? prestate?.nonce ?? 0;
  const oldCode = before?.code ?? prestate?.code ?? '0x';
  const newBalance = after?.balanceWei ?? oldBalance;
  const newNonce = after?.nonce ?? oldNonce;
  const newCode = after?.code ?? oldCode;
  // Some tracers keep a destroyed account in `post`, with the hash of no code.
  const deleted = isDeleted(before, after) || (newCode === '0x' && oldCode !== '0x');
  const created = oldNonce === 0 && newNonce > 0 && oldCode === '0x' && address !== traced.transaction.from;
  return {
    balance: newBalance === oldBalance ? 'same' : newBalance > oldBalance ? 'up' : 'down',
    nonce: newNonce !== oldNonce,
    // Some tracers leave code out; but other nonces than the sender's start only where code is set (EIP-161, EIP-7702).
    code: newCode !== oldCode || created || (deleted && oldCode !== '0x'),
    deleted,
    hasCode: oldCode !== '0x',
    ...findSlots(prestate, before, after),
  };
}

type Slots = Pick<AccountChange, 'slots' | 'changedSlots'>;

/** A slot that a half of the diff leaves out is zero there, or what it was before the transaction. */
function findSlots(...[prestate, before, after]: readonly (TracedAccount | undefined)[]): Slots {
  const slots = new Map<Hash, Hash>();
  for (const slot of slotsOf(prestate, before, after)) {
    slots.set(slot, before?.storage.get(slot) ?? prestate?.storage.get(slot) ?? ZERO_WORD);
  }
  const changedSlots = new Map<Hash, Hash>();
  for (const slot of slotsOf(before, after)) {
    const value = after?.storage.get(slot) ?? ZERO_WORD;
    if (value !== slots.get(slot)) changedSlots.set(slot, value);
  }
  return { slots, changedSlots };
}

function slotsOf(...accounts: readonly (TracedAccount | undefined)[]): Set<Hash> {
  return new Set(accounts.flatMap((account) => [...(account?.storage.keys() ?? [])]));
}

/**
 * In diff mode geth drops a destroyed account from `post` and keeps it in `pre`; an account of which only slots were
 * cleared keeps an empty entry in `post`, since zero values are left out. Some tools drop that entry too; their `pre`
 * then lists the slots alone, while that of a destroyed account states its balance. Where `pre` states both there is no
 * telling, and we take geth's meaning: at worst an account counts as written that was not, a conflict too many, never
 * one too few.
 */
function isDeleted(before: TracedAccount | undefined, after: TracedAccount | undefined): boolean {
  if (before === undefined || after !== undefined) return false;
  return before.balanceWei !== null || before.nonce !== null || before.code !== null;
}
