import type { JsonObject } from '../datasets/read-fixtures.js';

/** Small executed blocks in the compact form, of calls of a token and of payments. */

export const FEE_RECIPIENT = `0x${'11'.repeat(20)}`;
export const TOKEN = `0x${'33'.repeat(20)}`;

export function address(number: number): string {
  return `0x${number.toString(16).padStart(40, '0')}`;
}

export function word(number: number): string {
  return `0x${number.toString(16).padStart(64, '0')}`;
}

/** `transfer(recipient, 1)` of the token. */
export function tokenTransfer(sender: number, recipient: number, fields: JsonObject = {}): JsonObject {
  return {
    ...{ from: address(sender), to: TOKEN, nonce: '0x0', value: '0x0', gas: '0xea60', type: '0x2' },
    ...{ maxFeePerGas: '0x77359400', maxPriorityFeePerGas: '0x3b9aca00', hash: word(1_000 * sender + recipient) },
    input: `0xa9059cbb${recipient.toString(16).padStart(64, '0')}${(1).toString(16).padStart(64, '0')}`,
    ...fields,
  };
}

export function payment(sender: number, recipient: number, fields: JsonObject = {}): JsonObject {
  return {
    ...{ from: address(sender), to: address(recipient), nonce: 7, value: '1000', gas: 21_000, input: '0x' },
    ...{ gasPrice: 2_000_000_000, hash: word(2_000_000 + 1_000 * sender + recipient) },
    ...fields,
  };
}

/** All senders move the same token: each changes a slot of its own and one that all share. */
export function executedBlock(
  number: number,
  { hash = word(number), chainId = 1, senders = 6, hasTimes = false } = {},
): JsonObject {
  const transactions = Array.from({ length: senders }, (_, place) => {
    const sender = 100 + place;
    const own = { address: TOKEN, slot: word(sender) };
    const shared = { address: TOKEN, slot: word(0) };
    return {
      transaction: tokenTransfer(sender, 200 + place, { nonce: number }),
      gasUsed: 40_000 + place,
      succeeded: true,
      ...(hasTimes ? { executionNs: 10_000 + place } : {}),
      accesses: [own, shared].flatMap((key) => [
        { ...key, kind: 'read' },
        { ...key, kind: 'write' },
      ]),
    };
  });
  return {
    chainId,
    block: {
      number,
      hash,
      miner: FEE_RECIPIENT,
      timestamp: 1_700_000_000 + 12 * number,
      gasLimit: '0x1c9c380',
      baseFeePerGas: '0x3b9aca00',
    },
    transactions,
  };
}

export function question(count = 4): JsonObject {
  const transactions = Array.from({ length: count }, (_, place) => tokenTransfer(100 + place, 200 + place));
  return { transactions, block: { number: 10, feeRecipient: FEE_RECIPIENT, baseFeePerGas: '1000000000' } };
}
