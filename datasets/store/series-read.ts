import { LanecastError } from '../../errors.js';
import { SERIES_COLUMNS, type BlockSeries, type SeriesColumn } from '../series/series.js';
import { readBlockStats } from './block-stats.js';
import type { Database, StoredRow } from './client.js';
import { decodeInteger, decodeList } from './decode.js';
import { inRange, type BlockRange } from './range.js';
import { SERIES_SQL } from './series-schema.js';

export interface SeriesQuery extends BlockRange {
  readonly chainId: number;
  /**
   * Computes density and parallelism of blocks whose accesses are held: about what `blockStats` takes. Otherwise, and for
   * other blocks, they are what an ingested series says.
   */
  readonly conflicts?: boolean | undefined;
}

/** Numbers of blocks, not of rows: one answer holds at most so many. */
const BLOCKS_PER_QUERY = 100_000;

/**
 * What a chain's blocks have in their headers, of `block_series` and of `blocks`, which counts where both have a block.
 * A block of `blocks` that does not state its gas limit is left out: its fullness is unknown.
 * Errors: SOURCE_NOT_FOUND where there is no such block, INVALID_INPUT where blocks are missing in between.
 */
export async function readStoredSeries(database: Database, query: SeriesQuery): Promise<BlockSeries> {
  const merged = mergedTables(query);
  const ends = await readEnds(database, merged, query);
  if (ends === null) throw noBlocks(database, query);
  const slices: BlockSeries[] = [];
  for (let from = ends.first; from <= ends.last; from += BLOCKS_PER_QUERY) {
    const to = Math.min(from + BLOCKS_PER_QUERY - 1, ends.last);
    slices.push(await readSlice(database, merged, { chainId: query.chainId, from, to }));
  }
  const series = joined(database.target, slices);
  refuseGaps(series, query.chainId);
  return query.conflicts === true ? withConflicts(database, series, query.chainId) : series;
}

/** The chains of `block_series`, by id. */
export function readSeriesChains(database: Database): Promise<number[]> {
  const sql = 'SELECT DISTINCT chain_id FROM block_series ORDER BY chain_id';
  return database.select({ sql }, (row) => decodeInteger(row, 'chain_id'));
}

/** The rows of a range of a table or subquery, in order; gaps are let pass. */
export async function readSlice(database: Database, table: string, range: SeriesQuery): Promise<BlockSeries> {
  const { sql: condition, params } = inRange(range);
  const names = SERIES_COLUMNS.map((column) => SERIES_SQL[column]);
  // JSON writes NaN as null; groupArray keeps the order of a sorted subquery.
  const lists = names.map((name) => `groupArray(ifNull(toFloat64(${name}), nan)) AS ${name}_list`);
  const sql = `SELECT ${lists.join(', ')}
    FROM (SELECT ${names.join(', ')} FROM ${table} WHERE ${condition} ORDER BY number)`;
  const [slice] = await database.select({ sql, params }, (row) => decodeSlice(database.target, row));
  return slice ?? decodeSlice(database.target, {});
}

/** SQL for one row a block of either table. */
function mergedTables(query: SeriesQuery): string {
  const { sql: condition } = inRange(query);
  const shared = 'chain_id, number, timestamp_seconds, gas_limit, gas_used';
  const usable = `${condition} AND gas_limit > 0`;
  return `(
    SELECT ${shared}, toUInt64(base_fee_per_gas_wei) AS base_fee_per_gas_wei, toNullable(transaction_count) AS transaction_count,
      excess_blob_gas, blob_gas_used, CAST(NULL, 'Nullable(Float64)') AS conflict_density,
      CAST(NULL, 'Nullable(Float64)') AS parallelism
    FROM blocks FINAL WHERE ${usable}
    UNION ALL
    SELECT ${shared}, base_fee_per_gas_wei, transaction_count, excess_blob_gas, blob_gas_used, conflict_density, parallelism
    FROM block_series FINAL WHERE ${condition} AND number NOT IN (SELECT number FROM blocks FINAL WHERE ${usable}))`;
}

