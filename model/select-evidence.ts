import type { AccessStatistics, NamedSubject } from './accesses/statistics.js';
import type { DecayedCounts } from './accesses/popularity.js';
import { SUBJECT_KIND_COUNT } from './accesses/subjects.js';
import type { Contracts } from './calls/contracts.js';
import { COST_SUBJECTS, type CostStatistics, type NamedValues } from './costs/cost-statistics.js';
import type { Evidence } from './evidence.js';
import { at } from './numbers.js';
import { heaviest } from './tables/renumbering.js';

/** How much evidence is kept. Memory is bounded by these numbers, times constants. */
export interface EvidenceBudget {
  /** Subjects of the statistics of slots and of those of accounts, each, of all kinds together: those with the most calls, decayed to the last block. */
  readonly subjects: number;
  /** Rows of each of the tables of pair statistics: those with the most trials, decayed. */
  readonly pairRows: number;
  /** Subjects of gas and of time statistics, each: those with the most calls, decayed from their last one on. */
  readonly costSubjects: number;
  /** Keys, and addresses, whose popularity is known: the most popular. */
  readonly popular: number;
  /** Contracts whose code is known: those met last, and besides what they run the code of. */
  readonly contracts: number;
  /** Slots whose value is known: those met last. */
  readonly slotValues: number;
}

/** What is kept, in the numbers of the old evidence and in its order. */
export interface Selection {
  readonly accesses: readonly KindSubject[];
  readonly accounts: readonly KindSubject[];
  /** By table of `PairStatistics.tables`. */
  readonly pairRows: readonly (readonly number[])[];
  readonly gasUsed: readonly KindValues[];
  readonly executionNs: readonly KindValues[];
  readonly popularKeys: readonly number[];
  readonly popularAddresses: readonly number[];
  readonly codes: readonly (readonly [address: number, code: number])[];
  readonly implementations: readonly (readonly [proxy: number, implementation: number])[];
  readonly slotValues: readonly (readonly [key: number, value: number])[];
}

type KindSubject = NamedSubject & { readonly kind: number };
type KindValues = NamedValues & { readonly kind: number };

/** Decides what a budget has room for; ties go to what came later. */
export function selectEvidence(evidence: Evidence, budget: EvidenceBudget): Selection {
  const { pairs, gasUsed, executionNs, popularity, contracts, slotValues } = evidence;
  const decayOf = (block: number): number => 2 ** ((block - evidence.block) / evidence.options.halfLifeBlocks);
  return {
    accesses: selectSubjects(evidence.accesses, budget.subjects, decayOf),
    accounts: selectSubjects(evidence.accounts, budget.subjects, decayOf),
    pairRows: pairs.tables.map((table) => heaviest(table.pairs.size, budget.pairRows, (row) => table.trials(row))),
    gasUsed: selectCosts(gasUsed, budget.costSubjects, decayOf),
    executionNs: selectCosts(executionNs, budget.costSubjects, decayOf),
    popularKeys: selectPopular(popularity.keys, budget.popular),
    popularAddresses: selectPopular(popularity.addresses, budget.popular),
    ...selectContracts(contracts, budget.contracts),
    slotValues: lastOf([...slotValues.entries()], budget.slotValues),
  };
}

function selectSubjects(
  statistics: AccessStatistics,
  budget: number,
  decayOf: (block: number) => number,
): KindSubject[] {
  const all = Array.from({ length: SUBJECT_KIND_COUNT }, (_, kind) =>
    [...statistics.entries(kind)].map((named) => ({ ...named, kind })),
  ).flat();
  const weights = all.map(({ subject }) => subject.calls * decayOf(subject.block));
  return heaviest(all.length, budget, (position) => at(weights, position)).flatMap((position) => all[position] ?? []);
}

function selectCosts(costs: CostStatistics, budget: number, decayOf: (block: number) => number): KindValues[] {
  const all = COST_SUBJECTS.flatMap((_, kind) => [...costs.entries(kind)].map((named) => ({ ...named, kind })));
  const weights = all.map(({ count, block }) => count * decayOf(block));
  return heaviest(all.length, budget, (position) => at(weights, position)).flatMap((position) => all[position] ?? []);
}

function selectPopular(counts: DecayedCounts, budget: number): number[] {
  const all = counts.counted();
  return heaviest(all.length, budget, (position) => counts.get(at(all, position))).map((position) => at(all, position));
}

/** The code that runs for a kept address stays known: what a proxy hands its calls to comes along. */
function selectContracts(contracts: Contracts, budget: number): Pick<Selection, 'codes' | 'implementations'> {
  const [codes, implementations] = [contracts.codes(), contracts.implementations()];
  const withoutCode = [...implementations.keys()].filter((proxy) => !codes.has(proxy));
  const kept = new Set(lastOf([...withoutCode, ...codes.keys()], budget));
  const keptImplementations = [...implementations].filter(([proxy]) => kept.has(proxy));
  for (const [, implementation] of keptImplementations) kept.add(implementation);
  return { codes: [...codes].filter(([address]) => kept.has(address)), implementations: keptImplementations };
}

function lastOf<T>(list: readonly T[], count: number): readonly T[] {
  return list.slice(Math.max(0, list.length - count));
}
