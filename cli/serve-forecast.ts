import type { BlockSeries } from '../datasets/series/series.js';
import type { Store } from '../datasets/store/index.js';
import { LanecastError } from '../errors.js';
import { readForecaster } from '../model/forecast/forecast-artifact.js';
import { REMEMBERED_BLOCKS } from '../model/forecast/hot-keys.js';
import { LoadForecastSource, type PastLoad } from '../server/forecast/forecast-source.js';
import { printNotice } from './terminal.js';

/** The chain that a service goes on with. */
export interface GoneOnWith {
  readonly store: Store;
  readonly chainId: number;
  /** The last block that it learned. */
  readonly lastBlock: number;
}

/** Latest blocks whose headers a forecaster is given at the start. */
const PAST_BLOCKS = 5_000;
/** The latest of them whose conflicts are computed, which takes longer. */
const PAST_CONFLICT_BLOCKS = 500;
const MOST_SLOTS_LOOKED_AT = 500;
/** Of an artifact's id, what names it. */
const NAME_LENGTH = 12;

/**
 * What forecasts the load for a service: the forecaster in a folder, or baselines (null). It knows what the store holds of the chain
 * that the service goes on with; where that is nothing, or can't be read, a notice says so. Throws LanecastError as `readForecaster`.
 */
export async function openForecastSource(folder: string | null, past: GoneOnWith | null): Promise<LoadForecastSource> {
  const trained = folder === null ? null : await readForecaster(folder);
  const source = new LoadForecastSource(
    trained === null ? null : { model: trained.model, version: trained.manifest.id.slice(0, NAME_LENGTH) },
  );
  if (past === null) return source;
  try {
    source.recall(await readPast(past));
  } catch (error) {
    if (!(error instanceof LanecastError)) throw error;
    printNotice(`notice: forecasts start with the next blocks, earlier ones are not usable: ${error.message}`);
  }
  return source;
}

async function readPast(past: GoneOnWith): Promise<PastLoad> {
  const { store, chainId } = past;
  const series = await readSeries(past);
  const [first, to] = [series.number[0] ?? 0, series.number.at(-1) ?? 0];
  const latest = await store.series({
    ...{ chainId, from: Math.max(first, to + 1 - PAST_CONFLICT_BLOCKS), to },
    conflicts: true,
  });
  const uses = await store.keyUses({
    ...{ chainId, field: 'slot', keys: MOST_SLOTS_LOOKED_AT },
    ...{ from: Math.max(first, to + 1 - REMEMBERED_BLOCKS), to },
  });
  const slotUses = uses.flatMap(({ slot, ...use }) => (slot === null ? [] : [{ ...use, slot }]));
  return { chainId, series: withConflictsOf(series, latest), slotUses };
}

/** The latest blocks; where some are missing in between, those after them. */
async function readSeries({ store, chainId, lastBlock: to }: GoneOnWith): Promise<BlockSeries> {
  const from = Math.max(0, to + 1 - PAST_BLOCKS);
  try {
    return await store.series({ chainId, from, to });
  } catch (error) {
    if (!(error instanceof LanecastError && error.code === 'INVALID_INPUT')) throw error;
  }
  const numbers = (await store.links({ chainId, from, to })).map(({ number }) => number);
  const gap = numbers.findLastIndex((number, index) => index > 0 && number !== (numbers[index - 1] ?? NaN) + 1);
  return store.series({ chainId, from: numbers[Math.max(0, gap)] ?? from, to });
}

function withConflictsOf(series: BlockSeries, latest: BlockSeries): BlockSeries {
  const from = series.length - latest.length;
  const merged = (column: 'conflictDensity' | 'parallelism'): Float64Array => {
    const values = new Float64Array(series.length).fill(NaN);
    values.set(series[column] ?? []);
    values.set(latest[column] ?? [], from);
    return values;
  };
  return { ...series, conflictDensity: merged('conflictDensity'), parallelism: merged('parallelism') };
}
