import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../scheduler/critical-path.js';
import { UNCALIBRATED, type Overheads } from '../../scheduler/overheads.js';
import { emptyPlan, oraclePlan } from '../../scheduler/plan.js';
import { compressRows } from '../../scheduler/rows.js';
import { simulate, type SimulatedRun, type SimulateOptions } from '../../scheduler/simulator.js';
import { verifyRun } from '../../scheduler/verify.js';
import type { Workload } from '../../scheduler/workload.js';
import {
  chain,
  change,
  credit,
  independent,
  item,
  read,
  workloadOf,
  workloads,
  workloadsWithPlans,
  write,
} from './workloads.js';

const FREE = { validationCost: 0 };

function optimistic(workload: Workload, workers: number, options: Partial<SimulateOptions> = {}): SimulatedRun {
  return simulate(workload, emptyPlan(workload.transactions.length, workers), { workers, ...options });
}

describe('a simulated run', () => {
  it('of independent transactions is as many times faster as there are workers, up to validation', () => {
    expect(optimistic(independent(16), 4, FREE)).toMatchObject({
      makespanCost: 400,
      executions: 16,
      aborts: 0,
      suspensions: 0,
      idleCost: 0,
    });
  });

  it('whose plan foresees the writes validates each transaction once, in any order', () => {
    const plan = { ...oraclePlan(independent(16), 4), priority: Uint32Array.from({ length: 16 }, (_, i) => 16 - i) };
    const run = simulate(independent(16), plan, { workers: 4 });
    expect(run).toMatchObject({ executions: 16, validations: 16 });
    // Transaction 0 comes last, and whoever executed it commits all one after the other.
    expect(run.makespanCost).toBeCloseTo(400 + 16 * 5, 9);
  });

  it('of a chain is about as fast as sequential', () => {
    const run = optimistic(chain(16), 4, FREE);
    expect(run.makespanCost).toBe(1_600);
    expect(run.aborts).toBeGreaterThan(0);
    expect(simulate(chain(16), oraclePlan(chain(16), 4), { workers: 4, ...FREE })).toMatchObject({
      makespanCost: 1_600,
      executions: 16,
      aborts: 0,
      suspensions: 0,
      idleCost: 3 * 1_600,
    });
  });

  it('suspends a reader at an ESTIMATE, loses the cost up to there, and runs it again after the blocker', () => {
    const workload = workloadOf(item(100, change(0)), item(100, [read(0, 0.5)]));
    const plan = { ...emptyPlan(2, 2), writes: compressRows([[0], []]) };
    const run = simulate(workload, plan, { workers: 2, ...FREE });
    // The reader stops at 50; its second execution starts at 100.
    expect(run).toMatchObject({ makespanCost: 200, executions: 2, aborts: 0, suspensions: 1, idleCost: 150 });
    expect(run.final[1]).toEqual({
      incarnation: 0,
      startCost: 100,
      finishCost: 200,
      reads: [{ key: 0, atCost: 150, sources: [0], sourceIncarnations: [0] }],
    });
  });

  it('does not start a transaction before its predicted blockers were executed', () => {
    const plan = { ...emptyPlan(2, 2), blockers: compressRows([[], [0]]) };
    expect(simulate(independent(2), plan, { workers: 2, ...FREE }).final[1]?.startCost).toBe(100);
  });

  it('reads at its position, so that a late read needs no second execution', () => {
    const late = workloadOf(item(100, change(0)), item(400, [read(0, 0.5)]));
    expect(optimistic(late, 2, FREE)).toMatchObject({ makespanCost: 400, executions: 2, aborts: 0 });
    const early = workloadOf(item(100, change(0)), item(400, [read(0, 0.125)]));
    expect(optimistic(early, 2, FREE)).toMatchObject({ makespanCost: 800, executions: 3, aborts: 1 });
  });

  it('validates again whom an abort made wrong', () => {
    // 1 runs too early, 2 reads what it wrote and is validated; only the abort of 1 tells that 2 is wrong too.
    const workload = workloadOf(item(100, change(0)), item(10, [...change(0), ...change(1)]), item(10, [read(1)]));
    const run = optimistic(workload, 2, FREE);
    expect(run.final.map(({ incarnation }) => incarnation)).toEqual([0, 1, 1]);
    expect(verifyRun(workload, run)).toBe(true);
  });

  it('lets credits commute', () => {
    const payments = workloadOf(...Array.from({ length: 8 }, () => item(100, [credit(0)])));
    expect(optimistic(payments, 8, FREE)).toMatchObject({ makespanCost: 100, aborts: 0 });
  });

  it('executes by priority, then in block order', () => {
    const plan = { ...emptyPlan(4, 2), priority: Uint32Array.of(9, 5, 5, 1) };
    const run = simulate(independent(4), plan, { workers: 2, ...FREE });
    expect(run.final.map(({ startCost }) => startCost)).toEqual([100, 0, 100, 0]);
  });

  it('of one planned worker is sequential', () => {
    expect(simulate(chain(5), emptyPlan(5, 1), { workers: 8 })).toMatchObject({
      makespanCost: 500,
      executions: 5,
      validations: 0,
      idleCost: 0,
    });
  });

  it('lets a transaction wait for the last one of its sender, before it executes', () => {
    const workload = workloadOf(item(100), { ...item(100), previous: 0 }, item(100));
    const run = optimistic(workload, 2, FREE);
    expect(run).toMatchObject({ makespanCost: 200, executions: 3, aborts: 0, suspensions: 0 });
    expect(run.final.map(({ startCost }) => startCost)).toEqual([0, 100, 0]);
  });

  it('goes on in order on one worker where too much is executed in vain', () => {
    const run = optimistic(chain(2_000), 4, FREE);
    expect(run.inOrderFrom).not.toBeNull();
    expect(run.executions - 2_000).toBeLessThan(100);
    expect(verifyRun(chain(2_000), run)).toBe(true);
    const toTheEnd = optimistic(chain(200), 4, { ...FREE, mayContinueInOrder: false });
    expect(toTheEnd.inOrderFrom).toBeNull();
    expect(verifyRun(chain(200), toTheEnd)).toBe(true);
  });

  it('goes on in order where one worker does everything while the others sleep', () => {
    const [workload, plan] = [chain(100, 10_000), oraclePlan(chain(100, 10_000), 2)];
    const overheads = { ...UNCALIBRATED, sleepNs: 200_000, trackingShare: 1 };
    const run = simulate(workload, plan, { workers: 2, overheads });
    // Ten transactions in the first sleep are too few; so the chain is known for one only if it is quicker.
    expect(run.inOrderFrom).toBeNull();
    const quicker = simulate(workload, plan, { workers: 2, overheads: { ...overheads, sleepNs: 400_000 } });
    expect(quicker).toMatchObject({ inOrderFrom: 20, makespanCost: 21 * 20_000 + 79 * 10_000 - 10_000 });
    expect(verifyRun(workload, quicker)).toBe(true);
  });

  it('uses no more workers than the machine has', () => {
    const plan = emptyPlan(16, 8);
    expect(simulate(independent(16), plan, { workers: 2, ...FREE }).makespanCost).toBe(800);
  });

  it('of an empty block takes no time', () => {
    expect(optimistic(workloadOf(), 4)).toMatchObject({ makespanCost: 0, executions: 0, final: [] });
  });

  it.each([
    ['a plan for 3 transactions, got one for 2', emptyPlan(2, 2), { workers: 2 }],
    ['a whole number of workers from 1, got 0', emptyPlan(3, 2), { workers: 0 }],
    ['a whole number of workers from 1, got 1.5', emptyPlan(3, 1.5), { workers: 2 }],
    [
      "a validation cost from 0, as a fraction of the transaction's, got NaN",
      emptyPlan(3, 2),
      { workers: 2, validationCost: NaN },
    ],
  ])('expects %s', (message, plan, options) => {
    expect(() => simulate(chain(3), plan, options)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: `expected ${message}` }),
    );
  });
});

