import { NO_SELECTOR } from '../calls/decode.js';
import { at } from '../numbers.js';
import { evidenceLevel, oddsLevel, rateLevel } from '../tables/levels.js';
import type { BlockCall } from './block-call.js';
import type { CandidatePairs, Overlap } from './candidate-pairs.js';
import { PAIR_RATES, type PairCase, type PairRows, type PairStatistics } from './pair-statistics.js';

/** Features of one candidate pair, each a small integer. */
export const PAIR_FEATURES = 2 * PAIR_RATES + 38;

const PROBABLE_OVERLAP = 0.5;
const POSSIBLE_OVERLAP = 0.05;
/** A party that more than half of a function's calls name says nothing. */
const MIN_RARITY = 0.7;
const MAX_COUNT = 31;
const MAX_RARITY_LEVEL = 60;

/** Places in the block that the features of its pairs need. */
export interface BlockPlaces {
  readonly calls: readonly BlockCall[];
  /** By transaction: calls of the same function in the block, and before it in the block. */
  readonly groupSizes: Uint32Array;
  readonly ranks: Uint32Array;
}

export function placesOf(calls: readonly BlockCall[]): BlockPlaces {
  const sizes = new Map<number, number>();
  const ranks = new Uint32Array(calls.length);
  for (const [index, { functionId }] of calls.entries()) {
    const before = sizes.get(functionId) ?? 0;
    ranks[index] = before;
    sizes.set(functionId, before + 1);
  }
  return { calls, ranks, groupSizes: Uint32Array.from(calls, ({ functionId }) => sizes.get(functionId) ?? 0) };
}

/** Describes pairs; the features stand in `values` until the next one. */
export class PairDescriber {
  readonly values = new Uint8Array(PAIR_FEATURES);
  /** The features four at a time. */
  readonly lanes = new Int32Array(this.values.buffer);
  readonly #statistics: PairStatistics;

  constructor(statistics: PairStatistics) {
    this.#statistics = statistics;
  }

  /** Fills `values` and says which pair it is. */
  describe(places: BlockPlaces, candidates: CandidatePairs, earlierIndex: number, laterIndex: number): PairCase {
    const [earlier, later] = [places.calls[earlierIndex], places.calls[laterIndex]];
    if (earlier === undefined || later === undefined) throw new RangeError('a pair of transactions that do not exist');
    const overlap = candidates.overlapWith(earlierIndex, laterIndex);
    const rows = this.#statistics.rows(earlier, later);
    const shared = this.#shareOf(earlier, later, rows);
    const sameSender = earlier.call.from === later.call.from;
    const parties = (sameSender ? 2 : 0) + (shared.count > 0 ? 1 : 0);
    const sameRecipient = later.call.to >= 0 && earlier.call.to === later.call.to;
    const overlapCode = overlap.probability > PROBABLE_OVERLAP ? 2 : overlap.probability > POSSIBLE_OVERLAP ? 1 : 0;
    const relation = { code: (sameRecipient ? 12 : 0) + parties * 3 + overlapCode, parties, sameRecipient };
    const pair = { earlier, later, earlierIndex, laterIndex, relation, sharedParties: shared.rare };
    this.#write(pair, rows, { overlap, shared, places });
    return pair;
  }

