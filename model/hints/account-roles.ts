import type { TransactionRecord } from '../../types.js';
import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import type { DecodedCall } from '../calls/decode.js';
import type { WordTable } from '../tables/word-table.js';
import { CERTAIN_CHANGE, CERTAIN_CREDIT, usesByAccount, type AccountUse } from './account-use.js';
import { AGE_PER_CALL, restoreRoles, Roles, saveRoles } from './roles.js';

export type VisitAccount = (account: number, use: AccountUse) => void;

/** Of a contract that nobody saw being paid: some keep what they get, some pass it on. */
const UNKNOWN_RECIPIENT: AccountUse = { read: 0.2, write: 0.2, add: 0.4 };
const IDLE: AccountUse = { read: 0, write: 0, add: 0 };
const MOST_FUNCTIONS = 200_000;
/** Selectors are signed 32-bit integers. */
const SELECTOR_NAMES = { least: -(2 ** 32), below: 2 ** 32 };
/** Calls that make the function speak rather than all functions of that selector. */
const ENOUGH_CALLS = 1.5;

/**
 * What functions do to balances: whether a recipient keeps what it is sent, whom among the arguments a call pays, which fixed
 * accounts (a wrapped coin, a fee wallet) it changes. A sender's account changes with certainty, and so does a plain
 * recipient's. Only accounts that were seen changing in a call are told of: reading what never changes makes no dependency.
 */
export class AccountRoles {
  readonly #functions = new Map<number, Roles>();
  readonly #selectors = new Map<number, Roles>();
  /** Accounts other than sender and recipient that a call changed. */
  readonly #changing = new Set<number>();

  /** Calls `visit` for each account that the call may touch, sender and recipient first. Accounts are numbers of words. */
  describe(
    call: DecodedCall,
    { functionId, runsCode }: { readonly functionId: number; readonly runsCode: boolean },
    visit: VisitAccount,
  ): void {
    visit(call.from, CERTAIN_CHANGE);
    const roles = this.#find(call, functionId);
    if (call.to >= 0 && call.to !== call.from) visit(call.to, recipientUse(call, roles, runsCode));
    if (roles === undefined) return;
    for (const account of call.addresses) {
      if (!this.#changing.has(account)) continue;
      visit(account, roles.arguments.share(account) ?? roles.anyArgument.over(roles.anyArgumentCalls));
    }
    roles.others.forEach(roles.calls, (account, use) => {
      if (account !== call.from && account !== call.to && !call.addresses.includes(account)) visit(account, use);
    });
  }

  /** Whether calls are known to change the balance of an account that they do not call. */
  changes(account: number): boolean {
    return this.#changing.has(account);
  }

  learn(
    call: DecodedCall,
    { functionId, outcome }: { readonly functionId: number; readonly outcome: TransactionRecord },
    words: WordTable,
  ): void {
    const uses = usesByAccount(outcome.accesses, words);
    for (const [account, { write, add }] of uses) {
      if (account !== call.from && account !== call.to && write + add > 0) this.#changing.add(account);
    }
    for (const roles of [
      touch(this.#functions, nameOf(functionId, call)),
      touch(this.#selectors, selectorName(call)),
    ]) {
      roles.age();
      roles.calls += 1;
      const recipient = uses.get(call.to);
      if (recipient !== undefined && call.to !== call.from) roles.recipient.count(recipient);
      this.#countArguments(roles, call, uses);
      for (const [account, use] of uses) {
        const isOther = account !== call.from && account !== call.to && !call.addresses.includes(account);
        if (isOther && this.#changing.has(account)) roles.others.count(account, use);
      }
    }
  }

  /** Forgets everything: for words and functions that were numbered anew. */
  clear(): void {
    this.#functions.clear();
    this.#selectors.clear();
    this.#changing.clear();
  }

  save(to: SectionWriter): void {
    to.int32('changing', Int32Array.from(this.#changing));
    saveRoles(this.#functions, to.within('functions'));
    saveRoles(this.#selectors, to.within('selectors'));
  }

  /** Takes over what was saved, of so many words and functions, in place of what is known. */
  restore(from: SectionReader, { words, functions }: { readonly words: number; readonly functions: number }): void {
    this.clear();
    for (const account of from.indices('changing', { count: words })) this.#changing.add(account);
    restoreRoles(this.#functions, from.within('functions'), { words, names: { least: 0, below: 2 * functions } });
    restoreRoles(this.#selectors, from.within('selectors'), { words, names: SELECTOR_NAMES });
  }

  #countArguments(roles: Roles, call: DecodedCall, uses: ReadonlyMap<number, AccountUse>): void {
    for (const account of call.addresses) {
      const use = uses.get(account) ?? IDLE;
      roles.anyArgument.count(use);
      roles.anyArgumentCalls += 1;
      if (this.#changing.has(account)) roles.arguments.countCall(account, use, AGE_PER_CALL);
    }
  }

  #find(call: DecodedCall, functionId: number): Roles | undefined {
    const own = this.#functions.get(nameOf(functionId, call));
    if (own !== undefined && own.calls >= ENOUGH_CALLS) return own;
    return this.#selectors.get(selectorName(call)) ?? own;
  }
}

function recipientUse({ transaction }: DecodedCall, roles: Roles | undefined, runsCode: boolean): AccountUse {
  const hasValue = transaction.valueWei > 0n;
  if (!runsCode) return hasValue ? CERTAIN_CREDIT : IDLE;
  if (roles !== undefined) return roles.recipient.over(roles.calls);
  return hasValue ? UNKNOWN_RECIPIENT : IDLE;
}

/** A function behaves differently when it is paid. */
function nameOf(functionId: number, { transaction }: DecodedCall): number {
  return 2 * functionId + (transaction.valueWei > 0n ? 1 : 0);
}

function selectorName({ selector, transaction }: DecodedCall): number {
  return 2 * selector + (transaction.valueWei > 0n ? 1 : 0);
}

/** Those that were not called for longest go first. */
function touch(table: Map<number, Roles>, name: number): Roles {
  const roles = table.get(name) ?? new Roles();
  table.delete(name);
  table.set(name, roles);
  if (table.size <= MOST_FUNCTIONS) return roles;
  for (const oldest of table.keys()) {
    table.delete(oldest);
    break;
  }
  return roles;
}
