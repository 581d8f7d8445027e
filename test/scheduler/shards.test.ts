import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignShards, EVERY_SHARD, type ShardAssignment } from '../../scheduler/shards.js';
import { simulateShards } from '../../scheduler/shards/simulate.js';
import { verifyShardedRun } from '../../scheduler/shards/verify.js';
import type { Workload } from '../../scheduler/workload.js';
import { chain, change, credit, independent, item, read, workloadOf, workloads } from './workloads.js';

interface Case {
  readonly workload: Workload;
  readonly shards: number;
  readonly balanceBound: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  workload: fc.oneof(workloads, sparseWorkloads()),
  shards: fc.constantFrom(1, 2, 3, 4, 20),
  balanceBound: fc.constantFrom(0, 0.25, 1, 100),
});

/** Many keys of which each transaction changes a few, so that there is something to divide. */
function sparseWorkloads(): fc.Arbitrary<Workload> {
  const keys = fc.uniqueArray(fc.nat(15), { maxLength: 3 });
  const transaction = fc.record({ keys, cost: fc.constantFrom(1, 4, 64) });
  return fc
    .array(transaction, { maxLength: 24 })
    .map((items) =>
      workloadOf(...items.map((each) => item(each.cost, [...each.keys.map((key) => read(key)), ...writes(each.keys)]))),
    );
}

function writes(keys: readonly number[]) {
  return keys.flatMap((key) => change(key).slice(1));
}

const assign = ({ workload, shards, balanceBound }: Case): ShardAssignment =>
  assignShards({ workload, shards, balanceBound });

/** By transaction: the shards that own what it touches. */
function owners({ transactions }: Workload, { shardOfKey }: ShardAssignment): number[][] {
  return transactions.map(({ accesses }) => {
    const shards = accesses.map(({ key }) => shardOfKey[key] ?? EVERY_SHARD);
    return [...new Set(shards)].filter((shard) => shard !== EVERY_SHARD);
  });
}

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

