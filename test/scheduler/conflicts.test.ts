import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countConflicts, type Conflicts } from '../../scheduler/conflicts.js';
import type { Access, BlockRecord } from '../../types.js';
import { accountAccess, recordOf, slotAccess } from '../datasets/store-records.js';

function blockOf(accesses: readonly (readonly Access[])[]): BlockRecord {
  return recordOf(
    1,
    accesses.map((list) => ({ accesses: list })),
  );
}

/** The definition, pair by pair. */
function countPairByPair({ transactions }: BlockRecord): Conflicts {
  const nameOf = ({ address, slot }: Access): string => `${address}${slot ?? ''}`;
  let [pairs, dependentTransactions] = [0, 0];
  for (const [later, { accesses }] of transactions.entries()) {
    const used = new Set(accesses.filter(({ field }) => field === 'slot').map(nameOf));
    const conflicting = transactions
      .slice(0, later)
      .filter((earlier) => earlier.accesses.some((access) => access.kind === 'write' && used.has(nameOf(access))));
    pairs += conflicting.length;
    dependentTransactions += conflicting.length > 0 ? 1 : 0;
  }
  return { pairs, dependentTransactions };
}

const accesses = fc.array(
  fc
    .tuple(fc.constantFrom('read', 'write'), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 0, max: 2 }))
    .map(([kind, contract, slot]) => slotAccess(kind, contract, slot)),
  { maxLength: 4 },
);

describe('conflicts', () => {
  it('are the pairs of the definition', () => {
    fc.assert(
      fc.property(fc.array(accesses, { maxLength: 10 }), (transactions) => {
        const block = blockOf(transactions);
        expect(countConflicts(block)).toEqual(countPairByPair(block));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('do not arise from accounts, nor from reads alone', () => {
    const block = blockOf([
      [accountAccess('write', 5), slotAccess('read', 1, 1)],
      [accountAccess('write', 5), slotAccess('read', 1, 1)],
    ]);
    expect(countConflicts(block)).toEqual({ pairs: 0, dependentTransactions: 0 });
  });
});
