import type { Address, Hash } from '../../types.js';

/** A slot's value after an index. */
export interface SlotChange {
  readonly index: number;
  readonly value: Hash;
}

/** What a block access list (EIP-7928) says of an account; addresses, slots and indices ascend. */
export interface AccountAccess {
  readonly address: Address;
  readonly storageChanges: readonly { readonly slot: Hash; readonly changes: readonly SlotChange[] }[];
  /** Slots that were read and not changed; by whom is not told. */
  readonly storageReads: readonly Hash[];
  /** Indices after which the balance, the nonce, the code was another one. */
  readonly balanceChanges: readonly number[];
  readonly nonceChanges: readonly number[];
  readonly codeChanges: readonly number[];
}

/**
 * What the index of a change counts. `final`: 0 is what comes before the transactions, i + 1 is transaction i, and the one
 * after the last is what comes after them (withdrawals, requests). `draft`, of early drafts: i is transaction i.
 */
export const NUMBERINGS = ['draft', 'final'] as const;
export type Numbering = (typeof NUMBERINGS)[number];

export interface BlockAccessList {
  readonly origin: string;
  /** The number that the file is named after; the list itself states none. */
  readonly blockNumber: number | null;
  readonly accounts: readonly AccountAccess[];
  readonly numbering: Numbering;
}
