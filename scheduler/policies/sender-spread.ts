import type { Address, Transaction } from '../../types.js';
import { emptyPlan, type Plan } from '../plan.js';
import { at } from '../rows.js';
import { ranksOf } from '../upward-rank.js';
import type { PlanInput } from './plan-input.js';

/** Transactions of one sender have this many of others between them, as on Aptos' main network. */
const CONFLICT_WINDOW = 32;

/**
 * `sender-spread`: Aptos' sender-aware shuffling (AIP-27) as an order of execution. Takes the first transaction whose sender
 * is none of those of the last 32 that were taken; one that was passed over comes as soon as its sender has left that window,
 * or when only such are left. Keeps the order of each sender, and the block's order where all senders differ. Needs no
 * hints. Time in proportion to transactions.
 */
export function senderSpreadPlan({ block, workers }: PlanInput): Plan {
  const { transactions } = block;
  const order = new SenderSpread(numberSenders(transactions)).spread();
  return { ...emptyPlan(transactions.length, workers), priority: ranksOf(order) };
}

/** By transaction: its sender, as a number from 0. */
function numberSenders(transactions: readonly Transaction[]): Uint32Array {
  const numbers = new Map<Address, number>();
  return Uint32Array.from(transactions, ({ from }) => {
    const known = numbers.get(from);
    if (known !== undefined) return known;
    numbers.set(from, numbers.size);
    return numbers.size - 1;
  });
}

class SenderSpread {
  readonly #senders: Uint32Array;
  /** By transaction: the next one of its sender. By sender: its first one that was not taken. The count where there is none. */
  readonly #next: Uint32Array;
  readonly #first: Uint32Array;
  /** By sender: its transactions among the last ones that were taken. */
  readonly #inWindow: Uint32Array;
  readonly #order: Uint32Array;
  readonly #isTaken: Uint8Array;
  #taken = 0;
  /** All transactions before were looked at: they were taken or passed over. */
  #unseen = 0;
  /** All transactions before were taken. */
  #oldest = 0;

  constructor(senders: Uint32Array) {
    const { length } = senders;
    this.#senders = senders;
    this.#next = new Uint32Array(length).fill(length);
    this.#first = new Uint32Array(length).fill(length);
    this.#inWindow = new Uint32Array(length);
    this.#order = new Uint32Array(length);
    this.#isTaken = new Uint8Array(length);
    for (let index = length - 1; index >= 0; index--) {
      const sender = at(senders, index);
      this.#next[index] = at(this.#first, sender);
      this.#first[sender] = index;
    }
  }

  /** All transactions in their new order. */
  spread(): Uint32Array {
    while (this.#taken < this.#order.length) {
      this.#take(this.#ofSenderThatLeft() ?? this.#firstUnseen() ?? this.#firstPassedOver());
    }
    return this.#order;
  }

  #ofSenderThatLeft(): number | null {
    const place = this.#taken - 1 - CONFLICT_WINDOW;
    if (place < 0) return null;
    const sender = at(this.#senders, at(this.#order, place));
    const waiting = at(this.#first, sender);
    return at(this.#inWindow, sender) === 0 && waiting < this.#unseen ? waiting : null;
  }

  #firstUnseen(): number | null {
    while (this.#unseen < this.#senders.length) {
      const index = this.#unseen++;
      if (at(this.#inWindow, at(this.#senders, index)) === 0) return index;
    }
    return null;
  }

  #firstPassedOver(): number {
    while (this.#isTaken[this.#oldest] === 1) this.#oldest++;
    return this.#oldest;
  }

  #take(index: number): void {
    const sender = at(this.#senders, index);
    this.#order[this.#taken] = index;
    this.#isTaken[index] = 1;
    this.#first[sender] = at(this.#next, index);
    this.#count(sender, 1);
    const leaving = this.#taken - CONFLICT_WINDOW;
    if (leaving >= 0) this.#count(at(this.#senders, at(this.#order, leaving)), -1);
    this.#taken++;
  }

  #count(sender: number, change: number): void {
    this.#inWindow[sender] = at(this.#inWindow, sender) + change;
  }
}
