import type { Hex, Transaction } from '../types.js';

const SELECTOR_END = 10;
const WORD_DIGITS = 64;
const ADDRESS_DIGITS = 40;

/** First four bytes of the input, fewer where it is shorter; `0x` for a plain transfer. */
export function selectorOf({ input }: Transaction): Hex {
  return input.length <= SELECTOR_END ? input : `0x${input.slice(2, SELECTOR_END)}`;
}

/** Names recipient and selector; null for a creation, which calls nothing that exists. */
export function functionOf(transaction: Transaction): string | null {
  return transaction.to === null ? null : transaction.to + selectorOf(transaction);
}

/** The address in word `position` of the arguments; null where the input is too short. Dirty upper bytes are ignored. */
export function addressArgument({ input }: Transaction, position: number): Hex | null {
  const end = SELECTOR_END + (position + 1) * WORD_DIGITS;
  return input.length < end ? null : `0x${input.slice(end - ADDRESS_DIGITS, end)}`;
}
