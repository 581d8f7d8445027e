// The committed state below the running block: one value per key, in the key's record. The host offers a base state;
// what it does not offer is zero. Sequential runs read and write here; parallel runs read here what no version covers.
import {
  D_FLAGS,
  D_KEY,
  D_NONCE,
  D_VALUE,
  DIRTY_BYTES,
  H_DIRTY,
  H_DIRTY_COUNT,
  H_STATE_EPOCH,
  R_EPOCH,
  R_FLAGS,
  R_LAST_SLOT,
  R_NEXT_SLOT,
  R_NONCE,
  R_VALUE,
  RECORD_CLEARED,
  RECORD_DIRTY,
  RECORD_HAS_STORAGE,
  X_NONCE,
  X_VALUE,
} from './layout';
import { codeKeyOf, internAccount, internSlot, recordOf } from './keys';
import { add } from './u256';
import { copyWord, isZero, setU64, setZero } from './words';

/** Writes the key's value before the running transaction to the cell. Called once per key and transaction. */
export function readBase(key: u32, cell: usize): void {
  const record = knownRecord(key);
  copyWord(cell + X_VALUE, record + R_VALUE);
  store<u64>(cell, load<u64>(record, R_NONCE), X_NONCE);
}

// @ts-ignore: decorator
@inline
function isKnown(record: usize): bool {
  // Atomic: the value that another worker has just set is to be read after it.
  return atomic.load<u32>(record, R_EPOCH) == load<u32>(H_STATE_EPOCH);
}

/** The key's record; zero where the host offered nothing for it. */
// @ts-ignore: decorator
@inline
export function knownRecord(key: u32): usize {
  const record = recordOf(key);
  if (!isKnown(record)) setNothing(record);
  return record;
}

/** Two workers may do this at once: with the same values. */
function setNothing(record: usize): void {
  store<u32>(record, 0, R_FLAGS);
  setZero(record + R_VALUE);
  store<u64>(record, 0, R_NONCE);
  atomic.store<u32>(record, load<u32>(H_STATE_EPOCH), R_EPOCH);
}

/** Whether creating over the account collides with storage (EIP-7610). */
export function hasStorage(account: u32): bool {
  const record = knownRecord(account);
  if ((load<u32>(record, R_FLAGS) & (RECORD_HAS_STORAGE | RECORD_CLEARED)) == RECORD_HAS_STORAGE) return true;
  for (let slot = load<u32>(record, R_LAST_SLOT); slot != 0; slot = load<u32>(recordOf(slot), R_NEXT_SLOT)) {
    if (isKnown(recordOf(slot)) && !isZero(recordOf(slot) + R_VALUE)) return true;
  }
  return false;
}

// ------------------------------------------------------------------------------------------------------- offering a state

/** Forgets every value; keys keep their numbers. */
export function forgetValues(): void {
  store<u32>(H_STATE_EPOCH, load<u32>(H_STATE_EPOCH) + 1);
  store<u32>(H_DIRTY_COUNT, 0);
}

/**
 * Takes an account of the base state: its address, balance (words), nonce, code (number), number of slots, then the slots
 * as pairs of words. Answers the end of what it read.
 */
export function offerAccount(at: usize): usize {
  const account = internAccount(at);
  const record = knownRecord(account);
  copyWord(record + R_VALUE, at + 32);
  store<u64>(record, load<u64>(at, 64), R_NONCE);
  setU64(knownRecord(codeKeyOf(account)) + R_VALUE, load<u32>(at, 72));
  const slots = load<u32>(at, 76);
  at += 96;
  for (let i: u32 = 0; i < slots; i++) {
    copyWord(knownRecord(internSlot(account, at)) + R_VALUE, at + 32);
    if (!isZero(at + 32)) store<u32>(record, load<u32>(record, R_FLAGS) | RECORD_HAS_STORAGE, R_FLAGS);
    at += 64;
  }
  return at;
}

// ------------------------------------------------------------------------------------------------------- committing

/** Remembers the value before the block, once per key. Workers may do this at once for different keys. */
function touch(key: u32, record: usize): void {
  const flags = load<u32>(record, R_FLAGS);
  if (flags & RECORD_DIRTY) return;
  const count = atomic.add<u32>(H_DIRTY_COUNT, 1);
  const entry = <usize>load<u32>(H_DIRTY) + <usize>count * DIRTY_BYTES;
  store<u32>(entry, key, D_KEY);
  store<u32>(entry, flags, D_FLAGS);
  store<u64>(entry, load<u64>(record, R_NONCE), D_NONCE);
  copyWord(entry + D_VALUE, record + R_VALUE);
  store<u32>(record, flags | RECORD_DIRTY, R_FLAGS);
}

export function commitValue(key: u32, value: usize, nonce: u64): void {
  const record = knownRecord(key);
  touch(key, record);
  copyWord(record + R_VALUE, value);
  store<u64>(record, nonce, R_NONCE);
}

/** Adds to a balance that the transaction never read. */
export function commitCredit(key: u32, amount: usize): void {
  const record = knownRecord(key);
  touch(key, record);
  add(record + R_VALUE, record + R_VALUE, amount);
}

/** Zeroes the storage of a destroyed account. Only sequential execution can do this. */
export function commitClearedStorage(account: u32): void {
  const record = knownRecord(account);
  touch(account, record);
  store<u32>(record, load<u32>(record, R_FLAGS) | RECORD_CLEARED, R_FLAGS);
  for (let slot = load<u32>(record, R_LAST_SLOT); slot != 0; slot = load<u32>(recordOf(slot), R_NEXT_SLOT)) {
    const slotRecord = recordOf(slot);
    if (!isKnown(slotRecord) || isZero(slotRecord + R_VALUE)) continue;
    touch(slot, slotRecord);
    setZero(slotRecord + R_VALUE);
  }
}

/** Starts a block on what the last one left. */
export function acceptBlock(): void {
  const entries: usize = load<u32>(H_DIRTY);
  for (let i: u32 = 0; i < load<u32>(H_DIRTY_COUNT); i++) {
    const record = recordOf(load<u32>(entries + <usize>i * DIRTY_BYTES, D_KEY));
    store<u32>(record, load<u32>(record, R_FLAGS) & ~RECORD_DIRTY, R_FLAGS);
  }
  store<u32>(H_DIRTY_COUNT, 0);
}

/** Gives every key the value that it had before the block. */
export function rollBackBlock(): void {
  const entries: usize = load<u32>(H_DIRTY);
  for (let i: u32 = 0; i < load<u32>(H_DIRTY_COUNT); i++) {
    const entry = entries + <usize>i * DIRTY_BYTES;
    const record = recordOf(load<u32>(entry, D_KEY));
    store<u32>(record, load<u32>(entry, D_FLAGS), R_FLAGS);
    store<u64>(record, load<u64>(entry, D_NONCE), R_NONCE);
    copyWord(record + R_VALUE, entry + D_VALUE);
  }
  store<u32>(H_DIRTY_COUNT, 0);
}
