import { describe, expect, it } from 'vitest';
import { keccak256 } from '../../../executor/reference/index.js';
import {
  CERTAIN_CHANGE,
  CERTAIN_CREDIT,
  UseCounts,
  UseShares,
  usesByAccount,
  type AccountUse,
} from '../../../model/hints/account-use.js';
import { KeySpace } from '../../../model/tables/key-space.js';
import type { Access } from '../../../types.js';
import { accountAccess, address, codeAccess, slotAccess } from '../../datasets/store-records.js';

const IDLE: AccountUse = { read: 0, write: 0, add: 0 };
const MOST_ACCOUNTS = 16;

describe('counts of uses', () => {
  it('say how often of so many calls', () => {
    const counts = new UseCounts();
    counts.count(CERTAIN_CHANGE);
    counts.count(CERTAIN_CREDIT);
    counts.count(CERTAIN_CREDIT);
    expect(counts.over(4)).toEqual({ read: 0.25, write: 0.25, add: 0.5 });
    expect(counts.weight).toBe(2);
  });

  it('fade', () => {
    const counts = new UseCounts();
    counts.count(CERTAIN_CHANGE);
    counts.age(0.5);
    expect(counts.over(1)).toEqual({ read: 0.5, write: 0.5, add: 0 });
  });

  it('say nothing of no calls', () => {
    const counts = new UseCounts();
    counts.count(CERTAIN_CHANGE);
    expect(counts.over(0)).toEqual(IDLE);
  });
});

describe('shares of accounts', () => {
  const accountsOf = (shares: UseShares): number[] => {
    const accounts: number[] = [];
    shares.forEach(1, (account) => accounts.push(account));
    return accounts;
  };

  it('are by account, of all calls', () => {
    const shares = new UseShares();
    shares.count(7, CERTAIN_CREDIT);
    shares.count(8, CERTAIN_CHANGE);
    shares.count(8, CERTAIN_CHANGE);
    const seen: [number, AccountUse][] = [];
    shares.forEach(2, (account, use) => seen.push([account, use]));
    expect(seen).toEqual([
      [7, { read: 0, write: 0, add: 0.5 }],
      [8, { read: 1, write: 1, add: 0 }],
    ]);
  });

  it('are of the calls that could have used the account, where those are counted', () => {
    const shares = new UseShares();
    shares.countCall(7, CERTAIN_CREDIT, 0.5);
    shares.countCall(7, IDLE, 0.5);
    expect(shares.share(7)?.add).toBeCloseTo(0.5 / 1.5, 9);
    expect(shares.share(8)).toBeUndefined();
  });

  it('are of few accounts: the rarest makes room as soon as it is rarer than a new one', () => {
    const shares = new UseShares();
    for (let account = 0; account < MOST_ACCOUNTS; account++) shares.count(account, CERTAIN_CREDIT);
    shares.count(100, CERTAIN_CREDIT);
    expect(accountsOf(shares)).toEqual(Array.from({ length: MOST_ACCOUNTS }, (_, account) => account));
    shares.age(0.9);
    for (let account = 0; account < MOST_ACCOUNTS; account++) if (account !== 5) shares.count(account, CERTAIN_CREDIT);
    shares.count(100, CERTAIN_CREDIT);
    expect(accountsOf(shares)).toContain(100);
    expect(accountsOf(shares)).not.toContain(5);
    expect(accountsOf(shares)).toHaveLength(MOST_ACCOUNTS);
  });
});

describe('what a transaction did to an account', () => {
  const seenAs: AccountUse = { read: 1, write: 0, add: 0 };
  it.each<[string, Access[], AccountUse]>([
    ['a read', [accountAccess('read', 1)], seenAs],
    ['a write', [accountAccess('write', 1)], CERTAIN_CHANGE],
    ['a read and a write', [accountAccess('read', 1), accountAccess('write', 1)], CERTAIN_CHANGE],
    ['a credit', [accountAccess('add', 1)], CERTAIN_CREDIT],
    ['a credit of what was seen', [accountAccess('add', 1), accountAccess('read', 1)], CERTAIN_CHANGE],
    ['a credit beside a write', [accountAccess('write', 1), accountAccess('add', 1)], CERTAIN_CHANGE],
  ])('by %s', (_, accesses, use) => {
    const { words } = new KeySpace(keccak256);
    expect(usesByAccount(accesses, words)).toEqual(new Map([[words.addAddress(address(1)), use]]));
  });

  it('is told of each account, and not of slots and code', () => {
    const { words } = new KeySpace(keccak256);
    const uses = usesByAccount(
      [slotAccess('write', 1, 0), codeAccess('read', 1), accountAccess('add', 2), accountAccess('read', 3)],
      words,
    );
    expect(uses).toEqual(
      new Map([
        [words.addAddress(address(2)), CERTAIN_CREDIT],
        [words.addAddress(address(3)), seenAs],
      ]),
    );
  });
});
