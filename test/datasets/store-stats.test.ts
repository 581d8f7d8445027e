import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBlocks } from '../../datasets/read.js';
import { criticalPathGas } from '../../datasets/store/critical-path.js';
import type { BlockStats } from '../../datasets/store/block-stats.js';
import type { Access, BlockRecord } from '../../types.js';
import { hasSharedData, sharedData } from '../shared-data.js';
import { accountAccess, address, codeAccess, FEE_RECIPIENT, hash, recordOf, slotAccess } from './store-records.js';
import { collect, hasChdb, openTestStore, temporaryFolder } from './store-suite.js';

describe('the critical path', () => {
  it.each([
    ['of nothing is zero', [], [], 0],
    ['of independent transactions is the largest', [5, 9, 2], [[], [], []], 9],
    ['of a chain is the sum', [5, 9, 2], [[], [0], [1]], 16],
    ['goes through the later of two blockers', [5, 9, 2, 1], [[], [], [0, 1], []], 11],
    ['may end before the last transaction', [50, 9, 2], [[], [0], []], 59],
  ])('%s', (_, gasUsed, blockers, expected) => {
    expect(criticalPathGas(gasUsed, blockers)).toBe(expected);
  });
});

const feeRecipient = Number(BigInt(FEE_RECIPIENT));

describe.skipIf(!hasChdb)('statistics of a block', () => {
  async function statsOf(record: BlockRecord): Promise<BlockStats> {
    const store = await openTestStore({ path: temporaryFolder() });
    await store.ingest([record]);
    const [stats] = await collect(store.blockStats());
    if (stats === undefined) throw new Error('expected a block');
    return stats;
  }

  it('count each pair once, whatever the number of slots that it shares', async () => {
    const both = [slotAccess('read', 1, 1), slotAccess('write', 1, 1), slotAccess('write', 1, 2)];
    const stats = await statsOf(
      recordOf(1, [{ accesses: both }, { accesses: both }, { accesses: [both[0] as Access] }]),
    );
    expect(stats).toEqual({
      chainId: 1,
      number: 1,
      transactions: 3,
      accesses: 7,
      gasUsed: 63_000,
      conflictPairs: 3,
      conflictDensity: 1,
      dependentTransactions: 2,
      dependentTransactionsWithAccounts: 2,
      criticalPathGas: 63_000,
      speedupBound: 1,
    });
  });

  it('see no conflict in reads, in writing what was only read, or between slots of two contracts', async () => {
    const stats = await statsOf(
      recordOf(1, [
        { accesses: [slotAccess('read', 1, 1), slotAccess('write', 2, 1)] },
        { accesses: [slotAccess('write', 1, 1)] },
        { accesses: [slotAccess('read', 3, 1)] },
      ]),
    );
    expect(stats).toMatchObject({
      conflictPairs: 0,
      dependentTransactions: 0,
      criticalPathGas: 21_000,
      speedupBound: 3,
    });
  });

  it('count accounts apart, additions as changes, and neither code nor the account of the fee recipient', async () => {
    const stats = await statsOf(
      recordOf(1, [
        {
          gasUsed: 10,
          accesses: [accountAccess('add', 5), accountAccess('add', feeRecipient), codeAccess('write', 6)],
        },
        { gasUsed: 20, accesses: [accountAccess('add', 5), accountAccess('add', feeRecipient)] },
        { gasUsed: 40, accesses: [codeAccess('read', 6), accountAccess('read', feeRecipient)] },
      ]),
    );
    expect(stats).toMatchObject({
      conflictPairs: 0,
      conflictDensity: 0,
      dependentTransactions: 0,
      dependentTransactionsWithAccounts: 1,
      criticalPathGas: 40,
      speedupBound: 70 / 40,
    });
  });

  it('count the slots of the fee recipient', async () => {
    const accesses = [slotAccess('write', feeRecipient, 1)];
    expect(await statsOf(recordOf(1, [{ accesses }, { accesses }]))).toMatchObject({ conflictPairs: 1 });
  });

  it('are null where they have no meaning', async () => {
    const nothing = { conflictDensity: null, speedupBound: null, criticalPathGas: 0, conflictPairs: 0 };
    const store = await openTestStore({ path: temporaryFolder() });
    await store.ingest([recordOf(1), recordOf(2, [{}])]);
    const [empty, single] = await collect(store.blockStats());
    expect(empty).toMatchObject(nothing);
    expect(single).toMatchObject({ conflictDensity: null, speedupBound: 1 });
  });

  it('equal those of the definition, written down without SQL', async () => {
    const store = await openTestStore({ path: temporaryFolder() });
    let chainId = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(crowdedTransactions, { minLength: 1, maxLength: 4 }), async (blocks) => {
        chainId += 1;
        const records = blocks.map((transactions, number) => recordOf(number, transactions, { chainId }));
        await store.ingest(records);
        expect(await collect(store.blockStats({ chainId }))).toMatchObject(records.map(statsByDefinition));
      }),
      { numRuns: 30, seed: 15_000_001 },
    );
  });
});

