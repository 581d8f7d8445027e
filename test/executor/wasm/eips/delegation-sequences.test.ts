import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Address, Authorization, Hex, Transaction } from '../../../../types.js';
import { CONTRACT, OTHER, account, code, push } from '../../reference/snapshots.js';
import { authorize, delegated, setCode, signerOf } from './authorizations.js';
import { LABEL, blockOf, bytesOf, compare, repeated } from './compare.js';

const SEED = 7702;
const KEYS = [1, 2, 3] as const;
const AUTHORITIES = KEYS.map(signerOf);
const CALLER: Address = repeated('0xdd', 20);

/** Counts its calls, and returns what the counter was. */
const COUNTER = code(push(1), 0x54, 0x80, push(0), 0x52, push(1), 0x01, push(1), 0x55, push(32), push(0), 0xf3);
/** Calls every authority in every way, and keeps success, gas and what code it sees. */
const CALLING: Hex = code(
  ...AUTHORITIES.flatMap((to, place) => [
    ...[push(32), push(0), push(0), push(0), push(2), push(to), push(60_000), 0xf1],
    ...[push(32), push(0), push(0), push(0), push(to), push(60_000), 0xf4, 0x01],
    ...[push(32), push(0), push(0), push(0), push(to), push(60_000), 0xfa, 0x01],
    ...[push(to), 0x3b, 0x01, push(to), 0x3f, 0x01, push(0), 0x51, 0x01, 0x5a, 0x01, push(16 + place), 0x55],
  ]),
);

const address = fc.constantFrom<Address>(CONTRACT, OTHER, CALLER, ...AUTHORITIES, bytesOf(0, 20), bytesOf(2, 20));
const authorization = fc
  .record({
    key: fc.constantFrom(...KEYS),
    address,
    nonce: fc.bigInt({ min: 0n, max: 4n }),
    chainId: fc.constantFrom(0n, 1n, 1n, 2n),
  })
  .map(({ key, ...terms }): Authorization => authorize(key, terms));
const transaction = fc
  .record({
    list: fc.array(authorization, { maxLength: 4 }),
    to: fc.constantFrom<Address>(CALLER, CALLER, CONTRACT, ...AUTHORITIES),
    valueWei: fc.bigInt({ min: 0n, max: 3n }),
    gasLimit: fc.constantFrom(130_000, 250_000, 1_000_000),
  })
  .map(({ list, ...fields }): Partial<Transaction> => (list.length === 0 ? fields : setCode(list, fields)));

describe(`${LABEL}7702, sequences of delegations and calls`, () => {
  it(`come to the same on both executors (seed ${SEED})`, async () => {
    const sequences = fc.array(transaction, { minLength: 2, maxLength: 10 });
    const property = fc.asyncProperty(sequences, fc.boolean(), async (transactions, existing) => {
      const accounts = {
        [CONTRACT]: account(COUNTER),
        [CALLER]: account(CALLING),
        ...(existing ? { [signerOf(1)]: account(), [signerOf(2)]: delegated(CONTRACT) } : {}),
      };
      await compare(blockOf({ accounts, transactions }));
    });
    await fc.assert(property, { seed: SEED, numRuns: 40 });
  });
});
