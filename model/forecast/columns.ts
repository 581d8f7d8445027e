import type { BlockSeries } from '../../datasets/series/series.js';

/** What is forecast besides base fee and gas used, where a series has it. */
export const COLUMN_TARGETS = ['transactionCount', 'conflictDensity', 'parallelism'] as const;
export type ColumnTarget = (typeof COLUMN_TARGETS)[number];

/** A column is forecast on a scale on which its changes have about the same size everywhere. */
export interface ColumnScale {
  readonly toScale: (value: number) => number;
  readonly fromScale: (scaled: number) => number;
  readonly least: number;
  readonly most: number;
}

/** Densities are told apart down to this. */
const LEAST_DENSITY = 1e-3;

export const COLUMN_SCALES: Readonly<Record<ColumnTarget, ColumnScale>> = {
  transactionCount: { toScale: Math.log1p, fromScale: Math.expm1, least: 0, most: Infinity },
  conflictDensity: {
    toScale: (density) => Math.log(density + LEAST_DENSITY),
    fromScale: (scaled) => Math.exp(scaled) - LEAST_DENSITY,
    least: 0,
    most: 1,
  },
  parallelism: {
    toScale: (parallelism) => Math.log(Math.max(1, parallelism)),
    fromScale: Math.exp,
    least: 1,
    most: Infinity,
  },
};

/** A network is trained on a column that knows at least this share of its blocks. */
const LEAST_KNOWN = 0.5;

/** The columns of a series that are known often enough before an index to be forecast, and those that are not. */
export function columnsOf(
  series: BlockSeries,
  until: number,
): {
  readonly known: readonly ColumnTarget[];
  readonly tooFew: readonly ColumnTarget[];
} {
  const shares = COLUMN_TARGETS.map((column) => ({
    column,
    share: knownShare(series[column]?.subarray(0, until) ?? null),
  }));
  const present = shares.filter(({ share }) => share > 0);
  return {
    known: present.filter(({ share }) => share >= LEAST_KNOWN).map(({ column }) => column),
    tooFew: present.filter(({ share }) => share < LEAST_KNOWN).map(({ column }) => column),
  };
}

function knownShare(values: Float64Array | null): number {
  if (values === null) return 0;
  let known = 0;
  for (const value of values) if (!Number.isNaN(value)) known += 1;
  return known / values.length;
}
