import { COLUMN_SCALES, COLUMN_TARGETS, type ColumnScale } from './columns.js';
import { FeeRuleTracker } from './fee-rule-tracker.js';
import { logFeeBounds, nextBaseFeeWei, type FeeRule, type FeeRuleChange } from './fee-rule.js';
import type { ForecastTarget } from './forecast-model.js';
import type { ObservedBlock } from './forecast-part.js';
import { DEFAULT_HORIZONS, FORECAST_LEVELS } from './levels.js';
import type { LoadForecast } from './load-forecaster.js';
import { logOfWei } from './load-state.js';
import { MovingAverages } from './moving-averages.js';
import { PastErrors, type Origin } from './past-errors.js';

export interface BaselineOptions {
  /** In blocks, ascending. */
  readonly horizons?: readonly number[] | undefined;
  /** Fee rules that are known; with none they are found from the fees. */
  readonly feeRules?: readonly FeeRuleChange[] | undefined;
}

/** As of a trained forecaster, but that a chain may have no base fees, or fees that follow no known rule. */
export interface BaselineForecast extends Omit<LoadForecast, 'nextBaseFeeWei'> {
  /** Of the next block, exact; null where nothing says it. */
  readonly nextBaseFeeWei: bigint | null;
}

const FULLNESS_SCALE: ColumnScale = { toScale: (value) => value, fromScale: (scaled) => scaled, least: 0, most: 1 };
const SPAN_BLOCKS = 32;

/**
 * Forecasts the load of a chain's next blocks without any training: the base fee as the rule gives it for the next block, and flat
 * from there; all else as moving averages. Ranges are those of its own latest errors; where there are too few of them it
 * abstains. Knows blocks as `LoadForecaster` does, with NaN where base fee or gas limit are unknown.
 */
export class BaselineForecaster {
  readonly #horizons: readonly number[];
  readonly #fee: FeeBaseline;
  readonly #means: ReadonlyMap<ForecastTarget, MeanBaseline>;
  #number: number | null = null;

  constructor({ horizons = DEFAULT_HORIZONS, feeRules }: BaselineOptions = {}) {
    this.#horizons = horizons;
    this.#fee = new FeeBaseline(horizons, feeRules);
    this.#means = new Map([
      ['gasUsedRatio', new MeanBaseline(FULLNESS_SCALE, horizons)],
      ...COLUMN_TARGETS.map((column) => [column, new MeanBaseline(COLUMN_SCALES[column], horizons)] as const),
    ]);
  }

  /** Takes the next block. After a gap, or where a block comes again, it goes on as if nothing were due. */
  observe(block: ObservedBlock): void {
    if (this.#number !== null && this.#number + 1 !== block.number) {
      this.#fee.forget();
      for (const mean of this.#means.values()) mean.forget();
    }
    this.#number = block.number;
    this.#fee.observe(block);
    for (const [target, mean] of this.#means) mean.observe(valueOf(block, target));
  }

  /** Null before the first block. */
  forecast(): BaselineForecast | null {
    if (this.#number === null) return null;
    const forecasts = [
      ...this.#horizons.map((horizon) => ({
        ...{ target: 'baseFee' as const, horizon },
        quantiles: this.#fee.quantiles(horizon),
      })),
      ...[...this.#means].flatMap(([target, mean]) =>
        this.#horizons.map((horizon) => ({ target, horizon, quantiles: mean.quantiles(horizon) })),
      ),
    ];
    return { fromBlock: this.#number + 1, nextBaseFeeWei: this.#fee.exactWei, forecasts };
  }
}

function valueOf(block: ObservedBlock, target: ForecastTarget): number {
  if (target === 'baseFee') return block.baseFeePerGasWei;
  if (target !== 'gasUsedRatio') return block[target] ?? NaN;
  return block.gasLimit > 0 ? block.gasUsed / block.gasLimit : NaN;
}

