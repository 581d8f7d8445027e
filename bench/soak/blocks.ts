import { generateBlocks, PROFILES } from '../../datasets/generate/index.js';
import { Random } from '../../datasets/generate/random.js';
import { keccak256 } from '../../executor/reference/index.js';
import type { BlockResult, BlockSnapshot } from '../../types.js';

/** Blocks of one chain, each on the state that the one before it left. After some twenty, `mainnet` may run out of what it pays out. */
const BLOCKS_PER_CHAIN = 12;
const [FEWEST_TRANSACTIONS, MOST_TRANSACTIONS] = [2, 48];

/** A block, and the command that makes it again. */
export interface SoakBlock {
  readonly snapshot: BlockSnapshot;
  readonly origin: string;
}

export interface SoakSource {
  readonly blocks: number;
  readonly seed: number;
  readonly execute: (snapshot: BlockSnapshot) => Promise<BlockResult>;
}

/** Short chains of small blocks, of every profile in turn. */
export async function* soakBlocks({ blocks, seed, execute }: SoakSource): AsyncGenerator<SoakBlock> {
  const random = new Random(seed);
  let left = blocks;
  for (let chain = 0; left > 0; chain += 1) {
    const profile = PROFILES[chain % PROFILES.length]?.name ?? '';
    const transactions = FEWEST_TRANSACTIONS + random.below(1 + MOST_TRANSACTIONS - FEWEST_TRANSACTIONS);
    const size = { blocks: Math.min(left, BLOCKS_PER_CHAIN), transactions, seed: seed + chain };
    for await (const snapshot of generateBlocks({ profile, ...size, execute, keccak256 })) {
      const name = `--profile ${profile} --seed ${size.seed} --transactions ${transactions}`;
      yield { snapshot, origin: `${name}, block ${snapshot.header.number}` };
    }
    left -= size.blocks;
  }
}
