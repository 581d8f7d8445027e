import { describe, expect, it } from 'vitest';
import { Calibrator, type ObservedRun } from '../../scheduler/calibrator.js';
import { UNCALIBRATED } from '../../scheduler/overheads.js';
import { emptyPlan } from '../../scheduler/plan.js';
import { independent } from './workloads.js';

/** Sixteen transactions, simulated in 800 ns. */
function observed(wallNs: number, options: Partial<ObservedRun> = {}): ObservedRun {
  const run = { workload: independent(16), plan: emptyPlan(16, 2), workers: 2, kind: 'optimistic' };
  return { ...run, wallNs, inOrderFrom: null, ...options };
}

describe('a calibrator', () => {
  it('judges a block by what earlier ones taught, then learns it', () => {
    const calibrator = new Calibrator(UNCALIBRATED);
    expect(calibrator.errors()).toBeNull();
    expect(calibrator.observe([observed(1_000)])).toEqual([{ simulatedNs: 800, errorShare: -0.2 }]);
    expect(calibrator.observe([observed(1_000)])).toEqual([{ simulatedNs: 1_000, errorShare: 0 }]);
    expect(calibrator.observe([observed(1_250)])).toEqual([{ simulatedNs: 1_000, errorShare: -0.2 }]);
    expect(calibrator.errors()).toEqual({ blocks: 3, medianShare: 0.2, worstShare: 0.2, medianSignedShare: -0.2 });
  });

  it('judges all runs of a block before it learns any of them', () => {
    const calibrator = new Calibrator(UNCALIBRATED);
    const judged = calibrator.observe([observed(1_600), observed(1_600, { kind: 'oracle' })]);
    expect(judged.map((judgement) => judgement?.errorShare)).toEqual([-0.5, -0.5]);
    expect(calibrator.simulate(observed(0)).wallNs).toBe(1_600);
  });

  it('has one factor for all kinds of runs, and tells how far off each was', () => {
    const calibrator = new Calibrator(UNCALIBRATED);
    for (let block = 0; block < 3; block++) {
      calibrator.observe([observed(1_600)]);
      calibrator.observe([observed(400, { kind: 'oracle' })]);
    }
    const wallNs = (kind: string): number => calibrator.simulate(observed(0, { kind })).wallNs;
    expect(['optimistic', 'oracle', 'adaptive'].map(wallNs)).toEqual([1_000, 1_000, 1_000]);
    expect(calibrator.errors('oracle')?.blocks).toBe(3);
    expect(calibrator.errors('adaptive')).toBeNull();
  });

  it('leaves one worker as it is, and what there is nothing to simulate of', () => {
    const calibrator = new Calibrator(UNCALIBRATED);
    calibrator.observe([observed(1_600)]);
    expect(calibrator.simulate(observed(0, { plan: emptyPlan(16, 1) })).wallNs).toBe(1_600);
    expect(calibrator.observe([observed(5_000, { plan: emptyPlan(16, 1) })])).toEqual([null]);
    expect(calibrator.observe([observed(5_000, { inOrderFrom: 0 })])).toEqual([null]);
    expect(calibrator.errors()?.blocks).toBe(1);
  });

  it('counts a run that gave up working together as an error, not as a matter of speed', () => {
    const calibrator = new Calibrator(UNCALIBRATED);
    calibrator.observe([observed(3_200, { inOrderFrom: 5 })]);
    expect(calibrator.simulate(observed(0)).wallNs).toBe(800);
    expect(calibrator.errors()?.worstShare).toBe(0.75);
  });

  it('believes no factor beyond all measure', () => {
    const calibrator = new Calibrator(UNCALIBRATED);
    calibrator.observe([observed(1e12)]);
    expect(calibrator.simulate(observed(0)).wallNs).toBe(3_200);
  });
});
