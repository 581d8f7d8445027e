import type { Plan } from './plan.js';
import type { BlockHints, PredictedConflicts } from './predictor.js';
import type { CompressedRows } from './rows.js';
import { float32At, float64At, int32At, uint32At } from './typed-arrays.js';

export interface PlanSettings {
  readonly workers: number;
  /** What a needless wait costs, where it delays nothing that is critical, as a share of the wait. */
  readonly waitPrice: number;
  /** Expected writes as likely as this are marked ESTIMATE before execution; above 1: none. */
  readonly markProbability: number;
}

export const DEFAULT_PLAN_SETTINGS = { waitPrice: 0.05, markProbability: 2 } as const;

/** Reads and writes less likely than this make no dependency. */
const LEAST_PROBABILITY = 0.05;
/** Of the earlier transactions that may have changed a key, the latest so many are considered, and as many that added. */
const MOST_WRITERS = 16;
/** What is left of the chance that a value is older is too little to go on. */
const LEAST_REMAINDER = 0.05;
/** A dependency that counts for how much work hangs on a transaction. */
const PROBABLE = 0.5;
/** The chance that a transaction which is executed out of order depends on something that was not foreseen. */
const RISK = 0.1;
/** Priorities have 16 bits, so that the engine sorts them in two passes. */
const HIGHEST_PRIORITY = 0xffff;