describe('an assignment to shards', () => {
  it('copies exactly the keys that are only read, or only credited', () => {
    fc.assert(
      fc.property(cases, (each) => {
        const { shardOfKey } = assign(each);
        const kinds = Array.from(shardOfKey, () => new Set<string>());
        for (const { accesses } of each.workload.transactions) {
          for (const { key, kind } of accesses) kinds[key]?.add(kind);
        }
        for (const [key, shard] of shardOfKey.entries()) {
          expect(shard === EVERY_SHARD).toBe(kinds[key]?.has('write') === false && kinds[key].size < 2);
          expect(shard).toBeLessThan(each.shards);
        }
      }),
    );
  });

  it('calls a transaction cross-shard exactly where several shards own its keys', () => {
    fc.assert(
      fc.property(cases, (each) => {
        const assignment = assign(each);
        const expected = owners(each.workload, assignment).map((shards) => (shards.length > 1 ? 1 : 0));
        expect([...assignment.isCrossShard]).toEqual(expected);
        expect(assignment.crossShard).toBe(sumOf(expected));
        expect(assignment.crossShardShare).toBe(expected.length === 0 ? 0 : sumOf(expected) / expected.length);
      }),
    );
  });

  it('runs each transaction in one shard, one of those that own its keys', () => {
    fc.assert(
      fc.property(cases, (each) => {
        const assignment = assign(each);
        for (const [index, shards] of owners(each.workload, assignment).entries()) {
          const shard = assignment.shardOfTransaction[index] ?? EVERY_SHARD;
          expect(shard >= 0 && shard < each.shards).toBe(true);
          if (shards.length > 0) expect(shards).toContain(shard);
        }
      }),
    );
  });

  it('counts the work of its shards, and says whether it is within the bound', () => {
    fc.assert(
      fc.property(cases, (each) => {
        const { transactions } = each.workload;
        const assignment = assign(each);
        const work = Array.from({ length: each.shards }, () => 0);
        for (const [index, shard] of assignment.shardOfTransaction.entries()) {
          if (assignment.isCrossShard[index] === 0) work[shard] = (work[shard] ?? 0) + (transactions[index]?.cost ?? 0);
        }
        expect([...assignment.localCost]).toEqual(work);
        const total = sumOf(transactions.map(({ cost }) => cost));
        expect(assignment.limitCost).toBe(((1 + each.balanceBound) * total) / each.shards);
        expect(assignment.isWithinBound).toBe(Math.max(...work) <= assignment.limitCost);
        const mean = sumOf(work) / each.shards;
        expect(assignment.imbalance).toBe(mean === 0 ? 1 : Math.max(...work) / mean);
      }),
    );
  });

  it('cuts nothing where a shard may hold everything', () => {
    fc.assert(fc.property(cases, (each) => assign({ ...each, balanceBound: each.shards }).crossShard === 0));
  });

  it('is within the bound where every transaction is by itself and small enough', () => {
    const costs = fc.array(fc.constantFrom(1, 2, 3, 5), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(costs, fc.integer({ min: 1, max: 6 }), (list, shards) => {
        const workload = workloadOf(...list.map((cost, key) => item(cost, change(key))));
        const balanceBound = (shards * Math.max(...list)) / sumOf(list);
        expect(assign({ workload, shards, balanceBound })).toMatchObject({ crossShard: 0, isWithinBound: true });
      }),
    );
  });

  it('is the same each time', () => {
    fc.assert(
      fc.property(cases, (each) => {
        expect(assign(each)).toEqual(assign(each));
      }),
    );
  });

  it('leaves no cross-shard transaction that could be joined with room to spare', () => {
    const pairs = workloadOf(...[0, 1, 2, 3, 0, 1, 2, 3].map((key) => item(10, change(key))));
    expect(assign({ workload: pairs, shards: 4, balanceBound: 0 })).toMatchObject({ crossShard: 0, imbalance: 1 });
  });

  it('cuts two groups where one key joins them', () => {
    const inGroup = (key: number): ReturnType<typeof item>[] => [0, 1, 2, 3].map(() => item(10, change(key)));
    const bridge = item(10, [read(0), read(1), ...writes([0, 1])]);
    const workload = workloadOf(...inGroup(0), bridge, ...inGroup(1));
    const assignment = assign({ workload, shards: 2, balanceBound: 0 });
    expect(assignment).toMatchObject({ crossShard: 1, isWithinBound: true, largestComponentCost: 90 });
    expect([...assignment.isCrossShard]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0]);
  });

  it('cuts where a shard would else be over the bound', () => {
    const workload = workloadOf(
      item(1, change(1)),
      item(3, [...[0, 1, 2].map((key) => read(key)), ...writes([0, 1, 2])]),
    );
    const assignment = assign({ workload, shards: 2, balanceBound: 0 });
    expect(assignment).toMatchObject({ crossShard: 1, isWithinBound: true, limitCost: 2 });
    expect(assign({ workload, shards: 2, balanceBound: 1 }).crossShard).toBe(0);
  });

  it('cuts no transaction because it is larger than a share', () => {
    const workload = workloadOf(item(9, [read(0), read(1), ...writes([0, 1])]), item(1, change(2)));
    expect(assign({ workload, shards: 2, balanceBound: 0 })).toMatchObject({ crossShard: 0, isWithinBound: false });
  });

  it('says where one key alone is too much for a shard', () => {
    expect(assign({ workload: chain(8), shards: 4, balanceBound: 0.5 })).toMatchObject({
      crossShard: 0,
      imbalance: 4,
      isWithinBound: false,
      largestTransactionCost: 100,
      largestComponentCost: 800,
    });
  });

  it.each([
    ['one shard', chain(5), 1],
    ['more shards than transactions', independent(3), 9],
    ['no transaction', workloadOf(), 3],
    ['only reads and credits', workloadOf(item(5, [read(0)]), item(5, [credit(1)]), item(5, [read(0)])), 2],
  ])('cuts nothing with %s', (_name, workload, shards) => {
    const assignment = assign({ workload, shards, balanceBound: shards });
    expect(assignment.crossShard).toBe(0);
    expect(assignment.localCost).toHaveLength(shards);
  });

  it.each([
    [0, 0],
    [1.5, 0],
    [2_000, 0],
    [2, -1],
    [2, NaN],
  ])('refuses %f shards with bound %f', (shards, balanceBound) => {
    expect(() => assign({ workload: chain(2), shards, balanceBound })).toThrow(/expected/);
  });
});

