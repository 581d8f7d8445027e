import type { BaselineForecast } from '../../model/forecast/baseline-forecaster.js';
import type { ForecastTarget as Quantity } from '../../model/forecast/forecast-model.js';
import type { ObservedBlock, QuantileForecast } from '../../model/forecast/load-forecaster.js';
import type { ForecastTarget } from '../live.js';
import type { RecentLoads } from './recent-loads.js';

/** How an answer tells of what is forecast. */
interface TargetForm extends Pick<ForecastTarget, 'name' | 'unit'> {
  readonly quantity: Quantity;
  readonly observed: (block: ObservedBlock) => number | undefined;
  /** What the values of the forecast are multiplied by, after a block. */
  readonly factor: (block: ObservedBlock) => number;
  readonly round: (value: number) => number;
}

const SIGNIFICANT_DIGITS = 6;
const short = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS));
const same = (): number => 1;

const FORMS: readonly TargetForm[] = [
  {
    ...{ name: 'baseFeePerGas', unit: 'wei', quantity: 'baseFee', factor: same, round: Math.round },
    observed: ({ baseFeePerGasWei }) => baseFeePerGasWei,
  },
  {
    ...{ name: 'gasUsed', unit: 'gas', quantity: 'gasUsedRatio', round: Math.round },
    observed: ({ gasUsed }) => gasUsed,
    factor: ({ gasLimit }) => gasLimit,
  },
  {
    ...{ name: 'gasUsedRatio', unit: 'ratio', quantity: 'gasUsedRatio', factor: same, round: short },
    observed: ({ gasUsed, gasLimit }) => (gasLimit > 0 ? gasUsed / gasLimit : NaN),
  },
  {
    ...{ name: 'transactions', unit: 'transactions', quantity: 'transactionCount', factor: same, round: short },
    observed: ({ transactionCount }) => transactionCount,
  },
  {
    ...{ name: 'conflictDensity', unit: 'ratio', quantity: 'conflictDensity', factor: same, round: short },
    observed: ({ conflictDensity }) => conflictDensity,
  },
  {
    ...{ name: 'parallelism', unit: 'ratio', quantity: 'parallelism', factor: same, round: short },
    observed: ({ parallelism }) => parallelism,
  },
];

/** What is known of each quantity, and its quantiles where there are any; quantities of which nothing is known are left out. */
export function describeTargets(
  { forecasts }: Pick<BaselineForecast, 'forecasts'>,
  loads: RecentLoads,
  last: ObservedBlock,
): ForecastTarget[] {
  return FORMS.flatMap(({ name, unit, quantity, observed, factor, round }) => {
    const history = loads.values(observed).map(({ blockNumber, value }) => ({ blockNumber, value: round(value) }));
    if (history.length === 0) return [];
    const scale = factor(last);
    const horizons = forecasts.flatMap((forecast) => {
      const values = forecast.target === quantity ? valuesOf(forecast, scale) : null;
      if (values === null) return [];
      const { horizon } = forecast;
      return [{ blocksAhead: horizon, blockNumber: last.number + horizon, values: values.map(round) }];
    });
    return [{ name, unit, history, horizons }];
  });
}

function valuesOf({ quantiles }: QuantileForecast, scale: number): number[] | null {
  return quantiles === null || !(scale > 0) ? null : Array.from(quantiles, (value) => value * scale);
}
