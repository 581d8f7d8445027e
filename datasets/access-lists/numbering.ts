import { InputError } from '../../errors.js';
import type { Address } from '../../types.js';
import type { AccountAccess, Numbering } from './access-list.js';

/** The only accounts that change before the transactions: beacon roots (EIP-4788) and block hashes (EIP-2935). */
const SYSTEM_CONTRACTS: readonly Address[] = [
  '0x000f3df6d732807ef1319fb7b8bb8522d0beac02',
  '0x0000f90827f1c53a10cb7a02335b175320002935',
];

/**
 * What the indices of a list count. The first transaction changes at least its sender's balance, and what comes before the
 * transactions changes slots of system contracts alone. So a change of anything else at index 0 is that of a transaction
 * (`draft`); changes of theirs alone, or none with others at 1, mean `final`. Throws InputError where there are no changes
 * to tell it from.
 */
export function detectNumbering(accounts: readonly AccountAccess[], origin: string): Numbering {
  const changed = accounts.filter((account) => indicesOf(account).length > 0);
  if (changed.some((account) => indicesOf(account).includes(0) && !isSystemContract(account.address))) return 'draft';
  if (changed.some((account) => indicesOf(account).includes(0) && hasOtherThanSlots(account))) return 'draft';
  if (changed.some((account) => indicesOf(account).includes(1))) return 'final';
  throw new InputError(
    { origin },
    'has no change at index 0 or 1, so there is no telling what its indices count: name it with --access-list-numbering',
  );
}

/** All indices at which something of the account changed, in no order. */
export function indicesOf(account: AccountAccess): number[] {
  const slots = account.storageChanges.flatMap(({ changes }) => changes.map(({ index }) => index));
  return [...slots, ...account.balanceChanges, ...account.nonceChanges, ...account.codeChanges];
}

/** The transaction of an index; null for what comes before the transactions. */
export function transactionOf(index: number, numbering: Numbering): number | null {
  if (numbering === 'draft') return index;
  return index === 0 ? null : index - 1;
}

function isSystemContract(address: Address): boolean {
  return SYSTEM_CONTRACTS.includes(address);
}

function hasOtherThanSlots(account: AccountAccess): boolean {
  return [...account.balanceChanges, ...account.nonceChanges, ...account.codeChanges].includes(0);
}
