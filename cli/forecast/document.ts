import type { ForecastTarget } from '../../model/forecast/forecast-model.js';
import type { HotKey } from '../../model/forecast/hot-keys.js';
import type { ForecastJudgement } from '../../model/forecast/judge.js';
import type { Environment } from '../environment.js';

/** What `lanecast forecast --json` prints. But for `timings`, the same series, seed and backend give the same document. */
export interface ForecastDocument {
  readonly schema: 'lanecast.forecast/1';
  readonly environment: Environment;
  readonly series: SeriesSummary;
  readonly model: ForecasterSummary;
  readonly judged: JudgedSummary | null;
  /**
   * Base fees are scored as logarithms of wei, and in gwei under `gwei`; gas used over limit, transactions, density and parallelism
   * as they are. Empty where nothing was judged.
   */
  readonly targets: ForecastJudgement;
  /** Of the blocks after the last one of the series. */
  readonly next: NextBlocks;
  /** The latest blocks of the series. */
  readonly observed: ObservedBlocks;
  /** Keys (`0xADDRESS:0xSLOT`) that they will probably use most, hottest first; null where the source has no accesses. */
  readonly hotKeys: readonly HotKey[] | null;
  readonly timings: ForecastTimings;
}

export interface SeriesSummary {
  readonly origin: string;
  readonly blocks: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly slotSeconds: number;
  /** Elasticity/denominator of the rule that the next base fee follows, or `none`. */
  readonly feeRule: string;
  /** Blocks whose recorded base fee the rule did not say to one part in 10,000. */
  readonly feesAgainstRule: number;
  readonly unknownTransactionCounts: number;
}

export interface ForecasterSummary {
  /** The folder that it was read from, or written to; null where it was not kept. */
  readonly artifact: string | null;
  readonly seed: number;
  readonly horizons: readonly number[];
  readonly levels: readonly number[];
  /** Last block that it was trained on. */
  readonly trainUntil: number;
  readonly trainedBlocks: number;
  readonly parameters: number;
  /** What it forecasts. */
  readonly targets: readonly ForecastTarget[];
  /** Columns that are known of too few blocks to be forecast. */
  readonly abstains: readonly ForecastTarget[];
}

export interface JudgedSummary {
  readonly blocks: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  /** The interval of each gain: moving-block bootstrap. */
  readonly bootstrap: { readonly seed: number; readonly blockLength: number; readonly resamples: number };
}

export interface NextBlocks {
  readonly fromBlock: number;
  /** Exact where the chain's fees follow a rule; a decimal string. */
  readonly baseFeePerGasWei: string;
  /** EIP-4844; null where the series has no blob gas, or follows no known schedule. A decimal string. */
  readonly blobBaseFeePerGasWei: string | null;
  /** The schedule it follows from: `cancun`, `prague`, `osaka`, `bpo1`, `bpo2`. */
  readonly blobSchedule: string | null;
  /** Of each target by horizon the quantiles at `model.levels`: base fee in wei; null where it abstains. */
  readonly quantiles: Readonly<Record<string, Readonly<Record<string, readonly number[] | null>>>>;
}

export interface ObservedBlocks {
  readonly fromBlock: number;
  /** Of each target that is forecast, block by block: base fee in wei; null where it is not known. */
  readonly values: Readonly<Partial<Record<ForecastTarget, readonly (number | null)[]>>>;
}

export interface ForecastTimings {
  /** Null where nothing was trained. */
  readonly trainSeconds: number | null;
  /** Processor time of the same. */
  readonly trainCpuSeconds: number | null;
  readonly judgeSeconds: number | null;
  /** Taking a block in and forecasting anew, all targets and horizons: median. */
  readonly forecastMs: number;
}
