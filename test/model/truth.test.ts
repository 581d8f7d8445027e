import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBlocks } from '../../datasets/read.js';
import { conflictsThroughKeys } from '../../model/conflict-rows.js';
import { AccessRowsBuilder } from '../../model/access-rows.js';
import { truthOf } from '../../model/evaluation/truth.js';
import { countConflicts } from '../../scheduler/conflicts.js';
import type { Access, BlockRecord } from '../../types.js';
import { accountAccess, address, codeAccess, FEE_RECIPIENT, hash, slotAccess } from '../datasets/store-records.js';
import { hasSharedData, sharedData } from '../shared-data.js';
import { pairsIn, withAccesses } from './blocks.js';

const FEE_SEED = 0xfee;

/** The definition, pair by pair. */
function pairByPair({ transactions }: BlockRecord, counts: (access: Access) => boolean): [number, number][] {
  const nameOf = ({ address: at, field, slot }: Access): string => `${at}${field}${slot ?? ''}`;
  return transactions.flatMap((_, later) =>
    transactions.slice(0, later).flatMap((__, earlier): [number, number][] => {
      const used = new Set(transactions[later]?.accesses.filter(counts).map(nameOf));
      const changed = transactions[earlier]?.accesses.filter(({ kind }) => kind !== 'read') ?? [];
      return changed.some((access) => used.has(nameOf(access))) ? [[earlier, later]] : [];
    }),
  );
}

const isSlot = ({ field }: Access): boolean => field === 'slot';
const isSlotOrAccount = ({ field, address: at }: Access): boolean =>
  field === 'slot' || (field === 'account' && at !== FEE_RECIPIENT);

const anyAccess = fc.oneof(
  fc
    .tuple(fc.constantFrom('read', 'write'), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 0, max: 2 }))
    .map(([kind, contract, slot]) => slotAccess(kind, contract, slot)),
  fc
    .tuple(fc.constantFrom('read', 'write', 'add'), fc.constantFrom(1, 2, 3, FEE_SEED))
    .map(([kind, account]) => accountAccess(kind, account)),
  fc.constantFrom('read', 'write').map((kind) => codeAccess(kind, 1)),
);
const anyBlock = fc.array(fc.array(anyAccess, { maxLength: 4 }), { maxLength: 8 }).map(withAccesses);

describe('truth', () => {
  it('has the pairs of the definitions', () => {
    fc.assert(
      fc.property(anyBlock, (block) => {
        const truth = truthOf(block);
        expect(pairsIn(truth.conflicts)).toEqual(pairByPair(block, isSlot));
        expect(pairsIn(truth.conflictsWithAccounts)).toEqual(pairByPair(block, isSlotOrAccount));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('has the latest blocker of each transaction', () => {
    const [write, read] = [slotAccess('write', 1, 1), slotAccess('read', 1, 1)];
    expect([...truthOf(withAccesses([[write], [write], [], [read], [read]])).latestBlocker]).toEqual([-1, 0, -1, 1, 1]);
  });

  it('takes memory for what there is, not for all pairs', () => {
    const count = 50_000;
    const truth = truthOf(
      withAccesses(
        Array.from({ length: count }, (_, index) => [
          accountAccess('add', FEE_SEED),
          slotAccess('read', 1, 0),
          slotAccess('write', 2, index % 49_000),
        ]),
      ),
    );
    expect(truth.conflicts.earlier).toHaveLength(1_000);
    expect(truth.conflictsWithAccounts.earlier).toHaveLength(1_000);
  });

  it.runIf(hasSharedData)('agrees with the scheduler on mainnet blocks', async () => {
    let dependent = 0;
    for await (const outcome of readBlocks(sharedData('mainnet-traces'))) {
      if (!outcome.ok || outcome.block.kind !== 'record') throw new Error('expected recorded blocks');
      const truth = truthOf(outcome.block);
      const dependentTransactions = truth.latestBlocker.filter((blocker) => blocker >= 0).length;
      dependent += dependentTransactions;
      const found = { pairs: truth.conflicts.earlier.length, dependentTransactions };
      expect(found).toEqual(countConflicts(outcome.block));
    }
    expect(dependent).toBeGreaterThan(0);
  });
});

describe('conflicts through keys', () => {
  it('take keys as independent', () => {
    const builder = new AccessRowsBuilder();
    const [first, second] = [
      { address: address(1), slot: hash(1) },
      { address: address(1), slot: hash(2) },
    ];
    builder.use(first, { touch: 1, write: 0.5 });
    builder.use(second, { touch: 1, write: 0.25 });
    builder.endTransaction();
    builder.use(first, { touch: 0.5, write: 0 });
    builder.use(second, { touch: 1, write: 0 });
    builder.endTransaction();
    const { earlier, probability } = conflictsThroughKeys(builder.build(), Uint8Array.of(1, 1));
    expect([...earlier]).toEqual([0]);
    expect(probability[0]).toBeCloseTo(1 - (1 - 0.25) * (1 - 0.25), 6);
  });

  it('ignore keys that the filter leaves out', () => {
    const builder = new AccessRowsBuilder();
    for (let transaction = 0; transaction < 2; transaction += 1) {
      builder.use({ address: address(1), slot: null }, { touch: 1, write: 1 });
      builder.endTransaction();
    }
    expect(pairsIn(conflictsThroughKeys(builder.build(), Uint8Array.of(0)))).toEqual([]);
  });
});
