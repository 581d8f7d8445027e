import { COLUMN_TARGETS } from './columns.js';
import type { ForecastModel, ForecastTarget } from './forecast-model.js';
import { ForecastPart, type ObservedBlock } from './forecast-part.js';
import { FORECAST_LEVELS } from './levels.js';
import { LoadState } from './load-state.js';
import { columnSubject, loadSubject } from './part-subjects.js';

export type { ObservedBlock } from './forecast-part.js';

/** Quantiles of one quantity at one horizon, at `FORECAST_LEVELS`, ascending. */
export interface QuantileForecast {
  readonly target: ForecastTarget;
  /** Blocks ahead. */
  readonly horizon: number;
  /** Base fee in wei, gas used over gas limit, transactions, density, parallelism. Null: it abstains. */
  readonly quantiles: Float64Array | null;
}

/** What is expected of the blocks after the latest one. */
export interface LoadForecast {
  readonly fromBlock: number;
  /** Of the next block, exact where the chain's fees follow a rule. */
  readonly nextBaseFeeWei: bigint;
  readonly forecasts: readonly QuantileForecast[];
}

/**
 * Forecasts the load of a chain's next blocks from the headers of those before. `observe` each block in turn: moving averages,
 * what recurs on the minute and the hour, and the calibration of the quantiles are learned as blocks come; the networks change by
 * training only. Where the blocks are history, `remember` is faster and leaves the calibration alone.
 */
export class LoadForecaster {
  readonly #model: ForecastModel;
  readonly #state: LoadState;
  readonly #parts: readonly ForecastPart[];
  #isCurrent = false;

  /** `recalibrationRate`: how fast quantiles learn from what came out; 0 for never. */
  constructor(model: ForecastModel, { recalibrationRate }: { readonly recalibrationRate?: number | undefined } = {}) {
    this.#model = model;
    this.#state = new LoadState(model);
    const { load, columns, horizons, slotSeconds } = model;
    const parts = [new ForecastPart(load, loadSubject(load, horizons, this.#state), recalibrationRate)];
    for (const column of COLUMN_TARGETS) {
      const network = columns[column];
      if (network === undefined) continue;
      const subject = columnSubject(column, network, this.#state, slotSeconds);
      parts.push(new ForecastPart(network, subject, recalibrationRate));
    }
    this.#parts = parts;
  }

  get horizons(): readonly number[] {
    return this.#model.horizons;
  }

  /** Takes the next block: learns from the forecasts that came due, then forecasts anew. */
  observe(block: ObservedBlock): void {
    this.#advance(block);
    for (const part of this.#parts) part.settle();
    this.#predict();
  }

  /** Takes the next block into the memory only. */
  remember(block: ObservedBlock): void {
    this.#advance(block);
    for (const part of this.#parts) part.forget();
    this.#isCurrent = false;
  }

  /**
   * Quantiles of the blocks after the latest one at the given horizons, which have to be among those trained; by default at
   * all of them. Null before the first block.
   */
  forecast(horizons: readonly number[] = this.#model.horizons): LoadForecast | null {
    const { block, nextBaseFeeWei } = this.#state;
    if (block === null) return null;
    if (!this.#isCurrent) this.#predict();
    const forecasts = this.targets.flatMap((target) =>
      horizons.map((horizon) => ({ target, horizon, quantiles: this.#quantilesOf(target, horizon) })),
    );
    return { fromBlock: block.number + 1, nextBaseFeeWei, forecasts };
  }

  get targets(): readonly ForecastTarget[] {
    return ['baseFee', 'gasUsedRatio', ...COLUMN_TARGETS.filter((column) => this.#model.columns[column] !== undefined)];
  }

  /** Writes the current quantiles of a target at a horizon; answers whether there are any. Base fees as logarithms of wei. */
  read(target: ForecastTarget, horizon: number, quantiles: Float64Array): boolean {
    if (!this.#isCurrent) this.#predict();
    if (target === 'baseFee' && horizon === 1) return this.#readNextFee(quantiles);
    const part = this.#parts.find((each) => each.has(target));
    return part?.read(target, horizon, quantiles) ?? false;
  }

  #quantilesOf(target: ForecastTarget, horizon: number): Float64Array | null {
    const quantiles = new Float64Array(FORECAST_LEVELS.length);
    if (!this.read(target, horizon, quantiles)) return null;
    return target === 'baseFee' ? quantiles.map(Math.exp) : quantiles;
  }

  #readNextFee(quantiles: Float64Array): boolean {
    const { nextFee } = this.#model;
    for (let level = 0; level < quantiles.length; level++) {
      quantiles[level] = this.#state.nextLogFee + (nextFee[level] ?? 0);
    }
    return true;
  }

  #advance(block: ObservedBlock): void {
    const before = this.#state.block;
    if (before !== null && before.number + 1 !== block.number) for (const part of this.#parts) part.forget();
    this.#state.observe(block);
    for (const part of this.#parts) part.remember(block);
  }

  #predict(): void {
    for (const part of this.#parts) part.predict();
    this.#isCurrent = true;
  }
}
