import type { DecodedCall } from '../calls/decode.js';

const TRANSACTION_GAS = 21_000;
const CREATION_GAS = 32_000;
const ZERO_BYTE_GAS = 4;
const NONZERO_BYTE_GAS = 16;
const LISTED_ADDRESS_GAS = 2_400;
const LISTED_SLOT_GAS = 1_900;

/** Gas that a transaction pays before it executes (yellow paper; EIP-2028, EIP-2930), the same under all rules from Berlin on. */
export function intrinsicGas({ transaction, to, zeroBytes, nonzeroBytes }: DecodedCall): number {
  const listed = transaction.accessList.reduce(
    (sum, { storageKeys }) => sum + LISTED_ADDRESS_GAS + storageKeys.length * LISTED_SLOT_GAS,
    0,
  );
  const creation = to < 0 ? CREATION_GAS : 0;
  return TRANSACTION_GAS + creation + zeroBytes * ZERO_BYTE_GAS + nonzeroBytes * NONZERO_BYTE_GAS + listed;
}
