import type { Hash } from '../../types.js';
import type { BlockSeries, SeriesColumn } from '../series/series.js';
import { nullableFixedBytes, nullableFloat, nullableUnsigned, unsigned } from './columns.js';
import { shardByBlock, type Table } from './ddl.js';

/** Where a block of a series stands in its chain. */
export interface SeriesLink {
  readonly hash: Hash;
  readonly parentHash: Hash;
}

/** One block of a series. */
export interface SeriesRow {
  readonly chainId: number;
  readonly series: BlockSeries;
  /** Of the block in the series. */
  readonly index: number;
  /** Null where the source states no hashes. */
  readonly link: SeriesLink | null;
}

/**
 * One row a block of a series, beside the blocks with accesses in `blocks`, which count for more. Of several rows of the
 * same chain and number, the last written counts: read it with FINAL.
 */
export const BLOCK_SERIES: Table<SeriesRow> = {
  name: 'block_series',
  engine: 'ReplacingMergeTree',
  partitionBy: '(chain_id, intDiv(number, 10000000))',
  orderBy: ['chain_id', 'number'],
  shardBy: shardByBlock('number'),
  columns: [
    unsigned('chain_id', 64, (row) => row.chainId),
    unsigned('number', 64, (row) => known(row, 'number'), { differences: true }),
    unsigned('timestamp_seconds', 64, (row) => known(row, 'timestampSeconds'), { differences: true }),
    nullableUnsigned('base_fee_per_gas_wei', 64, (row) => valueOf(row, 'baseFeePerGasWei')),
    unsigned('gas_limit', 64, (row) => known(row, 'gasLimit')),
    unsigned('gas_used', 64, (row) => known(row, 'gasUsed')),
    nullableUnsigned('transaction_count', 32, (row) => valueOf(row, 'transactionCount')),
    nullableUnsigned('excess_blob_gas', 64, (row) => valueOf(row, 'excessBlobGas')),
    nullableUnsigned('blob_gas_used', 64, (row) => valueOf(row, 'blobGasUsed')),
    nullableFloat('conflict_density', (row) => valueOf(row, 'conflictDensity')),
    nullableFloat('parallelism', (row) => valueOf(row, 'parallelism')),
    nullableFixedBytes('hash', 32, ({ link }) => link?.hash ?? null),
    nullableFixedBytes('parent_hash', 32, ({ link }) => link?.parentHash ?? null),
  ],
};

/** Columns of the table, by those of a series. */
export const SERIES_SQL: Readonly<Record<SeriesColumn, string>> = {
  number: 'number',
  timestampSeconds: 'timestamp_seconds',
  baseFeePerGasWei: 'base_fee_per_gas_wei',
  gasLimit: 'gas_limit',
  gasUsed: 'gas_used',
  transactionCount: 'transaction_count',
  excessBlobGas: 'excess_blob_gas',
  blobGasUsed: 'blob_gas_used',
  conflictDensity: 'conflict_density',
  parallelism: 'parallelism',
};

function known({ series, index }: SeriesRow, column: SeriesColumn): number {
  return series[column]?.[index] ?? NaN;
}

function valueOf(row: SeriesRow, column: SeriesColumn): number | null {
  const value = known(row, column);
  return Number.isNaN(value) ? null : value;
}
