import type { ColumnTarget } from './columns.js';
import type { FeeRuleChange } from './fee-rule.js';
import type { ForecastNetwork } from './forecast-network.js';

/** What is forecast: the base fee of block n + h, and the means of the others over the next h blocks. */
export type ForecastTarget = 'baseFee' | 'gasUsedRatio' | ColumnTarget;

/** A trained forecaster; plain data. */
export interface ForecastModel {
  /** Ascending, in blocks. */
  readonly horizons: readonly number[];
  /** Usual time from block to block in what it was trained on. */
  readonly slotSeconds: number;
  /** Fee rules that were given; none where they are found from the fees. */
  readonly feeRules: readonly FeeRuleChange[];
  /**
   * Of each horizon beyond 1 the base fee, as the sum of excesses (`LoadState.feeScale` times the difference of log fees) from the
   * fee that the rule gives the next block, then of each horizon the mean excess.
   */
  readonly load: ForecastNetwork;
  /** Residual quantiles of the next log fee against the rule; all 0 where the rule holds. */
  readonly nextFee: readonly number[];
  /** Of each column the mean over each horizon on the column's scale, from `ColumnState.centre`. */
  readonly columns: Readonly<Partial<Record<ColumnTarget, ForecastNetwork>>>;
}
