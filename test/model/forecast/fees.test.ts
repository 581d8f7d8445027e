import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLOB_RULES,
  blobBaseFeeWei,
  fakeExponential,
  GAS_PER_BLOB,
  nextBlobBaseFeeWei,
  nextExcessBlobGas,
} from '../../../model/forecast/blob-fee.js';
import { LONDON, nextBaseFeeWei, type FeeRule } from '../../../model/forecast/fee-rule.js';
import { FeeRuleTracker } from '../../../model/forecast/fee-rule-tracker.js';
import { Random } from '../../../datasets/generate/random.js';

describe('nextBaseFeeWei', () => {
  const limit = 30_000_000;

  it('moves the fee by an eighth at most, and not at all on target', () => {
    const next = (gasUsed: number): bigint =>
      nextBaseFeeWei({ baseFeePerGasWei: 1e9, gasLimit: limit, gasUsed }, LONDON);
    expect([next(30_000_000), next(15_000_000), next(0)]).toEqual([1_125_000_000n, 1_000_000_000n, 875_000_000n]);
    expect(next(22_500_000)).toBe(1_062_500_000n);
  });

  it('rises by one wei at least, and knows other forks', () => {
    expect(nextBaseFeeWei({ baseFeePerGasWei: 7, gasLimit: limit, gasUsed: 15_000_001 }, LONDON)).toBe(8n);
    const canyon = { elasticity: 6, denominator: 250 };
    expect(nextBaseFeeWei({ baseFeePerGasWei: 1e9, gasLimit: limit, gasUsed: limit }, canyon)).toBe(1_020_000_000n);
    expect(nextBaseFeeWei({ baseFeePerGasWei: 123, gasLimit: limit, gasUsed: limit }, null)).toBe(123n);
  });

  it('is exact where products exceed 2^53', () => {
    const parent = { baseFeePerGasWei: 123_456_789_012_345, gasLimit: 29_970_705, gasUsed: 27_101_347 };
    const target = 14_985_352n;
    const rise = (123_456_789_012_345n * (27_101_347n - target)) / target / 8n;
    expect(nextBaseFeeWei(parent, LONDON)).toBe(123_456_789_012_345n + rise);
  });

  it('grows with gas used and stays within one part in the denominator', () => {
    const fee = fc.integer({ min: 1000, max: 1e13 });
    const used = fc.integer({ min: 0, max: limit });
    fc.assert(
      fc.property(fee, used, used, fc.integer({ min: 2, max: 300 }), (baseFeePerGasWei, a, b, denominator) => {
        const rule = { elasticity: 2, denominator };
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((gasUsed) =>
          nextBaseFeeWei({ baseFeePerGasWei, gasLimit: limit, gasUsed }, rule),
        );
        const most = BigInt(Math.ceil(baseFeePerGasWei / denominator)) + 1n;
        const before = BigInt(baseFeePerGasWei);
        return (low ?? 0n) <= (high ?? 0n) && (low ?? 0n) >= before - most && (high ?? 0n) <= before + most;
      }),
    );
  });
});

