import type { Access, BlockRecord } from '../../../types.js';

export interface BlockConflicts {
  /** Ordered pairs i < j of which j reads a slot that i wrote. */
  readonly pairs: readonly (readonly [earlier: number, later: number])[];
  /** Transactions that read a slot which an earlier one wrote. */
  readonly slotDependents: number;
  /** The same, with accounts counted. */
  readonly dependents: number;
  /** Total gas over the gas of the longest chain of dependent transactions, accounts counted. */
  readonly parallelismBound: number;
}

/**
 * Conflicts of a block by exact keys: read after write; an access to an account whose balance or nonce an earlier
 * transaction changed counts as a read, whether it observes it or only adds to it; the fee recipient's account is left
 * out.
 */
export function findConflicts({ header, transactions }: BlockRecord): BlockConflicts {
  const slots = new WriterIndex();
  const accounts = new WriterIndex();
  const pairs: (readonly [number, number])[] = [];
  const pathGas: number[] = [];
  let [slotDependents, dependents] = [0, 0];
  for (const [later, { accesses, gasUsed }] of transactions.entries()) {
    const slotAccesses = accesses.filter(({ field }) => field === 'slot');
    const accountAccesses = accesses.filter(
      ({ field, address }) => field === 'account' && address !== header.feeRecipient,
    );
    const bySlot = slots.writersOf(slotAccesses.filter(({ kind }) => kind === 'read'));
    const blockers = new Set([...bySlot, ...accounts.writersOf(accountAccesses)]);
    for (const earlier of bySlot) pairs.push([earlier, later]);
    if (bySlot.size > 0) slotDependents += 1;
    if (blockers.size > 0) dependents += 1;
    pathGas.push(gasUsed + Math.max(0, ...[...blockers].map((blocker) => pathGas[blocker] ?? 0)));
    for (const index of [slots, accounts]) {
      index.note(
        later,
        (index === slots ? slotAccesses : accountAccesses).filter(({ kind }) => kind !== 'read'),
      );
    }
  }
  const totalGas = transactions.reduce((sum, { gasUsed }) => sum + gasUsed, 0);
  return { pairs, slotDependents, dependents, parallelismBound: totalGas / Math.max(...pathGas) };
}

/** Which transactions wrote each key so far. */
class WriterIndex {
  readonly #writers = new Map<string, number[]>();

  writersOf(accesses: readonly Access[]): Set<number> {
    return new Set(accesses.flatMap((access) => this.#writers.get(nameOf(access)) ?? []));
  }

  note(transaction: number, accesses: readonly Access[]): void {
    for (const access of accesses) {
      const writers = this.#writers.get(nameOf(access)) ?? [];
      if (writers.at(-1) !== transaction) writers.push(transaction);
      this.#writers.set(nameOf(access), writers);
    }
  }
}

export function nameOf({ address, slot }: Access): string {
  return slot === null ? address : `${address}/${slot}`;
}
