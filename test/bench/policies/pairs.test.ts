import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairRows } from '../../../bench/policies/aggregate-pairs.js';
import { medianWithInterval } from '../../../bench/policies/median-interval.js';
import type { RunSeries, TimedRun } from '../../../cli/replay/engine-runs.js';
import type { Policy } from '../../../scheduler/policy.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('the interval of a median', () => {
  it.each([
    [31, 10, 22],
    [30, 10, 21],
    [10, 2, 9],
    [6, 1, 6],
  ])('lies for %i figures between the %ith and the %ith', (count, low, high) => {
    const { interval, median } = medianWithInterval(upTo(count).reverse());
    expect(interval).toMatchObject({ low, high });
    expect(median).toBe((count + 1) / 2);
  });

  it('has at least the confidence that is asked, and would not have it if it were narrower', () => {
    expect(medianWithInterval(upTo(31)).interval?.confidence).toBeCloseTo(0.9706, 4);
    expect(medianWithInterval(upTo(6)).interval?.confidence).toBeCloseTo(1 - 2 / 64, 10);
  });

  it('needs six figures for 95 %', () => {
    expect(medianWithInterval(upTo(5)).interval).toBeNull();
    expect(medianWithInterval([]).interval).toBeNull();
  });

  it('holds the median of the figures', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 6 }), (values) => {
        const { interval, median } = medianWithInterval(values);
        expect(interval?.low).toBeLessThanOrEqual(median);
        expect(interval?.high).toBeGreaterThanOrEqual(median);
      }),
    );
  });
});

describe('pairs', () => {
  const timedRun = (wallNs: number): TimedRun => ({
    run: {
      ...{ workers: 2, wallNs, heapBytes: 0, joined: 2, refused: null },
      ...{ executions: 1, aborts: 0, suspensions: 0, validations: 0, inOrderFrom: null },
    },
    cpuNs: 0,
  });
  const series = (policy: Policy, runs: readonly TimedRun[], { isSteady = true, planNs = 0 } = {}): RunSeries => ({
    ...{ policy, runs, isSteady },
    planned: { plan: null, workers: 2, predictNs: 0, planNs, decision: null },
  });
  const pairs = {
    transactions: 10,
    series: [
      series('sequential', [timedRun(100), timedRun(200), timedRun(100)]),
      series('optimistic', [timedRun(80), timedRun(90), timedRun(80)], { isSteady: false }),
      series('adaptive', [timedRun(40), timedRun(90), timedRun(70)], { planNs: 10 }),
    ],
    processorTimeOf: ({ wallNs }: TimedRun['run']) => ({ cpuNs: 2 * wallNs, elapsedNs: wallNs }),
  };
  const [sequential, optimistic] = pairRows('profile', 'chain', pairs);

  it('compare runs of the same round, prediction and plan included', () => {
    expect(sequential).toMatchObject({ rival: 'sequential', isBestRival: false, verified: true });
    expect(sequential?.timeRatio).toEqual({ count: 3, median: 0.5, interval: null });
    expect(optimistic).toMatchObject({ rival: 'optimistic', isBestRival: true, verified: false });
  });

  it('tell how many processors were in use, one of them while a plan was made', () => {
    expect(sequential?.rivalProcessors).toBe(2);
    expect(sequential?.adaptiveProcessors).toBeCloseTo((30 + 2 * 200) / (30 + 200));
  });

  it('are none where the adaptive policy did not run', () => {
    expect(pairRows('profile', 'chain', null)).toEqual([]);
    expect(pairRows('profile', 'chain', { ...pairs, series: pairs.series.slice(0, 2) })).toEqual([]);
  });
});