describe('a sharded run', () => {
  it('comes to what the order of the block comes to', () => {
    fc.assert(
      fc.property(cases, (each) => verifyShardedRun(each.workload, simulateShards(each.workload, assign(each)))),
    );
  });

  it('runs one transaction at a time on each shard', () => {
    fc.assert(
      fc.property(cases, (each) => {
        const assignment = assign(each);
        const { startCost, finishCost, makespanCost } = simulateShards(each.workload, assignment);
        const freeAt = Array.from({ length: each.shards }, () => 0);
        for (const [index, owning] of owners(each.workload, assignment).entries()) {
          const shards = owning.length > 0 ? owning : [assignment.shardOfTransaction[index] ?? 0];
          for (const shard of shards) {
            expect(startCost[index]).toBeGreaterThanOrEqual(freeAt[shard] ?? 0);
            freeAt[shard] = finishCost[index] ?? 0;
          }
        }
        expect(makespanCost).toBe(Math.max(...freeAt));
        expect(makespanCost).toBeGreaterThanOrEqual(Math.max(...assignment.localCost));
      }),
    );
  });

  it('commits a record for each shard with local transactions, and one for each cross-shard transaction', () => {
    const bridge = item(10, [read(0), read(1), ...writes([0, 1])]);
    const workload = workloadOf(item(10, change(0)), item(10, change(1)), bridge, item(10, change(0)));
    const assignment: ShardAssignment = {
      ...assign({ workload, shards: 3, balanceBound: 3 }),
      shardOfTransaction: Int32Array.of(0, 1, 0, 0),
      shardOfKey: Int32Array.of(0, 1),
      isCrossShard: Uint8Array.of(0, 0, 1, 0),
      ...{ crossShard: 1, crossShardShare: 0.25 },
    };
    expect(simulateShards(workload, assignment, { agreementCost: 5 })).toMatchObject({
      makespanCost: 35,
      speedup: 40 / 35,
      recordsCommitted: 3,
      crossShardShare: 0.25,
    });
  });

  it('on one shard is sequential', () => {
    fc.assert(
      fc.property(workloads, (workload) => {
        const run = simulateShards(workload, assign({ workload, shards: 1, balanceBound: 0 }));
        expect(run.makespanCost).toBe(sumOf(workload.transactions.map(({ cost }) => cost)));
        expect(run.speedup).toBe(1);
        expect(run.recordsCommitted).toBe(Math.min(1, workload.transactions.length));
      }),
    );
  });

  it('refuses the assignment of another block', () => {
    const assignment = assign({ workload: chain(2), shards: 2, balanceBound: 0 });
    expect(() => simulateShards(chain(3), assignment)).toThrow('3 transactions');
    expect(() => simulateShards(chain(2), assignment, { agreementCost: -1 })).toThrow('agreement cost');
  });

  it.each([
    ['sees too early', change(0), [read(0)]],
    ['replaces what is still to be seen', [read(0)], writes([0])],
    ['replaces what is still to be replaced', writes([0]), writes([0])],
    ['sees what is still to be credited', [credit(0)], [read(0)]],
    ['replaces what is still to be credited', [credit(0)], writes([0])],
    ['credits what is still to be replaced', writes([0]), [credit(0)]],
  ])('is not verified where the later one %s', (_name, earlier, later) => {
    const workload = workloadOf(item(10, earlier), item(10, later));
    const run = simulateShards(workload, assign({ workload, shards: 1, balanceBound: 0 }));
    expect(verifyShardedRun(workload, run)).toBe(true);
    expect(verifyShardedRun(workload, { ...run, startCost: Float64Array.of(0, 5) })).toBe(false);
  });

  it('may credit and see at the same time', () => {
    const both = { startCost: Float64Array.of(0, 0), finishCost: Float64Array.of(10, 10) };
    for (const access of [credit(0), read(0)]) {
      const workload = workloadOf(item(10, [access]), item(10, [access]));
      const run = simulateShards(workload, assign({ workload, shards: 2, balanceBound: 0 }));
      expect(run.makespanCost).toBe(10);
      expect(verifyShardedRun(workload, { ...run, ...both })).toBe(true);
    }
  });
});
