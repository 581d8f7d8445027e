import type { PendingBlock } from '../../scheduler/predictor.js';
import { AccessRowsBuilder, WRITES } from '../access-rows.js';
import type { PartialPredictor } from '../evaluation/contender.js';
import { withConflicts, type AccessPrediction } from './through-accesses.js';

/** Slots of declared access lists (EIP-2930) are read and written; of the rest nothing is known. Learns nothing. */
export class DeclaredAccessLists implements PartialPredictor {
  predict({ transactions }: PendingBlock): AccessPrediction {
    const builder = new AccessRowsBuilder();
    for (const { accessList } of transactions) {
      for (const { address, storageKeys } of accessList) {
        for (const slot of storageKeys) builder.use({ address, slot }, WRITES);
      }
      builder.endTransaction();
    }
    return withConflicts(builder.build());
  }

  learn(): void {
    // The lists say it all.
  }
}
