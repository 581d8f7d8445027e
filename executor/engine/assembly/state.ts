// The running transaction's view of the state: one cell per key that it touches, a journal to undo, warm flags,
// refund and logs. Resetting costs nothing: a new epoch makes all cells stale.
import { commitClearedStorage, commitCredit, commitValue, readBase } from './base';
import { fail, stopFor } from './failure';
import { CANCUN, COLD_ACCOUNT, COLD_SLOT, WARM } from './gas';
import { codeKeyOf, recordOf } from './keys';
import {
  CELL_BYTES,
  CELL_CAPACITY,
  CELL_CREATED,
  CELL_CREDITED,
  CELL_DESTROYED,
  CELL_LOADED,
  CELL_PROBED,
  CELL_SUMMED,
  CELL_WARM,
  CELL_WAS_EMPTY,
  DATA_NONCE,
  ENGINE_CELLS_FULL,
  ENGINE_JOURNAL_FULL,
  ENGINE_LOGS_FULL,
  H_KEY_CAPACITY,
  J_CELL,
  J_KIND,
  J_NONCE,
  J_VALUE,
  JOURNAL_BYTES,
  JOURNAL_ENTRIES,
  KIND_ACCOUNT,
  KIND_SLOT,
  L_ADDRESS,
  L_LENGTH,
  L_TOPICS,
  LOG_BYTES,
  LOG_HEAD,
  R_KIND,
  R_OWNER,
  W_CELLS,
  W_EPOCH,
  W_INDEX,
  W_JOURNAL,
  W_LOGS,
  X_EXTRA,
  X_FLAGS,
  X_KEY,
  X_NONCE,
  X_ORIGINAL,
  X_ORIGINAL_NONCE,
  X_SOURCE,
  X_VALUE,
} from './layout';
import { add, subtract } from './u256';
import { blocker, noteReader, probe, resolve, resolvedSum } from './versions';
import { clear, copyBytes, copyWord, isEqual, isZero, reverseWord, setZero } from './words';

let worker: usize = 0;
let cells: usize = 0;
let cellsEnd: usize = 0;
let nextCell: usize = 0;
let index: usize = 0;
let epoch: u32 = 0;
let journal: usize = 0;
let journalTop: usize = 0;
let journalEnd: usize = 0;
let logs: usize = 0;
let logTop: usize = 0;
let logCount: u32 = 0;
let refund: i64 = 0;
/** Parallel runs: the transaction that this worker executes (number + 1). Then values come from versions. */
let running: u32 = 0;

export function runAs(transaction: u32): void {
  running = transaction;
}

export function attachState(base: usize): void {
  worker = base;
  epoch = load<u32>(worker, W_EPOCH);
  cells = worker + W_CELLS;
  cellsEnd = cells + (CELL_CAPACITY - 1) * CELL_BYTES;
  index = worker + W_INDEX;
  journal = worker + W_JOURNAL;
  journalEnd = journal + (JOURNAL_ENTRIES - 1) * JOURNAL_BYTES;
  logs = worker + W_LOGS;
}

export function resetState(): void {
  if (++epoch == 0) {
    // After 2^32 transactions old entries would look new.
    memory.fill(index, 0, <usize>load<u32>(H_KEY_CAPACITY) << 3);
    epoch = 1;
  }
  store<u32>(worker, epoch, W_EPOCH);
  nextCell = cells;
  journalTop = journal;
  logTop = logs;
  logCount = 0;
  refund = 0;
}

// ------------------------------------------------------------------------------------------------------- cells

/** The transaction's cell of a key, made at the first touch; its value is not read yet. */
// @ts-ignore: decorator
@inline
export function cellOf(key: u32): usize {
  const entry = index + ((<usize>key) << 3);
  return load<u32>(entry) == epoch ? <usize>load<u32>(entry, 4) : newCell(key, entry);
}

function newCell(key: u32, entry: usize): usize {
  const cell = nextCell;
  if (cell < cellsEnd) nextCell = cell + CELL_BYTES;
  else fail(ENGINE_CELLS_FULL);
  clear(cell, CELL_BYTES);
  store<u32>(cell, key, X_KEY);
  store<u32>(entry, epoch);
  store<u32>(entry, <u32>cell, 4);
  return cell;
}

/** The cell with its value read: from here on the transaction depends on the key. */
// @ts-ignore: decorator
@inline
export function loadedCell(key: u32): usize {
  const cell = cellOf(key);
  if ((load<u32>(cell, X_FLAGS) & CELL_LOADED) == 0) loadCell(key, cell);
  return cell;
}

