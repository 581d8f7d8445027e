// What an execution leaves behind: the list of what it read, for validation, and its versions, for others.
import {
  B_FEE_RECIPIENT_KEY,
  CELL_BYTES,
  CELL_CREDITED,
  CELL_LOADED,
  CELL_PROBED,
  CELL_SUMMED,
  CELL_WAS_EMPTY,
  DATA_BYTES,
  DATA_NONCE,
  Q_KEY,
  Q_KIND,
  Q_SOURCE,
  QUERY_EMPTY,
  QUERY_VALUE,
  READ_BYTES,
  RUN_STATES,
  S_FEE,
  S_READS,
  S_WRITE_COUNT,
  S_WRITES,
  STATE_SHIFT,
  V_DATA,
  V_KEY,
  VERSION_DELTA,
  VERSION_ESTIMATE,
  X_EXTRA,
  X_FLAGS,
  X_KEY,
  X_NONCE,
  X_ORIGINAL,
  X_ORIGINAL_NONCE,
  X_SOURCE,
  X_VALUE,
} from './layout';
import { take } from './memory';
import { endOfCells, firstCell } from './state';
import { changed, isSameData, probe, readerBehind, resolve, write } from './versions';
import { copyWord, isEqual, isZero, setZero } from './words';

/** In place of the end of a range: the heap is full. */
export const HEAP_FULL: u32 = u32.MAX_VALUE;

// @ts-ignore: decorator
@inline
function stateOf(tx: u32): usize {
  return <usize>load<u32>(RUN_STATES) + ((<usize>tx) << STATE_SHIFT);
}

/**
 * Writes down what the transaction in the cells has read and, where `effective`, what it changed. Answers the end of the
 * range of later transactions that may have read otherwise, or 0, or HEAP_FULL.
 */
export function publish(tx: u32, effective: bool): u32 {
  const state = stateOf(tx);
  const most = (endOfCells() - firstCell()) / CELL_BYTES + 1;
  // An account may have been both asked about and read.
  const reads = take(2 * most * READ_BYTES);
  const writes = take(most << 2);
  if (reads == 0 || writes == 0 || !publishReads(state, reads)) return HEAP_FULL;
  const oldWrites: usize = load<u32>(state, S_WRITES);
  const oldCount = load<u32>(state, S_WRITE_COUNT);
  const end = publishWrites(tx, writes, effective);
  return end == HEAP_FULL ? end : max(end, withdraw(tx, oldWrites, oldCount));
}

function publishReads(state: usize, reads: usize): bool {
  let at = reads;
  for (let cell = firstCell(); cell < endOfCells(); cell += CELL_BYTES) {
    const flags = load<u32>(cell, X_FLAGS);
    if (flags & CELL_PROBED) at = noteRead(at, cell, QUERY_EMPTY, u32((flags & CELL_WAS_EMPTY) != 0));
    if ((flags & CELL_LOADED) == 0) continue;
    const source = flags & CELL_SUMMED ? keepOriginal(cell) : <usize>load<u32>(cell, X_SOURCE);
    if (source == 0) return false;
    at = noteRead(at, cell, QUERY_VALUE, <u32>source);
  }
  // In one piece, and after the list: who validates the incarnation before may look at any time.
  atomic.store<u64>(state + S_READS, (<u64>((at - reads) / READ_BYTES) << 32) | <u64>reads);
  return true;
}

function noteRead(at: usize, cell: usize, kind: u32, source: u32): usize {
  store<u32>(at, load<u32>(cell, X_KEY), Q_KEY);
  store<u32>(at, kind, Q_KIND);
  store<u32>(at, source, Q_SOURCE);
  return at + READ_BYTES;
}

function keepOriginal(cell: usize): usize {
  const copy = take(DATA_BYTES);
  if (copy == 0) return 0;
  copyWord(copy, cell + X_ORIGINAL);
  store<u64>(copy, load<u64>(cell, X_ORIGINAL_NONCE), DATA_NONCE);
  return copy;
}

function publishWrites(tx: u32, writes: usize, effective: bool): u32 {
  const state = stateOf(tx);
  const feeKey = load<u32>(B_FEE_RECIPIENT_KEY);
  let end: u32 = 0;
  let at = writes;
  let fee: usize = 0;
  for (let cell = firstCell(); effective && cell < endOfCells(); cell += CELL_BYTES) {
    const flags = load<u32>(cell, X_FLAGS);
    const key = load<u32>(cell, X_KEY);
    let node: usize = 0;
    if (flags & CELL_LOADED) {
      const nonce = load<u64>(cell, X_NONCE);
      if (nonce == load<u64>(cell, X_ORIGINAL_NONCE) && isEqual(cell + X_VALUE, cell + X_ORIGINAL)) continue;
      node = write(key, tx, cell + X_VALUE, nonce, 0);
    } else {
      if ((flags & CELL_CREDITED) == 0 || isZero(cell + X_EXTRA)) continue;
      if (key == feeKey) {
        fee = cell + X_EXTRA;
        continue;
      }
      node = write(key, tx, cell + X_EXTRA, 0, VERSION_DELTA);
    }
    if (node == 0) return HEAP_FULL;
    store<u32>(at, <u32>node);
    at += 4;
    if (changed) end = max(end, readerBehind(key, tx));
  }
  store<u32>(state, <u32>writes, S_WRITES);
  store<u32>(state, <u32>((at - writes) >> 2), S_WRITE_COUNT);
  if (payFee(state, fee)) end = max(end, readerBehind(feeKey, tx));
  return end;
}

/** Whether the fee is not what it was. */
function payFee(state: usize, fee: usize): bool {
  if (fee == 0 ? isZero(state + S_FEE) : isEqual(state + S_FEE, fee)) return false;
  if (fee == 0) setZero(state + S_FEE);
  else copyWord(state + S_FEE, fee);
  return true;
}

/** Takes back the versions of the last incarnation that this one has not written again: they still are estimates. */
function withdraw(tx: u32, writes: usize, count: u32): u32 {
  let end: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const node: usize = load<u32>(writes + ((<usize>i) << 2));
    if ((atomic.load<u32>(node, V_DATA) & VERSION_ESTIMATE) == 0) continue;
    atomic.store<u32>(node, 0, V_DATA);
    end = max(end, readerBehind(load<u32>(node, V_KEY), tx));
  }
  return end;
}

/** Lets others wait for what the transaction will write again. */
export function markEstimates(tx: u32): void {
  const state = stateOf(tx);
  const writes: usize = load<u32>(state, S_WRITES);
  const count = load<u32>(state, S_WRITE_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const node: usize = load<u32>(writes + ((<usize>i) << 2));
    atomic.or<u32>(node + V_DATA, VERSION_ESTIMATE);
  }
}

/** Whether all that the transaction has read is what it would read now. Values count, not who wrote them. */
export function validate(tx: u32): bool {
  const list = atomic.load<u64>(stateOf(tx) + S_READS);
  let at = <usize>(<u32>list);
  const end = at + <usize>(list >> 32) * READ_BYTES;
  for (; at < end; at += READ_BYTES) {
    const key = load<u32>(at, Q_KEY);
    const source: usize = load<u32>(at, Q_SOURCE);
    if (load<u32>(at, Q_KIND) == QUERY_EMPTY) {
      if (probe(key, tx) != <i32>source) return false;
      continue;
    }
    const now = resolve(key, tx);
    if (now != source && (now == 0 || !isSameData(now, source))) return false;
  }
  return true;
}
