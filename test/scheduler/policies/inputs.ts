import fc from 'fast-check';
import type { PlanInput } from '../../../scheduler/policies/plan-input.js';
import type { Workload } from '../../../scheduler/workload.js';
import type { Address, Hash, Hex, Transaction } from '../../../types.js';
import { transaction } from '../../model/transactions.js';
import { anyHints, hintsFrom, type HintsDraft } from '../hints.js';

const FEE_RECIPIENT = addressOf(0xfee);
const CODE_HASH: Hash = `0x${'c0'.repeat(32)}`;

export function addressOf(number: number): Address {
  return `0x${number.toString(16).padStart(40, '0')}`;
}

export interface InputDraft {
  readonly hints?: HintsDraft | null;
  readonly withCode?: readonly Address[];
  readonly number?: number;
  readonly workers?: number;
}

export function inputOf(
  drafts: readonly Partial<Transaction>[],
  { hints = null, withCode = [], number = 1, workers = 4 }: InputDraft = {},
): PlanInput {
  return {
    block: {
      chainId: 1,
      number,
      feeRecipient: FEE_RECIPIENT,
      recipientCodeHashes: new Map(withCode.map((address) => [address, CODE_HASH])),
      transactions: drafts.map((draft, index) => transaction({ index, ...draft })),
    },
    hints: hints === null ? null : hintsFrom(drafts.length, hints),
    workers,
  };
}

/** `count` plain transactions with these hints. */
export function hintedInput(count: number, hints: HintsDraft): PlanInput {
  return inputOf(
    Array.from({ length: count }, () => ({})),
    { hints },
  );
}

const addresses = fc.nat(3).map(addressOf);
const drafts: fc.Arbitrary<Partial<Transaction>> = fc.record({
  from: addresses,
  to: fc.oneof(addresses, fc.constant(null)),
  input: fc.constantFrom<Hex>('0x', '0xa9059cbb'),
  gasLimit: fc.constantFrom(21_000, 50_000, 1_000_000),
});

/** Any input for a block of as many transactions as the workload has. */
export function inputsFor({ transactions: { length } }: Workload): fc.Arbitrary<PlanInput> {
  return fc
    .record({
      transactions: fc.array(drafts, { minLength: length, maxLength: length }),
      hints: fc.option(anyHints(length, 'unordered')),
      withCode: fc.subarray([0, 1, 2, 3].map(addressOf)),
      number: fc.nat(),
      workers: fc.integer({ min: 1, max: 6 }),
    })
    .map(({ transactions, hints, ...draft }) => ({ ...inputOf(transactions, draft), hints }));
}
