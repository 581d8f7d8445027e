import { grownInt32, int32At } from '../numbers.js';
import { evidenceLevel, oddsLevel } from '../tables/levels.js';
import { PairTable } from '../tables/pair-table.js';
import type { RateTable } from '../tables/rate-table.js';
import type { BlockCall } from './block-call.js';
import { PAIR_RATES, RELATIONS, type PairStatistics, type Relation } from './pair-statistics.js';

/** Features that depend on the two functions and the relation alone: level and evidence of each rate, and of both functions. */
export const RATE_FEATURES = 2 * PAIR_RATES + 4;
/** `RATE_FEATURES` up to a whole number of lanes. */
export const RATE_STRIDE = 4 * Math.ceil(RATE_FEATURES / 4);
/**
 * Functions that met so often and conflicted in fewer of the cases are not worth a look where they share the recipient alone: what
 * would be said of them is below what is mentioned at all.
 */
const MIN_MEETINGS = 50;
const MAX_CONFLICT_RATE = 0.01;
/** The odds of what has no history. */
export const NO_LEVEL = oddsLevel(0.1);

/** The rates of pairs as features, computed once for each two functions and relation until the statistics change. */
export class PairRates {
  readonly #statistics: PairStatistics;
  #version = -1;
  #pairs = new PairTable();
  /** By pair of functions: its row in the statistics, -1 for none. */
  #functionRows = new Int32Array(1024);
  /** By pair of functions: 1 where they hardly ever conflict, 2 where they may, 0 where that is not known. */
  #hardly = new Int32Array(1024);
  /** By pair of functions and relation: where its features begin, plus one; 0 where they are not known. */
  #places = new Int32Array(1024);
  /** `RATE_STRIDE` a row. */
  features = new Uint8Array(1024 * RATE_STRIDE);
  /** The features four at a time. */
  lanes = new Int32Array(this.features.buffer);
  #count = 0;
  #writing = 0;

  constructor(statistics: PairStatistics) {
    this.#statistics = statistics;
  }

  /** Forgets everything unless the statistics are still at this version. */
  refresh(version: number): void {
    if (version === this.#version) return;
    this.#version = version;
    this.#places.fill(0, 0, this.#pairs.size * RELATIONS);
    this.#pairs = new PairTable();
    this.#count = 0;
  }

  /** The number of a pair of functions until the next `refresh`. */
  pairOf(earlier: BlockCall, later: BlockCall): number {
    const size = this.#pairs.size;
    const pair = this.#pairs.add(earlier.functionId, later.functionId);
    if (pair < size) return pair;
    while (pair >= this.#functionRows.length) {
      this.#functionRows = grownInt32(this.#functionRows);
      this.#hardly = grownInt32(this.#hardly);
    }
    this.#hardly[pair] = 0;
    while ((pair + 1) * RELATIONS > this.#places.length) this.#places = grownInt32(this.#places);
    this.#functionRows[pair] = this.#statistics.functionPair(earlier, later);
    return pair;
  }

  /** The row of the two functions in the statistics; -1 for none. */
  functionRow(pair: number): number {
    return int32At(this.#functionRows, pair);
  }

  /** Whether two functions met often and hardly ever conflicted: see `MIN_MEETINGS`. */
  hardlyConflict(
    pair: number,
    { earlier, later }: { readonly earlier: BlockCall; readonly later: BlockCall },
  ): boolean {
    const known = int32At(this.#hardly, pair);
    if (known !== 0) return known === 1;
    const { functions } = this.#statistics;
    const row = functions.find(earlier.functionId, later.functionId);
    const trials = functions.trials(row);
    const hardly = trials >= MIN_MEETINGS && functions.hits(row) < MAX_CONFLICT_RATE * trials;
    this.#hardly[pair] = hardly ? 1 : 2;
    return hardly;
  }

  /** Where the features of a pair with a relation begin. */
  find(pair: number, relation: Relation, calls: { readonly earlier: BlockCall; readonly later: BlockCall }): number {
    const known = int32At(this.#places, pair * RELATIONS + relation.code);
    if (known !== 0) return known - 1;
    const place = this.#count * RATE_STRIDE;
    this.#count += 1;
    if (place + RATE_STRIDE > this.features.length) this.#grow();
    this.#places[pair * RELATIONS + relation.code] = place + 1;
    this.#writing = place;
    this.#statistics.forEachRate({ ...calls, relation }, (table, row) => this.#put(table, row));
    const { functions } = this.#statistics;
    this.#put(functions, this.#statistics.selfRow(calls.later));
    this.#put(functions, this.#statistics.selfRow(calls.earlier));
    return place;
  }

  #put(table: RateTable, row: number): void {
    this.features[this.#writing++] = row < 0 ? NO_LEVEL : oddsLevel(table.rate(row));
    this.features[this.#writing++] = row < 0 ? 0 : evidenceLevel(table.trials(row));
  }

  #grow(): void {
    const grown = new Uint8Array(this.features.length * 2);
    grown.set(this.features);
    this.features = grown;
    this.lanes = new Int32Array(grown.buffer);
  }
}
