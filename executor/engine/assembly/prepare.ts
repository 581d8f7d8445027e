// Lays out a parallel run in the block heap, before any worker enters it: states, the order of execution, the ready bits,
// and what the plan names. The host has written RUN_TRANSACTIONS, RUN_RECEIPTS, RUN_COUNT, the limits, and
// the plan's rows (0 where it has none).
import {
  B_BLOOM,
  BLOOM_BYTES,
  CACHE_LINE,
  H_KEY_NEXT,
  H_WORKER_BASE,
  H_WORKER_BYTES,
  H_WORKERS,
  RECEIPT_BYTES,
  RUN_ACTIVE,
  RUN_BLOCKER_OFFSETS,
  RUN_BLOCKERS,
  RUN_BLOOMS,
  RUN_COMMIT_LOCK,
  RUN_COUNT,
  RUN_EPOCH,
  RUN_FEES,
  RUN_FRONTIER,
  RUN_GAS_USED,
  RUN_HINT,
  RUN_JOINED,
  RUN_ORDER,
  RUN_OUTCOME,
  RUN_PLACES,
  RUN_PRIORITIES,
  RUN_READY,
  RUN_READY_WORDS,
  RUN_RECEIPTS,
  RUN_SIGNAL,
  RUN_SLEEPERS,
  RUN_STATES,
  RUN_VALIDATION,
  RUN_WAITING,
  RUN_WAITING_OFFSETS,
  RUN_WASTE,
  RUN_WRITE_OFFSETS,
  RUN_WRITES,
  S_BLOCKERS,
  S_WRITE_COUNT,
  S_WRITES,
  STATE_SHIFT,
  W_ABORTS,
  W_EXECUTIONS,
  W_SUSPENSIONS,
  W_VALIDATIONS,
  W_WRITTEN,
} from './layout';
import { take } from './memory';
import { enterVersions, expectWrite } from './versions';

const DIGITS: usize = 256;

/** False where the heap is full. Else workers may enter, and the caller is in already. */
export function prepareRun(): bool {
  const run = load<u32>(RUN_EPOCH) + 1;
  store<u32>(RUN_EPOCH, run);
  resetWords();
  const count = load<u32>(RUN_COUNT);
  memory.fill(load<u32>(RUN_RECEIPTS), 0, <usize>count * RECEIPT_BYTES);
  if (!prepareStates(count) || !prepareOrder(count) || !prepareBlockers(count)) return false;
  if (!prepareWrites(count) || !prepareReady(count)) return false;
  // Last: until now the word has named an earlier run, and that one is closed.
  atomic.store<u64>(RUN_ACTIVE, (<u64>run << 32) | 1);
  return true;
}

function resetWords(): void {
  memory.fill(B_BLOOM, 0, BLOOM_BYTES);
  store<u64>(RUN_GAS_USED, 0);
  store<u32>(RUN_JOINED, 1);
  store<u64>(RUN_HINT, 0);
  store<u32>(RUN_FRONTIER, 0);
  store<u32>(RUN_COMMIT_LOCK, 0);
  store<u64>(RUN_VALIDATION, 0);
  store<u32>(RUN_SIGNAL, 0);
  store<u32>(RUN_SLEEPERS, 0);
  store<u32>(RUN_OUTCOME, 0);
  store<u32>(RUN_WASTE, 0);
  store<u32>(RUN_BLOOMS, 0);
  store<u32>(RUN_FEES, 0);
  // Those of an earlier run, too. The caller's own list gets the keys that the plan expects to be written.
  for (let i: u32 = 0; i < load<u32>(H_WORKERS); i++) {
    const base = <usize>load<u32>(H_WORKER_BASE) + <usize>i * <usize>load<u32>(H_WORKER_BYTES);
    store<u32>(base, 0, W_WRITTEN);
    store<u32>(base, 0, W_EXECUTIONS);
    store<u32>(base, 0, W_ABORTS);
    store<u32>(base, 0, W_SUSPENSIONS);
    store<u32>(base, 0, W_VALIDATIONS);
  }
}

