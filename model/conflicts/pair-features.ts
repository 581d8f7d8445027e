import { at, float64At, int32At } from '../numbers.js';
import { evidenceLevel, oddsLevel, rateLevel } from '../tables/levels.js';
import type { BlockCall } from './block-call.js';
import { BlockColumns, priceWei } from './block-columns.js';
import type { CandidatePairs } from './candidate-pairs.js';
import { NO_LEVEL, PairRates, RATE_FEATURES, RATE_STRIDE } from './pair-rates.js';
import { SharedParties, evidenceOf, levelOf, packLevels } from './shared-parties.js';
import { PAIR_RATES, RELATIONS, type PairCase, type PairStatistics, type Relation } from './pair-statistics.js';

/** Features of one candidate pair, each a small integer. */
export const PAIR_FEATURES = 2 * PAIR_RATES + 38;

const PROBABLE_OVERLAP = 0.5;
const POSSIBLE_OVERLAP = 0.05;
/** A party that more than half of a function's calls name says nothing. */
const MIN_RARITY = 0.65;
/** `Relation` of a pair with the same recipient and nothing else in common. */
const RECIPIENT_ALONE = 12;
const MAX_COUNT = 31;
const MAX_RARITY_LEVEL = 60;
/** `rarity` of a party among the calls of a function that has none yet. */
const NEW_RARITY = Math.LN2;
/** Positions among the rates: those of relations alone; those of selectors. */
const GENERAL_RATES = [6, 7, 8];
const SELECTOR_RATES = [3, 4];

const ALL_RELATIONS: readonly Relation[] = Array.from({ length: RELATIONS }, (_, code) => ({
  code,
  parties: Math.floor((code % 12) / 3),
  sameRecipient: code >= 12,
}));

/** Describes the pairs of a block; the features of one stand in `values` until the next. */
export class PairDescriber {
  readonly values = new Uint8Array(PAIR_FEATURES);
  /** The features four at a time. */
  readonly lanes = new Int32Array(this.values.buffer);
  readonly #statistics: PairStatistics;
  readonly #rates: PairRates;
  readonly #columns = new BlockColumns();
  readonly #shared = new SharedParties();
  #relation: Relation = firstRelation();
  #blockLevel = 0;

  constructor(statistics: PairStatistics) {
    this.#statistics = statistics;
    this.#rates = new PairRates(statistics);
  }

  /** Begins a block; `version` changes whenever the statistics or what is known of contracts did. */
  start(calls: readonly BlockCall[], version: number): void {
    this.#rates.refresh(version);
    this.#columns.start(calls);
    this.#blockLevel = evidenceLevel(calls.length);
  }

  /** Of the last pair. */
  get relation(): Relation {
    return this.#relation;
  }

