// The task loop of a worker: one call a block. Workers pick transactions themselves until all are committed, then share
// what is left to do for the block. The thread that has prepared the run leads it: it is in it from the start, works like the
// others, and leaves last; whoever comes before it has ended helps.
import { commitValue } from './base';
import { clearBlooms, computeBlooms, joinBlooms } from './blooms';
import { clearFailure, failure, stopped } from './failure';
import { CANCUN } from './gas';
import { recordOf } from './keys';
import {
  B_FEE_RECIPIENT_KEY,
  B_FORK,
  B_GAS_USED,
  DATA_NONCE,
  H_WORKER_BASE,
  H_WORKER_BYTES,
  H_WORKERS,
  OUTCOME_ABORTED,
  OUTCOME_DONE,
  OUTCOME_FULL,
  OUTCOME_SERIAL,
  OUTCOME_STALLED,
  P_NEEDS_ORDER,
  R_NEXT_WRITTEN,
  R_VALUE,
  RECEIPT_BYTES,
  RUN_ACTIVE,
  RUN_BLOOMS,
  RUN_CLOSED,
  RUN_COUNT,
  RUN_FEES,
  RUN_FRONTIER,
  RUN_GAS_USED,
  RUN_JOINED,
  RUN_OUTCOME,
  RUN_RECEIPTS,
  RUN_SIGNAL,
  RUN_SLEEPERS,
  RUN_TRANSACTIONS,
  RUN_VALIDATION,
  RUN_WAIT_LIMIT,
  S_READS,
  T_PREVIOUS,
  TRANSACTION_BYTES,
  W_EXECUTIONS,
  W_INSIDE,
  W_WRITTEN,
  WAIT_NS,
} from './layout';
import { dropArena } from './memory';
import { HEAP_FULL, publish } from './outcome';
import { claimReady, enterReady, wake } from './ready';
import {
  attempts,
  beginExecution,
  commitFrom,
  commitReady,
  endRun,
  enterSchedule,
  finishExecution,
  hasExecuted,
  leaveToOne,
  stateOf,
  suspend,
  tally,
  validateBetween,
  validateEarly,
  validateNext,
} from './schedule';
import { runSequential } from './sequential';
import { destroysStorage, runAs } from './state';
import { performTransaction } from './transaction';
import { enterVersions, isSameData, resolve } from './versions';

/** Looks before a worker without work goes to sleep: about as long as waking it would take. */
const SPINS: i32 = 2000;
const TIMED_OUT: i32 = 2;
/** Of the thread that leads: waits without progress before it looks after the others. */
const PATIENCE: u32 = 16;
/** Executions while this worker slept for WAIT_NS: so many that none of them is a long one. */
const CHAIN_LENGTH: u32 = 16;
const BLOOMS_AT_ONCE: u32 = 16;

let worker: usize = 0;
let transactions: usize = 0;
let receipts: usize = 0;
let idleWaits: u32 = 0;

export function attachParallel(base: usize): void {
  worker = base;
}

/** Works on a run until it has ended. Nothing happens where it is over, or the one in memory is another. */
export function runWorker(run: u32): void {
  if (!enter(run)) return;
  takePart();
  work(u32.MAX_VALUE);
  atomic.or<u64>(RUN_ACTIVE, RUN_CLOSED);
  if (atomic.load<u32>(RUN_OUTCOME) == OUTCOME_DONE) finishShare();
  leave();
}

/**
 * Works on the prepared run until its outcome is known, and answers it; or 0 after a while without anything to do, in which
 * nobody has come further: then the caller looks after the others, and calls again.
 */
export function leadRun(): u32 {
  takePart();
  if (!work(PATIENCE)) return 0;
  atomic.or<u64>(RUN_ACTIVE, RUN_CLOSED);
  const outcome = atomic.load<u32>(RUN_OUTCOME);
  if (outcome == OUTCOME_DONE) finishShare();
  return outcome;
}

/**
 * Waits until all others have left the run, and does the rest where it is to go on in order: then the memory is the caller's
 * alone. Answers the outcome; or 0 after a while in which somebody was still there, as leadRun does.
 */
