import type { PredictedAccesses, PredictedConflicts } from '../../scheduler/predictor.js';
import { conflictsThroughKeys, slotsOf } from '../conflict-rows.js';

/** Predicted accesses and the conflicts that follow from them. */
export interface AccessPrediction {
  readonly accesses: PredictedAccesses;
  readonly conflicts: PredictedConflicts;
}

/** Conflicts are those through storage slots. */
export function withConflicts(accesses: PredictedAccesses): AccessPrediction {
  return { accesses, conflicts: conflictsThroughKeys(accesses, slotsOf(accesses)) };
}
