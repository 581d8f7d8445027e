import { describe, expect, it } from 'vitest';
import { CONTRACT, OTHER, account, code } from '../../reference/snapshots.js';
import { authorize } from './authorizations.js';
import { LABEL, blockOf, compare, expectRefused, gasOf } from './compare.js';

const INVALID_GAS_CAP = 111;
const CAP = 2 ** 24;
const FEES = { gasPriceWei: null, maxFeePerGasWei: 10n, maxPriorityFeePerGasWei: 1n } as const;
const TYPES = [
  { type: 0 },
  { type: 1 },
  { type: 2, ...FEES },
  { type: 4, ...FEES, authorizationList: [authorize(1, { address: CONTRACT })] },
];

describe(`${LABEL}7825, gas limit cap of transactions`, () => {
  it.each(TYPES)('is 2²⁴ = 16,777,216 from Osaka on: type $type', async (fields) => {
    const transaction = { to: OTHER, ...fields };
    await compare(blockOf({ fork: 'osaka', transactions: [{ ...transaction, gasLimit: CAP }] }));
    const beyond = [{ ...transaction, gasLimit: CAP + 1 }];
    await expectRefused(blockOf({ fork: 'osaka', transactions: beyond }), INVALID_GAS_CAP);
    await compare(blockOf({ fork: 'prague', transactions: beyond }));
  });

  it('may be used up, also by creations, and by several transactions of a block', async () => {
    const accounts = { [CONTRACT]: account(code(0xfe)) };
    const transactions = [{}, {}, { to: null, input: '0xfe' as const }].map((fields) => ({ ...fields, gasLimit: CAP }));
    const result = await compare(blockOf({ fork: 'osaka', accounts, transactions }));
    expect(gasOf(result)).toEqual([CAP, CAP, CAP]);
  });

  it('is checked whatever the block could hold and the sender could pay', async () => {
    const transactions = [{}, { to: OTHER, gasLimit: 30_000_000 }];
    await expectRefused(blockOf({ fork: 'osaka', transactions }), INVALID_GAS_CAP);
  });
});
