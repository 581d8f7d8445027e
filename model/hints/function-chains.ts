import type { TransactionRecord } from '../../types.js';
import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { at } from '../numbers.js';

/** A call of a block that was executed. */
export interface ExecutedCall {
  readonly functionId: number;
  /** Calls of the function that history held before. */
  readonly functionCalls: number;
  readonly outcome: TransactionRecord;
}

/** How often the later of two calls depended on the earlier one, with decay. */
class Rate {
  pairs: number;
  conflicts: number;

  constructor(pairs: number, conflicts: number) {
    this.pairs = pairs;
    this.conflicts = conflicts;
  }

  count(conflicted: boolean): void {
    this.pairs = this.pairs * AGE_PER_PAIR + 1;
    this.conflicts = this.conflicts * AGE_PER_PAIR + (conflicted ? 1 : 0);
  }

  get share(): number {
    return this.conflicts / this.pairs;
  }
}

const AGE_PER_PAIR = 0.95;
/** A function that was called less often is told by all such functions. */
const ENOUGH_CALLS = 3;
/** Before anything is known: new functions that are called repeatedly in a block are often a rush for one thing. */
const FIRST_PAIRS = 2;
const FIRST_CONFLICTS = 1;
/** What neighbours of a block say of new functions counts for this much of them: a rush is one observation. */
const PAIRS_PER_BLOCK = 3;

/**
 * Whether calls of one function depend on each other, as far as nothing is known of its keys. A function is new for a few
 * calls only; then its keys speak.
 */
export class FunctionChains {
  readonly #newFunctions = new Rate(FIRST_PAIRS, FIRST_CONFLICTS);

  /** The chance that a call depends on the one of the same function before it; 0 where its keys are known. */
  chance(functionCalls: number): number {
    return functionCalls < ENOUGH_CALLS ? this.#newFunctions.share : 0;
  }

  save(to: SectionWriter): void {
    const { pairs, conflicts } = this.#newFunctions;
    to.float64('newFunctions', Float64Array.of(pairs, conflicts));
  }

  restore(from: SectionReader): void {
    const saved = from.float64('newFunctions', 2);
    const [pairs, conflicts] = [at(saved, 0), at(saved, 1)];
    const isRate = pairs > 0 && pairs < Infinity && conflicts >= 0 && conflicts <= pairs;
    if (!isRate) from.refuse('newFunctions', `${conflicts} conflicts of ${pairs} pairs`);
    this.#newFunctions.pairs = pairs;
    this.#newFunctions.conflicts = conflicts;
  }

  learn(calls: readonly ExecutedCall[]): void {
    const last = new Map<number, ExecutedCall>();
    const pairs = new Map<number, number>();
    for (const call of calls) {
      const { functionId } = call;
      const before = last.get(functionId);
      last.set(functionId, call);
      if (before === undefined || call.functionCalls >= ENOUGH_CALLS) continue;
      if (before.outcome.transaction.from === call.outcome.transaction.from) continue;
      const count = (pairs.get(functionId) ?? 0) + 1;
      pairs.set(functionId, count);
      if (count <= PAIRS_PER_BLOCK) this.#newFunctions.count(dependsOn(call.outcome, before.outcome));
    }
  }
}

/** Whether the later one saw something that the earlier one changed. */
function dependsOn(later: TransactionRecord, earlier: TransactionRecord): boolean {
  const changed = new Set<string>();
  for (const { address, field, slot, kind } of earlier.accesses) {
    if (kind !== 'read') changed.add(`${address}${slot ?? field}`);
  }
  return later.accesses.some(
    ({ address, field, slot, kind }) => kind !== 'add' && changed.has(`${address}${slot ?? field}`),
  );
}
