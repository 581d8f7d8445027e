/** Uses count half for every so many blocks that they are old. */
export const HALF_LIFE_BLOCKS = 20;
/** Older uses count for nothing. */
export const REMEMBERED_BLOCKS = 8 * HALF_LIFE_BLOCKS;

/** How often a key was used in a block. */
export interface KeyUse {
  readonly key: string;
  readonly blockNumber: number;
  readonly count: number;
}

export interface HotKey {
  readonly key: string;
  /** Uses, each halved for every `halfLifeBlocks` since its block. */
  readonly score: number;
  /** Uses a block that are to be expected if the key goes on as lately. */
  readonly usesPerBlock: number;
  readonly lastBlock: number;
}

export interface HotKeyOptions {
  /** Of which block on keys are forecast: later uses are not looked at. */
  readonly fromBlock: number;
  readonly halfLifeBlocks: number;
  /** At most so many. */
  readonly limit: number;
}

/**
 * The keys that the next blocks will use most: ranked by the sum over uses of count × 2^(-age / halfLifeBlocks), age in blocks
 * before `fromBlock`, 1 for the block before it. Equal scores are ranked by the key.
 */
export function rankHotKeys(uses: Iterable<KeyUse>, options: HotKeyOptions): HotKey[] {
  const { fromBlock, halfLifeBlocks, limit } = options;
  const scores = new Map<string, { score: number; lastBlock: number }>();
  for (const { key, blockNumber, count } of uses) {
    if (blockNumber >= fromBlock) continue;
    const entry = scores.get(key) ?? { score: 0, lastBlock: blockNumber };
    entry.score += count * 2 ** ((blockNumber - fromBlock) / halfLifeBlocks);
    entry.lastBlock = Math.max(entry.lastBlock, blockNumber);
    scores.set(key, entry);
  }
  const decay = 2 ** (-1 / halfLifeBlocks);
  // What one use a block would come to.
  const perUse = decay / (1 - decay);
  return [...scores]
    .map(([key, { score, lastBlock }]) => ({ key, score, usesPerBlock: score / perUse, lastBlock }))
    .sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1))
    .slice(0, limit);
}
