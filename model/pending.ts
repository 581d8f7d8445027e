import type { PendingBlock } from '../scheduler/predictor.js';
import type { Address, BlockRecord, Hash } from '../types.js';

/**
 * What was known of a recorded block before its execution: its transactions, and the code of their recipients (one look-up in
 * the state each). Code that the block itself created or changed is left out.
 */
export function pendingOf({ chainId, header, transactions, codeHashes }: BlockRecord): PendingBlock {
  const changed = new Set(
    transactions.flatMap(({ accesses }) =>
      accesses.filter(({ field, kind }) => field === 'code' && kind !== 'read').map(({ address }) => address),
    ),
  );
  const recipientCodeHashes = new Map<Address, Hash>();
  for (const { transaction } of transactions) {
    const codeHash = transaction.to === null ? undefined : codeHashes.get(transaction.to);
    if (transaction.to === null || codeHash === undefined || changed.has(transaction.to)) continue;
    recipientCodeHashes.set(transaction.to, codeHash);
  }
  return {
    chainId,
    number: header.number,
    feeRecipient: header.feeRecipient,
    recipientCodeHashes,
    transactions: transactions.map(({ transaction }) => transaction),
  };
}