/** From a cache line's start, so that no two transactions share one. */
function zeroed(bytes: usize): usize {
  const at = take(bytes + CACHE_LINE);
  if (at == 0) return 0;
  const start = (at + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
  memory.fill(start, 0, bytes);
  return start;
}

function prepareStates(count: u32): bool {
  const states = zeroed((<usize>count + 1) << STATE_SHIFT);
  store<u32>(RUN_STATES, <u32>states);
  return states != 0;
}

// ------------------------------------------------------------------------------------------------------- order

/** Transactions by priority, equal ones in block order: a radix sort that skips digits in which all agree. */
function prepareOrder(count: u32): bool {
  const bytes = (<usize>count + 1) << 2;
  let order = take(bytes);
  let other = take(bytes);
  const places = take(bytes);
  const digits = take(DIGITS << 2);
  if (order == 0 || other == 0 || places == 0 || digits == 0) return false;
  for (let i: u32 = 0; i < count; i++) store<u32>(order + ((<usize>i) << 2), i);
  const priorities: usize = load<u32>(RUN_PRIORITIES);
  for (let shift: u32 = 0; priorities != 0 && shift < 32; shift += 8) {
    if (!sortByDigit(order, other, priorities, digits, count, shift)) continue;
    const sorted = other;
    other = order;
    order = sorted;
  }
  for (let i: u32 = 0; i < count; i++) store<u32>(places + ((<usize>load<u32>(order + ((<usize>i) << 2))) << 2), i);
  store<u32>(RUN_ORDER, <u32>order);
  store<u32>(RUN_PLACES, <u32>places);
  return true;
}

/** False, and nothing done, where all have the same digit. */
function sortByDigit(from: usize, to: usize, priorities: usize, digits: usize, count: u32, shift: u32): bool {
  memory.fill(digits, 0, DIGITS << 2);
  for (let i: u32 = 0; i < count; i++) {
    const at = digits + (digitOf(priorities, i, shift) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  if (count == 0 || load<u32>(digits + (digitOf(priorities, 0, shift) << 2)) == count) return false;
  let sum: u32 = 0;
  for (let digit: usize = 0; digit < DIGITS; digit++) {
    const size = load<u32>(digits + (digit << 2));
    store<u32>(digits + (digit << 2), sum);
    sum += size;
  }
  for (let i: u32 = 0; i < count; i++) {
    const tx = load<u32>(from + ((<usize>i) << 2));
    const at = digits + (digitOf(priorities, tx, shift) << 2);
    const place = load<u32>(at);
    store<u32>(at, place + 1);
    store<u32>(to + ((<usize>place) << 2), tx);
  }
  return true;
}

// @ts-ignore: decorator
@inline
function digitOf(priorities: usize, tx: u32, shift: u32): usize {
  return (load<u32>(priorities + ((<usize>tx) << 2)) >> shift) & 255;
}

// ------------------------------------------------------------------------------------------------------- the plan

/** Turns "waits for" into "lets go": only earlier transactions count, so that no plan can make a circle. */
function prepareBlockers(count: u32): bool {
  store<u32>(RUN_WAITING_OFFSETS, 0);
  const offsets: usize = load<u32>(RUN_BLOCKER_OFFSETS);
  if (offsets == 0 || load<u32>(offsets + ((<usize>count) << 2)) == 0) return true;
  const rows = zeroed((<usize>count + 2) << 2);
  const entries = take((<usize>load<u32>(offsets + ((<usize>count) << 2)) + 1) << 2);
  if (rows == 0 || entries == 0) return false;
  const blockers: usize = load<u32>(RUN_BLOCKERS);
  const states: usize = load<u32>(RUN_STATES);
  // Sizes, two rows further; then starts, one row further; filling moves each start to its end, which is the next start.
  for (let tx: u32 = 0; tx < count; tx++) {
    for (let i = load<u32>(offsets + ((<usize>tx) << 2)); i < load<u32>(offsets + ((<usize>tx + 1) << 2)); i++) {
      const blocker = load<u32>(blockers + ((<usize>i) << 2));
      if (blocker >= tx) continue;
      if (blocker + 2 <= count) bump(rows + ((<usize>blocker + 2) << 2));
      bump(states + ((<usize>tx) << STATE_SHIFT) + S_BLOCKERS);
    }
  }
  for (let tx: u32 = 1; tx <= count; tx++) {
    const at = rows + ((<usize>tx) << 2);
    store<u32>(at, load<u32>(at) + load<u32>(at - 4));
  }
  for (let tx: u32 = 0; tx < count; tx++) {
    for (let i = load<u32>(offsets + ((<usize>tx) << 2)); i < load<u32>(offsets + ((<usize>tx + 1) << 2)); i++) {
      const blocker = load<u32>(blockers + ((<usize>i) << 2));
      if (blocker >= tx) continue;
      store<u32>(entries + ((<usize>bump(rows + ((<usize>blocker + 1) << 2))) << 2), tx);
    }
  }
  store<u32>(RUN_WAITING_OFFSETS, <u32>rows);
  store<u32>(RUN_WAITING, <u32>entries);
  return true;
}

/** Adds one; answers what was there. */
function bump(at: usize): u32 {
  const value = load<u32>(at);
  store<u32>(at, value + 1);
  return value;
}

function prepareWrites(count: u32): bool {
  const offsets: usize = load<u32>(RUN_WRITE_OFFSETS);
  if (offsets == 0) return true;
  enterVersions();
  const writes: usize = load<u32>(RUN_WRITES);
  for (let tx: u32 = 0; tx < count; tx++) {
    const start = load<u32>(offsets + ((<usize>tx) << 2));
    const end = load<u32>(offsets + ((<usize>tx + 1) << 2));
    if (start == end) continue;
    const nodes = take((<usize>(end - start)) << 2);
    if (nodes == 0) return false;
    const state = <usize>load<u32>(RUN_STATES) + ((<usize>tx) << STATE_SHIFT);
    store<u32>(state, <u32>nodes, S_WRITES);
    for (let i = start; i < end; i++) {
      const key = load<u32>(writes + ((<usize>i) << 2));
      // A key that nobody knows.
      if (key == 0 || key >= load<u32>(H_KEY_NEXT)) continue;
      const node = expectWrite(key, tx);
      if (node == 0) return false;
      store<u32>(nodes + (bump(state + S_WRITE_COUNT) << 2), <u32>node);
    }
  }
  return true;
}

function prepareReady(count: u32): bool {
  const words = (count + 63) >> 6;
  const bits = zeroed((<usize>words + 1) << 3);
  if (bits == 0) return false;
  const order: usize = load<u32>(RUN_ORDER);
  const states: usize = load<u32>(RUN_STATES);
  for (let place: u32 = 0; place < count; place++) {
    const tx = load<u32>(order + ((<usize>place) << 2));
    if (load<u32>(states + ((<usize>tx) << STATE_SHIFT), S_BLOCKERS) != 0) continue;
    const at = bits + ((<usize>(place >> 6)) << 3);
    store<u64>(at, load<u64>(at) | (<u64>1 << <u64>(place & 63)));
  }
  store<u32>(RUN_READY, <u32>bits);
  store<u32>(RUN_READY_WORDS, words);
  return true;
}
