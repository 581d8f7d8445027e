import type { Address } from '../../types.js';
import type { PredictedAccesses } from '../predictor.js';
import { at, type CompressedRows } from '../rows.js';
import { RowWriter } from './row-writer.js';

/** The keys that transactions probably touch and change, as indices into the predicted keys. */
export interface PredictedKeys {
  readonly keyCount: number;
  /** By transaction: those that it touches, be it to read or to write. */
  readonly reads: CompressedRows;
  readonly writes: CompressedRows;
}

/**
 * The accesses of at least the probability `threshold`. The account of the fee recipient is left out: every transaction
 * pays it, and credits commute. Time in proportion to predicted keys and accesses.
 */
export function predictedKeys(
  accesses: PredictedAccesses,
  { feeRecipient, threshold }: { readonly feeRecipient: Address; readonly threshold: number },
): PredictedKeys {
  const feeKey = accesses.keys.findIndex(({ address, slot }) => slot === null && address === feeRecipient);
  const rowsOver = (probability: Float32Array): CompressedRows =>
    selectRows(accesses, (entry) => at(probability, entry) >= threshold && at(accesses.keyIndices, entry) !== feeKey);
  return {
    keyCount: accesses.keys.length,
    reads: rowsOver(accesses.readProbability),
    writes: rowsOver(accesses.writeProbability),
  };
}

function selectRows(
  { offsets, keyIndices }: PredictedAccesses,
  isSelected: (entry: number) => boolean,
): CompressedRows {
  const rows = new RowWriter(offsets.length - 1, keyIndices.length);
  for (let row = 0; row < offsets.length - 1; row++) {
    for (let entry = at(offsets, row); entry < at(offsets, row + 1); entry++) {
      if (isSelected(entry)) rows.add(at(keyIndices, entry));
    }
    rows.endRow();
  }
  return rows.finish();
}
