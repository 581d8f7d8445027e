import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../scheduler/critical-path.js';
import { findBlockers } from '../../scheduler/graph.js';
import { oraclePlan } from '../../scheduler/plan.js';
import { rowCount, rowOf } from '../../scheduler/rows.js';
import type { WorkItem, Workload } from '../../scheduler/workload.js';
import { change, credit, item, read, workloadOf, workloads, write } from './workloads.js';

function blockersOf(workload: Workload): number[][] {
  const rows = findBlockers(workload);
  return Array.from({ length: rowCount(rows) }, (_, index) => [...rowOf(rows, index)]);
}

describe('true dependencies', () => {
  it.each([
    ['a read waits for the latest writer alone', [change(0), change(0), [read(0)]], [[], [0], [1]]],
    ['a write that reads nothing waits for nobody', [change(0), [write(0)], [read(0)]], [[], [], [1]]],
    ['readers do not wait for each other, nor a writer for readers', [[read(0)], [read(0)], change(0)], [[], [], []]],
    ['credits do not wait for each other', [[credit(0)], [credit(0)]], [[], []]],
    [
      'a read waits for all credits since the latest writer, and for it',
      [[credit(0)], change(0), [credit(0)], [credit(0)], [read(0)]],
      [[], [0], [], [], [1, 2, 3]],
    ],
    [
      'a blocker of two keys counts once',
      [
        [...change(0), ...change(1)],
        [read(0), read(1)],
      ],
      [[], [0]],
    ],
  ])('%s', (_, accesses, expected) => {
    expect(blockersOf(workloadOf(...accesses.map((list) => item(1, list))))).toEqual(expected);
  });

  it('are those of the definition', () => {
    fc.assert(
      fc.property(workloads, (workload) => {
        expect(blockersOf(workload)).toEqual(workload.transactions.map((_, j) => blockersByDefinition(workload, j)));
      }),
      { seed: 15_000_001 },
    );
  });
});

const does = ({ accesses }: WorkItem, kind: string, key: number): boolean =>
  accesses.some((access) => access.kind === kind && access.key === key);

/** i blocks j if j reads a key that i changes and nobody between them overwrites. */
function blockersByDefinition({ transactions, keyCount }: Workload, j: number): number[] {
  const keys = [...Array(keyCount).keys()].filter((key) =>
    transactions.slice(j, j + 1).some((item) => does(item, 'read', key)),
  );
  return [...Array(j).keys()].filter((i) =>
    keys.some((key) => {
      const [first, ...between] = transactions.slice(i, j);
      const changes = first !== undefined && (does(first, 'write', key) || does(first, 'add', key));
      return changes && !between.some((item) => does(item, 'write', key));
    }),
  );
}

describe('the plan of the oracle', () => {
  it('puts the longest remaining path first and names blockers and writes', () => {
    const workload = workloadOf(item(50), item(30, change(0)), item(40, change(0)), item(60, [credit(1)]));
    const plan = oraclePlan(workload, 3);
    expect([...plan.priority]).toEqual([2, 0, 3, 1]);
    expect([0, 1, 2, 3].map((index) => [...rowOf(plan.blockers, index)])).toEqual([[], [], [1], []]);
    expect([0, 1, 2, 3].map((index) => [...rowOf(plan.writes, index)])).toEqual([[], [0], [0], [1]]);
    expect(plan.workers).toBe(3);
  });
});

describe('the critical path', () => {
  it('is the most costly chain of dependencies', () => {
    const workload = workloadOf(item(10, change(0)), item(25), item(20, change(0)), item(5, [read(0)]));
    expect(criticalPath(workload)).toEqual({ totalCost: 60, longestCost: 35, bound: 60 / 35 });
  });

  it('bounds nothing where there is no work', () => {
    expect(criticalPath(workloadOf())).toEqual({ totalCost: 0, longestCost: 0, bound: null });
    expect(criticalPath(workloadOf(item(0))).bound).toBeNull();
  });
});
