import type { PendingBlock, PredictedAccesses, PredictedConflicts } from '../../scheduler/predictor.js';
import type { Address, Hash, Transaction } from '../../types.js';
import { AccessRowsBuilder, READS, WRITES, type KeyUse } from '../access-rows.js';
import { conflictsThroughKeys, uniteConflicts } from '../conflict-rows.js';
import type { PartialPredictor } from '../evaluation/contender.js';
import { addressArgument, selectorOf } from '../functions.js';
import { withConflicts, type AccessPrediction } from './through-accesses.js';

const TRANSFER = '0xa9059cbb';
const TRANSFER_FROM = '0x23b872dd';
const APPROVE = '0x095ea7b3';
const SAFE_TRANSFER_FROM = ['0x42842e0e', '0xb88d4fde'];

/**
 * The rules of BEP-456, "Predict TxDAG in Mining Phase" (draft of 2024-11-15, section 4.3): every transaction changes nonce
 * and balance of sender and recipient; a plain transfer nothing else; a transfer of ERC-20 or ERC-721 tokens the slots that
 * a mapping function derives from its calldata; a declared access list is read. Learns nothing.
 *
 * Where the text leaves it open: token entries are named, not located (`balance of A`, `allowance of A to B`), so they make
 * conflicts but no predicted slots; `approve` is a token call too; the recipient's account is changed only if value moves
 * to it; and a call of which the rules know nothing conflicts with every other call of its contract.
 */
export class Bep456 implements PartialPredictor {
  predict({ transactions }: PendingBlock): AccessPrediction {
    const { accesses, conflicts } = withConflicts(accountsAndLists(transactions));
    return { accesses, conflicts: uniteConflicts(conflicts, throughTokens(transactions)) };
  }

  learn(): void {
    // Rules have nothing to learn.
  }
}

function accountsAndLists(transactions: readonly Transaction[]): PredictedAccesses {
  const builder = new AccessRowsBuilder();
  for (const { from, to, valueWei, accessList } of transactions) {
    builder.use({ address: from, slot: null }, WRITES);
    if (to !== null) builder.use({ address: to, slot: null }, valueWei > 0n ? WRITES : READS);
    for (const { address, storageKeys } of accessList) {
      for (const slot of storageKeys) builder.use({ address, slot }, READS);
    }
    builder.endTransaction();
  }
  return builder.build();
}

function throughTokens(transactions: readonly Transaction[]): PredictedConflicts {
  const builder = new AccessRowsBuilder();
  for (const transaction of transactions) {
    noteCall(builder, transaction);
    builder.endTransaction();
  }
  const named = builder.build();
  return conflictsThroughKeys(named, new Uint8Array(named.keys.length).fill(1));
}

/** Any known call of the contract, and any other: they stand for what the rules cannot tell apart. */
const [KNOWN_CALL, OTHER_CALL]: readonly [Hash, Hash] = ['0x01', '0x02'];
/** Does not mind what was there. */
const BLIND_WRITE: KeyUse = { touch: 0, write: 1 };

function noteCall(builder: AccessRowsBuilder, transaction: Transaction): void {
  const { to, input } = transaction;
  if (to === null || input === '0x') return;
  const entries = tokenEntries(transaction);
  builder.use({ address: to, slot: KNOWN_CALL }, entries === null ? READS : BLIND_WRITE);
  builder.use({ address: to, slot: OTHER_CALL }, entries === null ? WRITES : READS);
  for (const slot of entries ?? []) builder.use({ address: to, slot }, WRITES);
}

/** Names of the token entries that a call changes; null for a call that the rules do not know. */
function tokenEntries(transaction: Transaction): Hash[] | null {
  const selector = selectorOf(transaction);
  const [first, second] = [addressArgument(transaction, 0), addressArgument(transaction, 1)];
  if (first === null || second === null) return null;
  if (selector === TRANSFER) return [balanceOf(transaction.from), balanceOf(first)];
  if (selector === APPROVE) return [allowanceOf(transaction.from, first)];
  const moves = selector === TRANSFER_FROM || SAFE_TRANSFER_FROM.includes(selector);
  return moves ? [balanceOf(first), balanceOf(second), allowanceOf(first, transaction.from)] : null;
}

function balanceOf(account: Address): Hash {
  return account;
}

function allowanceOf(owner: Address, spender: Address): Hash {
  return `${owner}${spender.slice(2)}`;
}
