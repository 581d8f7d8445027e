import type { PredictedAccesses, PredictedConflicts, PredictedKey } from '../scheduler/predictor.js';
import { at } from './numbers.js';
import type { PreparedCall } from './prepared-calls.js';
import type { KeySpace } from './tables/key-space.js';
import { StampedIndex } from './tables/stamped-index.js';
import type { ModelThresholds } from './training/trainer.js';

/** Lays the accesses and pairs of a block out as a prediction. Pairs come by the later transaction. */
export class PredictionBuilder {
  readonly #space: KeySpace;
  readonly #transactions: number;
  readonly #keyOwners: number[] = [];
  readonly #keys: number[] = [];
  readonly #touch: number[] = [];
  readonly #write: number[] = [];
  readonly #pairCounts: Uint32Array;
  readonly #earlier: number[] = [];
  readonly #probability: number[] = [];

  constructor(space: KeySpace, transactions: number) {
    this.#space = space;
    this.#transactions = transactions;
    this.#pairCounts = new Uint32Array(transactions);
  }

  addKeys(transaction: number, { keys, touch, write }: Pick<PreparedCall, 'keys' | 'touch' | 'write'>): void {
    for (let position = 0; position < keys.length; position++) {
      this.#keyOwners.push(transaction);
      this.#keys.push(keys[position] ?? 0);
      this.#touch.push(touch[position] ?? 0);
      this.#write.push(write[position] ?? 0);
    }
  }

  addKey(transaction: number, key: number, { touch, write }: { readonly touch: number; readonly write: number }): void {
    this.#keyOwners.push(transaction);
    this.#keys.push(key);
    this.#touch.push(touch);
    this.#write.push(write);
  }

  addPair(earlier: number, later: number, probability: number): void {
    this.#earlier.push(earlier);
    this.#probability.push(probability);
    this.#pairCounts[later] = at(this.#pairCounts, later) + 1;
  }

  build(thresholds: ModelThresholds): {
    readonly accesses: PredictedAccesses;
    readonly conflicts: PredictedConflicts;
    readonly dependentProbability: Float32Array;
    readonly latestBlocker: Int32Array;
  } {
    const conflicts = this.#conflicts();
    return { accesses: this.#accesses(), conflicts, ...summarize(conflicts, thresholds) };
  }

  #conflicts(): PredictedConflicts {
    const offsets = new Uint32Array(this.#transactions + 1);
    for (let later = 0; later < this.#transactions; later++) {
      offsets[later + 1] = at(offsets, later) + at(this.#pairCounts, later);
    }
    return { offsets, earlier: new Uint32Array(this.#earlier), probability: new Float32Array(this.#probability) };
  }

  #accesses(): PredictedAccesses {
    const offsets = new Uint32Array(this.#transactions + 1);
    for (const owner of this.#keyOwners) offsets[owner + 1] = at(offsets, owner + 1) + 1;
    for (let row = 0; row < this.#transactions; row++) offsets[row + 1] = at(offsets, row + 1) + at(offsets, row);
    const next = offsets.slice();
    const indices = new StampedIndex();
    const numbers: number[] = [];
    const keyIndices = new Uint32Array(this.#keys.length);
    const readProbability = new Float32Array(this.#keys.length);
    const writeProbability = new Float32Array(this.#keys.length);
    for (let entry = 0; entry < this.#keys.length; entry++) {
      const owner = at(this.#keyOwners, entry);
      const position = at(next, owner);
      next[owner] = position + 1;
      const key = at(this.#keys, entry);
      const index = indices.add(key);
      if (index === numbers.length) numbers.push(key);
      keyIndices[position] = index;
      readProbability[position] = at(this.#touch, entry);
      writeProbability[position] = at(this.#write, entry);
    }
    return new NamedAccesses(this.#space, new Uint32Array(numbers), {
      offsets,
      keyIndices,
      readProbability,
      writeProbability,
    });
  }
}

function summarize(
  { offsets, earlier, probability }: PredictedConflicts,
  { latestBlocker: threshold }: ModelThresholds,
): { readonly dependentProbability: Float32Array; readonly latestBlocker: Int32Array } {
  const transactions = offsets.length - 1;
  const dependentProbability = new Float32Array(transactions);
  const latestBlocker = new Int32Array(transactions).fill(-1);
  for (let later = 0; later < transactions; later++) {
    let independent = 1;
    for (let pair = at(offsets, later); pair < at(offsets, later + 1); pair++) {
      const likely = at(probability, pair);
      independent *= 1 - likely;
      if (likely >= threshold) latestBlocker[later] = at(earlier, pair);
    }
    dependentProbability[later] = 1 - independent;
  }
  return { dependentProbability, latestBlocker };
}

/** Names its keys when it is first asked: writing them out costs more than predicting them. */
class NamedAccesses implements PredictedAccesses {
  readonly offsets: Uint32Array;
  readonly keyIndices: Uint32Array;
  readonly readProbability: Float32Array;
  readonly writeProbability: Float32Array;
  readonly #space: KeySpace;
  readonly #numbers: Uint32Array;
  #keys: readonly PredictedKey[] | null = null;

  constructor(space: KeySpace, numbers: Uint32Array, rows: Omit<PredictedAccesses, 'keys'>) {
    this.#space = space;
    this.#numbers = numbers;
    this.offsets = rows.offsets;
    this.keyIndices = rows.keyIndices;
    this.readProbability = rows.readProbability;
    this.writeProbability = rows.writeProbability;
  }

  get keys(): readonly PredictedKey[] {
    this.#keys ??= Array.from(this.#numbers, (key) => ({
      address: this.#space.keyAddress(key),
      slot: this.#space.keySlot(key),
    }));
    return this.#keys;
  }
}
