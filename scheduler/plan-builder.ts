import type { Plan } from './plan.js';
import type { BlockHints, PredictedConflicts } from './predictor.js';
import { at, type CompressedRows } from './rows.js';

export interface PlanSettings {
  readonly workers: number;
  /**
   * What a needless wait costs beside a re-execution that was spared: a transaction waits for an earlier one where
   * P(conflict) × its own cost exceeds P(no conflict) × the other's cost × this. Below 1, because who waits leaves its
   * worker to others.
   */
  readonly waitPrice: number;
  /** Expected writes as likely as this are marked ESTIMATE before execution; above 1: none. */
  readonly markProbability: number;
}

export const DEFAULT_PLAN_SETTINGS = { waitPrice: 0.25, markProbability: 2 } as const;

/** Reads and writes less likely than this make no dependency. */
const LEAST_PROBABILITY = 0.05;
/** Of the earlier transactions that may have changed a key, the latest so many are considered, and as many that added. */
const MOST_WRITERS = 16;
/** What is left of the chance that a value is older is too little to go on. */
const LEAST_REMAINDER = 0.05;
/** Priorities have 16 bits, so that the engine sorts them in two passes. */
const HIGHEST_PRIORITY = 0xffff;

/**
 * Makes plans from predictions: who waits for whom, the longest chain of waiting work first, and which writes to expect.
 * Time in proportion to the predicted accesses and pairs; it keeps its tables from block to block.
 */
export class PlanBuilder {
  /** By key: the latest entry of its list of possible writers; valid where the stamp is that of the block. */
  #heads = new Int32Array(0);
  #stamps = new Uint32Array(0);
  #stamp = 0;
  /** Entries of the lists: who may write, how likely, and the entry before. */
  #writers = new Uint32Array(0);
  #likelihoods = new Float32Array(0);
  #adds = new Uint8Array(0);
  #previous = new Int32Array(0);
  #entries = 0;
  /** Chances that the running transaction depends on an earlier one, and which of them are known. */
  #chances = new Float32Array(0);
  #touched = new Uint32Array(0);
  #touchedCount = 0;
  #blockers = new Uint32Array(64);
  #blockerCount = 0;

  build(hints: BlockHints, settings: PlanSettings): Plan {
    const { conflicts, costs } = hints;
    const count = hints.offsets.length - 1;
    this.#begin(hints);
    const offsets = new Uint32Array(count + 1);
    for (let later = 0; later < count; later++) {
      this.#collectByKeys(hints, later);
      if (conflicts !== null) this.#collectByPairs(conflicts, later);
      this.#choose(later, costs, settings.waitPrice);
      offsets[later + 1] = this.#blockerCount;
      this.#addWriters(hints, later);
    }
    const blockers = { offsets, indices: this.#blockers.slice(0, this.#blockerCount) };
    return {
      priority: prioritiesOf(costs, blockers, settings.workers),
      blockers,
      writes: expectedWrites(hints, settings.markProbability),
      workers: settings.workers,
    };
  }

  #begin({ keyCount, keys, offsets }: BlockHints): void {
    const count = offsets.length - 1;
    if (this.#heads.length < keyCount) {
      this.#heads = new Int32Array(2 * keyCount);
      this.#stamps = new Uint32Array(2 * keyCount);
      this.#stamp = 0;
    }
    if (this.#writers.length < keys.length) {
      this.#writers = new Uint32Array(2 * keys.length);
      this.#likelihoods = new Float32Array(2 * keys.length);
      this.#adds = new Uint8Array(2 * keys.length);
      this.#previous = new Int32Array(2 * keys.length);
    }
    if (this.#chances.length < count) {
      this.#chances = new Float32Array(2 * count);
      this.#touched = new Uint32Array(2 * count);
    }
    this.#stamp += 1;
    this.#entries = 0;
    this.#touchedCount = 0;
    this.#blockerCount = 0;
  }

