import { COST_COLUMNS } from './costs/cost-statistics.js';
import { PAIR_NAMES, PAIR_TABLES } from './conflicts/pair-statistics.js';
import { CountList, CountsRenamer, type ExpressionCounts } from './accesses/expression-counts.js';
import { SUBJECT_COLUMNS } from './accesses/subjects.js';
import { Evidence } from './evidence.js';
import { selectEvidence, type EvidenceBudget, type Selection } from './select-evidence.js';
import type { ColumnNames, Numbered } from './tables/numbering.js';
import type { PairTable } from './tables/pair-table.js';
import type { RenamePair } from './tables/rate-table.js';
import { Renumbering } from './tables/renumbering.js';

/**
 * New evidence that holds what is most often and most recently seen, within a budget. Words, keys and all other numbers are
 * given anew, in the same order; what is kept predicts and learns to the bit as before. Deterministic; `evidence` stays as it is.
 */
export function compactEvidence(evidence: Evidence, budget: EvidenceBudget): Evidence {
  const selection = selectEvidence(evidence, budget);
  const survivors = new Survivors(evidence);
  survivors.keep(selection);
  const compacted = new Evidence({ ...evidence.options, block: evidence.block });
  copySpace(evidence, compacted, survivors);
  copyCalls(evidence, compacted, { selection, survivors });
  copyStatistics(evidence, compacted, { selection, survivors });
  return compacted;
}

interface Plan {
  readonly selection: Selection;
  readonly survivors: Survivors;
}

/** The numbered things that selected rows refer to, directly or through others. */
class Survivors {
  readonly #evidence: Evidence;
  readonly #numberings: Readonly<Record<Exclude<Numbered, 'plain'>, Renumbering>>;

  constructor(evidence: Evidence) {
    const { space, functions, codeFunctions, pairs, expressions } = evidence;
    const [functionPairs, contractPairs, selectorPairs, codePairs] = pairs.names;
    this.#evidence = evidence;
    this.#numberings = {
      word: new Renumbering(space.words.size),
      key: new Renumbering(space.keyCount),
      function: new Renumbering(functions.size),
      codeFunction: new Renumbering(codeFunctions.size),
      functionPair: new Renumbering(functionPairs?.size ?? 0),
      contractPair: new Renumbering(contractPairs?.size ?? 0),
      selectorPair: new Renumbering(selectorPairs?.size ?? 0),
      codePair: new Renumbering(codePairs?.size ?? 0),
      expression: new Renumbering(expressions.size),
    };
  }

  /** What rows refer to comes before what that refers to. */
  keep(selection: Selection): void {
    const { pairs, functions, codeFunctions, space } = this.#evidence;
    this.#keepCalls(selection);
    for (const [index, { columns }] of PAIR_TABLES.entries()) {
      const table = pairs.tables[index]?.pairs;
      for (const row of selection.pairRows[index] ?? []) this.#keepRow(columns, table, row);
    }
    for (const [index, { rows, columns }] of PAIR_NAMES.entries()) {
      for (const row of this.kept(rows)) this.#keepRow(columns, pairs.names[index], row);
    }
    for (const row of this.kept('function')) this.#keepRow(FUNCTION_COLUMNS, functions, row);
    for (const row of this.kept('codeFunction')) this.#keepRow(FUNCTION_COLUMNS, codeFunctions, row);
    for (const key of this.kept('key')) this.#keepPair(KEY_COLUMNS, space.keyAddressWord(key), space.keySlotWord(key));
  }

  kept(numbered: Exclude<Numbered, 'plain'>): number[] {
    return this.#numberings[numbered].kept();
  }

  get(numbered: Numbered, number: number): number {
    return numbered === 'plain' ? number : this.#numberings[numbered].get(number);
  }

  renaming([firstOf, secondOf]: ColumnNames): RenamePair {
    return (first, second) => ({ first: this.get(firstOf, first), second: this.get(secondOf, second) });
  }

  #keepCalls(selection: Selection): void {
    const [list, seen] = [new CountList(), new Set<ExpressionCounts>()];
    for (const { kind, first, second, subject } of [...selection.accesses, ...selection.accounts]) {
      this.#keepPair(SUBJECT_COLUMNS[kind] ?? PLAIN_COLUMNS, first, second);
      if (seen.has(subject.counts)) continue;
      seen.add(subject.counts);
      for (const id of list.unpack(subject.counts).expressions) this.#numberings.expression.keep(id);
    }
    for (const { kind, first, second } of [...selection.gasUsed, ...selection.executionNs]) {
      this.#keepPair(COST_COLUMNS[kind] ?? PLAIN_COLUMNS, first, second);
    }
    for (const [address, code] of selection.codes) this.#keepPair(WORD_COLUMNS, address, code);
    for (const [proxy, implementation] of selection.implementations)
      this.#keepPair(WORD_COLUMNS, proxy, implementation);
    for (const [key, value] of selection.slotValues) this.#keepPair(['key', 'word'], key, value);
    for (const key of selection.popularKeys) this.#numberings.key.keep(key);
    for (const address of selection.popularAddresses) this.#numberings.word.keep(address);
  }

  #keepRow(columns: ColumnNames, table: PairTable | undefined, row: number): void {
    if (table !== undefined) this.#keepPair(columns, table.first(row), table.second(row));
  }

  #keepPair([firstOf, secondOf]: ColumnNames, first: number, second: number): void {
    if (firstOf !== 'plain') this.#numberings[firstOf].keep(first);
    if (secondOf !== 'plain') this.#numberings[secondOf].keep(second);
  }
}

