import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import type { ColumnNames } from '../tables/numbering.js';
import { PairTable } from '../tables/pair-table.js';
import { RateTable } from '../tables/rate-table.js';
import type { BlockCall } from './block-call.js';

/**
 * What two transactions have in common, in 24 codes: same recipient, same sender, a shared party, and how likely
 * their predicted keys overlap (hardly, perhaps, probably).
 */
export interface Relation {
  readonly code: number;
  /** Of the code, sender and party alone: 4 codes. */
  readonly parties: number;
  readonly sameRecipient: boolean;
}

/** The statistics of a pair, in the order of its features. */
export const PAIR_RATES = 11;
export const RELATIONS = 24;
const RELATION_CODES = 32;
const ANY_PARTY = -1;

/** What the pairs in `PairStatistics.names` number, in their order. */
export const PAIR_NAMES = [
  { name: 'functionPairs', rows: 'functionPair', columns: ['function', 'function'] },
  { name: 'contractPairs', rows: 'contractPair', columns: ['word', 'word'] },
  { name: 'selectorPairs', rows: 'selectorPair', columns: ['plain', 'plain'] },
  { name: 'codePairs', rows: 'codePair', columns: ['codeFunction', 'codeFunction'] },
] as const;

/** What names the rows of `PairStatistics.tables`, in their order. */
export const PAIR_TABLES: readonly { readonly name: string; readonly columns: ColumnNames }[] = [
  { name: 'functions', columns: ['function', 'function'] },
  { name: 'functionRelations', columns: ['functionPair', 'plain'] },
  { name: 'contractParties', columns: ['contractPair', 'plain'] },
  { name: 'selectorParties', columns: ['selectorPair', 'plain'] },
  { name: 'selectorRelations', columns: ['selectorPair', 'plain'] },
  { name: 'codeRelations', columns: ['codePair', 'plain'] },
  { name: 'relations', columns: ['plain', 'plain'] },
  { name: 'fairRelations', columns: ['plain', 'plain'] },
  { name: 'coldRelations', columns: ['plain', 'plain'] },
  { name: 'laterRelations', columns: ['function', 'plain'] },
  { name: 'earlierRelations', columns: ['function', 'plain'] },
  { name: 'sharedByFunctions', columns: ['functionPair', 'word'] },
  { name: 'shared', columns: ['word', 'plain'] },
  { name: 'partyUse', columns: ['function', 'word'] },
];

/** How often pairs conflicted: by their functions, contracts, selectors and code, by their relation, by shared parties. */
export class PairStatistics {
  readonly #functionPairs = new PairTable();
  readonly #contractPairs = new PairTable();
  readonly #selectorPairs = new PairTable();
  readonly #codePairs = new PairTable();
  readonly functions = new RateTable();
  readonly #functionRelations = new RateTable();
  readonly #contractParties = new RateTable();
  readonly #selectorParties = new RateTable();
  readonly #selectorRelations = new RateTable();
  readonly #codeRelations = new RateTable();
  readonly #relations = new RateTable();
  /**
   * By relation and whether the selector is the same, where all pairs of two functions in a block count as one: a hot function
   * is one observation. `cold`: among functions that had not met before.
   */
  readonly #fairRelations = new RateTable();
  readonly #coldRelations = new RateTable();
  readonly #laterRelations = new RateTable();
  readonly #earlierRelations = new RateTable();
  /** By pair of functions and shared party; by shared party alone. */
  readonly #sharedByFunctions = new RateTable();
  readonly #shared = new RateTable();
  /** Calls of a function with a party; with party -1 all of its calls. */
  readonly #partyUse = new RateTable();

  get tables(): readonly RateTable[] {
    return [
      this.functions,
      this.#functionRelations,
      this.#contractParties,
      this.#selectorParties,
      this.#selectorRelations,
      this.#codeRelations,
      this.#relations,
      this.#fairRelations,
      this.#coldRelations,
      this.#laterRelations,
      this.#earlierRelations,
      this.#sharedByFunctions,
      this.#shared,
      this.#partyUse,
    ];
  }