  /** The last pair with what learning needs of it. */
  pairCase(earlierIndex: number, laterIndex: number): PairCase {
    const [earlier, later] = [this.#callAt(earlierIndex), this.#callAt(laterIndex)];
    const sharedParties = this.#shared.rare.slice();
    return { earlier, later, earlierIndex, laterIndex, relation: this.#relation, sharedParties };
  }

  /**
   * Fills `values` for a pair that `candidates` just found. False, and `values` not filled, for a pair of two functions that
   * hardly ever conflict and have the recipient alone in common, unless `all` are wanted.
   */
  describe(candidates: CandidatePairs, earlierIndex: number, laterIndex: number, all: boolean): boolean {
    const columns = this.#columns;
    const calls = { earlier: this.#callAt(earlierIndex), later: this.#callAt(laterIndex) };
    const pair = this.#rates.pairOf(calls.earlier, calls.later);
    this.#share(earlierIndex, laterIndex, this.#rates.functionRow(pair));
    const overlaps = candidates.overlaps(earlierIndex, laterIndex);
    const overlap = overlaps ? candidates.overlapProbability(earlierIndex) : 0;
    const to = int32At(columns.to, laterIndex);
    const sameTo = to === int32At(columns.to, earlierIndex);
    const sameSender = int32At(columns.from, laterIndex) === int32At(columns.from, earlierIndex);
    const parties = (sameSender ? 2 : 0) + (this.#shared.count > 0 ? 1 : 0);
    const overlapCode = overlap > PROBABLE_OVERLAP ? 2 : overlap > POSSIBLE_OVERLAP ? 1 : 0;
    const code = (sameTo && to >= 0 ? 12 : 0) + parties * 3 + overlapCode;
    const relation = ALL_RELATIONS[code] ?? this.#relation;
    this.#relation = relation;
    if (!all && code === RECIPIENT_ALONE && this.#rates.hardlyConflict(pair, calls)) return false;
    const place = this.#rates.find(pair, relation, calls);
    this.#copyRates(place);
    const { values } = this;
    values[RATE_FEATURES] = rateLevel(overlap);
    values[RATE_FEATURES + 1] = overlaps ? rateLevel(candidates.bestOverlap(earlierIndex)) : 0;
    values[RATE_FEATURES + 2] = overlaps ? Math.min(MAX_COUNT, candidates.overlapKeys(earlierIndex)) : 0;
    values[RATE_FEATURES + 3] = overlaps ? Math.min(MAX_COUNT, candidates.likelyOverlapKeys(earlierIndex)) : 0;
    values[RATE_FEATURES + 4] = flag(relation.sameRecipient);
    values[RATE_FEATURES + 5] = flag(sameSender);
    this.#writeCalls(earlierIndex, laterIndex);
    this.#writeShared(sameTo);
    return true;
  }

  /**
   * What `values` would say of the pair just described if its functions, contracts and code were new, and their selectors too
   * unless they are kept: nothing but what such relations come to in general, and what stands in the transactions.
   */
  describeAsNew({ earlier, later, relation }: PairCase, keepsSelectors: boolean): Uint8Array {
    const values = Uint8Array.from(this.values);
    const plain = ALL_RELATIONS[relation.code - (relation.code % 3)] ?? relation;
    let position = 0;
    this.#statistics.forEachRate({ earlier, later, relation: plain }, (table, row) => {
      const rate = position / 2;
      const isKept = GENERAL_RATES.includes(rate) || (keepsSelectors && SELECTOR_RATES.includes(rate));
      values[position++] = oddsLevel(table.rate(isKept ? row : -1));
      values[position++] = isKept ? evidenceLevel(table.trials(row)) : 0;
    });
    values.fill(0, position, RATE_FEATURES + 4);
    for (const level of [position, position + 2]) values[level] = NO_LEVEL;
    values.fill(0, RATE_FEATURES + 14, RATE_FEATURES + 18);
    values[RATE_FEATURES + 27] = rarityLevel(NEW_RARITY * at(values, RATE_FEATURES + 8));
    values[RATE_FEATURES + 28] = at(values, RATE_FEATURES + 8) > 0 ? rarityLevel(NEW_RARITY) : 0;
    values[RATE_FEATURES + 29] = at(values, RATE_FEATURES + 8) > 0 ? NO_LEVEL : 0;
    values[RATE_FEATURES + 30] = 0;
    return values;
  }

  #copyRates(place: number): void {
    const { lanes } = this.#rates;
    for (let lane = 0; lane < RATE_STRIDE / 4; lane++) this.lanes[lane] = int32At(lanes, place / 4 + lane);
  }

  #writeCalls(earlier: number, later: number): void {
    const { values } = this;
    const columns = this.#columns;
    const { addresses: earlierAddresses } = this.#callAt(earlier).call;
    const { addresses: laterAddresses } = this.#callAt(later).call;
    const base = RATE_FEATURES + 6;
    values[base] = flag(int32At(columns.selector, earlier) === int32At(columns.selector, later));
    values[base + 1] = flag(int32At(columns.codeFunctionId, earlier) === int32At(columns.codeFunctionId, later));
    values[base + 2] = Math.min(MAX_COUNT, this.#shared.count);
    values[base + 3] =
      flag(includes(earlierAddresses, int32At(columns.from, later))) +
      flag(includes(laterAddresses, int32At(columns.from, earlier)));
    values[base + 4] =
      flag(includes(earlierAddresses, int32At(columns.to, later))) +
      flag(includes(laterAddresses, int32At(columns.to, earlier)));
    values[base + 5] = evidenceLevel(later - earlier);
    values[base + 6] = int32At(columns.gasLimitLevel, later);
    values[base + 7] = int32At(columns.gasLimitLevel, earlier);
    values[base + 8] = int32At(columns.callsLevel, later);
    values[base + 9] = int32At(columns.callsLevel, earlier);
    values[base + 10] = int32At(columns.keysLevel, later);
    values[base + 11] = int32At(columns.keysLevel, earlier);
    values[base + 12] = int32At(columns.groupLevel, later);
    values[base + 13] = int32At(columns.rankLevel, later);
    values[base + 14] = flag(this.#sameInput(earlier, later));
    values[base + 15] = this.#blockLevel;
    values[base + 16] = flag(this.#samePrice(earlier, later));
    values[base + 17] = int32At(columns.hasValue, later);
    values[base + 18] = int32At(columns.hasValue, earlier);
    values[base + 19] = int32At(columns.hasSelector, later);
    values[base + 20] = int32At(columns.hasSelector, earlier);
  }

  #writeShared(sameTo: boolean): void {
    const { values } = this;
    const shared = this.#shared;
    const base = RATE_FEATURES + 27;
    values[base] = rarityLevel(shared.raritySum);
    values[base + 1] = rarityLevel(shared.rarityMax);
    values[base + 2] = levelOf(shared.byFunctions);
    values[base + 3] = evidenceOf(shared.byFunctions);
    values[base + 4] = levelOf(shared.byParty);
    values[base + 5] = evidenceOf(shared.byParty);
    values[base + 6] = flag(sameTo && values[RATE_FEATURES + 6] === 1);
  }

  #sameInput(earlier: number, later: number): boolean {
    const { inputHash } = this.#columns;
    if (int32At(inputHash, earlier) !== int32At(inputHash, later)) return false;
    return this.#callAt(earlier).call.transaction.input === this.#callAt(later).call.transaction.input;
  }

  #samePrice(earlier: number, later: number): boolean {
    const price = float64At(this.#columns.price, later);
    if (price !== float64At(this.#columns.price, earlier)) return false;
    return (
      price < Number.MAX_SAFE_INTEGER || priceWei(this.#callAt(earlier).call) === priceWei(this.#callAt(later).call)
    );
  }

  /** Finds the parties that two calls share. */
  #share(earlier: number, later: number, functionRow: number): void {
    const columns = this.#columns;
    this.#shared.clear();
    if ((int32At(columns.partyBits, earlier) & int32At(columns.partyBits, later)) === 0) return;
    const [start, end] = [int32At(columns.partyStart, later), int32At(columns.partyStart, later + 1)];
    const [first, last] = [int32At(columns.partyStart, earlier), int32At(columns.partyStart, earlier + 1)];
    const from = int32At(columns.from, later);
    for (let position = start; position < end; position++) {
      const party = int32At(columns.party, position);
      let other = first;
      while (other < last && int32At(columns.party, other) !== party) other += 1;
      if (other === last || (party === from && party === int32At(columns.from, earlier))) continue;
      const rarity = Math.min(this.#rarity(later, position), this.#rarity(earlier, other));
      this.#shared.add(rarity);
      if (rarity > MIN_RARITY) this.#addRare(position, functionRow);
    }
  }

  #rarity(index: number, position: number): number {
    const columns = this.#columns;
    const known = float64At(columns.rarity, position);
    if (!Number.isNaN(known)) return known;
    const rarity = this.#statistics.rarity(int32At(columns.functionId, index), int32At(columns.party, position));
    columns.rarity[position] = rarity;
    return rarity;
  }

  #addRare(position: number, functionRow: number): void {
    const columns = this.#columns;
    const { shared, sharedByFunctions } = this.#statistics;
    const party = int32At(columns.party, position);
    if (int32At(columns.partyLevels, position) < 0)
      columns.partyLevels[position] = packLevels(shared, shared.find(party, 0));
    const row = functionRow < 0 ? -1 : sharedByFunctions.find(functionRow, party);
    this.#shared.addRare(party, packLevels(sharedByFunctions, row), int32At(columns.partyLevels, position));
  }

  #callAt(index: number): BlockCall {
    const call = this.#columns.calls[index];
    if (call === undefined) throw new RangeError('a pair of transactions that do not exist');
    return call;
  }
}

function firstRelation(): Relation {
  return { code: 0, parties: 0, sameRecipient: false };
}

function includes(values: readonly number[], value: number): boolean {
  for (let index = 0; index < values.length; index++) if (values[index] === value) return true;
  return false;
}

function flag(condition: boolean): number {
  return condition ? 1 : 0;
}

function rarityLevel(rarity: number): number {
  return Math.min(MAX_RARITY_LEVEL, Math.round(4 * rarity));
}