function loadCell(key: u32, cell: usize): void {
  if (running != 0) readVersion(key, cell);
  else readBase(key, cell);
  copyWord(cell + X_ORIGINAL, cell + X_VALUE);
  store<u64>(cell, load<u64>(cell, X_NONCE), X_ORIGINAL_NONCE);
  const flags = load<u32>(cell, X_FLAGS);
  if (flags & CELL_CREDITED) add(cell + X_VALUE, cell + X_VALUE, cell + X_EXTRA);
  store<u32>(cell, flags | CELL_LOADED, X_FLAGS);
}

function readVersion(key: u32, cell: usize): void {
  noteReader(key, running - 1);
  const at = resolve(key, running - 1);
  if (at == 0) {
    stopFor(blocker);
    return;
  }
  copyWord(cell + X_VALUE, at);
  store<u64>(cell, load<u64>(at, DATA_NONCE), X_NONCE);
  store<u32>(cell, <u32>at, X_SOURCE);
  if (resolvedSum) store<u32>(cell, load<u32>(cell, X_FLAGS) | CELL_SUMMED, X_FLAGS);
}

/** Where the cells of the transaction lie: what it has read and changed. */
export function firstCell(): usize {
  return cells;
}

export function endOfCells(): usize {
  return nextCell;
}

// ------------------------------------------------------------------------------------------------------- journal

const UNDO_VALUE: u32 = 0;
const UNDO_NONCE: u32 = 1;
const UNDO_FLAGS: u32 = 2;
const UNDO_EXTRA: u32 = 3;

function record(cell: usize, kind: u32): usize {
  const entry = journalTop;
  if (entry < journalEnd) journalTop = entry + JOURNAL_BYTES;
  else fail(ENGINE_JOURNAL_FULL);
  store<u32>(entry, <u32>cell, J_CELL);
  store<u32>(entry, kind, J_KIND);
  return entry;
}

// @ts-ignore: decorator
@inline
function recordValue(cell: usize): void {
  copyWord(record(cell, UNDO_VALUE) + J_VALUE, cell + X_VALUE);
}

function addFlag(cell: usize, flag: u32): void {
  const flags = load<u32>(cell, X_FLAGS);
  store<u64>(record(cell, UNDO_FLAGS), <u64>flag, J_NONCE);
  store<u32>(cell, flags | flag, X_FLAGS);
}

function undo(entry: usize): void {
  const cell: usize = load<u32>(entry, J_CELL);
  switch (load<u32>(entry, J_KIND)) {
    case UNDO_VALUE:
      copyWord(cell + X_VALUE, entry + J_VALUE);
      break;
    case UNDO_NONCE:
      store<u64>(cell, load<u64>(entry, J_NONCE), X_NONCE);
      break;
    case UNDO_FLAGS:
      store<u32>(cell, load<u32>(cell, X_FLAGS) & ~load<u32>(entry, J_NONCE), X_FLAGS);
      break;
    default:
      undoExtra(cell, entry);
  }
}

function undoExtra(cell: usize, entry: usize): void {
  copyWord(cell + X_EXTRA, entry + J_VALUE);
  // A balance read after the credit holds it: all later changes are undone already, so this is the value then.
  if ((load<u32>(cell, X_FLAGS) & (CELL_CREDITED | CELL_LOADED)) == (CELL_CREDITED | CELL_LOADED)) {
    add(cell + X_VALUE, cell + X_ORIGINAL, cell + X_EXTRA);
  }
}

/** Where execution returns to on a revert: journal and logs; the refund is the caller's to keep. */
// @ts-ignore: decorator
@inline
export function journalMark(): usize {
  return journalTop;
}

// @ts-ignore: decorator
@inline
export function logMark(): usize {
  return logTop;
}

// @ts-ignore: decorator
@inline
export function logsSoFar(): u32 {
  return logCount;
}

export function revertTo(journalAt: usize, logAt: usize, logsAt: u32, refundAt: i64): void {
  while (journalTop > journalAt) {
    journalTop -= JOURNAL_BYTES;
    undo(journalTop);
  }
  logTop = logAt;
  logCount = logsAt;
  refund = refundAt;
}

// ------------------------------------------------------------------------------------------------------- access costs

