import type { BlockSeries } from '../../datasets/series/series.js';
import { LanecastError } from '../../errors.js';
import { float64At } from '../numbers.js';
import type { FeeRule, FeeRuleChange } from './fee-rule.js';
import { LoadState, logOfWei, type LoadBlock } from './load-state.js';

/** Blocks after which moving averages have settled: earlier ones train nothing. Of a short history a fifth has to do. */
export function warmUpBlocks(until: number): number {
  return Math.min(2048, Math.floor(until / 5));
}

/** A series block by block as the fee rule sees it, in flat columns; element i of each is block i of the series. */
export interface LoadHistory {
  readonly series: BlockSeries;
  readonly slotSeconds: number;
  readonly feeRules: readonly FeeRuleChange[];
  /** Log of the fee in wei. */
  readonly logFee: Float64Array;
  /** Log of the fee that the rule gives the next block. */
  readonly nextLogFee: Float64Array;
  /** What the fee after the block follows. */
  readonly rules: readonly (FeeRule | null)[];
  /** Gas used over gas limit. */
  readonly fullness: Float64Array;
  /** 1 where the rule did not say the block's fee. */
  readonly unexplained: Uint8Array;
}

export interface HistoryOptions {
  /** Known fee rules; with none they are found. */
  readonly feeRules?: readonly FeeRuleChange[] | undefined;
  /** By default the median of the series, up to `until`. */
  readonly slotSeconds?: number | undefined;
  readonly until?: number | undefined;
}

/** The block of a series at an index. */
export function blockAt(series: BlockSeries, index: number): LoadBlock {
  return {
    number: float64At(series.number, index),
    timestampSeconds: float64At(series.timestampSeconds, index),
    baseFeePerGasWei: float64At(series.baseFeePerGasWei, index),
    gasLimit: float64At(series.gasLimit, index),
    gasUsed: float64At(series.gasUsed, index),
  };
}

/** Throws INVALID_INPUT where a block has no base fee. */
export function readHistory(series: BlockSeries, options: HistoryOptions = {}): LoadHistory {
  requireFees(series);
  const { feeRules = [], slotSeconds = medianSlotSeconds(series, options.until) } = options;
  const { length } = series;
  const history = {
    ...{ series, slotSeconds, feeRules },
    logFee: new Float64Array(length),
    nextLogFee: new Float64Array(length),
    rules: new Array<FeeRule | null>(length).fill(null),
    fullness: new Float64Array(length),
    unexplained: new Uint8Array(length),
  };
  const state = new LoadState({ slotSeconds, feeRules });
  for (let index = 0; index < length; index++) {
    const block = blockAt(series, index);
    state.observe(block);
    history.logFee[index] = logOfWei(block.baseFeePerGasWei);
    history.nextLogFee[index] = state.nextLogFee;
    history.rules[index] = state.rule;
    history.fullness[index] = block.gasUsed / block.gasLimit;
    history.unexplained[index] = state.explained === false ? 1 : 0;
  }
  return history;
}

/** Median time from block to block; where blocks share their second, the mean. */
export function medianSlotSeconds(series: BlockSeries, until = series.length): number {
  const timestampSeconds = series.timestampSeconds.subarray(0, until);
  const { length } = timestampSeconds;
  if (length < 2) return 1;
  const steps = timestampSeconds.slice(1).map((time, index) => time - float64At(timestampSeconds, index));
  const middle = float64At(steps.sort(), steps.length >> 1);
  if (middle > 0) return middle;
  const span = float64At(timestampSeconds, length - 1) - float64At(timestampSeconds, 0);
  return span > 0 ? span / (length - 1) : 1;
}

/** Mean of a column over the blocks (from, to] where at least half of them are known; NaN where fewer are. */
export class ForwardMeans {
  readonly #sums: Float64Array;
  readonly #known: Float64Array;

  constructor(values: Float64Array) {
    this.#sums = new Float64Array(values.length + 1);
    this.#known = new Float64Array(values.length + 1);
    for (let index = 0; index < values.length; index++) {
      const value = float64At(values, index);
      const isKnown = !Number.isNaN(value);
      this.#sums[index + 1] = float64At(this.#sums, index) + (isKnown ? value : 0);
      this.#known[index + 1] = float64At(this.#known, index) + (isKnown ? 1 : 0);
    }
  }

  /** NaN too where the series ends before. */
  mean(from: number, horizon: number): number {
    const to = from + horizon;
    if (to + 1 >= this.#sums.length) return NaN;
    const known = float64At(this.#known, to + 1) - float64At(this.#known, from + 1);
    if (2 * known < horizon || known === 0) return NaN;
    return (float64At(this.#sums, to + 1) - float64At(this.#sums, from + 1)) / known;
  }
}

function requireFees({ baseFeePerGasWei, number, origin }: BlockSeries): void {
  const index = baseFeePerGasWei.findIndex((fee) => Number.isNaN(fee));
  if (index < 0) return;
  const message = `${origin}: block ${float64At(number, index)} has no base fee; forecasts need blocks since EIP-1559 (London).`;
  throw new LanecastError('INVALID_INPUT', message);
}