export function closeRun(): u32 {
  atomic.or<u64>(RUN_ACTIVE, RUN_CLOSED);
  if (!waitForOthers()) return 0;
  atomic.sub<u64>(RUN_ACTIVE, 1);
  if (atomic.load<u32>(RUN_OUTCOME) == OUTCOME_SERIAL) continueInOrder();
  return atomic.load<u32>(RUN_OUTCOME);
}

/** Ends and closes the run, whatever it has come to: that is void. The caller's instance is as outside of runs. */
export function giveUpRun(): void {
  atomic.or<u64>(RUN_ACTIVE, RUN_CLOSED);
  atomic.store<u32>(RUN_OUTCOME, OUTCOME_ABORTED);
  wake(u32.MAX_VALUE);
  runAs(0);
}

/** The number of the run and the door are one word: who has seen this run open enters this run, or has to look again. */
function enter(run: u32): bool {
  // Before it is in: who dies in between is taken for one that was.
  atomic.store<u32>(worker + W_INSIDE, run);
  while (true) {
    const active = atomic.load<u64>(RUN_ACTIVE);
    if (<u32>(active >> 32) != run || (<u32>active & RUN_CLOSED) != 0) {
      atomic.store<u32>(worker + W_INSIDE, 0);
      return false;
    }
    if (atomic.cmpxchg<u64>(RUN_ACTIVE, active, active + 1) == active) break;
  }
  atomic.add<u32>(RUN_JOINED, 1);
  return true;
}

function takePart(): void {
  transactions = load<u32>(RUN_TRANSACTIONS);
  receipts = load<u32>(RUN_RECEIPTS);
  idleWaits = 0;
  dropArena();
  clearBlooms();
  enterVersions();
  enterReady();
  enterSchedule();
}

/** Until the run has an outcome. False where nothing happened in `patience` waits. */
function work(patience: u32): bool {
  while (atomic.load<u32>(RUN_OUTCOME) == 0) {
    const signal = atomic.load<u32>(RUN_SIGNAL);
    if (validateNext()) continue;
    const claimed = claimReady();
    if (claimed != 0) executeClaimed(claimed - 1);
    else waitForWork(signal);
    if (idleWaits > patience) return false;
  }
  runAs(0);
  return true;
}

// ------------------------------------------------------------------------------------------------------- executing

function executeClaimed(tx: u32): void {
  const transaction = transactions + <usize>tx * TRANSACTION_BYTES;
  const previous = load<u32>(transaction, T_PREVIOUS);
  beginExecution(tx);
  while (true) {
    // The nonce of the same sender's last transaction is sure to be needed.
    if (previous != 0 && !hasExecuted(previous - 1)) {
      if (suspend(tx, previous - 1, false)) return;
    } else if (execute(tx, transaction)) {
      commitFrom(tx);
      return;
    } else if (atomic.load<u32>(RUN_OUTCOME) != 0 || suspend(tx, stopped - 1, true)) {
      return;
    }
  }
}

/** False where it met a value that is yet to come. */
function execute(tx: u32, transaction: usize): bool {
  const receipt = receipts + <usize>tx * RECEIPT_BYTES;
  const range = atomic.load<u64>(RUN_VALIDATION);
  runAs(tx + 1);
  const error = performTransaction(transaction, receipt);
  if (stopped != 0) return false;
  tally(W_EXECUTIONS);
  if (error == 0 && load<u32>(B_FORK) < CANCUN && destroysStorage()) store<u32>(receipt, 1, P_NEEDS_ORDER);
  const isFirst = load<u32>(stateOf(tx), S_READS) == 0;
  const end = publish(tx, error == 0);
  if (end == HEAP_FULL) {
    endRun(OUTCOME_FULL);
    return true;
  }
  finishExecution(tx, isFirst);
  if (end != 0) validateBetween(tx + 1, end);
  // A write that came while it was executing found nothing to validate.
  if (atomic.load<u64>(RUN_VALIDATION) != range) validateEarly(tx);
  return true;
}

// ------------------------------------------------------------------------------------------------------- waiting

/** Nothing was there to do when the signal was `signal`: waits for another. */
function waitForWork(signal: u32): void {
  commitReady();
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<u32>(RUN_SIGNAL) != signal || atomic.load<u32>(RUN_OUTCOME) != 0) return;
  }
  const sleepers = atomic.add<u32>(RUN_SLEEPERS, 1) + 1;
  const frontier = atomic.load<u32>(RUN_FRONTIER);
  const executed = attempts();
  const how = atomic.wait<u32>(RUN_SIGNAL, signal, WAIT_NS);
  atomic.sub<u32>(RUN_SLEEPERS, 1);
  if (how == TIMED_OUT) watchProgress(frontier, executed, sleepers);
}

