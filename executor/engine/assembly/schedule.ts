// Block-STM: who may execute what, who waits for whom, what must be validated, what is committed. It knows indices,
// incarnations and statuses; values are the business of versions.ts and outcome.ts.
import { addReady, wake } from './ready';
import { markEstimates, validate } from './outcome';
import {
  H_WORKER_BASE,
  H_WORKER_BYTES,
  H_WORKERS,
  INVALID_BLOCK_GAS,
  OUTCOME_DONE,
  OUTCOME_INVALID,
  OUTCOME_SERIAL,
  P_ERROR,
  P_GAS_USED,
  P_NEEDS_ORDER,
  RECEIPT_BYTES,
  RUN_COMMIT_LOCK,
  RUN_COUNT,
  RUN_FRONTIER,
  RUN_GAS_USED,
  RUN_OUTCOME,
  RUN_RECEIPTS,
  RUN_STATES,
  RUN_TRANSACTIONS,
  RUN_VALIDATION,
  RUN_WAITING,
  RUN_WAITING_OFFSETS,
  RUN_WASTE,
  RUN_WASTE_LIMIT,
  S_BLOCKERS,
  S_DEPENDENTS,
  S_NEXT,
  STATE_SHIFT,
  TRANSACTION_BYTES,
  W_ABORTS,
  W_EXECUTIONS,
  W_SUSPENSIONS,
  W_VALIDATIONS,
} from './layout';
import { fitsBlock } from './sequential';
import {
  ABORTING,
  BLOCKED,
  COMMITTED,
  EXECUTED,
  EXECUTING,
  isExecuted,
  NEXT_INCARNATION,
  READY,
  stateIn,
  withState,
} from './status';

/** In place of the first dependent: the transaction is executed, nobody need wait. */
const DEPENDENTS_CLOSED: u32 = u32.MAX_VALUE;
/** Waste that is no reason to give up yet. */
const LEAST_WASTE: u32 = 24;
/** Of what is not committed, at most one in so many may be executed for one thread to do the rest. */
const LEAST_LEFT: i32 = 4;

let worker: usize = 0;
let states: usize = 0;
let count: u32 = 0;
let wasteLimit: u32 = 0;

export function attachSchedule(base: usize): void {
  worker = base;
}

export function enterSchedule(): void {
  states = load<u32>(RUN_STATES);
  count = load<u32>(RUN_COUNT);
  wasteLimit = load<u32>(RUN_WASTE_LIMIT);
}

// @ts-ignore: decorator
@inline
export function stateOf(tx: u32): usize {
  return states + ((<usize>tx) << STATE_SHIFT);
}

// @ts-ignore: decorator
@inline
export function tally(counter: usize): void {
  store<u32>(worker + counter, load<u32>(worker + counter) + 1);
}

// ------------------------------------------------------------------------------------------------------- executing

/** READY → EXECUTING. The caller has claimed the transaction's bit. */
export function beginExecution(tx: u32): void {
  const state = stateOf(tx);
  atomic.store<u32>(state, withState(atomic.load<u32>(state), EXECUTING));
}

/** EXECUTING → EXECUTED, once its versions are written. Releases all that waited for it. */
export function finishExecution(tx: u32, isFirst: bool): void {
  const state = stateOf(tx);
  // The door first: once it is EXECUTED somebody may abort it, and open the door again.
  let dependent = atomic.xchg<u32>(state + S_DEPENDENTS, DEPENDENTS_CLOSED);
  atomic.store<u32>(state, withState(load<u32>(state), EXECUTED));
  let released: u32 = 0;
  while (dependent != 0 && dependent != DEPENDENTS_CLOSED) {
    const waiting = stateOf(dependent - 1);
    const next = load<u32>(waiting, S_NEXT);
    release(dependent - 1);
    dependent = next;
    released++;
  }
  if (isFirst && load<u32>(RUN_WAITING_OFFSETS) != 0) released += releasePlanned(tx);
  if (released > 1) wake(released - 1);
}

/** BLOCKED → READY. */
function release(tx: u32): void {
  const state = stateOf(tx);
  atomic.store<u32>(state, withState(load<u32>(state), READY));
  addReady(tx);
}

