import type { PredictedAccesses, PredictedConflicts } from '../../scheduler/predictor.js';
import type { BlockRecord } from '../../types.js';
import { AccessRowsBuilder, READS, WRITES } from '../access-rows.js';
import { conflictsThroughKeys, slotsAndAccountsOf, slotsOf } from '../conflict-rows.js';
import { at } from '../numbers.js';

/** Ordered pairs (i < j) that conflict, as compressed rows by the later one; earlier ones ascending. */
export type TrueConflicts = Pick<PredictedConflicts, 'offsets' | 'earlier'>;

/** What a perfect prediction of a block would have said. */
export interface BlockTruth {
  readonly transactions: number;
  /**
   * Slots and accounts; code is left out. Probabilities are 0 or 1. An account that was credited (`add`) is touched and
   * changed.
   */
  readonly accesses: PredictedAccesses;
  /** j reads or writes a storage slot that i wrote. */
  readonly conflicts: TrueConflicts;
  /** The same, or j accesses in any way an account that i changed; the fee recipient's own account aside. */
  readonly conflictsWithAccounts: TrueConflicts;
  /** Through slots, by transaction: the latest earlier one that it conflicts with; -1 for none. */
  readonly latestBlocker: Int32Array;
}

/** Reads the truth off a recorded block. Memory in proportion to accesses and conflicting pairs. */
export function truthOf(record: BlockRecord): BlockTruth {
  const accesses = trueAccesses(record);
  const { feeRecipient } = record.header;
  const conflicts = conflictsThroughKeys(accesses, slotsOf(accesses));
  return {
    transactions: record.transactions.length,
    accesses,
    conflicts,
    conflictsWithAccounts: conflictsThroughKeys(accesses, slotsAndAccountsOf(accesses, feeRecipient)),
    latestBlocker: latestOf(conflicts),
  };
}

function trueAccesses({ transactions }: BlockRecord): PredictedAccesses {
  const builder = new AccessRowsBuilder();
  for (const { accesses } of transactions) {
    for (const { address, field, slot, kind } of accesses) {
      if (field !== 'code') builder.use({ address, slot }, kind === 'read' ? READS : WRITES);
    }
    builder.endTransaction();
  }
  return builder.build();
}

function latestOf({ offsets, earlier }: TrueConflicts): Int32Array {
  return Int32Array.from({ length: offsets.length - 1 }, (_, later) => {
    const end = at(offsets, later + 1);
    return end > at(offsets, later) ? at(earlier, end - 1) : -1;
  });
}
