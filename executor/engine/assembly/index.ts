// The module's exports. Every worker instantiates it on the same memory; one lays the memory out, each attaches.
import { acceptBlock, commitCredit, rollBackBlock } from './base';
import { attachCalls } from './calls';
import { attachCode } from './code';
import { attachFailure } from './failure';
import { attachFrameMemory } from './frame-memory';
import { attachInterpreter } from './interpreter';
import { attachKeccak } from './keccak';
import { attachKeys, forgetKeys, internAccount, internSlot, recordOf } from './keys';
import {
  B_FEE_RECIPIENT,
  B_FEE_RECIPIENT_KEY,
  B_GAS_USED,
  H_KEY_CAPACITY,
  H_MEMORY_BYTES,
  H_WORKER_BASE,
  H_WORKER_BYTES,
  INVALID_BLOCK_GAS,
  P_ERROR,
  P_GAS_USED,
  RECEIPT_BYTES,
  TRANSACTION_BYTES,
  W_INDEX,
} from './layout';
import { resetHeap } from './memory';
import { attachPrecompiles } from './precompiles';
import { attachSha256 } from './sha256';
import { attachState } from './state';
import { attachTransactions, fitsBlock, runTransaction } from './transaction';
import { attachArithmetic } from './u256';

export { arithmetic } from './arithmetic-exports';
export { codeBytes, codeLength, codeRecord, internCode } from './code';
export { keccak256 } from './keccak';
export { allocate, allocateCode, layOut } from './memory';
export { runSystemCall, runTransaction } from './transaction';
export { acceptBlock, forgetKeys, internAccount, internSlot, recordOf, resetHeap, rollBackBlock };

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
}

/** Starts a block whose environment the host has written. Committed values of the block before stay. */
export function beginBlock(): void {
  acceptBlock();
  store<u64>(B_GAS_USED, 0);
  store<u32>(B_FEE_RECIPIENT_KEY, internAccount(B_FEE_RECIPIENT));
}

/** Runs transactions one after another up to the first that can't be run: how many were run. */
export function runSequential(transactions: usize, count: u32, receipts: usize): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const transaction = transactions + <usize>i * TRANSACTION_BYTES;
    const receipt = receipts + <usize>i * RECEIPT_BYTES;
    if (!fitsBlock(transaction)) {
      memory.fill(receipt, 0, RECEIPT_BYTES);
      store<u32>(receipt, INVALID_BLOCK_GAS, P_ERROR);
      return i;
    }
    if (runTransaction(transaction, receipt) != 0) return i;
    store<u64>(B_GAS_USED, load<u64>(B_GAS_USED) + load<u64>(receipt, P_GAS_USED));
  }
  return count;
}

/** Adds to a balance outside of transactions: withdrawals, block rewards. `address` and `amount` are words. */
export function creditAccount(address: usize, amount: usize): void {
  commitCredit(internAccount(address), amount);
}