/** Those that the plan lets wait for it: how many became ready. */
function releasePlanned(tx: u32): u32 {
  let released: u32 = 0;
  const offsets: usize = <usize>load<u32>(RUN_WAITING_OFFSETS) + ((<usize>tx) << 2);
  const end = load<u32>(offsets, 4);
  for (let i = load<u32>(offsets); i < end; i++) {
    const waiting = load<u32>(<usize>load<u32>(RUN_WAITING) + ((<usize>i) << 2));
    if (atomic.sub<u32>(stateOf(waiting) + S_BLOCKERS, 1) != 1) continue;
    addReady(waiting);
    released++;
  }
  return released;
}

/**
 * EXECUTING → BLOCKED until `blocker` is executed. False, and still EXECUTING, where it is already: then the caller
 * executes again. `wasted` says that something was executed before it met the obstacle.
 */
export function suspend(tx: u32, blocker: u32, wasted: bool): bool {
  const state = stateOf(tx);
  const list = stateOf(blocker) + S_DEPENDENTS;
  if (wasted) {
    tally(W_SUSPENSIONS);
    countWaste();
  }
  atomic.store<u32>(state, withState(load<u32>(state), BLOCKED));
  while (true) {
    const first = atomic.load<u32>(list);
    if (first == DEPENDENTS_CLOSED) break;
    store<u32>(state, first, S_NEXT);
    if (atomic.cmpxchg<u32>(list, first, tx + 1) == first) return true;
  }
  beginExecution(tx);
  return false;
}

/** Whether a transaction is executed for now. */
export function hasExecuted(tx: u32): bool {
  return isExecuted(atomic.load<u32>(stateOf(tx)));
}

// ------------------------------------------------------------------------------------------------------- validating

/** Asks for the validation of the transactions from `from` to `to` − 1. */
export function validateBetween(from: u32, to: u32): void {
  while (true) {
    const range = atomic.load<u64>(RUN_VALIDATION);
    const start = <u32>range;
    const end = <u32>(range >> 32);
    const idle = start >= end;
    const next = (<u64>(idle ? to : max(end, to)) << 32) | <u64>(idle ? from : min(start, from));
    if (next == range || atomic.cmpxchg<u64>(RUN_VALIDATION, range, next) == range) return;
  }
}

/** Validates the next transaction that a later write may have made wrong. False where there is none. */
export function validateNext(): bool {
  const range = atomic.load<u64>(RUN_VALIDATION);
  const start = max(<u32>range, atomic.load<u32>(RUN_FRONTIER));
  const end = <u32>(range >> 32);
  if (<u32>range >= end) return false;
  const next = (range & 0xffffffff00000000) | <u64>min(start + 1, end);
  if (atomic.cmpxchg<u64>(RUN_VALIDATION, range, next) != range) return true;
  if (start < end && stateIn(atomic.load<u32>(stateOf(start))) == EXECUTED) validateEarly(start);
  return true;
}

export function validateEarly(tx: u32): void {
  const status = atomic.load<u32>(stateOf(tx));
  if (stateIn(status) != EXECUTED) return;
  tally(W_VALIDATIONS);
  if (!validate(tx)) abort(tx, status);
}

/** EXECUTED → ABORTING → READY, where nobody else was faster. */
function abort(tx: u32, status: u32): void {
  const state = stateOf(tx);
  if (atomic.cmpxchg<u32>(state, status, withState(status, ABORTING)) != status) return;
  tally(W_ABORTS);
  countWaste();
  // First the door, then the marks: who meets a mark may wait.
  atomic.store<u32>(state + S_DEPENDENTS, 0);
  markEstimates(tx);
  atomic.store<u32>(state, withState(status + NEXT_INCARNATION, READY));
  addReady(tx);
  // Who aborts may be about to sleep.
  wake(1);
}

/**
 * Where so much of what was executed was in vain that the workers together do less than one alone would, one thread does the
 * rest. Not measured by what is committed: at the start of a run, and behind a long transaction, that is little.
 */
function countWaste(): void {
  const waste = atomic.add<u32>(RUN_WASTE, 1) + 1;
  if (wasteLimit == 0 || waste < LEAST_WASTE) return;
  if (<u64>waste * 100 > <u64>attempts() * <u64>wasteLimit) leaveToOne();
}

