import { describe, expect, it } from 'vitest';
import { fitOverheads, fitWake, type CalibrationSample } from '../../scheduler/calibration.js';
import { startNsOf, UNCALIBRATED, type Overheads } from '../../scheduler/overheads.js';
import { emptyPlan, type Plan } from '../../scheduler/plan.js';
import { compressRows } from '../../scheduler/rows.js';
import { simulate } from '../../scheduler/simulator.js';
import type { Workload } from '../../scheduler/workload.js';
import { change, independent, item, workloadOf } from './workloads.js';

const TRUE: Overheads = {
  ...{ startNs: [0, 40_000, 100_000], trackingNsPerTransaction: 300, trackingNsPerAccess: 30, trackingShare: 0.1 },
  ...{ validationNsPerTransaction: 100, validationNsPerRead: 10, contentionShare: 0.12, wakeNs: 30_000 },
  sleepNs: Infinity,
};

/** `count` transactions that change `keys` keys each, of their own. */
function apart(count: number, costNs: number, keys: number): Workload {
  return workloadOf(
    ...Array.from({ length: count }, (_, index) =>
      item(costNs, Array.from({ length: keys }, (_unused, key) => change(index * keys + key)).flat()),
    ),
  );
}

const WORKLOADS = [
  apart(256, 500, 1),
  apart(64, 15_000, 1),
  apart(48, 10_000, 10),
  apart(12, 120_000, 1),
  apart(200, 2_000, 4),
];

/** What a machine with these overheads would measure. */
function measure(workload: Workload, overheads: Overheads, plan?: Plan): CalibrationSample {
  const run = plan ?? emptyPlan(workload.transactions.length, 2);
  const simulated = (workers: number): number => simulate(workload, run, { workers, overheads }).makespanCost;
  return { workload, trackedNs: simulated(1), parallel: { plan: run, workers: 2, wallNs: simulated(2) } };
}

const start = (overheads: Overheads): CalibrationSample => measure(apart(2, 150_000, 0), overheads);

describe('overheads', () => {
  it('are told by blocks whose times show them', () => {
    const samples = [start(TRUE), ...WORKLOADS.map((workload) => measure(workload, TRUE))];
    const fitted = fitOverheads(samples);
    for (const { workload, parallel } of samples) {
      if (parallel === null) throw new Error('measured on two workers');
      const { makespanCost } = simulate(workload, parallel.plan, { workers: 2, overheads: fitted });
      expect(Math.abs(makespanCost / parallel.wallNs - 1)).toBeLessThan(0.05);
    }
    expect(fitted.contentionShare).toBeCloseTo(0.12, 1);
    expect(Math.abs(fitted.trackingShare - 0.1)).toBeLessThan(0.03);
  });

  it('are told by most blocks, whatever one of them says', () => {
    const samples = WORKLOADS.map((workload) => measure(workload, TRUE));
    const [first, ...others] = [...samples, measure(apart(100, 4_000, 2), TRUE), measure(apart(30, 9_000, 6), TRUE)];
    if (first.parallel === null || first.trackedNs === null) throw new Error('a sample');
    const disturbed = { ...first, trackedNs: 20 * first.trackedNs, parallel: { ...first.parallel, wallNs: 1e9 } };
    const [right, fitted] = [fitOverheads([first, ...others]), fitOverheads([disturbed, ...others])];
    expect(Math.abs(fitted.contentionShare - right.contentionShare)).toBeLessThan(0.05);
    expect(Math.abs(fitted.trackingShare - right.trackingShare)).toBeLessThan(0.1);
  });

  it('stay within bounds, and as they were known where nothing is said of them', () => {
    expect(fitOverheads([], TRUE)).toEqual(TRUE);
    const impossible = WORKLOADS.map((workload) => ({ workload, trackedNs: 1, parallel: null }));
    expect(fitOverheads(impossible, UNCALIBRATED)).toEqual({ ...UNCALIBRATED, startNs: [0, 0] });
    const endless = { ...measure(independent(64), TRUE), trackedNs: 1e15 };
    expect(fitOverheads([endless]).startNs[1]).toBeLessThanOrEqual(20_000_000);
  });

  it('of a start grow with the workers', () => {
    expect([0, 1, 2, 4].map((workers) => startNsOf(TRUE, workers))).toEqual([0, 40_000, 100_000, 130_000]);
    expect([1, 2].map((workers) => startNsOf({ ...TRUE, startNs: [0, 7] }, workers))).toEqual([7, 7]);
    expect(startNsOf(UNCALIBRATED, 8)).toBe(0);
    const eight = { ...start(TRUE), trackedNs: null };
    const plan = emptyPlan(2, 8);
    const samples = [{ ...eight, parallel: { plan, workers: 8, wallNs: 310_000 } }];
    const { startNs } = fitOverheads(samples, { ...UNCALIBRATED, startNs: [0, 20_000] });
    expect(startNs).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((workers) => (workers === 0 ? 0 : 20_000 * workers)));
  });

  it('of waking are told by workers that wait for each other', () => {
    const workload = workloadOf(...Array.from({ length: 30 }, () => item(40_000)));
    const blockers = workload.transactions.map((_, index) => {
      if (index % 3 > 0) return [index - (index % 3)];
      return index === 0 ? [] : [index - 2, index - 1];
    });
    const sample = measure(workload, TRUE, { ...emptyPlan(30, 2), blockers: compressRows(blockers) });
    expect(fitWake([sample], { ...TRUE, wakeNs: 0 }).wakeNs / 30_000).toBeCloseTo(1, 1);
    expect(fitWake([], TRUE)).toEqual(TRUE);
  });
});
