import { describe, expect, it } from 'vitest';
import { Random } from '../../../datasets/generate/random.js';
import { rankHotKeys } from '../../../model/forecast/hot-keys.js';
import { applyFit, LeastSquares } from '../../../model/forecast/least-squares.js';
import { FORECAST_LEVELS } from '../../../model/forecast/levels.js';
import { LOAD_FEATURES, loadFeatureReaches, LoadState } from '../../../model/forecast/load-state.js';
import { MovingAverages } from '../../../model/forecast/moving-averages.js';
import { PhaseProfile } from '../../../model/forecast/phase-profile.js';
import { Recalibration } from '../../../model/forecast/recalibration.js';
import { compareScores, crpsOf, ScoreSheet } from '../../../model/forecast/scores.js';

describe('scores', () => {
  const equal = (value: number): Float64Array => new Float64Array(FORECAST_LEVELS.length).fill(value);

  it('make the CRPS of a certain forecast its absolute error', () => {
    expect(crpsOf(equal(3), 5)).toBeCloseTo(2);
    expect(crpsOf(equal(3), 1)).toBeCloseTo(2);
    expect(crpsOf(equal(3), 3)).toBe(0);
  });

  it('cover an outcome on the border', () => {
    const sheet = new ScoreSheet(2);
    sheet.add(equal(1), 1);
    sheet.add(equal(1), 2);
    expect(sheet.scores()).toMatchObject({ mae: 0.5, coverage90: 0.5 });
    expect(sheet.scores().crps).toBeCloseTo(0.5);
  });

  it('tell a difference from noise, the same way each time', () => {
    const random = new Random(1);
    const draw = (scale: number): Float32Array => Float32Array.from({ length: 4000 }, () => scale * random.unit());
    const [model, worse, like] = [draw(1), draw(1.2), draw(1)];
    const options = { seed: 7, blockLength: 100, resamples: 200 };
    const clear = compareScores(model, worse, options);
    expect(clear.gain).toBeCloseTo(1 - 1 / 1.2, 1);
    expect(clear.interval[0]).toBeGreaterThan(0.1);
    const none = compareScores(model, like, options);
    expect(none.interval[0]).toBeLessThan(0);
    expect(none.interval[1]).toBeGreaterThan(0);
    expect(compareScores(model, worse, options)).toEqual(clear);
  });
});

describe('LeastSquares', () => {
  it('finds coefficients, leaves rows of unknown targets out and gives a constant feature nothing', () => {
    const random = new Random(5);
    const rows = 500;
    const features = new Float32Array(rows * 3);
    for (let row = 0; row < rows; row++) features.set([random.normal(), 7, random.normal() + 2], row * 3);
    const value = (place: number): number => features[place] ?? 0;
    const squares = new LeastSquares({ features, stride: 3, inputs: 3 }, rows);
    const truth = (row: number): number => 4 + 2 * value(row * 3) - 3 * value(row * 3 + 2);
    const fit = squares.fit((row) => (row % 50 === 0 ? NaN : truth(row)));
    expect(applyFit(fit, Float32Array.of(1, 7, 1), 0)).toBeCloseTo(3, 3);
    const exact = squares.fit(truth);
    expect(exact[1]).toBeCloseTo(2, 3);
    expect(exact[2]).toBeCloseTo(0, 3);
    expect(exact[3]).toBeCloseTo(-3, 3);
  });
});

