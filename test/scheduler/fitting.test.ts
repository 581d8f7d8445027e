import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundedFit, medianOf } from '../../scheduler/fitting.js';

it('a fit finds the coefficients, in spite of an outlier, and stays within bounds', () => {
  const features = [
    [1, 10, 3],
    [1, 200, 40],
    [1, 35, 90],
    [1, 80, 2],
    [1, 5, 300],
    [1, 150, 150],
    [1, 60, 61],
    [1, 20, 170],
  ];
  const observations = features.map(([one = 0, a = 0, b = 0]) => ({
    ...{ features: [one, a, b], value: 50 * one + 2 * a + 5 * b, scale: 50 + 2 * a + 5 * b },
  }));
  const [first, ...others] = observations;
  const outlier = { features: [1, 10, 3], value: 40 * (first?.value ?? 0), scale: 40 * (first?.value ?? 0) };
  const [one = 0, a = 0, b = 0] = boundedFit([outlier, ...others], [1_000, 1_000, 1_000]);
  expect([Math.round(one / 10), Math.round(a), Math.round(b)]).toEqual([5, 2, 5]);
  expect(boundedFit(observations, [0, 1, 2])).toEqual([0, 1, 2]);
  expect(boundedFit([{ features: [1], value: -5, scale: 1 }], [9])).toEqual([0]);
});

it('a median is a value in the middle', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const middle = medianOf(values);
      const below = values.filter((value) => value < middle).length;
      const above = values.filter((value) => value > middle).length;
      expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
    }),
    { seed: 15_000_001 },
  );
  expect(medianOf([])).toBe(0);
});
