import type { BlockLoad, Forecast, LoadHeader } from '../../scheduler/forecast.js';
import { FORECAST_LEVELS } from './levels.js';
import type { LoadForecaster } from './load-forecaster.js';

/** A pool that is a little too large costs little, one that is too small a slow block. */
const LEVEL = 0.9;
/** The latest block counts for this much. */
const LATEST = 0.1;

/** What it asks a LoadForecaster. */
type NextBlockForecaster = Pick<LoadForecaster, 'horizons' | 'observe' | 'read'>;

/**
 * Expects the workers of the next block from a forecast of its gas: so many as blocks were worth lately, by the gas that they used,
 * for the quantile of 0.9 of what the next one will use. Blocks without a base fee, and horizons without 1, leave it with the mean
 * of what came before.
 */
export class WorkerForecast implements Forecast {
  readonly #forecaster: NextBlockForecaster;
  readonly #fullness = new Float64Array(FORECAST_LEVELS.length);
  #mean: BlockLoad | null = null;
  #gasLimit: number | null = null;

  constructor(forecaster: NextBlockForecaster) {
    this.#forecaster = forecaster;
  }

  observe(load: BlockLoad, header: LoadHeader | null): void {
    const mean = this.#mean ?? load;
    const moved = (from: number, to: number): number => from + LATEST * (to - from);
    this.#mean = {
      gasUsed: moved(mean.gasUsed, load.gasUsed),
      transactions: moved(mean.transactions, load.transactions),
      workers: moved(mean.workers, load.workers),
    };
    this.#gasLimit = null;
    if (header === null || header.baseFeePerGasWei === null) return;
    this.#forecaster.observe({
      ...header,
      baseFeePerGasWei: Number(header.baseFeePerGasWei),
      transactionCount: load.transactions,
    });
    this.#gasLimit = header.gasLimit;
  }

  next(): BlockLoad {
    const mean = this.#mean ?? { gasUsed: 0, transactions: 0, workers: 1 };
    const gasUsed = this.#nextGas();
    if (gasUsed === null || mean.gasUsed <= 0) return mean;
    const factor = gasUsed / mean.gasUsed;
    return { gasUsed, transactions: mean.transactions * factor, workers: mean.workers * factor };
  }

  #nextGas(): number | null {
    if (this.#gasLimit === null || !this.#forecaster.horizons.includes(1)) return null;
    if (!this.#forecaster.read('gasUsedRatio', 1, this.#fullness)) return null;
    const fullness = this.#fullness[FORECAST_LEVELS.indexOf(LEVEL)];
    return fullness === undefined ? null : fullness * this.#gasLimit;
  }
}
