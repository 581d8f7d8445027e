// The state below the running transaction: the read seam and the write seam. The sequential engine reads and writes the
// committed value in the key's record; multi-version memory puts itself between these two functions and the records.
import {
  D_FLAGS,
  D_KEY,
  D_NONCE,
  D_VALUE,
  DIRTY_BYTES,
  H_DIRTY,
  H_DIRTY_COUNT,
  KIND_ACCOUNT,
  KIND_CODE,
  R_FLAGS,
  R_KIND,
  R_LAST_SLOT,
  R_NEXT_SLOT,
  R_NONCE,
  R_OWNER,
  R_VALUE,
  RECORD_CLEARED,
  RECORD_DIRTY,
  RECORD_HAS_STORAGE,
  RECORD_KNOWN,
  X_NONCE,
  X_VALUE,
} from './layout';
import { missAccount, missCode, missSlot } from './host';
import { recordOf } from './keys';
import { add } from './u256';
import { copyWord, isZero, setZero } from './words';

/** Writes the key's value before the running transaction to the cell. Called once per key and transaction. */
export function readBase(key: u32, cell: usize): void {
  const record = knownRecord(key);
  copyWord(cell + X_VALUE, record + R_VALUE);
  store<u64>(cell, load<u64>(record, R_NONCE), X_NONCE);
}

/** The key's record, filled by the host where need be. */
function knownRecord(key: u32): usize {
  const record = recordOf(key);
  if ((load<u32>(record, R_FLAGS) & RECORD_KNOWN) == 0) miss(key, record);
  return record;
}

function miss(key: u32, record: usize): void {
  const kind = load<u32>(record, R_KIND);
  if (kind == KIND_ACCOUNT) {
    missAccount(key);
  } else if (kind == KIND_CODE) {
    missCode(key);
  } else if (load<u32>(recordOf(load<u32>(record, R_OWNER)), R_FLAGS) & RECORD_CLEARED) {
    setZero(record + R_VALUE);
  } else {
    missSlot(key);
  }
  // Two workers may fill a record at once: with the same values.
  atomic.or<u32>(record + R_FLAGS, RECORD_KNOWN);
}

/** Whether creating over the account collides with storage (EIP-7610). */
export function hasStorage(account: u32): bool {
  const record = knownRecord(account);
  if ((load<u32>(record, R_FLAGS) & (RECORD_HAS_STORAGE | RECORD_CLEARED)) == RECORD_HAS_STORAGE) return true;
  for (let slot = load<u32>(record, R_LAST_SLOT); slot != 0; slot = load<u32>(recordOf(slot), R_NEXT_SLOT)) {
    if (load<u32>(recordOf(slot), R_FLAGS) & RECORD_KNOWN && !isZero(recordOf(slot) + R_VALUE)) return true;
  }
  return false;
}

/** Remembers the value before the block, once per key. */
function touch(key: u32, record: usize): void {
  const flags = load<u32>(record, R_FLAGS);
  if (flags & RECORD_DIRTY) return;
  const count = load<u32>(H_DIRTY_COUNT);
  const entry = <usize>load<u32>(H_DIRTY) + <usize>count * DIRTY_BYTES;
  store<u32>(entry, key, D_KEY);
  store<u32>(entry, flags, D_FLAGS);
  store<u64>(entry, load<u64>(record, R_NONCE), D_NONCE);
  copyWord(entry + D_VALUE, record + R_VALUE);
  store<u32>(H_DIRTY_COUNT, count + 1);
  store<u32>(record, flags | RECORD_DIRTY, R_FLAGS);
}

export function commitValue(key: u32, value: usize, nonce: u64): void {
  const record = recordOf(key);
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
    if ((load<u32>(slotRecord, R_FLAGS) & RECORD_KNOWN) == 0 || isZero(slotRecord + R_VALUE)) continue;
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
