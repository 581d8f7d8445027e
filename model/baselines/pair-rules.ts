import type { PendingBlock, PredictedConflicts } from '../../scheduler/predictor.js';
import type { Transaction } from '../../types.js';
import { ConflictRowsBuilder } from '../conflict-rows.js';
import type { PartialPredictor } from '../evaluation/contender.js';
import { functionOf } from '../functions.js';

/** Puts transactions into groups of which any two conflict; null for one that conflicts with none. */
export type GroupOf = (transaction: Transaction) => string | null;

/** Calls of the same function of the same contract. Plain transfers conflict with nothing, here as in the next two. */
export const sameContractSelector: GroupOf = (transaction) => (isCall(transaction) ? functionOf(transaction) : null);

export const sameContract: GroupOf = (transaction) => (isCall(transaction) ? transaction.to : null);

export const sameContractSender: GroupOf = (transaction) =>
  isCall(transaction) && transaction.to !== null ? transaction.to + transaction.from : null;

export const senderOnly: GroupOf = ({ from }) => from;

/** A rule that says of each pair whether it conflicts. Learns nothing. */
export class PairRule implements PartialPredictor {
  readonly #groupOf: GroupOf;

  constructor(groupOf: GroupOf) {
    this.#groupOf = groupOf;
  }

  predict({ transactions }: PendingBlock): { readonly conflicts: PredictedConflicts } {
    const members = new Map<string, number[]>();
    const builder = new ConflictRowsBuilder();
    for (const [index, transaction] of transactions.entries()) {
      const group = this.#groupOf(transaction);
      if (group !== null) {
        const earlier = members.get(group);
        for (const member of earlier ?? []) builder.add(member, 1);
        if (earlier === undefined) members.set(group, [index]);
        else earlier.push(index);
      }
      builder.endTransaction();
    }
    return { conflicts: builder.build() };
  }

  learn(): void {
    // A rule has nothing to learn.
  }
}

function isCall({ to, input }: Transaction): boolean {
  return to !== null && input !== '0x';
}