const OVERHEADS: Overheads = {
  ...{ startNs: [0, 8, 32], trackingNsPerTransaction: 4, trackingNsPerAccess: 1, trackingShare: 0.25 },
  ...{ validationNsPerTransaction: 1, validationNsPerRead: 0.5, contentionShare: 0.125, wakeNs: 16, sleepNs: 64 },
};

const settings = fc.record({
  workers: fc.integer({ min: 1, max: 6 }),
  validationCost: fc.constantFrom(0, 0.25, 1),
  overheads: fc.constantFrom(undefined, OVERHEADS),
  mayContinueInOrder: fc.boolean(),
});

/** The critical path where a read need not wait before its position: finish(i) + what remains of j after the read. */
function longestCost({ transactions }: Workload): number {
  const finish: number[] = [];
  const latest = new Map<number, number[]>();
  for (const { cost, accesses } of transactions) {
    const sources = accesses.flatMap(({ key, kind, position }) =>
      kind === 'read' ? (latest.get(key) ?? []).map((source) => (finish[source] ?? 0) + (1 - position) * cost) : [],
    );
    for (const { key, kind } of accesses) {
      if (kind === 'write') latest.set(key, [finish.length]);
      if (kind === 'add') latest.set(key, [...(latest.get(key) ?? []), finish.length]);
    }
    finish.push(Math.max(cost, ...sources));
  }
  return Math.max(0, ...finish);
}

