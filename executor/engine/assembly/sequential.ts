// One transaction after the other, straight on the committed state: no versions, nothing tracked.
import {
  B_BLOOM,
  B_GAS_LIMIT,
  B_GAS_USED,
  BLOOM_BYTES,
  INVALID_BLOCK_GAS,
  P_ERROR,
  P_GAS_USED,
  RECEIPT_BYTES,
  RECORDED,
  T_GAS_LIMIT,
  T_TYPE,
  TRANSACTION_BYTES,
} from './layout';
import { clearBlooms, computeBlooms, joinBlooms } from './blooms';
import { clear } from './words';
import { runTransaction } from './transaction';

/** Runs transactions up to the first that can't be run, whose receipt says why: how many were run. */
export function runSequential(transactions: usize, count: u32, receipts: usize): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const transaction = transactions + <usize>i * TRANSACTION_BYTES;
    const receipt = receipts + <usize>i * RECEIPT_BYTES;
    if (!fitsBlock(transaction, load<u64>(B_GAS_USED))) {
      clear(receipt, RECEIPT_BYTES);
      store<u32>(receipt, INVALID_BLOCK_GAS, P_ERROR);
      return i;
    }
    if (runTransaction(transaction, receipt) != 0) return i;
    store<u64>(B_GAS_USED, load<u64>(B_GAS_USED) + load<u64>(receipt, P_GAS_USED));
  }
  return count;
}

/** Whether the transaction's gas limit still fits the block behind transactions that used so much. */
export function fitsBlock(transaction: usize, usedGas: u64): bool {
  if (load<u32>(transaction, T_TYPE) == RECORDED) return true;
  return load<u64>(transaction, T_GAS_LIMIT) <= load<u64>(B_GAS_LIMIT) - usedGas;
}

/** The blooms of receipts and, of them all, the block's. */
export function bloomBlock(receipts: usize, count: u32): void {
  clear(B_BLOOM, BLOOM_BYTES);
  clearBlooms();
  computeBlooms(receipts, count);
  joinBlooms();
}
