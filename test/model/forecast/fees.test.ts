import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLOB_RULES,
  blobBaseFeeWei,
  BlobRuleTracker,
  type BlobRule,
  fakeExponential,
  GAS_PER_BLOB,
  nextBlobBaseFeeWei,
  nextExcessBlobGas,
} from '../../../model/forecast/blob-fee.js';
import { LONDON, logFeeBounds, nextBaseFeeWei, type FeeRule } from '../../../model/forecast/fee-rule.js';
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

describe('logFeeBounds', () => {
  it('hold what any blocks make of a fee, and are met by full and empty ones', () => {
    const fee = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1e9, max: 1e12 }));
    const rule = fc.record({
      elasticity: fc.integer({ min: 1, max: 10 }),
      denominator: fc.integer({ min: 1, max: 300 }),
    });
    const gasLimit = 30_000_000;
    const after = (feeWei: number, each: FeeRule, fullness: readonly number[]): number =>
      fullness.reduce(
        (before, full) =>
          Number(nextBaseFeeWei({ baseFeePerGasWei: before, gasLimit, gasUsed: Math.floor(full * gasLimit) }, each)),
        feeWei,
      );
    const blocks = fc.array(fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })));
    fc.assert(
      fc.property(fee, rule, blocks, (feeWei, each, fullness) => {
        const { least, most } = logFeeBounds(Math.log(feeWei), fullness.length, each);
        const log = Math.log(Math.max(1, after(feeWei, each, fullness)));
        // A target is a whole number: a full block uses a little more of it than the elasticity says.
        const rounding = 1e-9 + 1e-6 * fullness.length;
        return log >= least - rounding && log <= most + rounding;
      }),
    );
    const { least, most } = logFeeBounds(Math.log(20e9), 9, LONDON);
    expect(after(20e9, LONDON, new Array<number>(9).fill(1)) / Math.exp(most)).toBeCloseTo(1, 8);
    expect(after(20e9, LONDON, new Array<number>(9).fill(0)) / Math.exp(least)).toBeCloseTo(1, 8);
  });

  it('are none without a rule', () => {
    expect(logFeeBounds(5, 3, null)).toEqual({ least: 0, most: Infinity });
  });
});

describe('BlobRuleTracker', () => {
  const follow = (tracker: BlobRuleTracker, rule: BlobRule, excess: bigint): bigint => {
    const random = new Random(5);
    let excessBlobGas = excess;
    for (let index = 0; index < 40; index++) {
      const blobGasUsed = GAS_PER_BLOB * BigInt(random.below(rule.maxBlobs + 1));
      const block = { excessBlobGas, blobGasUsed, baseFeePerGasWei: 1_000_000_000n };
      tracker.observe(block);
      excessBlobGas = nextExcessBlobGas(block, rule);
    }
    return excessBlobGas;
  };

  it('finds the schedule, goes on to the next fork, and says the next fee', () => {
    const tracker = new BlobRuleTracker();
    expect(tracker.next()).toBeNull();
    let excess = follow(tracker, BLOB_RULES.cancun, 80_000_000n);
    expect(tracker.next()).toEqual({
      schedule: 'cancun',
      nextBlobBaseFeeWei: blobBaseFeeWei(excess, BLOB_RULES.cancun),
    });
    excess = follow(tracker, BLOB_RULES.bpo1, excess);
    expect(tracker.next()).toEqual({ schedule: 'bpo1', nextBlobBaseFeeWei: blobBaseFeeWei(excess, BLOB_RULES.bpo1) });
  });

  it('says nothing of a chain with a schedule of its own', () => {
    const tracker = new BlobRuleTracker();
    follow(tracker, { targetBlobs: 1, maxBlobs: 2, updateFraction: 1_112_826n, hasReservePrice: false }, 50_000_000n);
    expect(tracker.next()).toBeNull();
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