/**
 * Makes plans from predictions: who waits for whom, what starts first, and which writes to expect. Time in proportion to the
 * predicted accesses and pairs; it keeps its tables from block to block.
 *
 * A transaction waits for an earlier one where the work that is probably spared exceeds what the wait probably costs:
 * P × own cost × how busy the workers are > (1 − P) × the delay of the makespan. A wait delays the makespan as far as it goes
 * beyond the slack of the transaction, which is what is left between its chain of dependents and the makespan.
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
  /** Possible dependencies, as rows by the later transaction. */
  #edgeOffsets = new Uint32Array(1);
  #edges = new Uint32Array(64);
  #edgeChances = new Float32Array(64);
  #edgeCount = 0;
  /** By transaction: the work that hangs on it, and when it would be finished. */
  #ranks = new Float64Array(0);
  #finish = new Float64Array(0);

  build(hints: BlockHints, settings: PlanSettings): Plan {
    const { conflicts, costs } = hints;
    const count = hints.offsets.length - 1;
    this.#begin(hints);
    for (let later = 0; later < count; later++) {
      this.#collectByKeys(hints, later);
      if (conflicts !== null) this.#collectByPairs(conflicts, later);
      this.#endRow(later);
      this.#addWriters(hints, later);
    }
    const blockers = this.#choose(costs, settings);
    return {
      priority: prioritiesOf(costs, this.#ranksBy(costs, blockers), settings.workers),
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
      this.#edgeOffsets = new Uint32Array(2 * count + 1);
      this.#ranks = new Float64Array(2 * count);
      this.#finish = new Float64Array(2 * count);
    }
    this.#stamp += 1;
    this.#entries = 0;
    this.#touchedCount = 0;
    this.#edgeCount = 0;
  }

  /** From each key that it reads back to those that may have written it, until somebody surely has. */
  #collectByKeys({ offsets, keys, read: reads }: BlockHints, later: number): void {
    for (let access = uint32At(offsets, later); access < uint32At(offsets, later + 1); access++) {
      const read = float32At(reads, access);
      const key = uint32At(keys, access);
      if (read < LEAST_PROBABILITY || this.#stamps[key] !== this.#stamp) continue;
      let remainder = read;
      let entry = int32At(this.#heads, key);
      let [writers, adders] = [0, 0];
      while (entry >= 0 && writers < MOST_WRITERS && remainder >= LEAST_REMAINDER) {
        const likelihood = float32At(this.#likelihoods, entry);
        if (this.#adds[entry] === 0) {
          writers += 1;
          this.#addChance(uint32At(this.#writers, entry), remainder * likelihood);
          remainder *= 1 - likelihood;
        } else if (adders < MOST_WRITERS) {
          adders += 1;
          this.#addChance(uint32At(this.#writers, entry), remainder * likelihood);
        }
        entry = int32At(this.#previous, entry);
      }
    }
  }

  #collectByPairs({ offsets, earlier, probability }: PredictedConflicts, later: number): void {
    for (let pair = uint32At(offsets, later); pair < uint32At(offsets, later + 1); pair++) {
      const chance = float32At(probability, pair);
      if (chance >= LEAST_PROBABILITY) this.#addChance(uint32At(earlier, pair), chance);
    }
  }

  /** Evidence of the same pair from several sources is no more than the strongest of them. */
  #addChance(earlier: number, chance: number): void {
    const known = float32At(this.#chances, earlier);
    if (known === 0) this.#touched[this.#touchedCount++] = earlier;
    if (chance > known) this.#chances[earlier] = chance;
  }

  #endRow(later: number): void {
    if (this.#edges.length < this.#edgeCount + this.#touchedCount) {
      const length = 2 * (this.#edgeCount + this.#touchedCount);
      const [edges, chances] = [new Uint32Array(length), new Float32Array(length)];
      edges.set(this.#edges);
      chances.set(this.#edgeChances);
      this.#edges = edges;
      this.#edgeChances = chances;
    }
    for (let position = 0; position < this.#touchedCount; position++) {
      const earlier = uint32At(this.#touched, position);
      this.#edges[this.#edgeCount] = earlier;
      this.#edgeChances[this.#edgeCount] = float32At(this.#chances, earlier);
      this.#edgeCount += 1;
      this.#chances[earlier] = 0;
    }
    this.#touchedCount = 0;
    this.#edgeOffsets[later + 1] = this.#edgeCount;
  }

  #addWriters({ offsets, keys, write: writes, add: adds }: BlockHints, index: number): void {
    for (let access = uint32At(offsets, index); access < uint32At(offsets, index + 1); access++) {
      const write = float32At(writes, access);
      const add = float32At(adds, access);
      if (Math.max(write, add) < LEAST_PROBABILITY) continue;
      const key = uint32At(keys, access);
      const entry = this.#entries++;
      this.#previous[entry] = this.#stamps[key] === this.#stamp ? int32At(this.#heads, key) : -1;
      this.#writers[entry] = index;
      this.#likelihoods[entry] = Math.max(write, add);
      this.#adds[entry] = add > write ? 1 : 0;
      this.#heads[key] = entry;
      this.#stamps[key] = this.#stamp;
    }
  }

  /** Of the possible dependencies those that are worth a wait, transaction by transaction as they would finish. */
  #choose(costs: Float64Array, { workers, waitPrice }: PlanSettings): CompressedRows {
    const count = costs.length;
    const ranks = this.#probableRanks(costs);
    const { makespan, total } = boundsOf(costs, ranks, workers);
    const busyShare = makespan > 0 ? Math.min(1, total / (workers * makespan)) : 1;
    const finish = this.#finish;
    const offsets = new Uint32Array(count + 1);
    const chosen = new Uint32Array(this.#edgeCount);
    let [length, before] = [0, 0];
    for (let later = 0; later < count; later++) {
      const cost = float64At(costs, later);
      let ready = before / workers;
      let slack = Math.max(0, makespan - ready - float64At(ranks, later));
      for (let edge = uint32At(this.#edgeOffsets, later); edge < uint32At(this.#edgeOffsets, later + 1); edge++) {
        const chance = float32At(this.#edgeChances, edge);
        const earlier = uint32At(this.#edges, edge);
        const wait = Math.max(0, float64At(finish, earlier) - ready);
        const delay = Math.max(0, wait - slack) + waitPrice * wait;
        if (chance * cost * busyShare < (1 - chance) * delay) continue;
        chosen[length++] = earlier;
        ready += wait;
        slack = Math.max(0, slack - wait);
      }
      finish[later] = ready + cost;
      offsets[later + 1] = length;
      before += cost;
    }
    return { offsets, indices: chosen.subarray(0, length) };
  }

  /** Upward ranks over what is probable. */
  #probableRanks(costs: Float64Array): Float64Array {
    const ranks = this.#ranks.fill(0, 0, costs.length);
    for (let index = costs.length - 1; index >= 0; index--) {
      const rank = float64At(ranks, index) + float64At(costs, index);
      ranks[index] = rank;
      for (let edge = uint32At(this.#edgeOffsets, index); edge < uint32At(this.#edgeOffsets, index + 1); edge++) {
        const earlier = uint32At(this.#edges, edge);
        if (float32At(this.#edgeChances, edge) >= PROBABLE && rank > float64At(ranks, earlier)) ranks[earlier] = rank;
      }
    }
    return ranks;
  }

  /** Upward ranks over those that wait. */
  #ranksBy(costs: Float64Array, { offsets, indices }: CompressedRows): Float64Array {
    const ranks = this.#ranks.fill(0, 0, costs.length);
    for (let index = costs.length - 1; index >= 0; index--) {
      const rank = float64At(ranks, index) + float64At(costs, index);
      ranks[index] = rank;
      for (let entry = uint32At(offsets, index); entry < uint32At(offsets, index + 1); entry++) {
        const blocker = uint32At(indices, entry);
        if (rank > float64At(ranks, blocker)) ranks[blocker] = rank;
      }
    }
    return ranks;
  }
}

/** The makespan that is to be had at best: all work on all workers, or the longest chain. */
function boundsOf(
  costs: Float64Array,
  ranks: Float64Array,
  workers: number,
): { readonly makespan: number; readonly total: number } {
  let [longest, total] = [0, 0];
  for (let index = 0; index < costs.length; index++) {
    total += float64At(costs, index);
    if (float64At(ranks, index) > longest) longest = float64At(ranks, index);
  }
  return { makespan: Math.max(longest, total / workers), total };
}

/**
 * The order of the block, but for those that could not wait: a transaction starts when its turn comes on `workers` workers, or
 * at the latest moment that leaves time for the chain that waits for it (its upward rank), if that is earlier by more than the
 * risk is worth: out of order, every dependency that was not foreseen is a re-execution.
 */
function prioritiesOf(costs: Float64Array, ranks: Float64Array, workers: number): Uint32Array {
  const { makespan } = boundsOf(costs, ranks, workers);
  const scale = makespan > 0 ? HIGHEST_PRIORITY / makespan : 0;
  const priorities = new Uint32Array(costs.length);
  let before = 0;
  for (let index = 0; index < costs.length; index++) {
    const turn = before / workers;
    const latest = makespan - float64At(ranks, index);
    const start = turn - latest > RISK * float64At(costs, index) ? latest : turn;
    priorities[index] = Math.max(0, Math.round(start * scale));
    before += float64At(costs, index);
  }
  return priorities;
}

function expectedWrites({ offsets, keys, write }: BlockHints, markProbability: number): CompressedRows {
  const count = offsets.length - 1;
  const rows = new Uint32Array(count + 1);
  if (markProbability > 1) return { offsets: rows, indices: new Uint32Array(0) };
  const indices: number[] = [];
  for (let index = 0; index < count; index++) {
    for (let access = uint32At(offsets, index); access < uint32At(offsets, index + 1); access++) {
      if (float32At(write, access) >= markProbability) indices.push(uint32At(keys, access));
    }
    rows[index + 1] = indices.length;
  }
  return { offsets: rows, indices: Uint32Array.from(indices) };
}
