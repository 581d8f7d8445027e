import type { PendingBlock, PredictedQuantiles } from '../../scheduler/predictor.js';
import type { BlockRecord, Transaction, TransactionRecord } from '../../types.js';
import type { PartialPredictor } from '../evaluation/contender.js';
import { at } from '../numbers.js';
import { QUANTILE_LEVELS, quantileOf, RecentValues } from '../quantiles.js';
import type { CostStatistics, Estimate, Tier } from './cost-statistics.js';

export interface CostPrediction {
  readonly gasUsed: PredictedQuantiles;
  /** Null as long as no time was learned. */
  readonly executionNs: PredictedQuantiles | null;
}

/** Predicts gas used and execution time from statistics of the one and of the other. */
export class CostBaseline implements PartialPredictor {
  readonly #gas: QuantileBaseline;
  readonly #time: QuantileBaseline;

  constructor(gas: CostStatistics, time: CostStatistics, levels: readonly number[] = QUANTILE_LEVELS) {
    this.#gas = new QuantileBaseline(gas, levels);
    this.#time = new QuantileBaseline(time, levels);
  }

  /** Before anything was learned gas is taken to be the gas limit. */
  predict({ transactions }: PendingBlock): CostPrediction {
    const gasUsed = this.#gas.predict(transactions, ({ gasLimit }) => gasLimit);
    return { gasUsed, executionNs: this.#time.hasLearned ? this.#time.predict(transactions, () => 0) : null };
  }

  learn({ transactions }: BlockRecord): void {
    this.#gas.learn(transactions, ({ gasUsed }) => gasUsed);
    this.#time.learn(transactions, ({ executionNs }) => executionNs);
  }
}

const RESIDUAL_WINDOW = 8192;

/**
 * Quantiles around an estimate: those of its sample if it has one, else the estimate times quantiles of the last 8,192
 * ratios of actual to estimated value in the same tier, as they were seen when blocks were learned. Level 0.5 is always
 * the estimate itself; the levels beside it are kept on their side of it.
 */
class QuantileBaseline {
  readonly #statistics: CostStatistics;
  readonly #levels: readonly number[];
  readonly #residuals: Readonly<Record<Tier, RecentValues>>;
  #learned = 0;

  constructor(statistics: CostStatistics, levels: readonly number[]) {
    this.#statistics = statistics;
    this.#levels = levels;
    const create = (): RecentValues => new RecentValues(RESIDUAL_WINDOW);
    this.#residuals = { function: create(), selector: create(), all: create() };
  }

  get hasLearned(): boolean {
    return this.#learned > 0;
  }

  predict(transactions: readonly Transaction[], fallback: (transaction: Transaction) => number): PredictedQuantiles {
    const ratios = this.#ratios();
    const values = new Float64Array(transactions.length * this.#levels.length);
    for (const [index, transaction] of transactions.entries()) {
      const estimate = this.#statistics.estimate(transaction);
      const quantiles =
        estimate === null ? this.#levels.map(() => fallback(transaction)) : this.#around(estimate, ratios);
      values.set(quantiles, index * this.#levels.length);
    }
    return { levels: this.#levels, values };
  }

  /** Estimates the whole block before any of it is added, as a prediction would have had to. */
  learn(records: readonly TransactionRecord[], read: (record: TransactionRecord) => number | null): void {
    const known = records.flatMap((record) => {
      const value = read(record);
      return value === null ? [] : [{ transaction: record.transaction, value }];
    });
    for (const { transaction, value } of known) {
      const estimate = this.#statistics.estimate(transaction);
      if (estimate !== null && estimate.value > 0) this.#residuals[estimate.tier].add(value / estimate.value);
    }
    for (const { transaction, value } of known) this.#statistics.add(transaction, value);
    this.#learned += known.length;
  }

  #ratios(): Readonly<Record<Tier, readonly number[]>> {
    const read = (tier: Tier): readonly number[] => {
      const ascending = this.#residuals[tier].ascending();
      return this.#levels.map((level) => (ascending.length === 0 ? 1 : quantileOf(ascending, level)));
    };
    return { function: read('function'), selector: read('selector'), all: read('all') };
  }

  #around({ tier, value, sample }: Estimate, ratios: Readonly<Record<Tier, readonly number[]>>): number[] {
    return this.#levels.map((level, position) => {
      const quantile = sample === null ? value * at(ratios[tier], position) : quantileOf(sample, level);
      if (level === 0.5) return value;
      return level < 0.5 ? Math.min(value, quantile) : Math.max(value, quantile);
    });
  }
}
