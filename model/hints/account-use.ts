import type { AccessKind, TransactionRecord } from '../../types.js';
import type { WordTable } from '../tables/word-table.js';

/** How likely an account is looked at, changed, and credited without being looked at; 0 to 1. */
export interface AccountUse {
  readonly read: number;
  readonly write: number;
  readonly add: number;
}

export const CERTAIN_CREDIT: AccountUse = { read: 0, write: 0, add: 1 };
export const CERTAIN_CHANGE: AccountUse = { read: 1, write: 1, add: 0 };

/** Accounts of one kind of call that are remembered. */
export const MOST_ACCOUNTS = 16;

/** Decayed counts of what was done to an account. */
export class UseCounts {
  #read = 0;
  #write = 0;
  #add = 0;

  get weight(): number {
    return Math.max(this.#read, this.#write, this.#add);
  }

  age(factor: number): void {
    this.#read *= factor;
    this.#write *= factor;
    this.#add *= factor;
  }

  count({ read, write, add }: AccountUse): void {
    this.#read += read;
    this.#write += write;
    this.#add += add;
  }

  over(calls: number): AccountUse {
    if (calls <= 0) return { read: 0, write: 0, add: 0 };
    return { read: this.#read / calls, write: this.#write / calls, add: this.#add / calls };
  }

  /** The counts that `restore` takes. */
  state(): [read: number, write: number, add: number] {
    return [this.#read, this.#write, this.#add];
  }

  restore([read, write, add]: [read: number, write: number, add: number]): void {
    this.#read = read;
    this.#write = write;
    this.#add = add;
  }
}

/** What is known of one account. */
export interface ShareState {
  readonly account: number;
  readonly counts: [read: number, write: number, add: number];
  readonly calls: number;
}

interface Share {
  readonly counts: UseCounts;
  /** Calls that could have used the account; 0 where all calls could. */
  calls: number;
}

/** What was done to each of a few accounts; the rarest makes room. */
export class UseShares {
  readonly #shares = new Map<number, Share>();

  age(factor: number): void {
    for (const { counts } of this.#shares.values()) counts.age(factor);
  }

  count(account: number, use: AccountUse): void {
    this.#of(account)?.counts.count(use);
  }

  /** Counts one of the calls that could have used the account. */
  countCall(account: number, use: AccountUse, ageFactor: number): void {
    const share = this.#of(account);
    if (share === undefined) return;
    share.counts.age(ageFactor);
    share.calls = share.calls * ageFactor + 1;
    share.counts.count(use);
  }

  /** Of an account that was counted call by call; undefined where it was not. */
  share(account: number): AccountUse | undefined {
    const share = this.#shares.get(account);
    return share?.counts.over(share.calls);
  }

  forEach(calls: number, visit: (account: number, use: AccountUse) => void): void {
    for (const [account, { counts }] of this.#shares) visit(account, counts.over(calls));
  }

  /** In the order in which accounts were first seen. */
  state(): ShareState[] {
    return [...this.#shares].map(([account, { counts, calls }]) => ({ account, counts: counts.state(), calls }));
  }

  restore(states: readonly ShareState[]): void {
    this.#shares.clear();
    for (const { account, counts: known, calls } of states) {
      const counts = new UseCounts();
      counts.restore(known);
      this.#shares.set(account, { counts, calls });
    }
  }

  #of(account: number): Share | undefined {
    const known = this.#shares.get(account);
    if (known !== undefined) return known;
    if (this.#shares.size >= MOST_ACCOUNTS && !this.#dropRarest()) return undefined;
    const share = { counts: new UseCounts(), calls: 0 };
    this.#shares.set(account, share);
    return share;
  }

  /** Only one that has become rarer than a fresh observation. */
  #dropRarest(): boolean {
    let [rarest, least] = [-1, 1];
    for (const [account, { counts }] of this.#shares)
      if (counts.weight < least) [rarest, least] = [account, counts.weight];
    return this.#shares.delete(rarest);
  }
}

/** What a transaction did to accounts, by number of the address' word. */
export function usesByAccount(accesses: TransactionRecord['accesses'], words: WordTable): Map<number, AccountUse> {
  const kinds = new Map<number, Set<AccessKind>>();
  for (const { address, field, kind } of accesses) {
    if (field !== 'account') continue;
    const account = words.addAddress(address);
    const known = kinds.get(account);
    if (known === undefined) kinds.set(account, new Set([kind]));
    else known.add(kind);
  }
  return new Map([...kinds].map(([account, seen]) => [account, useOf(seen)]));
}

/** A credit beside a read or write is a change of what was seen; what changed was seen. */
function useOf(kinds: ReadonlySet<AccessKind>): AccountUse {
  const commutes = kinds.has('add') && !kinds.has('read') && !kinds.has('write');
  if (commutes) return CERTAIN_CREDIT;
  return { read: 1, write: kinds.has('write') || kinds.has('add') ? 1 : 0, add: 0 };
}
