// Multi-version memory: for every key that the running block has written, a list of versions from the last transaction in
// block order to the first. A version's value is never changed, only replaced, so whoever holds its address may read it.
// Nodes are only ever inserted; a list belongs to one run, and one of an earlier run reads as empty.
import { knownRecord } from './base';
import { recordOf } from './keys';
import {
  B_FEE_RECIPIENT_KEY,
  DATA_BYTES,
  DATA_NONCE,
  R_HEAD,
  R_NEXT_WRITTEN,
  R_READER,
  R_VALUE,
  RUN_EPOCH,
  RUN_STATES,
  S_FEE,
  STATE_SHIFT,
  V_DATA,
  V_KEY,
  V_NEXT,
  V_TX,
  VERSION_BYTES,
  VERSION_DELTA,
  VERSION_ESTIMATE,
  W_SUM,
  W_WRITTEN,
} from './layout';
import { take } from './memory';
import { isExecuted } from './status';
import { add } from './u256';
import { copyWord, isEqual, isZero, setZero } from './words';

const READER_LAG: u64 = 16;

let worker: usize = 0;
let epoch: u32 = 0;
let states: usize = 0;
let feeKey: u32 = 0;

/** Whether the last value that was resolved is a sum with credits, which lies in scratch memory. */
export let resolvedSum: bool = false;
/** The transaction whose outcome must be known first (number + 1), after a read that found none. */
export let blocker: u32 = 0;

export function attachVersions(base: usize): void {
  worker = base;
}

export function enterVersions(): void {
  epoch = load<u32>(RUN_EPOCH);
  states = load<u32>(RUN_STATES);
  feeKey = load<u32>(B_FEE_RECIPIENT_KEY);
}

// @ts-ignore: decorator
@inline
function firstOf(record: usize): usize {
  const head = atomic.load<u64>(record, R_HEAD);
  return <u32>(head >> 32) == epoch ? <usize>(<u32>head) : 0;
}

// ------------------------------------------------------------------------------------------------------- reading

/** The newest version below a transaction, whatever it says, or 0. */
// @ts-ignore: decorator
@inline
function versionBelow(record: usize, tx: u32): usize {
  let node = firstOf(record);
  while (node != 0 && load<u32>(node, V_TX) >= tx) node = atomic.load<u32>(node, V_NEXT);
  return node;
}

/** Where the value of a key before a transaction lies (value, then nonce), or 0 where `blocker` must be executed first. */
export function resolve(key: u32, tx: u32): usize {
  const record = knownRecord(key);
  resolvedSum = false;
  if (key == feeKey) return resolveFees(record, tx);
  for (let node = versionBelow(record, tx); node != 0; node = atomic.load<u32>(node, V_NEXT)) {
    const data = atomic.load<u32>(node, V_DATA);
    if (data & VERSION_ESTIMATE) return blockedBy(load<u32>(node, V_TX));
    if (data & VERSION_DELTA) return addUp(record, node) ? worker + W_SUM : 0;
    if (data != 0) return data;
  }
  return record + R_VALUE;
}

function blockedBy(tx: u32): usize {
  blocker = tx + 1;
  return 0;
}

/** Adds credits down to the first whole value. */
function addUp(record: usize, node: usize): bool {
  const sum = worker + W_SUM;
  let whole = record + R_VALUE;
  setZero(sum);
  for (; node != 0; node = atomic.load<u32>(node, V_NEXT)) {
    const data = atomic.load<u32>(node, V_DATA);
    if (data & VERSION_ESTIMATE) {
      blocker = load<u32>(node, V_TX) + 1;
      return false;
    }
    if (data & VERSION_DELTA) {
      add(sum, sum, data & ~VERSION_DELTA);
    } else if (data != 0) {
      whole = data;
      break;
    }
  }
  add(sum, sum, whole);
  store<u64>(sum, load<u64>(whole, DATA_NONCE), DATA_NONCE);
  resolvedSum = true;
  return true;
}

/** The fee recipient's account also has what each transaction since its last whole value has paid. */
function resolveFees(record: usize, tx: u32): usize {
  const node = versionBelow(record, tx);
  let whole = node;
  while (whole != 0) {
    const data = atomic.load<u32>(whole, V_DATA);
    if (data & VERSION_ESTIMATE) return blockedBy(load<u32>(whole, V_TX));
    if (data != 0 && (data & VERSION_DELTA) == 0) break;
    whole = atomic.load<u32>(whole, V_NEXT);
  }
  if (!addUp(record, node)) return 0;
  const sum = worker + W_SUM;
  const from: u32 = whole == 0 ? 0 : load<u32>(whole, V_TX) + 1;
  for (let payer = tx; payer > from; payer--) {
    const state = states + ((<usize>(payer - 1)) << STATE_SHIFT);
    if (!isExecuted(atomic.load<u32>(state))) return blockedBy(payer - 1);
    // Where the payer is executed again just now, the sum is wrong, and is found to be wrong when it is validated.
    add(sum, sum, state + S_FEE);
  }
  return sum;
}

/** Whether an account has neither balance nor nonce before a transaction: 0 or 1, or −1 where `blocker` comes first. */
export function probe(key: u32, tx: u32): i32 {
  const record = knownRecord(key);
  for (let node = versionBelow(record, tx); node != 0; node = atomic.load<u32>(node, V_NEXT)) {
    const data = atomic.load<u32>(node, V_DATA);
    if (data & VERSION_ESTIMATE) {
      blocker = load<u32>(node, V_TX) + 1;
      return -1;
    }
    // Credits are never zero.
    if (data & VERSION_DELTA) return 0;
    if (data != 0) return isNothing(data) ? withoutFees(key, record, tx) : 0;
  }
  return isNothing(record + R_VALUE) ? withoutFees(key, record, tx) : 0;
}

