import type { PredictedAccesses, PredictedConflicts, PredictedKey } from '../../scheduler/predictor.js';
import { nameOfKey } from '../access-rows.js';
import { at, float32At, uint32At } from '../numbers.js';
import type { TrueConflicts } from './truth.js';

/** `probability` is null for what was not predicted; a probability of 0 says the same as no prediction. */
export type VisitPair = (earlier: number, later: number, probability: number | null, actual: boolean) => void;

/** Visits all pairs that are predicted or true. Throws RangeError where the predicted rows break their contract. */
export function comparePairs(predicted: PredictedConflicts, truth: TrueConflicts, visit: VisitPair): void {
  requireRows('conflicts', predicted.offsets, truth.offsets.length);
  for (let later = 0; later + 1 < truth.offsets.length; later += 1) {
    let [mine, theirs] = [uint32At(predicted.offsets, later), uint32At(truth.offsets, later)];
    const [mineEnd, theirsEnd] = [uint32At(predicted.offsets, later + 1), uint32At(truth.offsets, later + 1)];
    let previous = -1;
    while (mine < mineEnd || theirs < theirsEnd) {
      const left = mine < mineEnd ? uint32At(predicted.earlier, mine) : Infinity;
      const right = theirs < theirsEnd ? uint32At(truth.earlier, theirs) : Infinity;
      const earlier = Math.min(left, right);
      if (earlier <= previous || earlier >= later) {
        throw new RangeError(`pair (${earlier}, ${later}), expected earlier ones above ${previous} and below ${later}`);
      }
      const probability = left === earlier ? float32At(predicted.probability, mine++) : 0;
      const actual = right === earlier;
      if (actual) theirs += 1;
      if (probability > 0 || actual) visit(earlier, later, probability > 0 ? probability : null, actual);
      previous = earlier;
    }
  }
}

/** `touch`: the slot is read or written. `write`: it is changed. */
export type SlotUse = 'touch' | 'write';
/** `actual`: the slot where it was used that way, else null. */
export type VisitSlot = (
  transaction: number,
  use: SlotUse,
  probability: number | null,
  actual: PredictedKey | null,
) => void;

const NOT_TRUE = -1;
const IS_ACCOUNT = -2;
const [TOUCHED, WRITTEN, TOUCH_PREDICTED, WRITE_PREDICTED] = [1, 2, 4, 8];

/** Visits all uses of storage slots that are predicted or true. Throws RangeError where there are not as many rows. */
export function compareSlots(predicted: PredictedAccesses, truth: PredictedAccesses, visit: VisitSlot): void {
  requireRows('accesses', predicted.offsets, truth.offsets.length);
  const indices = matchSlots(predicted, truth);
  const state = new Uint8Array(truth.keys.length);
  for (let transaction = 0; transaction + 1 < truth.offsets.length; transaction += 1) {
    const trueKeys = truth.keyIndices.subarray(at(truth.offsets, transaction), at(truth.offsets, transaction + 1));
    for (const [position, key] of trueKeys.entries()) {
      if (truth.keys[key]?.slot === null) continue;
      const isWritten = at(truth.writeProbability, at(truth.offsets, transaction) + position) > 0;
      state[key] = isWritten ? TOUCHED | WRITTEN : TOUCHED;
    }
    const [start, end] = [at(predicted.offsets, transaction), at(predicted.offsets, transaction + 1)];
    for (let entry = start; entry < end; entry += 1) {
      const key = at(indices, at(predicted.keyIndices, entry));
      if (key === IS_ACCOUNT) continue;
      const [touch, write] = [at(predicted.readProbability, entry), at(predicted.writeProbability, entry)];
      const flags = key === NOT_TRUE ? 0 : at(state, key);
      const actual = truth.keys[key] ?? null;
      if (touch > 0) visit(transaction, 'touch', touch, (flags & TOUCHED) === 0 ? null : actual);
      if (write > 0) visit(transaction, 'write', write, (flags & WRITTEN) === 0 ? null : actual);
      if (key !== NOT_TRUE) state[key] = flags | (touch > 0 ? TOUCH_PREDICTED : 0) | (write > 0 ? WRITE_PREDICTED : 0);
    }
    for (const key of trueKeys) {
      const flags = at(state, key);
      const actual = truth.keys[key] ?? null;
      if ((flags & (TOUCHED | TOUCH_PREDICTED)) === TOUCHED) visit(transaction, 'touch', null, actual);
      if ((flags & (WRITTEN | WRITE_PREDICTED)) === WRITTEN) visit(transaction, 'write', null, actual);
      state[key] = 0;
    }
  }
}

/** By predicted key: the index of the same slot in the truth, NOT_TRUE where it has none, IS_ACCOUNT for no slot. */
function matchSlots(predicted: PredictedAccesses, truth: PredictedAccesses): Int32Array {
  const byName = new Map(truth.keys.map((key, index) => [nameOfKey(key), index]));
  return Int32Array.from(predicted.keys, (key) =>
    key.slot === null ? IS_ACCOUNT : (byName.get(nameOfKey(key)) ?? NOT_TRUE),
  );
}

function requireRows(what: string, offsets: Uint32Array, expected: number): void {
  if (offsets.length === expected) return;
  throw new RangeError(
    `${what} have ${offsets.length - 1} rows, expected one for each of ${expected - 1} transactions`,
  );
}