/**
 * After a sleep in which nothing was to do: whether one worker alone went on, or nobody did, because a worker is gone or
 * hangs.
 */
function watchProgress(before: u32, executed: u32, sleepers: u32): void {
  const frontier = atomic.load<u32>(RUN_FRONTIER);
  const workers = atomic.load<u32>(RUN_ACTIVE) & ~RUN_CLOSED;
  if (attempts() - executed >= CHAIN_LENGTH && sleepers + 1 >= workers) leaveToOne();
  idleWaits = frontier == before ? idleWaits + 1 : 0;
  if (idleWaits > load<u32>(RUN_WAIT_LIMIT)) endRun(OUTCOME_STALLED);
}

// ------------------------------------------------------------------------------------------------------- ending

/** This worker's share of what comes after the last commit. */
function finishShare(): void {
  const count = load<u32>(RUN_COUNT);
  settleWritten(worker, count);
  if (atomic.xchg<u32>(RUN_FEES, 1) == 0) settleKey(load<u32>(B_FEE_RECIPIENT_KEY), count);
  clearFailure();
  while (true) {
    const first = atomic.add<u32>(RUN_BLOOMS, BLOOMS_AT_ONCE);
    if (first >= count) break;
    computeBlooms(receipts + <usize>first * RECEIPT_BYTES, min(BLOOMS_AT_ONCE, count - first));
  }
  joinBlooms();
  refuseFullHeap();
}

/** Where there was no room for a bloom, the run has come to nothing. */
function refuseFullHeap(): void {
  if (failure() != 0) atomic.store<u32>(RUN_OUTCOME, OUTCOME_FULL);
}

function regionOf(owner: u32): usize {
  return <usize>load<u32>(H_WORKER_BASE) + <usize>owner * <usize>load<u32>(H_WORKER_BYTES);
}

/** Gives the keys that a worker was the first to write the value that they have before transaction `end`. */
function settleWritten(owner: usize, end: u32): void {
  const feeKey = load<u32>(B_FEE_RECIPIENT_KEY);
  for (let key = load<u32>(owner, W_WRITTEN); key != 0; key = load<u32>(recordOf(key), R_NEXT_WRITTEN)) {
    if (key != feeKey) settleKey(key, end);
  }
}

function settleKey(key: u32, end: u32): void {
  const at = resolve(key, end);
  if (!isSameData(at, recordOf(key) + R_VALUE)) commitValue(key, at, load<u64>(at, DATA_NONCE));
}

/** From here on the memory of the run may be the next one's: nothing follows but the worker's own word. */
function leave(): void {
  atomic.sub<u64>(RUN_ACTIVE, 1);
  atomic.notify(RUN_ACTIVE, 1);
  atomic.store<u32>(worker + W_INSIDE, 0);
}

/** Until this thread alone is in the run. False where others still were after a while. */
function waitForOthers(): bool {
  let spins: i32 = 0;
  let waits: u32 = 0;
  while (waits <= PATIENCE) {
    const active = atomic.load<u32>(RUN_ACTIVE);
    if (active == (RUN_CLOSED | 1)) return true;
    if (++spins > SPINS && atomic.wait<u32>(RUN_ACTIVE, active, WAIT_NS) == TIMED_OUT) waits++;
  }
  return false;
}

function continueInOrder(): void {
  const frontier = load<u32>(RUN_FRONTIER);
  for (let i: u32 = 0; i < load<u32>(H_WORKERS); i++) settleWritten(regionOf(i), frontier);
  settleKey(load<u32>(B_FEE_RECIPIENT_KEY), frontier);
  store<u64>(B_GAS_USED, load<u64>(RUN_GAS_USED));
  const count = load<u32>(RUN_COUNT);
  const done = runSequential(
    transactions + <usize>frontier * TRANSACTION_BYTES,
    count - frontier,
    receipts + <usize>frontier * RECEIPT_BYTES,
  );
  if (done != count - frontier) return;
  clearFailure();
  computeBlooms(receipts, count);
  joinBlooms();
  refuseFullHeap();
}
