import { describe, expect, it } from 'vitest';
import { parallelRows, perCoreRow, trackingRows } from '../../bench/engine/aggregate.js';
import { summariseMainnet } from '../../bench/engine/aggregate-mainnet.js';
import type { MeasuredBlock, MeasuredVariant, RunSample, VariantName } from '../../bench/engine/document.js';

function variant(name: VariantName, times: readonly number[], changes: Partial<RunSample> = {}): MeasuredVariant {
  const counters = { executions: 10, aborts: 0, suspensions: 0, validations: 0, inOrderFrom: null, heapBytes: 0 };
  const samples = times.map((wallNs, round) => ({ round, wallNs, ...counters, ...changes }));
  return { variant: name, workers: name === 'parallel' ? 2 : 1, samples };
}

function block(changes: Partial<MeasuredBlock>): MeasuredBlock {
  const what = { name: 'block', kind: 'mainnet', perCore: true, isVerified: true } as const;
  return { ...what, transactions: 10, gasUsed: 1_000, variants: [], ...changes };
}

const measured = block({
  variants: [
    variant('straight', [100, 200, 400]),
    variant('straight again', [100, 200, 400]),
    variant('tracked', [150, 200, 800]),
    variant('parallel', [50, 200, 100], { executions: 12, inOrderFrom: 4 }),
    variant('reference', [2_000]),
  ],
});

describe('the figures of the benchmark', () => {
  it('are rates with the best and the worst round, and the ratio of medians', () => {
    const [row] = perCoreRow(measured);
    expect(row?.transactionsPerSecond).toEqual({ median: 5e7, best: 1e8, worst: 2.5e7 });
    expect(row?.gasPerSecond).toEqual({ median: 5e9, best: 1e10, worst: 2.5e9 });
    expect(row?.ratio).toBe(10);
  });

  it('compare runs of the same round', () => {
    const [again, tracked] = trackingRows(measured);
    expect(again?.timeRatio).toEqual({ median: 1, best: 1, worst: 1 });
    expect(tracked?.timeRatio).toEqual({ median: 1.5, best: 1, worst: 2 });
    const [row] = parallelRows(measured);
    expect(row?.speedup).toEqual({ median: 2, best: 4, worst: 1 });
    expect(row?.executionsPerTransaction).toBe(1.2);
    expect(row?.inOrder).toEqual({ rounds: 3, medianFrom: 4 });
  });

  it('sum up mainnet blocks that are verified and not empty, and name the worst', () => {
    const slow = block({ name: 'slow', variants: [variant('straight', [800]), variant('reference', [2_400])] });
    const wrong = block({ name: 'wrong', isVerified: false, variants: [variant('straight', [9_999])] });
    const empty = block({ name: 'empty', transactions: 0, gasUsed: 0, variants: [variant('straight', [50])] });
    const summary = summariseMainnet([measured, slow, wrong, empty]);
    expect(summary).toMatchObject({ blocks: 3, verifiedBlocks: 2, gasUsed: 2_000, gasPerSecond: 2e9, ratio: 4.4 });
    expect(summary.rows.map(({ name }) => name)).toEqual(['block', 'slow', 'wrong']);
    expect(summary.worst.map(({ name }) => name)).toEqual(['slow', 'slow', 'block']);
  });
});