describe('FeeRuleTracker', () => {
  /** Blocks of a chain whose rule changes. */
  function* chain(rules: readonly { readonly blocks: number; readonly rule: FeeRule | null }[]) {
    const random = new Random(3);
    let [number, fee] = [1, 30e9];
    for (const { blocks, rule } of rules) {
      for (let index = 0; index < blocks; index++) {
        const gasLimit = 30_000_000;
        const block = { number, baseFeePerGasWei: fee, gasLimit, gasUsed: Math.floor(gasLimit * random.unit()) };
        yield block;
        fee = Number(nextBaseFeeWei(block, rule));
        number += 1;
      }
    }
  }
  const ruleAfter = (tracker: FeeRuleTracker, blocks: Iterable<Parameters<FeeRuleTracker['observe']>[0]>) => {
    let next = 1;
    for (const block of blocks) {
      tracker.observe(block);
      next = block.number + 1;
    }
    return tracker.at(next);
  };
  const optimism = { elasticity: 6, denominator: 250 };

  it('finds the rule of a chain, and that there is none', () => {
    expect(ruleAfter(new FeeRuleTracker(), chain([{ blocks: 90, rule: optimism }]))).toEqual(optimism);
    expect(ruleAfter(new FeeRuleTracker(), chain([{ blocks: 90, rule: LONDON }]))).toEqual(LONDON);
    expect(ruleAfter(new FeeRuleTracker(), chain([{ blocks: 90, rule: null }]))).toBeNull();
  });

  it('follows a fork that nobody announced, and one that was at once', () => {
    const later = { elasticity: 4, denominator: 16 };
    const fork = [
      { blocks: 500, rule: LONDON },
      { blocks: 80, rule: later },
    ];
    expect(ruleAfter(new FeeRuleTracker(), chain(fork))).toEqual(later);
    const announced = new FeeRuleTracker([
      { fromBlock: 0, rule: LONDON },
      { fromBlock: 502, rule: later },
    ]);
    expect([announced.at(501), announced.at(502)]).toEqual([LONDON, later]);
    const explained = [...chain(fork)].map((block) => announced.observe(block));
    expect(explained.filter((each) => each === false)).toEqual([]);
    expect(explained[0]).toBeNull();
  });

  it('is not led astray by a few wrong rows', () => {
    const tracker = new FeeRuleTracker();
    let index = 0;
    const flawed = [...chain([{ blocks: 400, rule: optimism }])].map((block) =>
      index++ % 10 === 0 ? { ...block, gasUsed: 0 } : block,
    );
    expect(ruleAfter(tracker, flawed)).toEqual(optimism);
  });
});

describe('blob fees', () => {
  it('computes the exponential in integers as EIP-4844 does', () => {
    const cases = [
      [1, 0, 1, 1],
      [38_493, 0, 1000, 38_493],
      [0, 1234, 2345, 0],
      [1, 2, 1, 6],
      [1, 3, 1, 16],
      [1, 6, 2, 18],
      [10, 8, 2, 542],
      [1, 5, 2, 11],
      [1, 50_000_000, 2_225_652, 5_709_098_764],
    ] as const;
    for (const [factor, numerator, denominator, expected] of cases) {
      expect(fakeExponential(BigInt(factor), BigInt(numerator), BigInt(denominator))).toBe(BigInt(expected));
    }
  });

  it('follows the excess, with the parameters of the fork', () => {
    const { cancun, prague, osaka } = BLOB_RULES;
    const parent = (blobs: bigint, excessBlobGas = 0n, baseFeePerGasWei = 1n) => ({
      ...{ excessBlobGas, blobGasUsed: blobs * GAS_PER_BLOB, baseFeePerGasWei },
    });
    expect(nextExcessBlobGas(parent(3n), cancun)).toBe(0n);
    expect(nextExcessBlobGas(parent(4n), cancun)).toBe(GAS_PER_BLOB);
    expect(nextExcessBlobGas(parent(4n), prague)).toBe(0n);
    expect(nextBlobBaseFeeWei(parent(6n, 10_000_000n), cancun)).toBe(
      blobBaseFeeWei(10_000_000n + 3n * GAS_PER_BLOB, cancun),
    );
    // Executing 2^13 gas costs more than the blob: the excess does not fall.
    expect(nextExcessBlobGas(parent(0n, 10_000_000n, 30_000_000_000n), osaka)).toBe(10_000_000n);
    expect(nextExcessBlobGas(parent(9n, 10_000_000n, 30_000_000_000n), osaka)).toBe(10_000_000n + 3n * GAS_PER_BLOB);
    expect(nextExcessBlobGas(parent(0n, 10_000_000n, 1n), osaka)).toBe(10_000_000n - 6n * GAS_PER_BLOB);
  });
});
