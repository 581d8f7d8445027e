import type { ForecastTarget } from '../../model/forecast/forecast-model.js';

const WEI_PER_GWEI = 1e9;

/** How a target is shown to people. */
export interface TargetText {
  readonly title: string;
  /** Of what is printed, from what the document has. */
  readonly factor: number;
  readonly digits: number;
  /** Of scores. */
  readonly scoreTitle: string;
  readonly scoreDigits: number;
}

export const TARGET_TEXTS: Readonly<Record<ForecastTarget, TargetText>> = {
  baseFee: {
    ...{ title: 'base fee, gwei', factor: 1 / WEI_PER_GWEI, digits: 3 },
    ...{ scoreTitle: 'Base fee of block n + h, logarithm', scoreDigits: 5 },
  },
  gasUsedRatio: {
    ...{ title: 'gas used / limit', factor: 1, digits: 3 },
    ...{ scoreTitle: 'Gas used over gas limit, mean of the next h blocks', scoreDigits: 5 },
  },
  transactionCount: {
    ...{ title: 'transactions', factor: 1, digits: 0 },
    ...{ scoreTitle: 'Transactions, mean of the next h blocks', scoreDigits: 2 },
  },
  conflictDensity: {
    ...{ title: 'conflict density', factor: 1, digits: 4 },
    ...{ scoreTitle: 'Conflict density, mean of the next h blocks', scoreDigits: 5 },
  },
  parallelism: {
    ...{ title: 'parallelism', factor: 1, digits: 2 },
    ...{ scoreTitle: 'Parallelism, mean of the next h blocks', scoreDigits: 4 },
  },
};