const atStart = ({ transactions, keyCount }: Workload): Workload => ({
  transactions: transactions.map(({ cost, accesses }) =>
    item(
      cost,
      accesses.map((access) => (access.kind === 'read' ? { ...access, position: 0 } : access)),
    ),
  ),
  keyCount,
});

describe('with overheads', () => {
  const beside = (overheads: Partial<Overheads>): SimulateOptions => ({
    workers: 2,
    overheads: { ...UNCALIBRATED, ...overheads },
  });
  const costOf = (workload: Workload, overheads: Partial<Overheads>): number =>
    simulate(workload, emptyPlan(workload.transactions.length, 2), beside(overheads)).makespanCost;

  it('workers come one after the other, and a late one is waited for', () => {
    expect(costOf(independent(4), { startNs: [0, 10, 50] })).toBe(250);
    expect(costOf(independent(1), { startNs: [0, 10, 500] })).toBe(500);
  });

  it('tracking costs by transaction, by access and by share, and only what is tracked', () => {
    // Two after each other on each worker, each with a read and a write.
    const tracking = { trackingNsPerTransaction: 3, trackingNsPerAccess: 2, trackingShare: 0.5 };
    expect(costOf(independent(4), tracking)).toBe(2 * (150 + 3 + 4));
    expect(simulate(independent(4), emptyPlan(4, 1), beside(tracking)).makespanCost).toBe(400);
  });

  it('validation costs by transaction and by read', () => {
    expect(costOf(independent(1), { validationNsPerTransaction: 5, validationNsPerRead: 2 })).toBe(107);
  });

  it('workers slow each other down', () => {
    // The first starts alone.
    expect(costOf(independent(2), { contentionShare: 0.25 })).toBe(125);
  });

  it('a worker that sleeps comes late', () => {
    const workload = workloadOf(item(50_000), item(50_000), item(50_000));
    const plan = { ...emptyPlan(3, 2), blockers: compressRows([[], [0], [0]]) };
    expect(simulate(workload, plan, beside({ wakeNs: 20_000 })).makespanCost).toBe(120_000);
    expect(simulate(workload, plan, beside({ wakeNs: 0 })).makespanCost).toBe(100_000);
  });
});

