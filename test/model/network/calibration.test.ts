import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../datasets/generate/random.js';
import {
  createCalibrator,
  decodeCalibration,
  fitIsotonic,
  fitPlatt,
  fitTemperature,
} from '../../../model/network/calibration.js';
import type { CalibrationData } from '../../../model/network/calibration.js';

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** Labels drawn with probability sigmoid(slope · logit + intercept). */
function drawExamples(count: number, slope: number, intercept: number): CalibrationData {
  const random = new Random(17);
  const logits = Array.from({ length: count }, () => 2 * random.normal());
  return { logits, labels: logits.map((logit) => (random.chance(sigmoid(slope * logit + intercept)) ? 1 : 0)) };
}

const examples = fc
  .array(fc.record({ logit: fc.integer({ min: -20, max: 20 }), label: fc.integer({ min: 0, max: 1 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((rows) => ({ logits: rows.map(({ logit }) => logit / 4), labels: rows.map(({ label }) => label) }));

describe('isotonic calibration', () => {
  it('pools violators', () => {
    const data = { logits: [1, 2, 3, 4, 5, 6], labels: [0, 1, 0, 0, 1, 1] };
    expect(fitIsotonic(data, 0)).toEqual({
      kind: 'isotonic',
      scores: [1, 2, 4, 5, 6],
      probabilities: [0, 1 / 3, 1 / 3, 1, 1],
    });
  });

  it('pools equal scores, by weight, in whatever order they come', () => {
    const data = { logits: [3, 1, 3, 1], labels: [1, 1, 0, 0], weights: [3, 1, 1, 4] };
    expect(fitIsotonic(data)).toEqual({ kind: 'isotonic', scores: [1, 3], probabilities: [0.2, 0.75] });
    expect(fitIsotonic({ ...data, weights: [3, 0, 1, 0] })).toMatchObject({ scores: [3], probabilities: [0.75] });
  });

  it('interpolates between knots and is constant beyond them', () => {
    const calibrate = createCalibrator({ kind: 'isotonic', scores: [0, 1, 3], probabilities: [0.1, 0.2, 0.6] });
    expect([-5, 0, 0.5, 1, 2, 3, 9].map(calibrate)).toEqual([0.1, 0.1, expect.closeTo(0.15), 0.2, 0.4, 0.6, 0.6]);
    expect(createCalibrator({ kind: 'isotonic', scores: [2], probabilities: [0.3] })(7)).toBe(0.3);
  });

  it('never falls, and keeps the mean of the labels', () => {
    fc.assert(
      fc.property(examples, (data) => {
        const calibrate = createCalibrator(fitIsotonic(data, 0));
        const values = Array.from({ length: 101 }, (_, index) => calibrate((index - 50) / 8));
        expect(values.every((value, index) => value >= (values[index - 1] ?? 0) && value <= 1)).toBe(true);
        const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
        expect(sum(data.logits.map(calibrate))).toBeCloseTo(sum(data.labels), 9);
      }),
    );
  });

  it('is the better fit than any other function that never falls', () => {
    const error = (data: CalibrationData, fitted: (logit: number) => number): number =>
      Array.from(data.logits, (logit, index) => ((data.labels[index] ?? 0) - fitted(logit)) ** 2).reduce(
        (a, b) => a + b,
      );
    fc.assert(
      fc.property(examples, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5 }), (data, levels) => {
        const sorted = levels.toSorted((a, b) => a - b);
        const other = (logit: number): number => sorted[Math.floor(((logit + 5) / 10.01) * sorted.length)] ?? 1;
        expect(error(data, createCalibrator(fitIsotonic(data, 0)))).toBeLessThanOrEqual(error(data, other) + 1e-9);
      }),
    );
  });

  it('has few knots, within the tolerance', () => {
    const data = drawExamples(20_000, 1, 0);
    const [full, thin] = [fitIsotonic(data, 0), fitIsotonic(data, 0.03)];
    if (full.kind !== 'isotonic' || thin.kind !== 'isotonic') throw new Error('not isotonic');
    expect(thin.scores.length).toBeLessThan(full.scores.length / 2);
    const [exact, close] = [createCalibrator(full), createCalibrator(thin)];
    expect(Math.max(...full.scores.map((score) => Math.abs(exact(score) - close(score))))).toBeLessThanOrEqual(
      0.03 + 1e-12,
    );
    for (const logit of [-3, -1, 0, 1, 3]) expect(Math.abs(close(logit) - sigmoid(logit))).toBeLessThan(0.06);
  });
});

describe('sigmoid calibration', () => {
  it('finds slope and intercept', () => {
    const fitted = fitPlatt(drawExamples(20_000, 0.5, -1));
    if (fitted.kind !== 'sigmoid') throw new Error('not sigmoid');
    expect(Math.abs(fitted.slope - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(fitted.intercept + 1)).toBeLessThan(0.05);
  });

  it('finds the temperature, exactly where labels are probabilities', () => {
    const logits = [-6, -3, -0.5, 0.25, 1, 4, 8];
    const fitted = fitTemperature({ logits, labels: logits.map((logit) => sigmoid(logit / 2.5)) });
    if (fitted.kind !== 'sigmoid') throw new Error('not sigmoid');
    expect(fitted.slope).toBeCloseTo(0.4, 6);
    expect(fitted.intercept).toBe(0);
    expect(createCalibrator(fitted)(5)).toBeCloseTo(sigmoid(2), 6);
  });

  it('takes a weight as so many examples', () => {
    const weighted = fitPlatt({ logits: [-1, 0, 1], labels: [0, 1, 1], weights: [2, 1, 3] });
    const repeated = fitPlatt({ logits: [-1, -1, 0, 1, 1, 1], labels: [0, 0, 1, 1, 1, 1] });
    if (weighted.kind !== 'sigmoid' || repeated.kind !== 'sigmoid') throw new Error('not sigmoid');
    expect(weighted.slope).toBeCloseTo(repeated.slope, 9);
    expect(weighted.intercept).toBeCloseTo(repeated.intercept, 9);
  });

  it('stays finite where logits separate labels, or all labels are the same', () => {
    const separated = { logits: [-2, -1, 1, 2], labels: [0, 0, 1, 1] };
    for (const data of [separated, { logits: [-900, 900], labels: [1, 1] }, { logits: [0, 0], labels: [0, 0] }]) {
      for (const fitted of [fitPlatt(data), fitTemperature(data)]) {
        const values = [-1000, 0, 1000].map(createCalibrator(fitted));
        expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
      }
    }
  });
});

describe('stored calibrations', () => {
  it('come back from JSON as they were', () => {
    for (const fitted of [fitIsotonic(drawExamples(500, 1, 0)), fitPlatt(drawExamples(500, 1, 0))]) {
      expect(decodeCalibration(JSON.parse(JSON.stringify(fitted)))).toEqual(fitted);
    }
  });

  it.each([
    [{ kind: 'histogram' }, /kind: /],
    [{ kind: 'sigmoid', slope: '1', intercept: 0 }, /slope: /],
    [{ kind: 'isotonic', scores: [], probabilities: [] }, /scores: /],
    [{ kind: 'isotonic', scores: [1, 2], probabilities: [0.1] }, /differ in number/],
    [{ kind: 'isotonic', scores: [1, 1], probabilities: [0.1, 0.2] }, /scores do not ascend/],
    [{ kind: 'isotonic', scores: [1, 2], probabilities: [0.3, 0.2] }, /probabilities fall/],
    [{ kind: 'isotonic', scores: [1, 2], probabilities: [0.3, 1.2] }, /probabilities\.1: /],
  ])('like %j are refused', (value, message) => {
    expect(() => decodeCalibration(value)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(() => decodeCalibration(value)).toThrow(message);
  });
});

describe('calibration data', () => {
  it.each([
    { logits: [], labels: [] },
    { logits: [1, 2], labels: [1] },
    { logits: [1], labels: [1], weights: [0] },
    { logits: [Number.NaN], labels: [1] },
    { logits: [1], labels: [2] },
    { logits: [1], labels: [1], weights: [-1] },
  ])('like %j are refused', (data) => {
    for (const fit of [fitIsotonic, fitPlatt, fitTemperature]) {
      expect(() => fit(data)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });
});
