// The intern table of access keys: (account), its code, (account, slot) → a small integer, for all workers alike.
// Insertion is lock-free: a record is filled first and published by one compare-exchange of its table entry.
import {
  ENGINE_KEYS_FULL,
  H_DIRTY_COUNT,
  H_KEY_CAPACITY,
  H_KEY_NEXT,
  H_KEY_RECORDS,
  H_KEY_TABLE,
  H_KEY_TABLE_MASK,
  KIND_ACCOUNT,
  KIND_CODE,
  KIND_NONE,
  KIND_SLOT,
  R_EPOCH,
  R_FLAGS,
  R_HEAD,
  R_KIND,
  R_LAST_SLOT,
  R_NEXT_SLOT,
  R_OWNER,
  R_READER,
  R_WORD,
  RECORD_SHIFT,
  TABLE_ENTRY_SHIFT,
} from './layout';
import { fail } from './failure';
import { copyWord, isEqual } from './words';

let table: usize = 0;
let mask: u32 = 0;
let records: usize = 0;

export function attachKeys(): void {
  table = load<u32>(H_KEY_TABLE);
  mask = load<u32>(H_KEY_TABLE_MASK);
  records = load<u32>(H_KEY_RECORDS);
}

/** Forgets all keys and with them all values, so that the host can offer another base state. No worker may be running. */
export function forgetKeys(): void {
  memory.fill(load<u32>(H_KEY_TABLE), 0, (<usize>load<u32>(H_KEY_TABLE_MASK) + 1) << TABLE_ENTRY_SHIFT);
  store<u32>(H_KEY_NEXT, 1);
  store<u32>(H_DIRTY_COUNT, 0);
}

// @ts-ignore: decorator
@inline
export function recordOf(key: u32): usize {
  return records + ((<usize>key) << RECORD_SHIFT);
}

// @ts-ignore: decorator
@inline
export function codeKeyOf(account: u32): u32 {
  return account + 1;
}

// @ts-ignore: decorator
@inline
function mixed(hash: u64): u64 {
  hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93;
  return hash ^ (hash >> 29);
}

/** Spreads all five inputs over 64 bits: both halves of the result are used. */
// @ts-ignore: decorator
@inline
function hashOf(owner: u32, word: usize): u64 {
  const low = load<u64>(word) * 0x9e3779b97f4a7c15;
  const next = rotl<u64>(load<u64>(word, 8) * 0xc2b2ae3d27d4eb4f, 23);
  const upper = rotl<u64>(load<u64>(word, 16) * 0x165667b19e3779f9, 41);
  const top = load<u64>(word, 24) * 0x27d4eb2f165667c5;
  return mixed(mixed(low ^ next ^ <u64>owner) + (upper ^ top ^ (<u64>owner << 32)));
}

/** The account's key; its code's key is the one after it. `address` is a word below 2^160. */
export function internAccount(address: usize): u32 {
  return intern(KIND_ACCOUNT, 0, address);
}

export function internSlot(account: u32, slot: usize): u32 {
  return intern(KIND_SLOT, account, slot);
}

/** The account's key, or 0 where it has none yet. */
export function findAccount(address: usize): u32 {
  return find(KIND_ACCOUNT, 0, address, hashOf(0, address));
}

/** The slot's key, or 0 where it has none yet. */
export function findSlot(account: u32, slot: usize): u32 {
  return find(KIND_SLOT, account, slot, hashOf(account, slot));
}

function intern(kind: u32, owner: u32, word: usize): u32 {
  const hash = hashOf(owner, word);
  const key = find(kind, owner, word, hash);
  return key == 0 ? insert(kind, owner, word, hash) : key;
}

// @ts-ignore: decorator
@inline
function find(kind: u32, owner: u32, word: usize, hash: u64): u32 {
  const tag = <u32>(hash >> 32);
  let at = <u32>hash & mask;
  while (true) {
    const entry = atomic.load<u64>(table + ((<usize>at) << TABLE_ENTRY_SHIFT));
    if (entry == 0) return 0;
    if (<u32>(entry >> 32) == tag && matches(<u32>entry, kind, owner, word)) return <u32>entry;
    at = (at + 1) & mask;
  }
}

// @ts-ignore: decorator
@inline
function matches(key: u32, kind: u32, owner: u32, word: usize): bool {
  const record = recordOf(key);
  // An account's R_OWNER holds its last slot, so owners are compared for slots only.
  return (
    load<u32>(record, R_KIND) == kind &&
    (kind != KIND_SLOT || load<u32>(record, R_OWNER) == owner) &&
    isEqual(record + R_WORD, word)
  );
}

function insert(kind: u32, owner: u32, word: usize, hash: u64): u32 {
  const count: u32 = kind == KIND_ACCOUNT ? 2 : 1;
  const key = atomic.add<u32>(H_KEY_NEXT, count);
  if (key + count > load<u32>(H_KEY_CAPACITY)) {
    atomic.sub<u32>(H_KEY_NEXT, count);
    return fail(ENGINE_KEYS_FULL);
  }
  fillRecord(key, kind, owner, word);
  if (kind == KIND_ACCOUNT) fillRecord(key + 1, KIND_CODE, key, word);
  const entry = (hash & 0xffffffff00000000) | <u64>key;
  let at = <u32>hash & mask;
  while (true) {
    const found = atomic.cmpxchg<u64>(table + ((<usize>at) << TABLE_ENTRY_SHIFT), 0, entry);
    if (found == 0) break;
    if (<u32>(found >> 32) == <u32>(hash >> 32) && matches(<u32>found, kind, owner, word)) {
      // Another worker was first; the record stays unused.
      store<u32>(recordOf(key), KIND_NONE, R_KIND);
      if (kind == KIND_ACCOUNT) store<u32>(recordOf(key + 1), KIND_NONE, R_KIND);
      return <u32>found;
    }
    at = (at + 1) & mask;
  }
  if (kind == KIND_SLOT) linkSlot(key, owner);
  return key;
}

function fillRecord(key: u32, kind: u32, owner: u32, word: usize): void {
  const record = recordOf(key);
  store<u32>(record, kind, R_KIND);
  store<u32>(record, 0, R_FLAGS);
  store<u32>(record, owner, R_OWNER);
  store<u32>(record, 0, R_NEXT_SLOT);
  store<u32>(record, 0, R_EPOCH);
  store<u64>(record, 0, R_HEAD);
  store<u64>(record, 0, R_READER);
  copyWord(record + R_WORD, word);
}

function linkSlot(key: u32, owner: u32): void {
  const last = recordOf(owner) + R_LAST_SLOT;
  while (true) {
    const before = atomic.load<u32>(last);
    store<u32>(recordOf(key), before, R_NEXT_SLOT);
    if (atomic.cmpxchg<u32>(last, before, key) == before) return;
  }
}
