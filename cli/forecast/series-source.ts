import { readSeries } from '../../datasets/series/read-series.js';
import type { BlockSeries } from '../../datasets/series/series.js';
import { LanecastError } from '../../errors.js';
import { isStored } from '../source.js';

/** Reads the series that a SOURCE names. Throws LanecastError. */
export async function openSeries(source: string): Promise<BlockSeries> {
  if (isStored(source)) {
    throw new LanecastError('UNSUPPORTED', `${source}: forecasts from the store are not there yet; name a CSV file.`);
  }
  return readSeries(source);
}
