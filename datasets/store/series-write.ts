import type { BlockSeries } from '../series/series.js';
import type { Database } from './client.js';
import { encodeRows } from './encode.js';
import { readSlice } from './series-read.js';
import { BLOCK_SERIES, type SeriesRow } from './series-schema.js';

/** Counts of one call of `writeSeries`; `blocks` = `added` + `replaced` + `alreadyPresent`. */
export interface SeriesSummary {
  readonly blocks: number;
  /** Blocks that the table did not hold. */
  readonly added: number;
  /** Blocks that the table held with other values: those given now count from here on. */
  readonly replaced: number;
  /** Blocks that the table held with the same values: nothing was written for them. */
  readonly alreadyPresent: number;
}

export interface SeriesWriteOptions {
  readonly chainId: number;
  /** Called after each insert with the counts so far. */
  readonly onProgress?: ((soFar: SeriesSummary) => void) | undefined;
}

/** One insert; bounds its memory. */
const ROWS_PER_INSERT = 50_000;

/**
 * Writes a series. What is there with the same values is not written again, so that an interrupted write is simply
 * repeated; each insert is whole or not there.
 */
export async function writeSeries(
  database: Database,
  series: BlockSeries,
  { chainId, onProgress }: SeriesWriteOptions,
): Promise<SeriesSummary> {
  const summary = { blocks: 0, added: 0, replaced: 0, alreadyPresent: 0 };
  for (let start = 0; start < series.length; start += ROWS_PER_INSERT) {
    const end = Math.min(start + ROWS_PER_INSERT, series.length);
    const [table, columns, lines] = encodeRows(BLOCK_SERIES, rowsOf(chainId, series, { start, end }));
    const held = await heldLines(database, chainId, { from: series.number[start], to: series.number[end - 1] });
    const fresh = lines.filter((line, offset) => held.get(series.number[start + offset]) !== line);
    if (fresh.length > 0) await database.insert(table, columns, fresh);
    const present = lines.length - fresh.length;
    summary.blocks += lines.length;
    summary.alreadyPresent += present;
    summary.replaced += held.size - present;
    summary.added += lines.length - held.size;
    onProgress?.({ ...summary });
  }
  return summary;
}

interface Slice {
  readonly start: number;
  readonly end: number;
}

function rowsOf(chainId: number, series: BlockSeries, { start, end }: Slice): SeriesRow[] {
  return Array.from({ length: end - start }, (_, offset) => ({ chainId, series, index: start + offset }));
}

/** What the table holds of a range without gaps, as lines of an insert, by block number. */
async function heldLines(
  database: Database,
  chainId: number,
  range: { readonly from: number | undefined; readonly to: number | undefined },
): Promise<ReadonlyMap<number | undefined, string>> {
  const held = await readSlice(database, 'block_series FINAL', { chainId, ...range });
  const [, , lines] = encodeRows(BLOCK_SERIES, rowsOf(chainId, held, { start: 0, end: held.length }));
  return new Map(lines.map((line, index) => [held.number[index], line]));
}