/** The base fee: what the rule makes of the latest block. */
class FeeBaseline {
  readonly #rules: FeeRuleTracker;
  readonly #errors: PastErrors<Origin>;
  #rule: FeeRule | null = null;
  #nextWei: bigint | null = null;
  /** Whether the rule said the latest fee that it could say. */
  #holds = true;

  constructor(horizons: readonly number[], feeRules: readonly FeeRuleChange[] | undefined) {
    this.#rules = new FeeRuleTracker(feeRules);
    this.#errors = new PastErrors(horizons);
  }

  /** Null where the fee of the next block does not follow from what is known. */
  get exactWei(): bigint | null {
    return this.#rule !== null && this.#holds ? this.#nextWei : null;
  }

  observe(block: ObservedBlock): void {
    const { baseFeePerGasWei: feeWei, number } = block;
    this.#errors.settle(() => (Number.isNaN(feeWei) ? NaN : logOfWei(feeWei)));
    if (Number.isNaN(feeWei) || !(block.gasLimit > 0)) this.#nextWei = null;
    else {
      this.#holds = this.#rules.observe(block) ?? this.#holds;
      this.#rule = this.#rules.at(number + 1);
      this.#nextWei = nextBaseFeeWei(block, this.#rule);
    }
    this.#errors.keep({ point: this.#nextWei === null ? NaN : logOfWei(Number(this.#nextWei)) });
  }

  forget(): void {
    this.#errors.forget();
  }

  quantiles(horizon: number): Float64Array | null {
    if (this.#nextWei === null) return null;
    const exact = this.exactWei;
    if (exact !== null && horizon === 1) return new Float64Array(FORECAST_LEVELS.length).fill(Number(exact));
    const point = logOfWei(Number(this.#nextWei));
    const { least, most } = logFeeBounds(point, horizon - 1, exact === null ? null : this.#rule);
    const errors = this.#errors.quantiles(horizon);
    return errors?.map((error) => weiOf(Math.min(most, Math.max(least, point + error)))) ?? null;
  }
}

/** The other way round than `logOfWei`, to which nothing and one wei are the same. */
function weiOf(logFee: number): number {
  return logFee <= 0 ? 0 : Math.exp(logFee);
}

interface MeanOrigin extends Origin {
  /** Of all values before, and how many were known. */
  readonly sum: number;
  readonly known: number;
}

/** The mean of a quantity over the next blocks: its moving average. */
class MeanBaseline {
  readonly #scale: ColumnScale;
  readonly #errors: PastErrors<MeanOrigin>;
  readonly #average = new MovingAverages([SPAN_BLOCKS]);
  #sum = 0;
  #known = 0;

  constructor(scale: ColumnScale, horizons: readonly number[]) {
    this.#scale = scale;
    this.#errors = new PastErrors(horizons);
  }

  /** NaN: not known. */
  observe(value: number): void {
    const isKnown = !Number.isNaN(value);
    if (isKnown) {
      this.#sum += value;
      this.#known += 1;
    }
    this.#errors.settle((origin, horizon) => this.#meanSince(origin, horizon));
    if (isKnown) this.#average.observe(this.#scale.toScale(value));
    this.#errors.keep({ point: this.#point, sum: this.#sum, known: this.#known });
  }

  forget(): void {
    this.#errors.forget();
  }

  quantiles(horizon: number): Float64Array | null {
    const { fromScale, least, most } = this.#scale;
    const errors = this.#errors.quantiles(horizon);
    return errors?.map((error) => Math.min(most, Math.max(least, fromScale(this.#point + error)))) ?? null;
  }

  get #point(): number {
    return this.#known === 0 ? NaN : this.#average.mean(0);
  }

  /** Of what is known, if that is half of it. */
  #meanSince(origin: MeanOrigin, horizon: number): number {
    const seen = this.#known - origin.known;
    return seen === 0 || 2 * seen < horizon ? NaN : this.#scale.toScale((this.#sum - origin.sum) / seen);
  }
}
