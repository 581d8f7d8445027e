import type { PendingBlock } from '../../scheduler/predictor.js';
import type { BlockRecord, Transaction } from '../../types.js';
import { functionOf } from '../functions.js';
import type { SlotUse } from './compare.js';
import type { ExplainPair } from './contender.js';
import { kindOf } from './kinds.js';

/** How many, by kind of transaction and cause. */
export type CauseCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * Where errors come from. Causes, the first that holds: `creation` (the code is new), `unseen-contract` (its recipient
 * was in no learned block), `unseen-function` (its selector was not called there), then for slots what the contender says,
 * for what else was missed `not-predicted` or `below-threshold`, for what was invented `other`. Of a pair the less known transaction counts; its
 * kind is the later one's.
 */
export interface ErrorAnalysis {
  readonly conflicts: { readonly falsePositives: CauseCounts; readonly falseNegatives: CauseCounts };
  readonly accesses: { readonly invented: CauseCounts; readonly missed: CauseCounts };
  readonly writes: { readonly invented: CauseCounts; readonly missed: CauseCounts };
}

/** How a yes-or-no came to be wrong. */
export type Mistake = 'invented' | 'not-predicted' | 'below-threshold';

/** Null where the answer is right. */
export function mistakeOf(probability: number | null, threshold: number, actual: boolean): Mistake | null {
  const predicted = probability !== null && probability >= Math.fround(threshold);
  if (predicted === actual) return null;
  if (predicted) return 'invented';
  return probability === null ? 'not-predicted' : 'below-threshold';
}

const UNFAMILIAR = ['creation', 'unseen-contract', 'unseen-function'] as const;
type Unfamiliar = (typeof UNFAMILIAR)[number];

/** Collects the errors of one contender. It learns what has been seen whenever the contender learns. */
export class ErrorAnalyst {
  readonly #explain: ExplainPair;
  readonly #seenContracts = new Set<string>();
  readonly #seenFunctions = new Set<string>();
  readonly #pairs = new Tally();
  readonly #slots: Readonly<Record<SlotUse, Tally>> = { touch: new Tally(), write: new Tally() };

  constructor(explain: ExplainPair = () => null) {
    this.#explain = explain;
  }

  learn({ transactions }: BlockRecord): void {
    for (const { transaction } of transactions) {
      const name = functionOf(transaction);
      if (transaction.to === null || name === null) continue;
      this.#seenContracts.add(transaction.to);
      this.#seenFunctions.add(name);
    }
  }

  notePair(block: PendingBlock, pair: readonly [earlier: number, later: number], mistake: Mistake): void {
    const [earlier, later] = pair.map((index) => block.transactions[index]);
    if (earlier === undefined || later === undefined) return;
    const cause = this.#explain(block, pair[0], pair[1]) ?? this.#unfamiliarity([earlier, later]);
    this.#pairs.note(kindOf(later), cause, mistake);
  }

  /** `reason`: what the contender says of a missed slot; counts where the function is familiar. */
  noteSlot(transaction: Transaction, slot: { use: SlotUse; mistake: Mistake; reason: string | null }): void {
    const cause = this.#unfamiliarity([transaction]) ?? slot.reason;
    this.#slots[slot.use].note(kindOf(transaction), cause, slot.mistake);
  }

  analysis(): ErrorAnalysis {
    return {
      conflicts: { falsePositives: this.#pairs.invented(), falseNegatives: this.#pairs.missed() },
      accesses: { invented: this.#slots.touch.invented(), missed: this.#slots.touch.missed() },
      writes: { invented: this.#slots.write.invented(), missed: this.#slots.write.missed() },
    };
  }

  #unfamiliarity(transactions: readonly Transaction[]): Unfamiliar | null {
    const found = transactions.map((transaction) => this.#familiarity(transaction));
    return UNFAMILIAR.find((cause) => found.includes(cause)) ?? null;
  }

  #familiarity(transaction: Transaction): Unfamiliar | null {
    const name = functionOf(transaction);
    if (transaction.to === null || name === null) return 'creation';
    if (!this.#seenContracts.has(transaction.to)) return 'unseen-contract';
    return this.#seenFunctions.has(name) ? null : 'unseen-function';
  }
}

class Tally {
  readonly #invented: Record<string, Record<string, number>> = {};
  readonly #missed: Record<string, Record<string, number>> = {};

  note(kind: string, cause: string | null, mistake: Mistake): void {
    const counts = ((mistake === 'invented' ? this.#invented : this.#missed)[kind] ??= {});
    const label = cause ?? (mistake === 'invented' ? 'other' : mistake);
    counts[label] = (counts[label] ?? 0) + 1;
  }

  invented(): CauseCounts {
    return this.#invented;
  }

  missed(): CauseCounts {
    return this.#missed;
  }
}