describe('Recalibration', () => {
  const raw = Float32Array.from(FORECAST_LEVELS, (level) => level * 20 - 10);

  it('brings the share of covered outcomes back after the world has changed', () => {
    const recalibration = new Recalibration(1);
    const random = new Random(2);
    const quantiles = new Float64Array(raw.length);
    const coverage = (outcomes: number): number => {
      let covered = 0;
      for (let index = 0; index < outcomes; index++) {
        const outcome = 25 * random.unit();
        recalibration.apply(raw, 0, quantiles);
        if (outcome >= (quantiles[0] ?? 0) && outcome <= (quantiles.at(-1) ?? 0)) covered += 1;
        recalibration.learn(raw, 0, outcome);
      }
      return covered / outcomes;
    };
    expect(coverage(100)).toBeLessThan(0.6);
    coverage(6000);
    expect(coverage(4000)).toBeCloseTo(0.9, 1);
    expect([...quantiles]).toEqual([...quantiles].sort((a, b) => a - b));
  });

  it('learns nothing at rate 0, of no outcome, and of certain forecasts', () => {
    const [frozen, awake] = [new Recalibration(1, 0), new Recalibration(1)];
    const quantiles = new Float64Array(raw.length);
    frozen.learn(raw, 0, 100);
    frozen.apply(raw, 0, quantiles);
    expect([...quantiles]).toEqual([...raw]);
    awake.learn(raw, 0, NaN);
    awake.learn(new Float32Array(raw.length).fill(1), 0, 5);
    awake.apply(raw, 0, quantiles);
    expect([...quantiles]).toEqual([...raw]);
  });
});

describe('what is remembered', () => {
  it('averages evenly until a span has passed', () => {
    const averages = new MovingAverages([2, 100]);
    for (const value of [3, 5, 9]) averages.observe(value);
    expect(averages.mean(1)).toBeCloseTo(17 / 3);
    expect(averages.mean(0)).toBeCloseTo(6.5);
  });

  it('learns what recurs at a time of the hour', () => {
    const profile = new PhaseProfile(3600, 12, 10);
    for (let time = 0; time < 100 * 3600; time += 12) profile.observe(time, time % 3600 === 24 ? 1 : 0);
    expect(profile.expect(7200 + 24)).toBeCloseTo(1, 2);
    expect(profile.expect(7200 + 36)).toBe(0);
  });

  it('writes one finite number for each feature, and the same under another gas limit', () => {
    const features = (factor: number): Float32Array => {
      const state = new LoadState({ slotSeconds: 12 });
      const random = new Random(9);
      for (let number = 1; number <= 200; number++) {
        const gasUsed = Math.floor(random.unit() * 30_000_000) * factor;
        const header = {
          number,
          timestampSeconds: 1e9 + number * 12,
          baseFeePerGasWei: Number(state.nextBaseFeeWei) || 1e9,
        };
        state.observe({ ...header, gasLimit: 30_000_000 * factor, gasUsed });
      }
      const written = new Float32Array(LOAD_FEATURES + 1).fill(NaN);
      state.write(written, 0);
      return written;
    };
    const [once, twice] = [features(1), features(2)];
    expect(once.subarray(0, LOAD_FEATURES).every(Number.isFinite)).toBe(true);
    expect(once[LOAD_FEATURES]).toBeNaN();
    expect(loadFeatureReaches(12)).toHaveLength(LOAD_FEATURES);
    once.forEach((value, index) => {
      if (index < LOAD_FEATURES) expect(twice[index]).toBeCloseTo(value, 5);
    });
  });
});

describe('rankHotKeys', () => {
  it('ranks by uses that lose half their weight in a half-life', () => {
    const uses = [
      { key: 'old', blockNumber: 80, count: 7 },
      { key: 'new', blockNumber: 99, count: 1 },
      { key: 'new', blockNumber: 98, count: 1 },
      { key: 'later', blockNumber: 100, count: 100 },
    ];
    const ranked = rankHotKeys(uses, { fromBlock: 100, halfLifeBlocks: 10, limit: 5 });
    expect(ranked.map(({ key }) => key)).toEqual(['new', 'old']);
    expect(ranked[1]).toMatchObject({ score: 1.75, lastBlock: 80 });
    expect(rankHotKeys(uses, { fromBlock: 100, halfLifeBlocks: 40, limit: 1 })[0]?.key).toBe('old');
    const steady = Array.from({ length: 500 }, (_, index) => ({ key: 'steady', blockNumber: index, count: 3 }));
    expect(rankHotKeys(steady, { fromBlock: 500, halfLifeBlocks: 20, limit: 1 })[0]?.usesPerBlock).toBeCloseTo(3);
  });
});
