import type { TransactionRecord } from '../../types.js';
import { ACCESS_FEATURES, type AccessCandidates } from '../accesses/candidates.js';
import { PAIR_FEATURES } from '../conflicts/pair-features.js';
import type { PairCase } from '../conflicts/pair-statistics.js';
import { COST_FEATURES, type CostFeatures } from '../costs/cost-statistics.js';
import { PairTable } from '../tables/pair-table.js';
import { TrainingRows } from './rows.js';

/** A pair's place, for what is judged by transaction. */
export interface PairPlace {
  readonly block: number;
  readonly earlier: number;
  readonly later: number;
}

/** Rows for all networks, gathered while history is learned. */
export class RowCollector {
  readonly pairs = new TrainingRows(PAIR_FEATURES, 1);
  readonly pairPlaces: PairPlace[] = [];
  readonly accesses = new TrainingRows(ACCESS_FEATURES, 2);
  /** Accesses and writes that no candidate foresaw, by block. */
  readonly missed: { reads: number; writes: number }[] = [];
  readonly gasUsed = new TrainingRows(COST_FEATURES, 1);
  readonly executionNs = new TrainingRows(COST_FEATURES, 1);
  #block = -1;
  /** The pairs of the block at hand, by the functions of both. */
  #groups = new PairTable();
  #groupOf: number[] = [];

  startBlock(): void {
    this.#block += 1;
    for (const rows of [this.pairs, this.accesses, this.gasUsed, this.executionNs]) rows.startBlock();
    this.missed.push({ reads: 0, writes: 0 });
  }

  pair(pair: PairCase, features: Uint8Array, conflicted: boolean): void {
    const { earlier, later, earlierIndex, laterIndex } = pair;
    this.pairs.add(features, [conflicted ? 1 : 0]);
    this.pairPlaces.push({ block: this.#block, earlier: earlierIndex, later: laterIndex });
    this.#groupOf.push(this.#groups.add(earlier.functionId, later.functionId));
  }

  accessesOf(candidates: AccessCandidates, uses: ReadonlyMap<number, boolean>): void {
    const open = new Map(uses);
    for (const [position, key] of candidates.keys.entries()) {
      const written = open.get(key);
      open.delete(key);
      const offset = position * ACCESS_FEATURES;
      const features = candidates.features.subarray(offset, offset + ACCESS_FEATURES);
      this.accesses.add(features, [written === undefined ? 0 : 1, written === true ? 1 : 0]);
    }
    const missed = this.missed[this.#block];
    if (missed === undefined) return;
    missed.reads += open.size;
    missed.writes += [...open.values()].filter((written) => written).length;
  }

  cost(gasUsed: CostFeatures, executionNs: CostFeatures, record: TransactionRecord): void {
    addCost(this.gasUsed, gasUsed, record.gasUsed);
    if (record.executionNs !== null) addCost(this.executionNs, executionNs, record.executionNs);
  }

  /**
   * Ends a block: pairs of the same two functions weigh as much together as the root of their number, because one hot function
   * is hardly more than one observation.
   */
  endBlock(): void {
    const sizes: number[] = [];
    for (const group of this.#groupOf) sizes[group] = (sizes[group] ?? 0) + 1;
    const first = this.pairs.rows - this.#groupOf.length;
    for (const [index, group] of this.#groupOf.entries())
      this.pairs.weigh(first + index, 1 / Math.sqrt(sizes[group] ?? 1));
    this.#groups = new PairTable();
    this.#groupOf = [];
  }
}

/** Bounds what one outlier can do. */
const MAX_DISTANCE = 3;

function addCost(rows: TrainingRows, { values, base }: CostFeatures, cost: number): void {
  const distance = Math.log2(Math.max(1, cost)) - base;
  rows.add(values, [Math.max(-MAX_DISTANCE, Math.min(MAX_DISTANCE, distance))]);
}