/** Executions so far, those included that stopped at a value that is yet to come. Others may be adding to it. */
export function attempts(): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < load<u32>(H_WORKERS); i++) {
    const region = <usize>load<u32>(H_WORKER_BASE) + <usize>i * <usize>load<u32>(H_WORKER_BYTES);
    sum += load<u32>(region, W_EXECUTIONS) + load<u32>(region, W_SUSPENSIONS);
  }
  return sum;
}

/**
 * One thread does the rest; unless that is not wanted, or much of the rest is executed already and waits to be committed: that
 * would be done again.
 */
export function leaveToOne(): void {
  if (wasteLimit == 0) return;
  const frontier = atomic.load<u32>(RUN_FRONTIER);
  const ahead = <i32>(attempts() - atomic.load<u32>(RUN_WASTE) - frontier);
  if (ahead * LEAST_LEFT <= <i32>(count - frontier)) endRun(OUTCOME_SERIAL);
}

// ------------------------------------------------------------------------------------------------------- committing

/** Ends the run, once: all workers leave when they next look. */
export function endRun(outcome: u32): void {
  atomic.cmpxchg<u32>(RUN_OUTCOME, 0, outcome);
  wake(u32.MAX_VALUE);
}

/** Commits from a transaction on that was just executed, where it is the first that is not committed. */
export function commitFrom(tx: u32): void {
  // Whoever commits the one before it looks at this one afterwards: one of the two sees the other's store.
  if (atomic.load<u32>(RUN_FRONTIER) == tx) commitReady();
}

/** Commits what can be, unless somebody else is at it. */
export function commitReady(): void {
  while (true) {
    if (atomic.load<u32>(RUN_COMMIT_LOCK) != 0 || atomic.cmpxchg<u32>(RUN_COMMIT_LOCK, 0, 1) != 0) return;
    const start = load<u32>(RUN_FRONTIER);
    let frontier = start;
    while (frontier < count && atomic.load<u32>(RUN_OUTCOME) == 0 && commit(frontier)) {
      frontier++;
      atomic.store<u32>(RUN_FRONTIER, frontier);
    }
    if (frontier == count) endRun(OUTCOME_DONE);
    atomic.store<u32>(RUN_COMMIT_LOCK, 0);
    // Who finished the next one since, and found the lock taken, relies on this second look.
    if (frontier == count || atomic.load<u32>(RUN_OUTCOME) != 0) return;
    if (stateIn(atomic.load<u32>(stateOf(frontier))) != EXECUTED) return;
  }
}

/**
 * EXECUTED → COMMITTED of the first that is not; or its abort. All before it are committed, so its check is final. False
 * where the run does not go on behind it.
 */
function commit(tx: u32): bool {
  const state = stateOf(tx);
  const status = atomic.load<u32>(state);
  if (stateIn(status) != EXECUTED) return false;
  tally(W_VALIDATIONS);
  if (!validate(tx)) {
    abort(tx, status);
    return false;
  }
  // Before its receipt is read: who found it wrong earlier on, and only now comes to abort it, would have it rewritten.
  if (atomic.cmpxchg<u32>(state, status, withState(status, COMMITTED)) != status) return false;
  const receipt = <usize>load<u32>(RUN_RECEIPTS) + <usize>tx * RECEIPT_BYTES;
  if (load<u32>(receipt, P_NEEDS_ORDER) != 0) {
    endRun(OUTCOME_SERIAL);
    return false;
  }
  const transaction = <usize>load<u32>(RUN_TRANSACTIONS) + <usize>tx * TRANSACTION_BYTES;
  if (!fitsBlock(transaction, load<u64>(RUN_GAS_USED))) store<u32>(receipt, INVALID_BLOCK_GAS, P_ERROR);
  if (load<u32>(receipt, P_ERROR) != 0) {
    endRun(OUTCOME_INVALID);
    return false;
  }
  store<u64>(RUN_GAS_USED, load<u64>(RUN_GAS_USED) + load<u64>(receipt, P_GAS_USED));
  return true;
}
