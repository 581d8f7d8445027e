import { stat } from 'node:fs/promises';
import { readSeries } from '../../datasets/series/read-series.js';
import type { BlockSeries } from '../../datasets/series/series.js';
import type { SeriesSummary } from '../../datasets/store/index.js';
import { formatCount, formatNumber } from '../table.js';
import { printNotice, startProgress } from '../terminal.js';
import type { Tools } from '../tools.js';

/** What `lanecast ingest --json` prints of a block series. */
export interface SeriesIngestDocument extends SeriesSummary {
  readonly schema: 'lanecast.ingest-series/1';
  /** The folder or host of the store. */
  readonly store: string;
  readonly chainId: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
}

/** CSV states no chain. */
export const DEFAULT_SERIES_CHAIN = 1;

/** Whether a source is a block series: a file `*.csv` or `*.csv.gz`. */
export async function isSeries(source: string): Promise<boolean> {
  if (!/\.csv(?:\.gz)?$/i.test(source)) return false;
  return stat(source).then(
    (stats) => !stats.isDirectory(),
    () => true,
  );
}

/** Reads a series whole, checked, and only then opens the store and writes it. */
export async function ingestSeries(source: string, chainId: number, tools: Tools): Promise<SeriesIngestDocument> {
  const series = await readSeries(source);
  noteUnknownColumns(series);
  const store = await tools.store();
  const progress = startProgress('ingesting');
  try {
    const onProgress = ({ blocks }: SeriesSummary): void => progress.update(blocks, series.length);
    const summary = await store.writeSeries(series, { chainId, onProgress });
    const [firstBlock, lastBlock] = [series.number[0] ?? 0, series.number.at(-1) ?? 0];
    return { schema: 'lanecast.ingest-series/1', store: store.target, chainId, firstBlock, lastBlock, ...summary };
  } finally {
    progress.stop();
  }
}

export function noteUnknownColumns({ origin, unknownColumns }: BlockSeries): void {
  if (unknownColumns.length === 0) return;
  printNotice(`notice: ${origin}: columns that mean nothing here are left out: ${unknownColumns.join(', ')}`);
}

export function renderSeriesIngest(document: SeriesIngestDocument): string {
  const { blocks, added, replaced, alreadyPresent, chainId, firstBlock, lastBlock, store } = document;
  const clauses = [
    `${formatCount(blocks, 'block')} of a series read (chain ${chainId}, ${firstBlock} to ${lastBlock})`,
    `${formatNumber(added)} written to ${store}`,
    ...(alreadyPresent > 0 ? [`${formatNumber(alreadyPresent)} were there already`] : []),
    ...(replaced > 0 ? [`${formatNumber(replaced)} took the place of others with other values`] : []),
  ];
  return `${clauses.join('; ')}.`;
}
