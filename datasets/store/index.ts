import type { BlockRecord } from '../../types.js';
import type { CryoFolder } from '../cryo/folder.js';
import { readCryo } from '../cryo/read.js';
import type { ReadOutcome } from '../read.js';
import type { BlockSeries } from '../series/series.js';
import { readBlockStats, type BlockStats } from './block-stats.js';
import { connect, type ConnectOptions, type Database } from './client.js';
import type { BlockExpressions } from './expression-schema.js';
import {
  readExpressionStatistics,
  type ExpressionStatisticsOptions,
  type SubjectStatistics,
} from './expression-statistics.js';
import { readBlocksWithoutExpressions, writeExpressions, type ExpressionSummary } from './expressions.js';
import { ingest, type IngestOptions, type IngestSummary } from './ingest.js';
import { readKeyUses, type KeyUsesQuery, type StoredKeyUse } from './key-uses.js';
import type { LearnedState } from './learned-state-schema.js';
import { readState, writeState, type LearnedStateQuery } from './learned-states.js';
import { migrate } from './migrate.js';
import { readBlocks, readChains, readLinks, type StoredBlock, type StoredChain, type StoredLink } from './queries.js';
import type { BlockRange } from './range.js';
import { readRecords } from './records.js';
import type { SeriesLink } from './series-schema.js';
import { readLastOfSeries, readSeriesLinks } from './series-links.js';
import { readSeriesChains, readStoredSeries, type SeriesQuery } from './series-read.js';
import { writeSeries, type SeriesSummary, type SeriesWriteOptions } from './series-write.js';
import { readHotKeys, readStats, type ChainStats, type HotKey, type HotKeysQuery, type StatsOptions } from './stats.js';

export { addSummaries, NOTHING_INGESTED } from './ingest.js';
export type {
  BlockExpressions,
  BlockRange,
  BlockStats,
  ChainStats,
  ExpressionStatisticsOptions,
  ExpressionSummary,
  IngestOptions,
  IngestSummary,
  HotKeysQuery,
  KeyUsesQuery,
  LearnedState,
  LearnedStateQuery,
  SeriesQuery,
  SeriesSummary,
  SeriesLink,
  SeriesWriteOptions,
  StatsOptions,
  StoredBlock,
  StoredChain,
  StoredKeyUse,
  StoredLink,
  SubjectStatistics,
};
export type { CallExpressions, CallSubject, SlotExpression, SubjectKind } from './expression-schema.js';
export type { ExpressionCounts } from './expression-statistics.js';
export type { Distribution, HotKey, HotKeyMeasure } from './stats.js';

/** Where the embedded store lives unless told otherwise, in the working directory. */
export const DEFAULT_STORE_PATH = '.lanecast';

export type StoreOptions = ConnectOptions;

/**
 * The history of blocks in ClickHouse. One store on a folder at a time, on the main thread; on a server any number.
 * Every method but `close` may fail with STORE_FAILED, or STORE_UNAVAILABLE where the server went away.
 */
