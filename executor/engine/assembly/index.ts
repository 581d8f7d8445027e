// The module's exports. Every worker instantiates it on the same memory; one lays the memory out, each attaches.
import { acceptBlock, commitCredit, forgetValues, offerAccount, rollBackBlock } from './base';
import { attachBlooms } from './blooms';
import { attachCalls } from './calls';
import { attachCode } from './code';
import { attachFailure } from './failure';
import { attachFrameMemory } from './frame-memory';
import { attachInterpreter } from './interpreter';
import { attachKeccak } from './keccak';
import { attachKeys, forgetKeys, findAccount, findSlot, internAccount, internSlot, recordOf } from './keys';
import {
  B_FEE_RECIPIENT,
  B_FEE_RECIPIENT_KEY,
  B_GAS_USED,
  H_KEY_CAPACITY,
  H_MEMORY_BYTES,
  H_WORKER_BASE,
  H_WORKER_BYTES,
  W_INDEX,
} from './layout';
import { dropArena, heapToMark, markHeap, resetHeap } from './memory';
import { attachParallel } from './parallel';
import { attachPrecompiles } from './precompiles';
import { attachRecorded } from './recorded';
import { attachSchedule } from './schedule';
import { attachSha256 } from './sha256';
import { attachState } from './state';
import { attachTransactions } from './transaction';
import { attachArithmetic } from './u256';
import { attachVersions } from './versions';

export { arithmetic } from './arithmetic-exports';
export { clearFailure, failure } from './failure';
export { codeBytes, codeLength, codeRecord, forgetCode, internCode } from './code';
export { keccak256 } from './keccak';
export { allocate, layOut } from './memory';
export { closeRun, giveUpRun, leadRun, runWorker } from './parallel';
export { prepareRun } from './prepare';
export { bloomBlock, runSequential } from './sequential';
export { runSystemCall } from './transaction';
export { findAccount, findSlot, forgetKeys, forgetValues, internAccount, internSlot, markHeap, recordOf, resetHeap };

/** Gives an instance only what tests of arithmetic and hashing need: 64 KiB at `base`. */
export function attachScratch(base: usize): void {
  attachKeccak(base);
  attachArithmetic(base);
}

/** Makes this instance the worker of that number. */
export function attach(worker: u32): void {
  const base = <usize>load<u32>(H_WORKER_BASE) + <usize>worker * <usize>load<u32>(H_WORKER_BYTES);
  const memory = base + W_INDEX + (<usize>load<u32>(H_KEY_CAPACITY) << 3);
  attachFailure(base);
  attachScratch(base);
  attachSha256(base);
  attachKeys();
  attachCode(base);
  attachState(base);
  attachPrecompiles(base);
  attachFrameMemory(memory + <usize>load<u32>(H_MEMORY_BYTES));
  attachCalls(base);
  attachInterpreter(base);
  attachTransactions(base, memory);
  attachRecorded(base);
  attachBlooms(base);
  attachVersions(base);
  attachSchedule(base);
  attachParallel(base);
}

/** Takes accounts of the base state, one after another; see offerAccount. */
export function offerAccounts(at: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) at = offerAccount(at);
}

/** Starts a block whose environment the host has written. Committed values of the block before stay. */
export function beginBlock(): void {
  acceptBlock();
  store<u64>(B_GAS_USED, 0);
  store<u32>(B_FEE_RECIPIENT_KEY, internAccount(B_FEE_RECIPIENT));
}

/** Undoes what the block did, so that the same transactions can run again. */
export function rewindBlock(): void {
  rollBackBlock();
  heapToMark();
  dropArena();
  store<u64>(B_GAS_USED, 0);
}

/** Adds to a balance outside of transactions: withdrawals, block rewards. `address` and `amount` are words. */
export function creditAccount(address: usize, amount: usize): void {
  commitCredit(internAccount(address), amount);
}