/** Few keys, so that transactions meet. */
const crowdedAccess: fc.Arbitrary<Access> = fc.oneof(
  fc.tuple(fc.constantFrom('read', 'write'), fc.nat(1), fc.nat(2)).map(([kind, a, b]) => slotAccess(kind, a, b)),
  fc
    .tuple(fc.constantFrom('read', 'write', 'add'), fc.constantFrom(0, 1, feeRecipient))
    .map(([kind, seed]) => accountAccess(kind, seed)),
  fc.constantFrom('read', 'write').map((kind) => codeAccess(kind, 0)),
);
const crowdedTransactions = fc.array(
  fc.record({
    gasUsed: fc.nat(30_000_000),
    accesses: fc.uniqueArray(crowdedAccess, { selector: (access) => JSON.stringify(access), maxLength: 5 }),
  }),
  { maxLength: 8 },
);

const keyOf = ({ address: of, field, slot }: Access): string => `${of}:${field}:${slot ?? ''}`;

function conflict(earlier: readonly Access[], later: readonly Access[], fields: readonly string[]): boolean {
  const counts = ({ field, address: of }: Access): boolean =>
    fields.includes(field) && !(field === 'account' && of === FEE_RECIPIENT);
  const changed = new Set(earlier.filter((access) => counts(access) && access.kind !== 'read').map(keyOf));
  return later.some((access) => counts(access) && changed.has(keyOf(access)));
}

function statsByDefinition({ header, transactions }: BlockRecord): Partial<BlockStats> {
  const pairs = transactions.flatMap((later, j) =>
    transactions.slice(0, j).map((earlier, i) => ({ i, j, earlier, later })),
  );
  const among = (fields: readonly string[]): typeof pairs =>
    pairs.filter(({ earlier, later }) => conflict(earlier.accesses, later.accesses, fields));
  const [slots, all] = [among(['slot']), among(['slot', 'account'])];
  const finish: number[] = [];
  transactions.forEach(({ gasUsed }, j) => {
    const waits = all.filter((pair) => pair.j === j).map(({ i }) => finish[i] ?? 0);
    finish.push(gasUsed + Math.max(0, ...waits));
  });
  return {
    number: header.number,
    conflictPairs: slots.length,
    conflictDensity: pairs.length === 0 ? null : slots.length / pairs.length,
    dependentTransactions: new Set(slots.map(({ j }) => j)).size,
    dependentTransactionsWithAccounts: new Set(all.map(({ j }) => j)).size,
    criticalPathGas: Math.max(0, ...finish),
  };
}

