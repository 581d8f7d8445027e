import { describe, expect, it } from 'vitest';
import { findBlockers } from '../../scheduler/graph.js';
import {
  withDenseKeys,
  withSenders,
  workloadOfPairs,
  workloadOfPrediction,
} from '../../scheduler/predicted-workload.js';
import { compressRows, rowOf } from '../../scheduler/rows.js';
import { change, credit, independent, read } from './workloads.js';

describe('the workload of a prediction', () => {
  const uses = {
    offsets: Uint32Array.of(0, 4, 5),
    keys: Uint32Array.of(0, 1, 2, 3, 0),
    keyCount: 4,
    read: Float32Array.of(0.9, 0.1, 0, 0.5, 1),
    write: Float32Array.of(0.1, 0.5, 0, 0, 0),
    add: Float32Array.of(0, 0, 0.75, 0.5, 0),
    conflicts: null,
    costs: [10, 20],
  };

  it('holds the likely accesses: what is changed is read, and a credit beside a read is a change', () => {
    const { transactions, keyCount } = workloadOfPrediction(uses, 0.5);
    expect(keyCount).toBe(4);
    expect(transactions).toEqual([
      { cost: 10, accesses: [read(0), read(1), read(3), { ...change(1)[1] }, credit(2), { ...change(3)[1] }] },
      { cost: 20, accesses: [read(0)] },
    ]);
  });

  it('takes likely pairs for conflicts whichever comes first', () => {
    const pairs = { offsets: Uint32Array.of(0, 0, 1), earlier: Uint32Array.of(0), probability: Float32Array.of(0.5) };
    const workload = workloadOfPrediction({ ...uses, conflicts: pairs }, 0.5);
    expect([...rowOf(findBlockers(workload), 1)]).toEqual([0]);
    expect([...rowOf(findBlockers(workloadOfPrediction({ ...uses, conflicts: pairs }, 0.75)), 1)]).toEqual([]);
  });
});

describe('dense keys', () => {
  it('are as many as are used, and the same accesses have the same ones', () => {
    const sparse = {
      transactions: [
        { cost: 1, accesses: [...change(7), read(3)] },
        { cost: 2, accesses: [read(3), credit(900), read(7)] },
        { cost: 3, accesses: [] },
      ],
      keyCount: 1_000,
    };
    expect(withDenseKeys(sparse)).toEqual({
      transactions: [
        { cost: 1, accesses: [...change(0), read(1)] },
        { cost: 2, accesses: [read(1), credit(2), read(0)] },
        { cost: 3, accesses: [] },
      ],
      keyCount: 3,
    });
    expect(findBlockers(withDenseKeys(sparse))).toEqual(findBlockers(sparse));
  });
});

describe('conflicts that are known otherwise', () => {
  it('are those of the pairs', () => {
    const pairs = [[], [0], [0, 1], []];
    const { indices, offsets } = findBlockers(workloadOfPairs([1, 2, 3, 4], compressRows(pairs)));
    expect({ indices, offsets }).toEqual(compressRows(pairs));
  });

  it('are those of a sender with several transactions', () => {
    const workload = withSenders(independent(4), ['a', 'b', 'a', 'a']);
    expect(workload.keyCount).toBe(5);
    expect([2, 3].map((index) => [...rowOf(findBlockers(workload), index)])).toEqual([[0], [2]]);
    expect(rowOf(findBlockers(workload), 1)).toHaveLength(0);
  });
});
