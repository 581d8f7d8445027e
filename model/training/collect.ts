import type { TransactionRecord } from '../../types.js';
import { ACCESS_FEATURES, type AccessCandidates } from '../accesses/candidates.js';
import { PAIR_FEATURES } from '../conflicts/pair-features.js';
import type { PairCase } from '../conflicts/pair-statistics.js';
import { COST_FEATURES, type CostFeatures } from '../costs/cost-statistics.js';
import { PairTable } from '../tables/pair-table.js';
import { TrainingRows } from './rows.js';

const AS_NEW = -1;
const MAX_SHOWN_AS_NEW = 1;
const WEIGHT_AS_NEW = 0.2;

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
  /** By group and relation: how many of its pairs were shown as new. */
  #shown = new PairTable();
  #timesShown: number[] = [];
  #madeUp = 0;

  startBlock(): void {
    this.#block += 1;
    for (const rows of [this.pairs, this.accesses, this.gasUsed, this.executionNs]) rows.startBlock();
    this.missed.push({ reads: 0, writes: 0 });
  }

  /**
   * Of each two functions and relation in a block, the first pairs are added once more as `asNew` describes them, because most
   * functions are met for the first time and only few pairs of a history show how that looks.
   */
  pair(
    pair: PairCase,
    features: Uint8Array,
    { conflicted, asNew }: { readonly conflicted: boolean; readonly asNew: (keepsSelectors: boolean) => Uint8Array },
  ): void {
    const { earlier, later, earlierIndex, laterIndex, relation } = pair;
    const group = this.#groups.add(earlier.functionId, later.functionId);
    const place = { block: this.#block, earlier: earlierIndex, later: laterIndex };
    const target = [conflicted ? 1 : 0];
    this.pairs.add(features, target);
    this.pairPlaces.push(place);
    this.#groupOf.push(group);
    const entry = this.#shown.add(group, relation.code);
    const shown = (this.#timesShown[entry] ?? 0) + 1;
    this.#timesShown[entry] = shown;
    if (shown > MAX_SHOWN_AS_NEW) return;
    this.pairs.addMadeUp(asNew(this.#madeUp++ % 2 === 0), target);
    this.pairPlaces.push(place);
    this.#groupOf.push(AS_NEW);
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
    for (const group of this.#groupOf) if (group !== AS_NEW) sizes[group] = (sizes[group] ?? 0) + 1;
    const first = this.pairs.rows - this.#groupOf.length;
    for (const [index, group] of this.#groupOf.entries())
      this.pairs.weigh(first + index, group === AS_NEW ? WEIGHT_AS_NEW : 1 / Math.sqrt(sizes[group] ?? 1));
    this.#groups = new PairTable();
    this.#groupOf = [];
    this.#shown = new PairTable();
    this.#timesShown = [];
  }
}

/** Bounds what one outlier can do. */
const MAX_DISTANCE = 3;

function addCost(rows: TrainingRows, { values, base }: CostFeatures, cost: number): void {
  const distance = Math.log2(Math.max(1, cost)) - base;
  rows.add(values, [Math.max(-MAX_DISTANCE, Math.min(MAX_DISTANCE, distance))]);
}
