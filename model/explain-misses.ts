import type { PredictedKey } from '../scheduler/predictor.js';
import type { Address, BlockRecord } from '../types.js';
import type { Evidence } from './evidence.js';
import { pendingOf } from './pending.js';

/** How the slots that a call used were derived: SLOT parts of expressions by address and slot, laid end to end. */
export interface DerivedCall {
  readonly recipient: Address | null;
  readonly isProxy: boolean;
  /** Addresses among its arguments. */
  readonly addresses: ReadonlySet<Address>;
  readonly slots: ReadonlyMap<string, string>;
}

/**
 * Why the slots of an executed block may have been missed, by how they turned out to be derived: `storage-derived-key` (from a
 * value that the contract holds), `underived-key` (a hash of something that neither the transaction nor the contract's first slots
 * show), else by where they lie: `proxy` (behind a recipient that runs another contract's code), `router` (in a contract
 * that the transaction does not name), `argument` (in one that it does), `own` (in the recipient).
 */
export function explainMisses(
  evidence: Evidence,
  record: BlockRecord,
): (transaction: number, key: PredictedKey) => string | null {
  const derivations = evidence.explain(pendingOf(record), record);
  return (transaction, { address, slot }) => {
    const call = derivations[transaction];
    const text = slot === null ? undefined : call?.slots.get(address + slot);
    if (call === undefined || text === undefined) return null;
    if (/ s[0-9a-f]+( |$)/.test(text)) return 'storage-derived-key';
    if (/^c [0-9a-f]{33,64}$/.test(text)) return 'underived-key';
    if (address === call.recipient) return call.isProxy ? 'proxy' : 'own';
    return call.addresses.has(address) ? 'argument' : 'router';
  };
}
