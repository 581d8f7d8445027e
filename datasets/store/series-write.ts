import type { BlockSeries } from '../series/series.js';
import type { Database } from './client.js';
import { encodeRows } from './encode.js';
import { readSlice } from './series-read.js';
import { readOwnLinks } from './series-links.js';
import type { StoredLink } from './queries.js';
import { BLOCK_SERIES, type SeriesLink, type SeriesRow } from './series-schema.js';

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
  /** Of each block of the series; unless given, hashes that the table holds stay with equal values, and go with others. */
  readonly links?: readonly SeriesLink[] | undefined;
  /** Called after each insert with the counts so far. */
  readonly onProgress?: ((soFar: SeriesSummary) => void) | undefined;
}

/** One insert; bounds its memory. */
const ROWS_PER_INSERT = 50_000;

/**
 * Writes a series. What is there with the same values is not written again, so that an interrupted write is simply
 * repeated; each insert is whole or not there. Where links are given, conflicts that the table holds of a block with the same
 * time and gas stay: headers don't know them.
 */
export async function writeSeries(
  database: Database,
  series: BlockSeries,
  options: SeriesWriteOptions,
): Promise<SeriesSummary> {
  const { chainId, links, onProgress } = options;
  const summary = { blocks: 0, added: 0, replaced: 0, alreadyPresent: 0 };
  for (let start = 0; start < series.length; start += ROWS_PER_INSERT) {
    const end = Math.min(start + ROWS_PER_INSERT, series.length);
    const range = { chainId, from: series.number[start], to: series.number[end - 1] };
    const held = await readSlice(database, 'block_series FINAL', range);
    const given = links === undefined ? series : withConflictsOf(held, series);
    const rows = Array.from({ length: end - start }, (_, offset): SeriesRow => {
      const index = start + offset;
      return { chainId, series: given, index, link: links?.[index] ?? null };
    });
    const [table, columns, lines] = encodeRows(BLOCK_SERIES, rows);
    const present = heldLines(held, chainId, links === undefined ? [] : await readOwnLinks(database, range));
    const fresh = lines.filter((line, offset) => present.get(series.number[start + offset]) !== line);
    if (fresh.length > 0) await database.insert(table, columns, fresh);
    const same = lines.length - fresh.length;
    summary.blocks += lines.length;
    summary.alreadyPresent += same;
    summary.replaced += held.length - same;
    summary.added += lines.length - held.length;
    onProgress?.({ ...summary });
  }
  return summary;
}

/** A series with what is held of conflicts where it is of the same block. */
function withConflictsOf(held: BlockSeries, series: BlockSeries): BlockSeries {
  const first = series.number[0] ?? 0;
  const filled = (name: 'conflictDensity' | 'parallelism'): Float64Array => {
    const column = series[name]?.slice() ?? new Float64Array(series.length).fill(NaN);
    for (const [place, number] of held.number.entries()) {
      const index = number - first;
      const isSame =
        held.timestampSeconds[place] === series.timestampSeconds[index] &&
        held.gasUsed[place] === series.gasUsed[index];
      if (isSame && Number.isNaN(column[index])) column[index] = held[name]?.[place] ?? NaN;
    }
    return column;
  };
  return { ...series, conflictDensity: filled('conflictDensity'), parallelism: filled('parallelism') };
}

/** What the table holds, as lines of an insert, by block number; with those hashes that are given. */
function heldLines(
  held: BlockSeries,
  chainId: number,
  links: readonly StoredLink[],
): ReadonlyMap<number | undefined, string> {
  const byNumber = new Map(links.map((link) => [link.number, link]));
  const rows = Array.from(held.number, (number, index): SeriesRow => {
    return { chainId, series: held, index, link: byNumber.get(number) ?? null };
  });
  const [, , lines] = encodeRows(BLOCK_SERIES, rows);
  return new Map(lines.map((line, index) => [held.number[index], line]));
}
