import type { Contracts } from '../calls/contracts.js';
import { NO_SELECTOR, type DecodedCall } from '../calls/decode.js';
import { at } from '../numbers.js';
import type { ColumnNames } from '../tables/numbering.js';

/**
 * What access statistics are kept about, from the particular to the general. `function`: calls of one contract with one
 * selector; `code`: of all contracts that run the same code; `selector`: of any contract; `sender`: of one sender to one
 * function; `argument`: of one function with one address among its arguments; `neighbour`: any call with that address
 * among its arguments; `own`: the slots of one contract in calls that name it as an argument; `argument-code`: the same for
 * all contracts with the same code, by selector; `contract`: any call of one contract.
 */
export const SUBJECT_KINDS = [
  'function',
  'code',
  'selector',
  'sender',
  'argument',
  'neighbour',
  'own',
  'argument-code',
  'contract',
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** What names the subjects of each kind. */
export const SUBJECT_COLUMNS: readonly ColumnNames[] = [
  ['function', 'plain'],
  ['word', 'plain'],
  ['plain', 'plain'],
  ['word', 'function'],
  ['word', 'function'],
  ['word', 'plain'],
  ['word', 'plain'],
  ['word', 'plain'],
  ['word', 'plain'],
];

export const SUBJECT_KIND_COUNT = SUBJECT_KINDS.length;
export const [FUNCTION, CODE, SELECTOR, SENDER, ARGUMENT, NEIGHBOUR, OWN, ARGUMENT_CODE, CONTRACT] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
];

/** Flat list of the subjects of one call: kind, the two integers that name it, the contract that `self` stands for (or -1). */
export class SubjectList {
  readonly kinds: number[] = [];
  readonly firsts: number[] = [];
  readonly seconds: number[] = [];
  readonly selves: number[] = [];

  get length(): number {
    return this.kinds.length;
  }

  clear(): void {
    this.kinds.length = 0;
    this.firsts.length = 0;
    this.seconds.length = 0;
    this.selves.length = 0;
  }

  add(kind: number, first: number, second: number, self = -1): void {
    this.kinds.push(kind);
    this.firsts.push(first);
    this.seconds.push(second);
    this.selves.push(self);
  }

  /** The subjects of a call; `functionId` numbers its (recipient, selector), -1 where it is new. */
  list(call: DecodedCall, functionId: number, contracts: Contracts): void {
    this.clear();
    const { from, to, selector, addresses } = call;
    if (to < 0) return;
    if (functionId >= 0) this.add(FUNCTION, functionId, 0);
    const code = contracts.runningCode(to);
    if (code >= 0) this.add(CODE, code, selector);
    if (selector !== NO_SELECTOR) this.add(SELECTOR, selector, 0);
    if (functionId >= 0) this.add(SENDER, from, functionId);
    for (let index = 0; index < addresses.length; index++) {
      const address = at(addresses, index);
      if (functionId >= 0) this.add(ARGUMENT, address, functionId);
      this.add(NEIGHBOUR, address, 0);
      this.addContract(address, selector, contracts);
    }
    this.add(CONTRACT, to, 0);
    if (addresses.length === 0 && selector !== NO_SELECTOR) this.add(NEIGHBOUR, to, 0);
  }

  /** Those of the subjects of a call that are not about its arguments: what is kept of accounts. */
  listCall(call: DecodedCall, functionId: number, contracts: Contracts): void {
    this.clear();
    const { from, to, selector } = call;
    if (to < 0) return;
    if (functionId >= 0) this.add(FUNCTION, functionId, 0);
    const code = contracts.runningCode(to);
    if (code >= 0) this.add(CODE, code, selector);
    if (selector !== NO_SELECTOR) this.add(SELECTOR, selector, 0);
    if (functionId >= 0) this.add(SENDER, from, functionId);
    this.add(CONTRACT, to, 0);
  }

  /** What is known of a contract by itself and by its code, whoever calls it. */
  addContract(address: number, selector: number, contracts: Contracts): void {
    this.add(OWN, address, 0, address);
    const code = contracts.runningCode(address);
    if (code >= 0) this.add(ARGUMENT_CODE, code, selector, address);
  }
}