async function readEnds(
  database: Database,
  table: string,
  query: SeriesQuery,
): Promise<{ readonly first: number; readonly last: number } | null> {
  const sql = `SELECT count() AS blocks, min(number) AS first, max(number) AS last FROM ${table}`;
  const [ends] = await database.select({ sql, params: inRange(query).params }, (row) => ({
    blocks: decodeInteger(row, 'blocks'),
    first: decodeInteger(row, 'first'),
    last: decodeInteger(row, 'last'),
  }));
  return ends === undefined || ends.blocks === 0 ? null : ends;
}

function decodeSlice(origin: string, row: StoredRow): BlockSeries {
  const column = (name: SeriesColumn): Float64Array => {
    const list = `${SERIES_SQL[name]}_list` in row ? decodeList(row, `${SERIES_SQL[name]}_list`) : [];
    return Float64Array.from(list, (value) => (value === null ? NaN : Number(value)));
  };
  return seriesOf(origin, column);
}

function joined(origin: string, slices: readonly BlockSeries[]): BlockSeries {
  const length = slices.reduce((sum, slice) => sum + slice.length, 0);
  return seriesOf(origin, (name) => {
    const whole = new Float64Array(length);
    let place = 0;
    for (const slice of slices) {
      whole.set(slice[name] ?? new Float64Array(slice.length).fill(NaN), place);
      place += slice.length;
    }
    return whole;
  });
}

function seriesOf(origin: string, column: (name: SeriesColumn) => Float64Array): BlockSeries {
  const number = column('number');
  return {
    origin,
    length: number.length,
    number,
    timestampSeconds: column('timestampSeconds'),
    baseFeePerGasWei: column('baseFeePerGasWei'),
    gasLimit: column('gasLimit'),
    gasUsed: column('gasUsed'),
    transactionCount: column('transactionCount'),
    excessBlobGas: nullIfUnknown(column('excessBlobGas')),
    blobGasUsed: nullIfUnknown(column('blobGasUsed')),
    conflictDensity: nullIfUnknown(column('conflictDensity')),
    parallelism: nullIfUnknown(column('parallelism')),
    unknownColumns: [],
  };
}

function nullIfUnknown(column: Float64Array): Float64Array | null {
  return column.every(Number.isNaN) ? null : column;
}

async function withConflicts(database: Database, series: BlockSeries, chainId: number): Promise<BlockSeries> {
  const unknown = (): Float64Array => new Float64Array(series.length).fill(NaN);
  const conflictDensity = series.conflictDensity ?? unknown();
  const parallelism = series.parallelism ?? unknown();
  const first = series.number[0] ?? 0;
  const last = series.number.at(-1) ?? 0;
  for await (const block of readBlockStats(database, { chainId, from: first, to: last })) {
    // What can't be computed leaves what an ingested series says.
    const index = block.number - first;
    conflictDensity[index] = block.conflictDensity ?? conflictDensity[index] ?? NaN;
    parallelism[index] = block.speedupBound ?? parallelism[index] ?? NaN;
  }
  const columns = { conflictDensity: nullIfUnknown(conflictDensity), parallelism: nullIfUnknown(parallelism) };
  return { ...series, ...columns };
}

function refuseGaps({ origin, number }: BlockSeries, chainId: number): void {
  for (let index = number.length - 1; index > 0; index -= 1) {
    const [before, after] = [number[index - 1] ?? NaN, number[index] ?? NaN];
    if (after === before + 1) continue;
    throw new LanecastError(
      'INVALID_INPUT',
      `${origin}: the store has no block of chain ${chainId} between ${before} and ${after}, and a series has to be ` +
        `without gaps. Ingest them, or ask for blocks from ${after} on, which are there up to ${number.at(-1) ?? NaN}.`,
    );
  }
}

function noBlocks({ target }: Database, { chainId, from, to }: SeriesQuery): LanecastError {
  const range = from === undefined && to === undefined ? '' : ` in ${from ?? 0} to ${to ?? 'the last'}`;
  return new LanecastError(
    'SOURCE_NOT_FOUND',
    `The store in ${target} holds no blocks of chain ${chainId}${range} with their gas limit. lanecast ingest takes blocks, ` +
      'and block series in CSV.',
  );
}
