import { describe, expect, it } from 'vitest';
import { emptyPlan } from '../../../scheduler/plan.js';
import { criticalPathPlan } from '../../../scheduler/policies/critical-path.js';
import { blockersIn, changeOf, creditOf, orderIn, readOf, type Use } from '../hints.js';
import { hintedInput, inputOf } from './inputs.js';

function blockersOf(uses: readonly (readonly Use[])[]): number[][] {
  return blockersIn(criticalPathPlan(hintedInput(uses.length, { uses })));
}

describe('critical-path', () => {
  it('waits for the latest earlier transaction that probably writes a key that is probably read', () => {
    const uses = [[changeOf(0)], [changeOf(0)], [readOf(0)], [], [readOf(0)]];
    expect(blockersOf(uses)).toEqual([[], [0], [1], [], [1]]);
  });

  it('does not wait below a probability of 0.5', () => {
    const uses: Use[][] = [[[0, 1, 0.5]], [[0, 1, 0.49]], [[0, 0.5]], [[0, 0.49]]];
    expect(blockersOf(uses)).toEqual([[], [0], [0], []]);
  });

  it('lets credits commute, and readers wait for all since the latest change', () => {
    const uses = [
      [creditOf(0)],
      [changeOf(0)],
      [creditOf(0)],
      [creditOf(0, 0.5)],
      [creditOf(0, 0.49)],
      [readOf(0)],
      [changeOf(0)],
      [readOf(0)],
    ];
    expect(blockersOf(uses)).toEqual([[], [0], [], [], [], [1, 2, 3], [1, 2, 3], [6]]);
  });

  it('does not make a credit wait for a change', () => {
    expect(blockersOf([[changeOf(0)], [creditOf(0)]])).toEqual([[], []]);
  });

  it('waits for a key that a transaction changes and credits once', () => {
    expect(blockersOf([[changeOf(0), creditOf(0)], [changeOf(0), creditOf(0)], [readOf(0)]])).toEqual([[], [0], [1]]);
  });

  it('waits for the pairs of at least 0.5', () => {
    const input = hintedInput(3, {
      pairs: [
        [0, 1, 0.49],
        [0, 2, 0.5],
        [1, 2, 0.9],
      ],
    });
    expect(blockersIn(criticalPathPlan(input))).toEqual([[], [], [0, 1]]);
  });

  it('names a transaction once, whatever says so, and none that is not earlier', () => {
    const input = hintedInput(2, {
      uses: [
        [changeOf(0), changeOf(1)],
        [changeOf(0), changeOf(1)],
      ],
      pairs: [
        [0, 1, 1],
        [1, 1, 1],
        [1, 0, 1],
      ],
    });
    expect(blockersIn(criticalPathPlan(input))).toEqual([[], [0]]);
  });

  it('starts what the most costly chain waits for', () => {
    const input = hintedInput(4, { costs: [10, 50, 10, 45], pairs: [[0, 3, 1]] });
    // The chain of 0 and 3 costs 55.
    expect(orderIn(criticalPathPlan(input))).toEqual([0, 1, 3, 2]);
  });

  it('is Block-STM in block order without hints', () => {
    expect(criticalPathPlan(inputOf([{}, {}]))).toEqual(emptyPlan(2, 4));
  });
});
