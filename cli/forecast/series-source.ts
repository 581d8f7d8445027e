import { burstySeries } from '../../datasets/generate/bursty-series.js';
import { readSeries } from '../../datasets/series/read-series.js';
import type { BlockSeries } from '../../datasets/series/series.js';
import type { Store } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import { LONDON, nextBaseFeeWei } from '../../model/forecast/fee-rule.js';
import { HALF_LIFE_BLOCKS, rankHotKeys, REMEMBERED_BLOCKS, type HotKey } from '../../model/forecast/hot-keys.js';
import { DEFAULT_SEED, isGenerated, isStored, parseChainId, refuseSize, type GeneratedSize } from '../source.js';

/** A series, and of a store the keys that its next blocks will probably use most. */
export interface SeriesSource {
  readonly series: BlockSeries;
  /** Null where the source has no accesses. */
  readonly hotKeys: readonly HotKey[] | null;
}

/** The made-up series of `generated:`, and its usual length. */
const BURSTY = 'bursty';
export const BURSTY_BLOCKS = 100_000;

export const SERIES_HELP =
  'a series of blocks (*.csv[.gz]), what the store holds (store: or store:CHAIN_ID), or a made-up one: generated:bursty';

const MOST_KEYS_LOOKED_AT = 500;
const MOST_HOT_KEYS = 10;

/** Reads the series that a SOURCE names; `store` is asked for only by `store:`. Throws LanecastError. */
export async function openSeries(
  source: string,
  size: Omit<GeneratedSize, 'transactions'>,
  store: () => Promise<Store>,
): Promise<SeriesSource> {
  if (isGenerated(source)) return { series: generatedSeries(source, size), hotKeys: null };
  refuseSize(source, size.blocks === undefined ? {} : { blocks: size.blocks });
  return isStored(source) ? storedSeries(source, await store()) : { series: await readSeries(source), hotKeys: null };
}

function generatedSeries(source: string, { blocks = BURSTY_BLOCKS, seed = DEFAULT_SEED }: GeneratedSize): BlockSeries {
  const profile = source.slice('generated:'.length);
  if (profile !== BURSTY) {
    throw new LanecastError('INVALID_ARGUMENT', `${source}: the generated series is generated:${BURSTY}.`);
  }
  return burstySeries({ blocks, seed, nextBaseFee: (block) => Number(nextBaseFeeWei(block, LONDON)) });
}

async function storedSeries(source: string, store: Store): Promise<SeriesSource> {
  const chainId = parseChainId(source) ?? (await onlyChain(source, store));
  const series = await store.series({ chainId, conflicts: true });
  const lastBlock = series.number.at(-1) ?? 0;
  const uses = await store.keyUses({
    ...{ chainId, field: 'slot', keys: MOST_KEYS_LOOKED_AT },
    ...{ from: Math.max(0, lastBlock + 1 - REMEMBERED_BLOCKS), to: lastBlock },
  });
  const named = uses.map(({ address, slot, blockNumber, transactions }) => ({
    key: slot === null ? address : `${address}:${slot}`,
    ...{ blockNumber, count: transactions },
  }));
  const hotKeys = rankHotKeys(named, {
    ...{ fromBlock: lastBlock + 1, halfLifeBlocks: HALF_LIFE_BLOCKS, limit: MOST_HOT_KEYS },
  });
  return { series, hotKeys: hotKeys.length > 0 ? hotKeys : null };
}

async function onlyChain(source: string, store: Store): Promise<number> {
  const chains = new Set([...(await store.chains()).map(({ chainId }) => chainId), ...(await store.seriesChains())]);
  const [chainId, ...others] = chains;
  if (chainId === undefined) {
    throw new LanecastError(
      'SOURCE_NOT_FOUND',
      `The store in ${store.target} holds no blocks; lanecast ingest adds some.`,
    );
  }
  if (others.length === 0) return chainId;
  const names = [...chains].map((id) => `store:${id}`).join(', ');
  throw new LanecastError('INVALID_ARGUMENT', `${source}: the store holds several chains; name one of ${names}.`);
}
