import { quantileOf, RecentValues } from '../quantiles.js';
import { FORECAST_LEVELS } from './levels.js';

/** Fewer errors say too little of a range. */
export const LEAST_ERRORS = 20;
/** Older ones speak of other times. */
const MOST_ERRORS = 500;

/** What a forecast was made from. */
export interface Origin {
  /** What was expected, whatever the horizon; NaN: nothing. */
  readonly point: number;
}

/** The forecasts of one quantity, each kept until it comes due at all horizons, and how far off the latest were. */
export class PastErrors<From extends Origin> {
  readonly #horizons: readonly number[];
  readonly #errors: readonly RecentValues[];
  /** The latest origins, the oldest overwritten first. */
  readonly #origins: From[] = [];
  readonly #slots: number;
  #count = 0;

  /** `horizons`: in blocks, ascending. */
  constructor(horizons: readonly number[]) {
    this.#horizons = horizons;
    this.#errors = horizons.map(() => new RecentValues(MOST_ERRORS));
    this.#slots = Math.max(0, ...horizons) + 1;
  }

  /** Takes what came out of the forecasts that come due with the next block; NaN: not known. */
  settle(outcomeOf: (origin: From, horizon: number) => number): void {
    for (const [place, horizon] of this.#horizons.entries()) {
      const origin = this.#count < horizon ? undefined : this.#origins[(this.#count - horizon) % this.#slots];
      if (origin === undefined) continue;
      const error = outcomeOf(origin, horizon) - origin.point;
      if (!Number.isNaN(error)) this.#errors[place]?.add(error);
    }
  }

  /** Keeps what is forecast from the latest block. */
  keep(origin: From): void {
    this.#origins[this.#count % this.#slots] = origin;
    this.#count += 1;
  }

  /** Forecasts that were made will never come due. */
  forget(): void {
    this.#count = 0;
  }

  /** At `FORECAST_LEVELS`, outcome less point; null where there are too few errors. */
  quantiles(horizon: number): Float64Array | null {
    const errors = this.#errors[this.#horizons.indexOf(horizon)];
    if (errors === undefined || errors.count < LEAST_ERRORS) return null;
    const ascending = errors.ascending();
    return Float64Array.from(FORECAST_LEVELS, (level) => quantileOf(ascending, level));
  }
}
