import { pay, TRANSFER_GAS } from '../drafts.js';
import { PERSON_WEI } from '../site.js';
import { repeat, twiceTheUse, type Profile } from './profile.js';

const ACCOUNTS = [2, 10, 100, 1_000, 10_000] as const;
const DEFAULT_ACCOUNTS = 1_000;
const MAX_VALUE_WEI = 1_000_000;

/** The payments of Block-STM (PPoPP 23): sender and recipient drawn uniformly among so many accounts. */
function paymentsAmong(accounts: number, name: string): Profile {
  return {
    name,
    description: `Payments of ether among ${accounts} accounts, as in Block-STM's evaluation`,
    transactions: 1_000,
    gasLimit: twiceTheUse(TRANSFER_GAS),
    build: (site, transactions) => {
      const person = site.people('people');
      return Promise.resolve((random) =>
        repeat(transactions, () => {
          const [from, to] = random.twoBelow(accounts);
          return pay(person(from), person(to), BigInt(1 + random.below(MAX_VALUE_WEI)));
        }),
      );
    },
  };
}

/**
 * Each transaction hands on more than its sender owned before the one in front of it: nothing can run in parallel.
 * Blocks run along the same people, there and back.
 */
const chain: Profile = {
  name: 'chain',
  description: 'Payments of which each spends what the one before it brought: no parallelism at all',
  transactions: 500,
  gasLimit: twiceTheUse(TRANSFER_GAS),
  build: (site, transactions) => {
    const person = site.people('people');
    const valueWei = (3n * PERSON_WEI) / 2n;
    site.world.touch(person(0));
    site.world.setBalance(person(0), 3n * PERSON_WEI);
    return Promise.resolve((_random, blockIndex) =>
      repeat(transactions, (index) => {
        if (blockIndex % 2 === 0) return pay(person(index), person(index + 1), valueWei);
        return pay(person(transactions - index), person(transactions - index - 1), valueWei);
      }),
    );
  },
};

const gigagasTransfers: Profile = {
  name: 'gigagas-transfers',
  description: 'One gigagas of payments without conflicts (47,620 in a block)',
  transactions: 47_620,
  gasLimit: twiceTheUse(TRANSFER_GAS),
  build: (site, transactions) => {
    const person = site.people('people');
    return Promise.resolve((random) =>
      repeat(transactions, (index) =>
        pay(person(2 * index), person(2 * index + 1), BigInt(1 + random.below(MAX_VALUE_WEI))),
      ),
    );
  },
};

export const PAYMENT_PROFILES: readonly Profile[] = [
  paymentsAmong(DEFAULT_ACCOUNTS, 'payments'),
  ...ACCOUNTS.map((accounts) => paymentsAmong(accounts, `payments-${accounts}`)),
  chain,
  gigagasTransfers,
];
