import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyPlan } from '../../scheduler/plan.js';
import { compressRows } from '../../scheduler/rows.js';
import { simulate, type TracedInterval } from '../../scheduler/simulator.js';
import { chain, change, item, read, workloadOf, workloadsWithPlans } from './workloads.js';

const FREE = { validationCost: 0 };

function overlaps(a: TracedInterval, b: TracedInterval): boolean {
  return a !== b && a.worker === b.worker && a.startCost < b.endCost && b.startCost < a.endCost;
}

describe('the trace of a simulated run', () => {
  it('is there only where it is asked for', () => {
    expect(simulate(chain(2), emptyPlan(2, 2), { workers: 2 }).trace).toBeNull();
  });

  it('tells which worker ran what, and how it came out', () => {
    const workload = workloadOf(item(100, change(0)), item(100, [read(0, 0.5)]));
    const plan = { ...emptyPlan(2, 2), writes: compressRows([[0], []]) };
    const { trace } = simulate(workload, plan, { workers: 2, ...FREE, trace: true });
    expect(trace).toEqual([
      { transaction: 1, incarnation: 0, worker: 1, startCost: 0, endCost: 50, outcome: 'suspended' },
      { transaction: 0, incarnation: 0, worker: 0, startCost: 0, endCost: 100, outcome: 'committed' },
      { transaction: 1, incarnation: 0, worker: 0, startCost: 100, endCost: 200, outcome: 'committed' },
    ]);
  });

  it('tells of executions that were thrown away', () => {
    const workload = workloadOf(item(100, change(0)), item(100, change(0)));
    const { trace } = simulate(workload, emptyPlan(2, 2), { workers: 2, ...FREE, trace: true });
    const seen = trace?.map(({ transaction, incarnation, outcome }) => [transaction, incarnation, outcome]);
    expect(seen).toContainEqual([1, 0, 'aborted']);
    expect(seen).toContainEqual([1, 1, 'committed']);
  });

  it('goes on on the first worker where one does the rest', () => {
    const { trace, inOrderFrom } = simulate(chain(2_000), emptyPlan(2_000, 4), { workers: 4, ...FREE, trace: true });
    const rest = trace?.filter(({ transaction }) => transaction >= (inOrderFrom ?? 0)).slice(-1_000);
    expect(rest?.every(({ worker, outcome }) => worker === 0 && outcome === 'committed')).toBe(true);
  });

  it('agrees with what the run says, whatever the plan', () => {
    fc.assert(
      fc.property(workloadsWithPlans, fc.integer({ min: 1, max: 6 }), ({ workload, plan }, workers) => {
        const run = simulate(workload, plan, { workers, trace: true });
        const trace = run.trace ?? [];
        const of = (outcome: TracedInterval['outcome']): TracedInterval[] =>
          trace.filter((interval) => interval.outcome === outcome);
        expect(of('suspended')).toHaveLength(run.suspensions);
        expect(of('aborted').length + of('committed').length).toBe(run.executions);
        const committed = [...of('committed')].sort((a, b) => a.transaction - b.transaction);
        const final = run.final.map(({ incarnation, startCost, finishCost }) => [incarnation, startCost, finishCost]);
        expect(committed.map(({ incarnation, startCost, endCost }) => [incarnation, startCost, endCost])).toEqual(
          final,
        );
        expect(committed.map(({ transaction }) => transaction)).toEqual([...run.final.keys()]);
        expect(trace.every(({ worker, endCost }) => worker < workers && endCost <= run.makespanCost)).toBe(true);
        expect(trace.some((interval) => trace.some((other) => overlaps(interval, other)))).toBe(false);
      }),
      { seed: 15_000_001 },
    );
  });
});
