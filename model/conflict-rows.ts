import { LanecastError } from '../errors.js';
import type { PredictedAccesses, PredictedConflicts } from '../scheduler/predictor.js';
import type { Address } from '../types.js';
import { float32At, float64At, uint32At } from './numbers.js';

/** 2 GiB of pairs: a rule that is this generous says nothing any more. */
const MAX_PAIRS = 2 ** 28;
const FIRST_CAPACITY = 1024;

/** Lays pairs end to end: `add` those of one later transaction, earlier ones ascending, then `endTransaction`. */
export class ConflictRowsBuilder {
  readonly #offsets: number[] = [0];
  #earlier = new Uint32Array(FIRST_CAPACITY);
  #probability = new Float32Array(FIRST_CAPACITY);
  #count = 0;

  add(earlier: number, probability: number): void {
    if (this.#count === this.#earlier.length) this.#grow();
    this.#earlier[this.#count] = earlier;
    this.#probability[this.#count] = probability;
    this.#count += 1;
  }

  endTransaction(): void {
    this.#offsets.push(this.#count);
  }

  build(): PredictedConflicts {
    return {
      offsets: Uint32Array.from(this.#offsets),
      earlier: this.#earlier.slice(0, this.#count),
      probability: this.#probability.slice(0, this.#count),
    };
  }

  /** Throws LanecastError UNSUPPORTED beyond 2^28 pairs. */
  #grow(): void {
    if (this.#count >= MAX_PAIRS) {
      throw new LanecastError('UNSUPPORTED', `a block with more than ${MAX_PAIRS} conflicting pairs, expected fewer`);
    }
    const [earlier, probability] = [this.#earlier, this.#probability];
    this.#earlier = new Uint32Array(this.#count * 2);
    this.#probability = new Float32Array(this.#count * 2);
    this.#earlier.set(earlier);
    this.#probability.set(probability);
  }
}

/** Which keys of a set of accesses make conflicts: one flag a key. */
export type KeyFilter = Uint8Array;

/** The storage slots among the keys. */
export function slotsOf({ keys }: PredictedAccesses): KeyFilter {
  return Uint8Array.from(keys, ({ slot }) => (slot === null ? 0 : 1));
}

/** The accounts among the keys, but for the fee recipient's own. */
export function accountsOf({ keys }: PredictedAccesses, feeRecipient: Address): KeyFilter {
  return Uint8Array.from(keys, ({ address, slot }) => (slot === null && address !== feeRecipient ? 1 : 0));
}

/** All keys but the account of the fee recipient. */
export function slotsAndAccountsOf(accesses: PredictedAccesses, feeRecipient: Address): KeyFilter {
  return Uint8Array.from(accesses.keys, ({ address, slot }) => (slot === null && address === feeRecipient ? 0 : 1));
}

/**
 * Ordered pairs (i < j) of which j touches a key that i changes: P = 1 − Π over shared keys of 1 − P(i writes) · P(j touches),
 * keys taken as independent. Time in proportion to accesses and, per key, pairs.
 */
export function conflictsThroughKeys(accesses: PredictedAccesses, filter: KeyFilter): PredictedConflicts {
  const builder = new ConflictRowsBuilder();
  const writers = new WritersOfKeys();
  const row = new PairRow(accesses.offsets.length - 1);
  for (let later = 0; later + 1 < accesses.offsets.length; later += 1) {
    const [start, end] = [uint32At(accesses.offsets, later), uint32At(accesses.offsets, later + 1)];
    for (let entry = start; entry < end; entry += 1) {
      const key = uint32At(accesses.keyIndices, entry);
      if (filter[key] === 1) writers.joinInto(row, key, float32At(accesses.readProbability, entry));
    }
    row.flush(builder);
    for (let entry = start; entry < end; entry += 1) {
      writers.note(uint32At(accesses.keyIndices, entry), later, float32At(accesses.writeProbability, entry));
    }
  }
  return builder.build();
}

interface Writers {
  readonly index: number[];
  readonly probability: number[];
}

/** By key, who changes it so far, and how likely. */
class WritersOfKeys {
  readonly #lists = new Map<number, Writers>();

  note(key: number, writer: number, probability: number): void {
    if (probability <= 0) return;
    const list = this.#lists.get(key);
    if (list === undefined) {
      this.#lists.set(key, { index: [writer], probability: [probability] });
      return;
    }
    list.index.push(writer);
    list.probability.push(probability);
  }

  joinInto(row: PairRow, key: number, touch: number): void {
    const list = this.#lists.get(key);
    if (list === undefined || touch <= 0) return;
    for (let position = 0; position < list.index.length; position += 1) {
      row.join(list.index[position] ?? 0, touch * (list.probability[position] ?? 0));
    }
  }
}

/** The pairs of one later transaction while they are gathered. */
class PairRow {
  /** By earlier transaction: the probability that no key makes a conflict; 2 where it is not in the row. */
  readonly #unharmed: Float64Array;
  readonly #members: Uint32Array;
  #count = 0;
  #isAscending = true;

  constructor(transactions: number) {
    this.#unharmed = new Float64Array(transactions).fill(2);
    this.#members = new Uint32Array(transactions);
  }

  join(earlier: number, probability: number): void {
    const unharmed = float64At(this.#unharmed, earlier);
    if (unharmed > 1) this.#append(earlier);
    this.#unharmed[earlier] = Math.min(unharmed, 1) * (1 - probability);
  }

  flush(builder: ConflictRowsBuilder): void {
    const members = this.#members.subarray(0, this.#count);
    if (!this.#isAscending) members.sort();
    for (let position = 0; position < members.length; position += 1) {
      const earlier = uint32At(members, position);
      builder.add(earlier, 1 - float64At(this.#unharmed, earlier));
      this.#unharmed[earlier] = 2;
    }
    this.#count = 0;
    this.#isAscending = true;
    builder.endTransaction();
  }

  #append(earlier: number): void {
    if (this.#count > 0 && uint32At(this.#members, this.#count - 1) > earlier) this.#isAscending = false;
    this.#members[this.#count] = earlier;
    this.#count += 1;
  }
}

/** Pairs of either set, for the same block; where both know one, their causes are taken as independent. */
export function uniteConflicts(a: PredictedConflicts, b: PredictedConflicts): PredictedConflicts {
  const builder = new ConflictRowsBuilder();
  for (let later = 0; later + 1 < a.offsets.length; later += 1) {
    let [first, second] = [uint32At(a.offsets, later), uint32At(b.offsets, later)];
    const [firstEnd, secondEnd] = [uint32At(a.offsets, later + 1), uint32At(b.offsets, later + 1)];
    while (first < firstEnd || second < secondEnd) {
      const left = first < firstEnd ? uint32At(a.earlier, first) : Infinity;
      const right = second < secondEnd ? uint32At(b.earlier, second) : Infinity;
      const p = left <= right ? float32At(a.probability, first++) : 0;
      const q = right <= left ? float32At(b.probability, second++) : 0;
      builder.add(Math.min(left, right), 1 - (1 - p) * (1 - q));
    }
    builder.endTransaction();
  }
  return builder.build();
}