  /** From each key that it reads back to those that may have written it, until somebody surely has. */
  #collectByKeys({ offsets, keys, read: reads }: BlockHints, later: number): void {
    for (let access = at(offsets, later); access < at(offsets, later + 1); access++) {
      const read = at(reads, access);
      const key = at(keys, access);
      if (read < LEAST_PROBABILITY || this.#stamps[key] !== this.#stamp) continue;
      let remainder = read;
      let entry = at(this.#heads, key);
      let [writers, adders] = [0, 0];
      while (entry >= 0 && writers < MOST_WRITERS && remainder >= LEAST_REMAINDER) {
        const likelihood = at(this.#likelihoods, entry);
        if (this.#adds[entry] === 0) {
          writers += 1;
          this.#addChance(at(this.#writers, entry), remainder * likelihood);
          remainder *= 1 - likelihood;
        } else if (adders < MOST_WRITERS) {
          adders += 1;
          this.#addChance(at(this.#writers, entry), remainder * likelihood);
        }
        entry = at(this.#previous, entry);
      }
    }
  }

  #collectByPairs({ offsets, earlier, probability }: PredictedConflicts, later: number): void {
    for (let pair = at(offsets, later); pair < at(offsets, later + 1); pair++) {
      const chance = at(probability, pair);
      if (chance >= LEAST_PROBABILITY) this.#addChance(at(earlier, pair), chance);
    }
  }

  /** Evidence of the same pair from several sources is no more than the strongest of them. */
  #addChance(earlier: number, chance: number): void {
    const known = at(this.#chances, earlier);
    if (known === 0) this.#touched[this.#touchedCount++] = earlier;
    if (chance > known) this.#chances[earlier] = chance;
  }

  #choose(later: number, costs: Float64Array, waitPrice: number): void {
    const ownCost = at(costs, later);
    if (this.#blockers.length < this.#blockerCount + this.#touchedCount) {
      const longer = new Uint32Array(2 * (this.#blockerCount + this.#touchedCount));
      longer.set(this.#blockers);
      this.#blockers = longer;
    }
    for (let position = 0; position < this.#touchedCount; position++) {
      const earlier = at(this.#touched, position);
      const chance = at(this.#chances, earlier);
      this.#chances[earlier] = 0;
      if (chance * ownCost <= (1 - chance) * at(costs, earlier) * waitPrice) continue;
      this.#blockers[this.#blockerCount++] = earlier;
    }
    this.#touchedCount = 0;
  }

  #addWriters({ offsets, keys, write: writes, add: adds }: BlockHints, index: number): void {
    for (let access = at(offsets, index); access < at(offsets, index + 1); access++) {
      const write = at(writes, access);
      const add = at(adds, access);
      if (Math.max(write, add) < LEAST_PROBABILITY) continue;
      const key = at(keys, access);
      const entry = this.#entries++;
      this.#previous[entry] = this.#stamps[key] === this.#stamp ? at(this.#heads, key) : -1;
      this.#writers[entry] = index;
      this.#likelihoods[entry] = Math.max(write, add);
      this.#adds[entry] = add > write ? 1 : 0;
      this.#heads[key] = entry;
      this.#stamps[key] = this.#stamp;
    }
  }
}

/**
 * The order of the block, but for those that could not wait: a transaction starts when its turn comes on `workers` workers, or
 * at the latest moment that leaves time for the chain that waits for it (its upward rank), whichever is earlier. Leaving the
 * order where nothing is gained would make every dependency that was not foreseen a re-execution.
 */
function prioritiesOf(costs: Float64Array, { offsets, indices }: CompressedRows, workers: number): Uint32Array {
  const count = offsets.length - 1;
  const ranks = new Float64Array(count);
  let [longest, total] = [0, 0];
  for (let index = count - 1; index >= 0; index--) {
    const rank = at(ranks, index) + at(costs, index);
    ranks[index] = rank;
    total += at(costs, index);
    if (rank > longest) longest = rank;
    for (let entry = at(offsets, index); entry < at(offsets, index + 1); entry++) {
      const blocker = at(indices, entry);
      if (rank > at(ranks, blocker)) ranks[blocker] = rank;
    }
  }
  const makespan = Math.max(longest, total / workers);
  const scale = makespan > 0 ? HIGHEST_PRIORITY / makespan : 0;
  const priorities = new Uint32Array(count);
  let before = 0;
  for (let index = 0; index < count; index++) {
    const latest = makespan - at(ranks, index);
    priorities[index] = Math.max(0, Math.round(Math.min(before / workers, latest) * scale));
    before += at(costs, index);
  }
  return priorities;
}

function expectedWrites({ offsets, keys, write }: BlockHints, markProbability: number): CompressedRows {
  const count = offsets.length - 1;
  const rows = new Uint32Array(count + 1);
  if (markProbability > 1) return { offsets: rows, indices: new Uint32Array(0) };
  const indices: number[] = [];
  for (let index = 0; index < count; index++) {
    for (let access = at(offsets, index); access < at(offsets, index + 1); access++) {
      if (at(write, access) >= markProbability) indices.push(at(keys, access));
    }
    rows[index + 1] = indices.length;
  }
  return { offsets: rows, indices: Uint32Array.from(indices) };
}
