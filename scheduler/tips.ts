import type { BlockHeader, Transaction } from '../types.js';

/** What a unit of gas of each transaction pays to the fee recipient, in wei, from 0 (EIP-1559). */
export function effectiveTipsWei(
  transactions: readonly Transaction[],
  { baseFeePerGasWei }: Pick<BlockHeader, 'baseFeePerGasWei'>,
): bigint[] {
  return transactions.map((transaction) => effectiveTipWei(transaction, baseFeePerGasWei ?? 0n));
}

function effectiveTipWei(transaction: Transaction, baseFeeWei: bigint): bigint {
  const { gasPriceWei, maxFeePerGasWei, maxPriorityFeePerGasWei } = transaction;
  const mostWei = (maxFeePerGasWei ?? gasPriceWei ?? 0n) - baseFeeWei;
  const tipWei = maxFeePerGasWei === null || maxPriorityFeePerGasWei === null ? mostWei : maxPriorityFeePerGasWei;
  const paidWei = tipWei < mostWei ? tipWei : mostWei;
  return paidWei > 0n ? paidWei : 0n;
}
