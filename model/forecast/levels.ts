/** Levels of all quantiles of forecasts, of the network's and of the baselines': 0.05, 0.10, … 0.95. */
export const FORECAST_LEVELS: readonly number[] = Array.from({ length: 19 }, (_, index) => (index + 1) / 20);

/** Place of the median among the levels. */
export const MEDIAN = 9;

/** Horizons in blocks where none are asked for. */
export const DEFAULT_HORIZONS: readonly number[] = [1, 2, 5, 10, 50];