/** EIP-2929: the cost of touching an account, which is warm from here on. */
export function touchAccount(account: u32): i64 {
  const cell = cellOf(account);
  if (load<u32>(cell, X_FLAGS) & CELL_WARM) return WARM;
  addFlag(cell, CELL_WARM);
  return COLD_ACCOUNT;
}

/** Whether the slot was cold; it is warm from here on. */
export function touchSlot(cell: usize): bool {
  if (load<u32>(cell, X_FLAGS) & CELL_WARM) return false;
  addFlag(cell, CELL_WARM);
  return true;
}

export function slotCost(cell: usize): i64 {
  return touchSlot(cell) ? COLD_SLOT : WARM;
}

/** Warms a key for the whole transaction. */
export function warm(key: u32): void {
  const cell = cellOf(key);
  store<u32>(cell, load<u32>(cell, X_FLAGS) | CELL_WARM, X_FLAGS);
}

// ------------------------------------------------------------------------------------------------------- accounts

/** Where the account's balance lies. */
// @ts-ignore: decorator
@inline
export function balanceOf(account: u32): usize {
  return loadedCell(account) + X_VALUE;
}

// @ts-ignore: decorator
@inline
export function nonceOf(account: u32): u64 {
  return load<u64>(loadedCell(account), X_NONCE);
}

/** The number of the account's code. */
// @ts-ignore: decorator
@inline
export function codeOf(account: u32): u32 {
  return load<u32>(loadedCell(codeKeyOf(account)), X_VALUE);
}

/** EIP-161. */
export function isEmptyAccount(account: u32): bool {
  if (running != 0 && (load<u32>(cellOf(account), X_FLAGS) & CELL_LOADED) == 0) return probedEmpty(account);
  const cell = loadedCell(account);
  return load<u64>(cell, X_NONCE) == 0 && isZero(cell + X_VALUE) && codeOf(account) == 0;
}

/** Asks only whether the balance is zero, not what it is: credits of others don't change the answer. */
function probedEmpty(account: u32): bool {
  const cell = cellOf(account);
  let flags = load<u32>(cell, X_FLAGS);
  if (flags & CELL_CREDITED && !isZero(cell + X_EXTRA)) return false;
  if ((flags & CELL_PROBED) == 0) {
    noteReader(account, running - 1);
    const answer = probe(account, running - 1);
    if (answer < 0) {
      stopFor(blocker);
      return false;
    }
    flags |= CELL_PROBED | (answer == 1 ? CELL_WAS_EMPTY : 0);
    store<u32>(cell, flags, X_FLAGS);
  }
  return (flags & CELL_WAS_EMPTY) != 0 && codeOf(account) == 0;
}

export function setNonce(account: u32, nonce: u64): void {
  const cell = loadedCell(account);
  store<u64>(record(cell, UNDO_NONCE), load<u64>(cell, X_NONCE), J_NONCE);
  store<u64>(cell, nonce, X_NONCE);
}

export function setCode(account: u32, code: u32): void {
  const cell = loadedCell(codeKeyOf(account));
  recordValue(cell);
  store<u32>(cell, code, X_VALUE);
}

/** Adds to a balance. Where the balance was not read, it stays unread: such credits commute between transactions. */
export function credit(account: u32, amount: usize): void {
  if (isZero(amount)) return;
  const cell = cellOf(account);
  const flags = load<u32>(cell, X_FLAGS);
  if (flags & CELL_LOADED) {
    recordValue(cell);
    add(cell + X_VALUE, cell + X_VALUE, amount);
    return;
  }
  copyWord(record(cell, UNDO_EXTRA) + J_VALUE, cell + X_EXTRA);
  add(cell + X_EXTRA, cell + X_EXTRA, amount);
  store<u32>(cell, flags | CELL_CREDITED, X_FLAGS);
}

/** Takes from a balance that is known to suffice. */
export function debit(account: u32, amount: usize): void {
  if (isZero(amount)) return;
  const cell = loadedCell(account);
  recordValue(cell);
  subtract(cell + X_VALUE, cell + X_VALUE, amount);
}

export function zeroBalance(account: u32): void {
  const cell = loadedCell(account);
  recordValue(cell);
  setZero(cell + X_VALUE);
}

export function markCreated(account: u32): void {
  addFlag(cellOf(account), CELL_CREATED);
}

export function isCreated(account: u32): bool {
  return (load<u32>(cellOf(account), X_FLAGS) & CELL_CREATED) != 0;
}

