import type { CalibrationBin, QualityPoint } from '../../live.js';

/** A point of a line; value NaN breaks the line. */
export interface SeriesPoint {
  readonly block: number;
  readonly series: string;
  readonly value: number;
}

type Quantity = Exclude<keyof QualityPoint, 'blockNumber'>;

export const SCORE_SERIES: readonly (readonly [Quantity, string])[] = [
  ['conflictF1', 'conflicting pairs'],
  ['dependentF1', 'dependent transactions'],
];

export const SPEEDUP_SERIES: readonly (readonly [Quantity, string])[] = [
  ['speedup', 'plan'],
  ['optimisticSpeedup', 'without a plan'],
  ['oracleSpeedup', 'perfect plan'],
];

export function seriesOf(
  history: readonly QualityPoint[],
  quantities: readonly (readonly [Quantity, string])[],
): SeriesPoint[] {
  return quantities.flatMap(([quantity, series]) =>
    history.map((point) => ({ block: point.blockNumber, series, value: point[quantity] ?? Number.NaN })),
  );
}

export interface CalibrationPoint {
  readonly predicted: number;
  readonly observed: number;
  readonly predictions: number;
}

/** Bins that hold something. */
export function calibrationPoints(bins: readonly CalibrationBin[]): CalibrationPoint[] {
  return bins.flatMap(({ meanProbability, observedShare, predictions }) =>
    meanProbability === null || observedShare === null
      ? []
      : [{ predicted: meanProbability, observed: observedShare, predictions }],
  );
}
