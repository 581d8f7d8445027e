import { findVariant, parallelRows, ratesOf, timeRatio, timesOf } from './aggregate.js';
import type { MainnetRow, MainnetSummary, MeasuredBlock, MeasuredVariant } from './document.js';
import { medianOf, sumOf } from './spread.js';

/** Blocks without transactions have nothing to measure. */
export function summariseMainnet(blocks: readonly MeasuredBlock[]): MainnetSummary {
  const rows = blocks.flatMap(mainnetRow);
  const filled = blocks.filter(({ transactions }) => transactions > 0);
  const timed = filled.filter(({ isVerified }) => isVerified);
  const verifiedNames = new Set(timed.map(({ name }) => name));
  const gasUsed = sumOf(timed.map((block) => block.gasUsed));
  const straightNs = totalNs(timed, (block) => findVariant(block, 'straight'));
  const referenceNs = totalNs(timed, (block) => findVariant(block, 'reference'));
  const workers = [...new Set(rows.flatMap(({ parallel }) => parallel.map((row) => row.workers)))];
  return {
    rows,
    blocks: filled.length,
    verifiedBlocks: timed.length,
    gasUsed,
    gasPerSecond: straightNs === null ? Number.NaN : (gasUsed / straightNs) * 1e9,
    ratio: straightNs === null || referenceNs === null ? null : referenceNs / straightNs,
    speedups: workers.flatMap((count) => {
      const parallelNs = totalNs(timed, (block) => parallelOf(block, count));
      return straightNs === null || parallelNs === null ? [] : [{ workers: count, total: straightNs / parallelNs }];
    }),
    worst: worstOf(rows.filter(({ name }) => verifiedNames.has(name))),
  };
}

function mainnetRow(block: MeasuredBlock): MainnetRow[] {
  const [straight, reference] = [findVariant(block, 'straight'), findVariant(block, 'reference')];
  if (straight === null || block.transactions === 0) return [];
  const { name, transactions, gasUsed } = block;
  return [
    {
      name,
      transactions,
      gasUsed,
      straight: ratesOf(straight, gasUsed),
      reference: reference && ratesOf(reference, gasUsed).median,
      ratio: reference && timeRatio(reference, straight),
      parallel: parallelRows(block),
    },
  ];
}

function parallelOf({ variants }: MeasuredBlock, workers: number): MeasuredVariant | null {
  return variants.find((measured) => measured.variant === 'parallel' && measured.workers === workers) ?? null;
}

/** The medians of all blocks; null where one of them has none. */
function totalNs(
  blocks: readonly MeasuredBlock[],
  pick: (block: MeasuredBlock) => MeasuredVariant | null,
): number | null {
  const medians = blocks.map(pick).map((variant) => (variant === null ? Number.NaN : medianOf(timesOf(variant))));
  const total = sumOf(medians);
  return Number.isNaN(total) || blocks.length === 0 ? null : total;
}

function worstOf(rows: readonly MainnetRow[]): MainnetSummary['worst'] {
  const figures: readonly [string, (row: MainnetRow) => number | null | undefined][] = [
    ['Mgas/s', ({ straight }) => straight.median / 1e6],
    ['times the reference', ({ ratio }) => ratio],
    ['speed-up', ({ parallel }) => parallel[0]?.speedup.median],
  ];
  return figures.flatMap(([figure, pick]) => {
    const valued = rows.flatMap((row) => {
      const value = pick(row);
      return value === null || value === undefined ? [] : [{ figure, name: row.name, value }];
    });
    return valued.sort((a, b) => a.value - b.value).slice(0, 1);
  });
}