export interface Store {
  /** The folder or host, for messages; never a password. */
  readonly target: string;
  /** Writes blocks; the same block twice changes nothing, another one of the same number replaces it. */
  ingest(records: AsyncIterable<BlockRecord> | Iterable<BlockRecord>, options?: IngestOptions): Promise<IngestSummary>;
  /** What is held, by chain id. */
  chains(): Promise<readonly StoredChain[]>;
  /** Headers and counts, by chain and number. */
  blocks(range?: BlockRange): AsyncIterable<StoredBlock>;
  /** The hashes of the blocks of one chain and range, by number. */
  links(range: BlockRange & { readonly chainId: number }): Promise<readonly StoredLink[]>;
  /** Whole records by chain and number, as ingested but for their logs, which are not stored; in bounded memory. */
  records(range?: BlockRange): AsyncIterable<BlockRecord>;
  /** Conflicts and the bound on speed-up of each block, by chain and number. */
  blockStats(range?: BlockRange): AsyncIterable<BlockStats>;
  /** The same summed up for each chain, with its hottest keys. */
  stats(options?: StatsOptions): Promise<readonly ChainStats[]>;
  /** Writes what the calls of blocks that are in the store teach about accesses; a block that has it keeps it. */
  writeExpressions(blocks: AsyncIterable<BlockExpressions> | Iterable<BlockExpressions>): Promise<ExpressionSummary>;
  /** Numbers of the blocks of a chain that have none of it yet, ascending. */
  blocksWithoutExpressions(range: BlockRange & { readonly chainId: number }): Promise<readonly number[]>;
  /** Decayed counts of access expressions by subject, of the blocks up to one, by kind and name of the subject. */
  expressionStatistics(options: ExpressionStatisticsOptions): AsyncIterable<SubjectStatistics>;
  /** Keeps what was learned from a chain, in place of an earlier state of the same name and last block. */
  writeState(state: LearnedState): Promise<void>;
  /** The state with the greatest last block below a number; null where there is none. */
  readState(query: LearnedStateQuery): Promise<LearnedState | null>;
  /** Keeps a block series; the same twice changes nothing, other values take the place of those that are there. */
  writeSeries(series: BlockSeries, options: SeriesWriteOptions): Promise<SeriesSummary>;
  /** Headers of a chain's blocks as columns, from blocks and from series. */
  series(query: SeriesQuery): Promise<BlockSeries>;
  /** Hashes of the blocks of one chain and range that a series has, of which it was told or which are held with accesses. */
  seriesLinks(range: BlockRange & { readonly chainId: number }): Promise<readonly StoredLink[]>;
  /** The last block of a chain's series; null where there is none. */
  lastOfSeries(chainId: number): Promise<number | null>;
  /** The hottest keys of a chain, hottest first. */
  hotKeys(query: HotKeysQuery): Promise<readonly HotKey[]>;
  /** How often the hottest keys of a range were used, block by block. */
  keyUses(query: KeyUsesQuery): Promise<readonly StoredKeyUse[]>;
  /** The chains of which there is a series, by id. */
  seriesChains(): Promise<readonly number[]>;
  /** The blocks of a folder of Parquet files, read by this store's engine where it can see them. */
  cryo(folder: CryoFolder): AsyncIterable<ReadOutcome>;
  close(): Promise<void>;
}

/**
 * Opens the store: the embedded engine in a folder (`path`, `.lanecast` unless told), or a server (`url`). Makes or
 * migrates its tables. Errors: STORE_UNAVAILABLE (no engine, or no such server), STORE_BUSY (another process has the
 * folder), UNSUPPORTED (written by a later version), INVALID_ARGUMENT (malformed URL).
 */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  const database = await connect({ ...options, path: options.path ?? DEFAULT_STORE_PATH });
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return storeOn(database);
}

function storeOn(database: Database): Store {
  return {
    target: database.target,
    ingest: (records, options) => ingest(database, records, options),
    chains: () => readChains(database),
    blocks: (range = {}) => readBlocks(database, range),
    links: (range) => readLinks(database, range),
    records: (range = {}) => readRecords(database, range),
    blockStats: (range = {}) => readBlockStats(database, range),
    stats: (options = {}) => readStats(database, options),
    writeExpressions: (blocks) => writeExpressions(database, blocks),
    blocksWithoutExpressions: (range) => readBlocksWithoutExpressions(database, range),
    expressionStatistics: (options) => readExpressionStatistics(database, options),
    writeState: (state) => writeState(database, state),
    readState: (query) => readState(database, query),
    writeSeries: (series, options) => writeSeries(database, series, options),
    series: (query) => readStoredSeries(database, query),
    seriesLinks: (range) => readSeriesLinks(database, range),
    lastOfSeries: (chainId) => readLastOfSeries(database, chainId),
    hotKeys: (query) => readHotKeys(database, query.field, query),
    keyUses: (query) => readKeyUses(database, query),
    seriesChains: () => readSeriesChains(database),
    cryo: (folder) => readCryo(folder, database),
    close: () => database.close(),
  };
}