/** Whether it was not marked before. */
export function markDestroyed(account: u32): bool {
  const cell = cellOf(account);
  if (load<u32>(cell, X_FLAGS) & CELL_DESTROYED) return false;
  addFlag(cell, CELL_DESTROYED);
  return true;
}

// ------------------------------------------------------------------------------------------------------- slots

export function setSlot(cell: usize, value: usize): void {
  recordValue(cell);
  copyWord(cell + X_VALUE, value);
}

export function setTransient(cell: usize, value: usize): void {
  copyWord(record(cell, UNDO_EXTRA) + J_VALUE, cell + X_EXTRA);
  copyWord(cell + X_EXTRA, value);
}

// ------------------------------------------------------------------------------------------------------- refund, logs

// @ts-ignore: decorator
@inline
export function addRefund(gas: i64): void {
  refund += gas;
}

// @ts-ignore: decorator
@inline
export function refundSoFar(): i64 {
  return refund;
}

/** `topics` points to the first topic on the stack; the next ones lie below it. */
export function appendLog(address: usize, topics: usize, count: u32, data: usize, length: usize): void {
  const size = LOG_HEAD + ((<usize>count) << 5) + ((length + 15) & ~15);
  if (logTop + size > logs + LOG_BYTES) {
    fail(ENGINE_LOGS_FULL);
    return;
  }
  const log = logTop;
  store<u32>(log, count, L_TOPICS);
  store<u32>(log, <u32>length, L_LENGTH);
  store<u64>(log, 0, 8);
  reverseWord(log + L_ADDRESS, address);
  let at = log + LOG_HEAD;
  for (let i: u32 = 0; i < count; i++) {
    reverseWord(at, topics - ((<usize>i) << 5));
    at += 32;
  }
  if (length != 0) v128.store(at + ((length - 1) & ~15), i64x2.splat(0));
  copyBytes(at, data, length);
  logTop = log + size;
  logCount++;
}

export function logsStart(): usize {
  return logs;
}

// ------------------------------------------------------------------------------------------------------- end

/** Deletes what was marked: from Cancun on only accounts of this same transaction are. */
export function deleteDestroyed(): void {
  const end = nextCell;
  for (let cell = cells; cell < end; cell += CELL_BYTES) {
    if ((load<u32>(cell, X_FLAGS) & CELL_DESTROYED) == 0) continue;
    const account = load<u32>(cell, X_KEY);
    loadedCell(account);
    setZero(cell + X_VALUE);
    store<u64>(cell, 0, X_NONCE);
    setZero(loadedCell(codeKeyOf(account)) + X_VALUE);
    for (let slot = cells; slot < end; slot += CELL_BYTES) {
      const slotRecord = recordOf(load<u32>(slot, X_KEY));
      if (load<u32>(slotRecord, R_KIND) != KIND_SLOT || load<u32>(slotRecord, R_OWNER) != account) continue;
      copyWord(slot + X_VALUE, slot + X_ORIGINAL);
    }
  }
}

/** Hands every changed key to the base: the one place where a transaction's effects leave it. */
export function commitCells(fork: u32): void {
  for (let cell = cells; cell < nextCell; cell += CELL_BYTES) {
    const key = load<u32>(cell, X_KEY);
    const flags = load<u32>(cell, X_FLAGS);
    if (flags & CELL_LOADED) {
      const nonce = load<u64>(cell, X_NONCE);
      if (nonce != load<u64>(cell, X_ORIGINAL_NONCE) || !isEqual(cell + X_VALUE, cell + X_ORIGINAL)) {
        commitValue(key, cell + X_VALUE, nonce);
      }
    } else if (flags & CELL_CREDITED && !isZero(cell + X_EXTRA)) {
      commitCredit(key, cell + X_EXTRA);
    }
  }
  if (fork < CANCUN) commitDestroyed();
}

/** Whether an account goes with its storage, which other transactions may read slot by slot. */
export function destroysStorage(): bool {
  for (let cell = cells; cell < nextCell; cell += CELL_BYTES) {
    if (load<u32>(cell, X_FLAGS) & CELL_DESTROYED) return true;
  }
  return false;
}

function commitDestroyed(): void {
  for (let cell = cells; cell < nextCell; cell += CELL_BYTES) {
    if ((load<u32>(cell, X_FLAGS) & CELL_DESTROYED) == 0) continue;
    const account = load<u32>(cell, X_KEY);
    if (load<u32>(recordOf(account), R_KIND) == KIND_ACCOUNT) commitClearedStorage(account);
  }
}