  #write(
    pair: PairCase,
    rows: PairRows,
    { overlap, shared, places }: { overlap: Overlap; shared: Shared; places: BlockPlaces },
  ): void {
    const { earlier, later, earlierIndex, laterIndex, relation } = pair;
    const { values } = this;
    let position = 0;
    const put = (value: number): void => {
      values[position++] = value;
    };
    this.#statistics.forEachRate(pair, rows, (table, row) => {
      put(oddsLevel(table.rate(row)));
      put(evidenceLevel(table.trials(row)));
    });
    const { functions } = this.#statistics;
    for (const call of [later, earlier]) {
      const row = this.#statistics.selfRow(call);
      put(oddsLevel(functions.rate(row)));
      put(evidenceLevel(functions.trials(row)));
    }
    put(rateLevel(overlap.probability));
    put(rateLevel(overlap.best));
    put(Math.min(MAX_COUNT, overlap.keys));
    put(Math.min(MAX_COUNT, overlap.likelyKeys));
    put(flag(relation.sameRecipient));
    put(flag(earlier.call.from === later.call.from));
    put(flag(earlier.call.selector === later.call.selector));
    put(flag(earlier.codeFunctionId === later.codeFunctionId));
    put(Math.min(MAX_COUNT, shared.count));
    put(
      flag(earlier.call.addresses.includes(later.call.from)) + flag(later.call.addresses.includes(earlier.call.from)),
    );
    put(flag(earlier.call.addresses.includes(later.call.to)) + flag(later.call.addresses.includes(earlier.call.to)));
    put(evidenceLevel(laterIndex - earlierIndex));
    for (const call of [later, earlier]) put(evidenceLevel(call.call.transaction.gasLimit));
    for (const call of [later, earlier]) put(evidenceLevel(call.functionCalls));
    for (const call of [later, earlier]) put(evidenceLevel(call.keys.length));
    put(evidenceLevel(at(places.groupSizes, laterIndex)));
    put(evidenceLevel(at(places.ranks, laterIndex)));
    put(flag(earlier.call.transaction.input === later.call.transaction.input));
    put(evidenceLevel(places.calls.length));
    put(flag(priceOf(earlier) === priceOf(later)));
    for (const call of [later, earlier]) put(flag(call.call.transaction.valueWei > 0n));
    for (const call of [later, earlier]) put(flag(call.call.selector !== NO_SELECTOR));
    put(rarityLevel(shared.raritySum));
    put(rarityLevel(shared.rarityMax));
    put(shared.functionsLevel);
    put(shared.functionsEvidence);
    put(shared.partyLevel);
    put(shared.partyEvidence);
    put(flag(earlier.call.to === later.call.to && earlier.call.selector === later.call.selector));
  }

  #shareOf(earlier: BlockCall, later: BlockCall, rows: PairRows): Shared {
    const shared: Shared = {
      count: 0,
      raritySum: 0,
      rarityMax: 0,
      functionsLevel: 0,
      functionsEvidence: 0,
      partyLevel: 0,
      partyEvidence: 0,
      rare: [],
    };
    for (const party of later.parties) {
      if (!earlier.parties.includes(party)) continue;
      if (party === later.call.from && party === earlier.call.from) continue;
      shared.count += 1;
      const rarity = Math.min(this.#statistics.rarity(later, party), this.#statistics.rarity(earlier, party));
      shared.raritySum += Math.max(0, rarity);
      shared.rarityMax = Math.max(shared.rarityMax, rarity);
      if (rarity > MIN_RARITY) this.#noteRare(shared, rows, party);
    }
    return shared;
  }

  #noteRare(shared: Shared, rows: PairRows, party: number): void {
    shared.rare.push(party);
    const byFunctions = this.#statistics.sharedByFunctions(rows, party);
    const functionsLevel = oddsLevel(byFunctions.table.rate(byFunctions.row));
    if (functionsLevel > shared.functionsLevel) {
      shared.functionsLevel = functionsLevel;
      shared.functionsEvidence = evidenceLevel(byFunctions.table.trials(byFunctions.row));
    }
    const byParty = this.#statistics.shared(party);
    const partyLevel = oddsLevel(byParty.table.rate(byParty.row));
    if (partyLevel > shared.partyLevel) {
      shared.partyLevel = partyLevel;
      shared.partyEvidence = evidenceLevel(byParty.table.trials(byParty.row));
    }
  }
}

/** The parties that two calls share; the statistics of the one that conflicted most. */
interface Shared {
  count: number;
  raritySum: number;
  rarityMax: number;
  functionsLevel: number;
  functionsEvidence: number;
  partyLevel: number;
  partyEvidence: number;
  readonly rare: number[];
}

function priceOf({ call }: BlockCall): bigint | null {
  return call.transaction.gasPriceWei ?? call.transaction.maxFeePerGasWei;
}

function flag(condition: boolean): number {
  return condition ? 1 : 0;
}

function rarityLevel(rarity: number): number {
  return Math.min(MAX_RARITY_LEVEL, Math.round(4 * rarity));
}
