import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBlockers } from '../../scheduler/graph.js';
import { oraclePlan } from '../../scheduler/plan.js';
import { compressRows } from '../../scheduler/rows.js';
import { rankDescending, ranksOf, upwardRanks } from '../../scheduler/upward-rank.js';
import { workloads } from './workloads.js';

describe('upward ranks', () => {
  it('are the costs where nothing waits', () => {
    expect([...upwardRanks(Float64Array.of(3, 0, 2), compressRows([[], [], []]))]).toEqual([3, 0, 2]);
  });

  it('add the most costly chain that waits', () => {
    const blockers = compressRows([[], [0], [0], [1, 2], []]);
    expect([...upwardRanks(Float64Array.of(1, 10, 20, 5, 7), blockers)]).toEqual([26, 15, 25, 5, 7]);
  });

  it('of no transactions are none', () => {
    expect(upwardRanks(new Float64Array(), compressRows([]))).toHaveLength(0);
  });
});

describe('ranks', () => {
  it('put the greatest first and keep the order of equal ones', () => {
    expect([...rankDescending(Float64Array.of(1, 5, 1, 9, 5))]).toEqual([3, 1, 4, 0, 2]);
  });

  it('undo an order', () => {
    expect([...ranksOf(Uint32Array.of(2, 0, 3, 1))]).toEqual([1, 3, 0, 2]);
  });

  it('of the oracle follow the costs of chains, found by walking all of them', () => {
    fc.assert(
      fc.property(workloads, (workload) => {
        const { offsets, indices } = findBlockers(workload);
        const waitsFor = (later: number, earlier: number): boolean =>
          indices.subarray(offsets[later], offsets[later + 1]).includes(earlier);
        const chainCost = (index: number): number => {
          const waiting = workload.transactions.flatMap((_, later) =>
            waitsFor(later, index) ? [chainCost(later)] : [],
          );
          return (workload.transactions[index]?.cost ?? 0) + Math.max(0, ...waiting);
        };
        const costs = workload.transactions.map((_, index) => chainCost(index));
        const order = [...costs.keys()].sort((a, b) => (costs[b] ?? 0) - (costs[a] ?? 0) || a - b);
        expect([...oraclePlan(workload, 2).priority]).toEqual(costs.map((_, index) => order.indexOf(index)));
      }),
      { numRuns: 200, seed: 15_000_001 },
    );
  });
});