describe.skipIf(!hasChdb)('statistics of a chain', () => {
  it('sum up the range, chain by chain', async () => {
    const store = await openTestStore({ path: temporaryFolder() });
    const accesses = [slotAccess('write', 1, 1)];
    await store.ingest([
      recordOf(1, [{ accesses }, { accesses }]),
      recordOf(2, [{}, {}, {}, {}]),
      recordOf(3),
      recordOf(4, [{}]),
      recordOf(1, [{ accesses }], { chainId: 10 }),
    ]);
    const [first, second, ...others] = await store.stats({ to: 3 });
    expect(first).toMatchObject({
      chainId: 1,
      firstBlock: 1,
      lastBlock: 3,
      blocks: 3,
      transactions: 6,
      accesses: 2,
      gasUsed: 126_000,
      conflictPairs: 1,
      conflictDensity: { mean: 0.5, min: 0, max: 1 },
      dependentShare: 1 / 6,
      dependentShareWithAccounts: 1 / 6,
      speedupBound: { mean: 2.5, min: 1, max: 4 },
    });
    expect(second).toMatchObject({ chainId: 10, blocks: 1, conflictDensity: null, dependentShare: 0 });
    expect(others).toEqual([]);
    expect((await store.stats({ chainId: 1, from: 4 })).map(({ blocks }) => blocks)).toEqual([1]);
    expect(await store.stats({ chainId: 1, from: 5 })).toEqual([]);
  });

  it('name the hottest keys by any measure', async () => {
    const store = await openTestStore({ path: temporaryFolder() });
    const [reads, writes] = [slotAccess('read', 1, 1), slotAccess('write', 1, 2)];
    await store.ingest([
      recordOf(1, [{ accesses: [reads, writes] }, { accesses: [reads] }, { accesses: [accountAccess('add', 3)] }]),
      recordOf(2, [{ accesses: [slotAccess('read', 1, 2), writes] }]),
    ]);
    const hottest = async (hottestBy: 'reads' | 'writes' | 'transactions' | 'blocks'): Promise<unknown> =>
      (await store.stats({ hottestBy, hotKeys: 1 }))[0]?.hotSlots;
    const one = { address: address(1), slot: hash(1), reads: 2, writes: 0, adds: 0, transactions: 2, blocks: 1 };
    const two = { address: address(1), slot: hash(2), reads: 1, writes: 2, adds: 0, transactions: 2, blocks: 2 };
    expect(await hottest('reads')).toEqual([one]);
    expect(await hottest('writes')).toEqual([two]);
    expect(await hottest('transactions')).toEqual([one]);
    expect(await hottest('blocks')).toEqual([two]);
    expect((await store.stats())[0]?.hotSlots).toEqual([one, two]);
    expect((await store.stats())[0]?.hotAccounts).toEqual([
      { address: address(3), slot: null, reads: 0, writes: 0, adds: 1, transactions: 1, blocks: 1 },
    ]);
  });
});

describe.skipIf(!hasChdb || !hasSharedData)('24 consecutive mainnet blocks', () => {
  async function* traces(): AsyncGenerator<BlockRecord> {
    for await (const outcome of readBlocks(sharedData('mainnet-traces'))) {
      if (!outcome.ok) throw outcome.error;
      if (outcome.block.kind === 'record') yield outcome.block;
    }
  }

  it('come back from the store as they were read, and have the known bounds on speed-up', async () => {
    const store = await openTestStore({ path: temporaryFolder() });
    const summary = await store.ingest(traces());
    expect(summary).toMatchObject({ added: 24, transactions: 5_261 });
    expect(await store.ingest(traces())).toMatchObject({ added: 0, alreadyPresent: 24 });

    const stored = await collect(store.records({ chainId: 1, from: 15_000_001, to: 15_000_024 }));
    const withoutLogs = (await collect(traces())).map((record) => ({
      ...record,
      transactions: record.transactions.map((outcome) => ({ ...outcome, logs: [] })),
    }));
    expect(stored).toEqual(withoutLogs);

    const [stats] = await store.stats();
    expect(stats?.accesses).toBe(summary.accesses);
    expect(stats?.speedupBound?.mean).toBeCloseTo(5.188, 3);
    expect(stats?.speedupBound?.min).toBeCloseTo(1.468, 3);
    expect(stats?.speedupBound?.max).toBeCloseTo(11.507, 3);
    expect(stats?.conflictPairs).toBe(11_481);
    expect(stats?.dependentShare).toBeCloseTo(0.19, 2);
    // The most popular storage slots of that week: three of Tether's.
    const tether = '0xdac17f958d2ee523a2206206994597c13d831ec7';
    expect(stats?.hotSlots.slice(0, 3).map((key) => key.address)).toEqual([tether, tether, tether]);
  });
});