  get names(): readonly PairTable[] {
    return [this.#functionPairs, this.#contractPairs, this.#selectorPairs, this.#codePairs];
  }

  /** The number of the two functions; -1 where they never met. */
  functionPair(earlier: BlockCall, later: BlockCall): number {
    return this.#functionPairs.find(earlier.functionId, later.functionId);
  }

  /** Calls `visit` with the table and row, -1 for none, of each of the `PAIR_RATES` statistics. */
  forEachRate(pair: RelatedCalls, visit: (table: RateTable, row: number) => void): void {
    const { earlier, later, relation } = pair;
    const among = (table: RateTable, row: number, code: number): void =>
      visit(table, row < 0 ? -1 : table.find(row, code));
    const selectors = this.#selectorPairs.find(earlier.call.selector, later.call.selector);
    visit(this.functions, this.functions.find(earlier.functionId, later.functionId));
    among(this.#functionRelations, this.functionPair(earlier, later), relation.code);
    among(this.#contractParties, this.#contractPairs.find(earlier.call.to, later.call.to), relation.parties);
    among(this.#selectorParties, selectors, partiesCode(relation));
    among(this.#selectorRelations, selectors, relation.code);
    among(this.#codeRelations, this.#codePairs.find(earlier.codeFunctionId, later.codeFunctionId), relation.code);
    visit(this.#relations, this.#relations.find(0, relation.code));
    visit(this.#fairRelations, this.#fairRelations.find(selectorCode(pair), 0));
    visit(this.#coldRelations, this.#coldRelations.find(selectorCode(pair), 0));
    visit(this.#laterRelations, this.#laterRelations.find(later.functionId, relation.code));
    visit(this.#earlierRelations, this.#earlierRelations.find(earlier.functionId, relation.code));
  }

  /** How often calls of a function conflicted with other calls of it. */
  selfRow(call: BlockCall): number {
    return this.functions.find(call.functionId, call.functionId);
  }

  /** Pairs of two functions, `functionPair`, that share a party. */
  get sharedByFunctions(): RateTable {
    return this.#sharedByFunctions;
  }

  /** Pairs that share a party, which is the first of its names; the second is 0. */
  get shared(): RateTable {
    return this.#shared;
  }

  /** -ln of the share of a function's calls that have the party: how much it says that two calls share it. */
  rarity(functionId: number, party: number): number {
    const table = this.#partyUse;
    const uses = table.trials(table.find(functionId, party));
    return -Math.log((uses + 0.5) / (table.trials(table.find(functionId, ANY_PARTY)) + 1));
  }

  /** Learns which pairs of a block conflicted. */
  countBlock(cases: readonly { readonly pair: PairCase; readonly conflicted: boolean }[]): void {
    const groups = new PairTable();
    const sizes: number[] = [];
    const groupOf = cases.map(({ pair: { earlier, later } }) => {
      const group = groups.add(earlier.functionId, later.functionId);
      sizes[group] = (sizes[group] ?? 0) + 1;
      return group;
    });
    for (const [index, { pair, conflicted }] of cases.entries()) {
      const { earlier, later } = pair;
      const weight = 1 / (sizes[groupOf[index] ?? 0] ?? 1);
      const code = { first: selectorCode(pair), second: 0 };
      this.#fairRelations.add(code, weight, conflicted ? weight : 0);
      if (this.functions.find(earlier.functionId, later.functionId) >= 0) continue;
      this.#coldRelations.add(code, weight, conflicted ? weight : 0);
    }
    for (const { pair, conflicted } of cases) this.#count(pair, conflicted);
  }

  #count({ earlier, later, relation, sharedParties }: PairCase, conflicted: boolean): void {
    const hit = conflicted ? 1 : 0;
    const add = (table: RateTable, first: number, second: number): void => table.add({ first, second }, 1, hit);
    const functions = this.#functionPairs.add(earlier.functionId, later.functionId);
    const selectors = this.#selectorPairs.add(earlier.call.selector, later.call.selector);
    add(this.functions, earlier.functionId, later.functionId);
    add(this.#functionRelations, functions, relation.code);
    add(this.#contractParties, this.#contractPairs.add(earlier.call.to, later.call.to), relation.parties);
    add(this.#selectorParties, selectors, partiesCode(relation));
    add(this.#selectorRelations, selectors, relation.code);
    add(this.#codeRelations, this.#codePairs.add(earlier.codeFunctionId, later.codeFunctionId), relation.code);
    add(this.#relations, 0, relation.code);
    add(this.#laterRelations, later.functionId, relation.code);
    add(this.#earlierRelations, earlier.functionId, relation.code);
    for (const party of sharedParties) {
      add(this.#sharedByFunctions, functions, party);
      add(this.#shared, party, 0);
    }
  }

  countParties(call: BlockCall): void {
    for (const party of [ANY_PARTY, ...call.parties]) {
      this.#partyUse.add({ first: call.functionId, second: party }, 1, 0);
    }
  }

  age(factor: number): void {
    for (const table of this.tables) table.age(factor);
  }

  /** Memory held, in bytes. */
  get byteLength(): number {
    return [...this.tables, ...this.names].reduce((sum, table) => sum + table.byteLength, 0);
  }

  save(to: SectionWriter): void {
    for (const [index, table] of this.names.entries()) table.save(to.within(PAIR_NAMES[index]?.name ?? ''));
    for (const [index, table] of this.tables.entries()) table.save(to.within(PAIR_TABLES[index]?.name ?? ''));
  }

  /** Takes over what was saved in place of what was learned. */
  restore(from: SectionReader): void {
    for (const [index, table] of this.names.entries()) table.restore(from.within(PAIR_NAMES[index]?.name ?? ''));
    for (const [index, table] of this.tables.entries()) table.restore(from.within(PAIR_TABLES[index]?.name ?? ''));
  }
}

export interface RelatedCalls {
  readonly earlier: BlockCall;
  readonly later: BlockCall;
  readonly relation: Relation;
}

/** A candidate pair. */
export interface PairCase extends RelatedCalls {
  readonly earlierIndex: number;
  readonly laterIndex: number;
  /** Those that are rare enough among the calls of both functions to mean something. */
  readonly sharedParties: readonly number[];
}

function selectorCode({ earlier, later, relation }: RelatedCalls): number {
  return relation.code * 2 + (earlier.call.selector === later.call.selector ? 1 : 0);
}

function partiesCode({ parties, sameRecipient }: Relation): number {
  return RELATION_CODES + parties * 2 + (sameRecipient ? 1 : 0);
}