const PLAIN_COLUMNS: ColumnNames = ['plain', 'plain'];
const WORD_COLUMNS: ColumnNames = ['word', 'word'];
const KEY_COLUMNS: ColumnNames = ['word', 'word'];
/** Contract or code, and selector. */
const FUNCTION_COLUMNS: ColumnNames = ['word', 'plain'];

function copySpace(from: Evidence, to: Evidence, survivors: Survivors): void {
  for (const word of survivors.kept('word')) to.space.words.addBytes(from.space.words.bytes(word));
  const key = survivors.renaming(KEY_COLUMNS);
  for (const old of survivors.kept('key')) {
    const { first, second } = key(from.space.keyAddressWord(old), from.space.keySlotWord(old));
    to.space.key(first, second);
  }
  for (const [source, target, rows] of [
    [from.functions, to.functions, survivors.kept('function')],
    [from.codeFunctions, to.codeFunctions, survivors.kept('codeFunction')],
  ] as const) {
    copyPairs(source, target, { rows, rename: survivors.renaming(FUNCTION_COLUMNS) });
  }
}

function copyCalls(from: Evidence, to: Evidence, { selection, survivors }: Plan): void {
  const word = (old: number): number => survivors.get('word', old);
  for (const [address, code] of selection.codes) to.contracts.learnCode(word(address), word(code));
  for (const [proxy, implementation] of selection.implementations) {
    to.contracts.learnImplementation(word(proxy), word(implementation));
  }
  for (const [key, value] of selection.slotValues) to.slotValues.set(survivors.get('key', key), word(value));
  for (const id of survivors.kept('expression'))
    to.expressions.add(from.expressions.target(id), from.expressions.slot(id));
  const renamed = new CountsRenamer((old) => survivors.get('expression', old));
  for (const statistics of ['accesses', 'accounts'] as const) {
    for (const { kind, subject, ...name } of selection[statistics]) {
      const { first, second } = survivors.renaming(SUBJECT_COLUMNS[kind] ?? PLAIN_COLUMNS)(name.first, name.second);
      to[statistics].copy(kind, { first, second, subject }, renamed);
    }
  }
}

function copyStatistics(from: Evidence, to: Evidence, { selection, survivors }: Plan): void {
  const { popularKeys, popularAddresses, pairRows } = selection;
  to.popularity.keys.copyCounts(from.popularity.keys, popularKeys, (key) => survivors.get('key', key));
  to.popularity.addresses.copyCounts(from.popularity.addresses, popularAddresses, (word) =>
    survivors.get('word', word),
  );
  for (const [index, { rows, columns }] of PAIR_NAMES.entries()) {
    const [source, target] = [from.pairs.names[index], to.pairs.names[index]];
    if (source === undefined || target === undefined) continue;
    copyPairs(source, target, { rows: survivors.kept(rows), rename: survivors.renaming(columns) });
  }
  for (const [index, { columns }] of PAIR_TABLES.entries()) {
    const [source, target] = [from.pairs.tables[index], to.pairs.tables[index]];
    if (source !== undefined) target?.copyRows(source, pairRows[index] ?? [], survivors.renaming(columns));
  }
  for (const cost of ['gasUsed', 'executionNs'] as const) {
    to[cost].copyTotals(from[cost]);
    for (const { kind, first, second } of selection[cost]) {
      const rename = survivors.renaming(COST_COLUMNS[kind] ?? PLAIN_COLUMNS);
      to[cost].copy(kind, rename(first, second), from[cost], { first, second });
    }
  }
}

function copyPairs(
  from: PairTable,
  to: PairTable,
  { rows, rename }: { readonly rows: Iterable<number>; readonly rename: RenamePair },
): void {
  for (const row of rows) {
    const { first, second } = rename(from.first(row), from.second(row));
    to.add(first, second);
  }
}
