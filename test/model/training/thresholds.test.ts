import { describe, expect, it } from 'vitest';
import { bestThreshold, f1At, middleOfBest } from '../../../model/training/thresholds.js';

describe('thresholds', () => {
  it('score yes from the threshold on, and count what was never a candidate as missed', () => {
    const data = { probabilities: [0.9, 0.6, 0.4, 0.2], labels: [1, 0, 1, 0], missed: 1 };
    expect(f1At(data, 0.6)).toBeCloseTo(2 / 5);
    expect(f1At(data, 0.3)).toBeCloseTo(4 / 6);
    expect(f1At({ probabilities: [], labels: [], missed: 0 }, 0.5)).toBe(0);
    expect(f1At({ ...data, missed: 0, weights: [1, 1, 2, 1] }, 0.5)).toBeCloseTo(2 / 5);
  });

  it('are half of the best F1 for calibrated probabilities', () => {
    const data = { probabilities: [0.99, 0.98, 0.01, 0.02], labels: [1, 1, 0, 0], missed: 0 };
    expect(bestThreshold(data)).toBeCloseTo(0.5);
    expect(bestThreshold({ ...data, missed: 2 })).toBeCloseTo(1 / 3);
    expect(bestThreshold({ probabilities: [0.3], labels: [0], missed: 0 })).toBe(0.5);
  });

  it('take the middle of what is equally good', () => {
    expect(middleOfBest((threshold) => (threshold > 0.29 && threshold < 0.51 ? 1 : 0))).toBeCloseTo(0.4);
    expect(middleOfBest(() => 0)).toBe(0.5);
  });
});
