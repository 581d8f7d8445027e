import type { Transaction } from '../../types.js';

/** A legacy transaction of which a test states what matters. */
export function transaction(stated: Partial<Transaction> = {}): Transaction {
  return {
    index: 0,
    hash: `0x${'00'.repeat(32)}`,
    type: 0,
    from: `0x${'11'.repeat(20)}`,
    to: `0x${'22'.repeat(20)}`,
    nonce: 0,
    valueWei: 0n,
    input: '0x',
    gasLimit: 100_000,
    gasPriceWei: 1n,
    maxFeePerGasWei: null,
    maxPriorityFeePerGasWei: null,
    maxFeePerBlobGasWei: null,
    accessList: [],
    blobVersionedHashes: [],
    authorizationList: [],
    ...stated,
  };
}