describe('whatever the plan', () => {
  it('the run takes no less than the critical path where all reads are at the start', () => {
    fc.assert(
      fc.property(workloadsWithPlans, settings, ({ workload, plan }, options) => {
        const run = simulate(atStart(workload), plan, options);
        expect(run.makespanCost).toBeGreaterThanOrEqual(criticalPath(workload).longestCost);
      }),
      { numRuns: 500, seed: 15_000_001 },
    );
  });

  it('the run is serial, executes everything, and is no faster than work and dependencies allow', () => {
    fc.assert(
      fc.property(workloadsWithPlans, settings, ({ workload, plan }, options) => {
        const run = simulate(workload, plan, options);
        const { totalCost } = criticalPath(workload);
        expect(verifyRun(workload, run)).toBe(true);
        const { executions, aborts, inOrderFrom } = run;
        // What had been executed behind the transaction from which one worker did the rest was executed in vain.
        if (inOrderFrom === null) expect(executions).toBe(workload.transactions.length + aborts);
        else expect(executions).toBeGreaterThanOrEqual(workload.transactions.length);
        expect(run.makespanCost).toBeGreaterThanOrEqual(longestCost(workload));
        expect(run.makespanCost).toBeGreaterThanOrEqual(totalCost / Math.min(options.workers, plan.workers));
        expect(run.idleCost).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2_000, seed: 15_000_001 },
    );
  });

  it('the same input gives the same run', () => {
    fc.assert(
      fc.property(workloadsWithPlans, settings, ({ workload, plan }, options) => {
        expect(simulate(workload, plan, options)).toEqual(simulate(workload, plan, options));
      }),
      { seed: 15_000_001 },
    );
  });
});

it('the oracle never executes in vain', () => {
  fc.assert(
    fc.property(workloads, settings, (workload, options) => {
      const run = simulate(workload, oraclePlan(workload, options.workers), options);
      expect([run.aborts, run.suspensions]).toEqual([0, 0]);
    }),
    { seed: 15_000_001 },
  );
});

describe('verification', () => {
  const workload = workloadOf(
    item(100, change(0)),
    item(100, [credit(1)]),
    item(100, [read(0), read(1)]),
    item(100, [write(0)]),
  );
  const run = optimistic(workload, 4);

  /** The run with a part of what transaction 2 did replaced. */
  function plant(execution: object, firstRead: object = {}): SimulatedRun {
    const final = run.final.map((original, index) => {
      if (index !== 2) return original;
      const reads = original.reads.map((seen, place) => (place === 0 ? { ...seen, ...firstRead } : seen));
      return { ...original, reads, ...execution };
    });
    return { ...run, final };
  }

  it('accepts the run as it was', () => {
    expect(verifyRun(workload, plant({}))).toBe(true);
  });

  it.each([
    ['a read of the base state instead of a write', plant({}, { sources: [], sourceIncarnations: [] })],
    ['a read of another writer', plant({}, { sources: [1] })],
    ['a read of a later writer', plant({}, { sources: [3] })],
    ['a read of an incarnation that was aborted', plant({}, { sourceIncarnations: [7] })],
    ['a read before the write was there', plant({ startCost: 0 }, { atCost: 50 })],
    ['a read outside of its execution', plant({}, { atCost: 1e9 })],
    ['a read of another key', plant({}, { key: 1 })],
    ['a missing read', plant({ reads: run.final[2]?.reads.slice(1) })],
    ['a repeated read', plant({ reads: [...(run.final[2]?.reads ?? []), ...(run.final[2]?.reads ?? [])] })],
    ['an end after the end of the run', plant({ finishCost: 1e9 })],
    ['a transaction that was not executed', { ...run, final: run.final.slice(0, 3) }],
  ])('refuses %s', (_, planted) => {
    expect(verifyRun(workload, planted)).toBe(false);
  });

  it('refuses a read that misses one of several credits', () => {
    const payments = workloadOf(item(10, [credit(0)]), item(10, [credit(0)]), item(10, [read(0)]));
    const right = optimistic(payments, 3);
    expect(verifyRun(payments, right)).toBe(true);
    const reads = right.final[2]?.reads.map((seen) => ({ ...seen, sources: [0], sourceIncarnations: [0] })) ?? [];
    const final = right.final.map((execution, index) => (index === 2 ? { ...execution, reads } : execution));
    expect(verifyRun(payments, { ...right, final })).toBe(false);
  });
});