/** Of an account that has nothing in its last whole value: whether fees have been paid to it since. As probe answers. */
function withoutFees(key: u32, record: usize, tx: u32): i32 {
  if (key != feeKey) return 1;
  const at = resolveFees(record, tx);
  return at == 0 ? -1 : isNothing(at);
}

// @ts-ignore: decorator
@inline
function isNothing(at: usize): i32 {
  return i32(isZero(at) && load<u64>(at, DATA_NONCE) == 0);
}

/**
 * Remembers that a transaction reads a key, before it does: a hint, which workers may overwrite for each other. It may lag
 * a little behind, so that a key which all read and nobody writes is not written for its hint.
 */
// @ts-ignore: decorator
@inline
export function noteReader(key: u32, tx: u32): void {
  const record = recordOf(key);
  const mine = (<u64>epoch << 32) | <u64>tx;
  if (load<u64>(record, R_READER) + READER_LAG < mine) store<u64>(record, mine, R_READER);
}

/** The last known reader of a key behind a transaction (number + 1), or 0. */
// @ts-ignore: decorator
@inline
export function readerBehind(key: u32, tx: u32): u32 {
  const reader = atomic.load<u64>(recordOf(key), R_READER);
  return <u32>(reader >> 32) == epoch && <u32>reader > tx ? <u32>reader + 1 : 0;
}

// @ts-ignore: decorator
@inline
export function isSameData(a: usize, b: usize): bool {
  return isEqual(a, b) && load<u64>(a, DATA_NONCE) == load<u64>(b, DATA_NONCE);
}

// ------------------------------------------------------------------------------------------------------- writing

/** Of the last write: whether it changed what the version said before. */
export let changed: bool = false;

/** Makes `value` (a word) the transaction's version of a key. Answers the version, or 0 where the heap is full. */
export function write(key: u32, tx: u32, value: usize, nonce: u64, delta: u32): usize {
  const record = recordOf(key);
  let before: usize = 0;
  let node = firstOf(record);
  while (node != 0 && load<u32>(node, V_TX) > tx) {
    before = node;
    node = atomic.load<u32>(node, V_NEXT);
  }
  if (node != 0 && load<u32>(node, V_TX) == tx) return replace(node, value, nonce, delta);
  changed = true;
  const fresh = take(VERSION_BYTES + DATA_BYTES);
  if (fresh == 0) return 0;
  const data = fresh + VERSION_BYTES;
  copyWord(data, value);
  store<u64>(data, nonce, DATA_NONCE);
  store<u32>(fresh, tx, V_TX);
  store<u32>(fresh, key, V_KEY);
  store<u32>(fresh, <u32>data | delta, V_DATA);
  insert(record, key, fresh, before);
  return fresh;
}

/** Keeps the version where it says the same already, so that who saw it is still right. */
function replace(node: usize, value: usize, nonce: u64, delta: u32): usize {
  const old = atomic.load<u32>(node, V_DATA);
  const at: usize = old & ~(VERSION_ESTIMATE | VERSION_DELTA);
  if (at != 0 && (old & VERSION_DELTA) == delta && isEqual(at, value) && load<u64>(at, DATA_NONCE) == nonce) {
    changed = false;
    if (old & VERSION_ESTIMATE) atomic.store<u32>(node, <u32>at | delta, V_DATA);
    return node;
  }
  changed = true;
  const data = take(DATA_BYTES);
  if (data == 0) return 0;
  copyWord(data, value);
  store<u64>(data, nonce, DATA_NONCE);
  atomic.store<u32>(node, <u32>data | delta, V_DATA);
  return node;
}

/** Puts a node into its place behind `before`, or behind who was inserted there meanwhile. */
function insert(record: usize, key: u32, node: usize, before: usize): void {
  const tx = load<u32>(node, V_TX);
  while (true) {
    if (before == 0) {
      const head = atomic.load<u64>(record, R_HEAD);
      const first: usize = <u32>(head >> 32) == epoch ? <usize>(<u32>head) : 0;
      if (first != 0 && load<u32>(first, V_TX) > tx) {
        before = first;
        continue;
      }
      store<u32>(node, <u32>first, V_NEXT);
      const mine = (<u64>epoch << 32) | <u64>(<u32>node);
      if (atomic.cmpxchg<u64>(record + R_HEAD, head, mine) != head) continue;
      if (first == 0) listWritten(record, key);
      return;
    }
    const next: usize = atomic.load<u32>(before, V_NEXT);
    if (next != 0 && load<u32>(next, V_TX) > tx) {
      before = next;
      continue;
    }
    store<u32>(node, <u32>next, V_NEXT);
    if (atomic.cmpxchg<u32>(before + V_NEXT, <u32>next, <u32>node) == <u32>next) return;
  }
}

/** Each key that the run writes is on the list of one worker. */
function listWritten(record: usize, key: u32): void {
  store<u32>(record, load<u32>(worker, W_WRITTEN), R_NEXT_WRITTEN);
  store<u32>(worker, key, W_WRITTEN);
}

/** Lets readers wait for the transaction that will write the key. Before the run only. 0 where the heap is full. */
export function expectWrite(key: u32, tx: u32): usize {
  const record = recordOf(key);
  const known = versionBelow(record, tx + 1);
  if (known != 0 && load<u32>(known, V_TX) == tx) return known;
  const node = take(VERSION_BYTES + DATA_BYTES);
  if (node == 0) return 0;
  store<u32>(node, tx, V_TX);
  store<u32>(node, key, V_KEY);
  store<u32>(node, VERSION_ESTIMATE, V_DATA);
  insert(record, key, node, 0);
  return node;
}
