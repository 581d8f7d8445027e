import { burstySeries } from '../../datasets/generate/bursty-series.js';
import type { BlockSeries } from '../../datasets/series/series.js';
import { LONDON, nextBaseFeeWei, type FeeRule } from '../../model/forecast/fee-rule.js';

/** From a block on a chain has this. */
export interface Regime {
  readonly fromBlock: number;
  readonly gasLimit: number;
  readonly rule: FeeRule;
}

export interface RegimeSeriesOptions {
  readonly blocks: number;
  readonly seed: number;
  /** In the order of their blocks, the first from block 1; by default 30 million gas under the rule of London. */
  readonly regimes?: readonly [Regime, ...Regime[]] | undefined;
  /** Share of blocks whose transactions and conflicts are not known. */
  readonly unknownShare?: number | undefined;
}

const USUAL: readonly [Regime, ...Regime[]] = [{ fromBlock: 1, gasLimit: 30_000_000, rule: LONDON }];

/** `generated:bursty` with other gas limits and fee rules on the way. */
export function regimeSeries({ blocks, seed, regimes = USUAL, unknownShare }: RegimeSeriesOptions): BlockSeries {
  const regimeOf = (number: number): Regime => regimes.findLast(({ fromBlock }) => fromBlock <= number) ?? regimes[0];
  return burstySeries({
    ...{ blocks, seed, unknownShare },
    gasLimitOf: (number) => regimeOf(number).gasLimit,
    nextBaseFee: (block) => Number(nextBaseFeeWei(block, regimeOf(block.number + 1).rule)),
  });
}
