import fc from 'fast-check';
import type { Plan } from '../../scheduler/plan.js';
import { compressRows } from '../../scheduler/rows.js';
import type { WorkAccess, WorkItem, Workload } from '../../scheduler/workload.js';

export const read = (key: number, position = 0): WorkAccess => ({ key, kind: 'read', position });
export const write = (key: number): WorkAccess => ({ key, kind: 'write', position: 1 });
export const credit = (key: number): WorkAccess => ({ key, kind: 'add', position: 1 });
export const change = (key: number, position = 0): WorkAccess[] => [read(key, position), write(key)];

export function item(cost: number, accesses: readonly WorkAccess[] = []): WorkItem {
  return { cost, accesses };
}

export function workloadOf(...transactions: WorkItem[]): Workload {
  const keys = transactions.flatMap(({ accesses }) => accesses.map(({ key }) => key));
  return { transactions, keyCount: Math.max(-1, ...keys) + 1 };
}

/** `count` transactions of the same cost that change their own key each. */
export function independent(count: number, cost = 100): Workload {
  return workloadOf(...Array.from({ length: count }, (_, index) => item(cost, change(index))));
}

/** `count` transactions of the same cost that all change one key. */
export function chain(count: number, cost = 100): Workload {
  return workloadOf(...Array.from({ length: count }, () => item(cost, change(0))));
}

const KEYS = 4;

/** A use of each of a few keys, so that transactions meet; blind writes included. Costs and positions are exact in binary. */
const accesses = fc
  .array(
    fc.record({
      use: fc.constantFrom('none', 'read', 'change', 'blind write', 'credit'),
      position: fc.constantFrom(0, 0, 0.25, 0.5, 1),
    }),
    { minLength: KEYS, maxLength: KEYS },
  )
  .map((uses) =>
    uses.flatMap(({ use, position }, key) => {
      if (use === 'read') return [read(key, position)];
      if (use === 'change') return change(key, position);
      if (use === 'blind write') return [write(key)];
      return use === 'credit' ? [credit(key)] : [];
    }),
  );

export const workloads: fc.Arbitrary<Workload> = fc
  .array(fc.record({ cost: fc.constantFrom(0, 4, 16, 64, 256), accesses }), { maxLength: 14 })
  .map((transactions) => ({ transactions, keyCount: KEYS }));

const rows = (count: number, highest: number): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(fc.nat(highest), { maxLength: 3 }), { minLength: count, maxLength: count });

/** Any plan of the right length, however absurd: cycles, unknown transactions and keys, repetitions. */
export function plansFor({ transactions: { length } }: Workload): fc.Arbitrary<Plan> {
  return fc.record({
    priority: fc
      .array(fc.nat(length + 1), { minLength: length, maxLength: length })
      .map((values) => Uint32Array.from(values)),
    blockers: rows(length, length + 2).map(compressRows),
    writes: rows(length, KEYS + 2).map(compressRows),
    workers: fc.integer({ min: 1, max: 6 }),
  });
}

export const workloadsWithPlans: fc.Arbitrary<{ workload: Workload; plan: Plan }> = workloads.chain((workload) =>
  plansFor(workload).map((plan) => ({ workload, plan })),
);
