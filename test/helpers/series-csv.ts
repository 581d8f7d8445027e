import type { BlockSeries } from '../../datasets/series/series.js';

/** The series as the CSV that `lanecast forecast` reads. */
export function toCsv(series: BlockSeries): string {
  const columns = [
    ['block_number', series.number],
    ['timestamp', series.timestampSeconds],
    ['base_fee_per_gas', series.baseFeePerGasWei],
    ['gas_limit', series.gasLimit],
    ['gas_used', series.gasUsed],
    ['transaction_count', series.transactionCount],
    ['conflict_density', series.conflictDensity],
    ['parallelism', series.parallelism],
  ] as const;
  const lines = [columns.map(([name]) => name).join(',')];
  for (let index = 0; index < series.length; index++) {
    const fields = columns.map(([, values]) => values?.[index] ?? NaN);
    lines.push(fields.map((value) => (Number.isNaN(value) ? '' : `${value}`)).join(','));
  }
  return `${lines.join('\n')}\n`;
}
