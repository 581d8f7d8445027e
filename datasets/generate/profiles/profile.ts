import type { Draft } from '../chain.js';
import type { Random } from '../random.js';
import type { Site } from '../site.js';

/** Drafts of one block, in block order. `blockIndex` counts from 0; `random` is the block's own stream. */
export type BlockMaker = (random: Random, blockIndex: number) => readonly Draft[];

export interface Profile {
  readonly name: string;
  readonly description: string;
  /** Per block, where nothing else is asked for. */
  readonly transactions: number;
  /** Gas limit of a block of so many transactions; blocks stay about half full, so that the base fee stays put. */
  readonly gasLimit: (transactions: number) => number;
  /** Deploys what the blocks need, and returns their maker. */
  readonly build: (site: Site, transactions: number) => Promise<BlockMaker>;
}

const SMALLEST_GAS_LIMIT = 3_000_000;

/** Twice the gas that the transactions are expected to use. */
export function twiceTheUse(gasPerTransaction: number): (transactions: number) => number {
  return (transactions) => Math.max(SMALLEST_GAS_LIMIT, 2 * gasPerTransaction * transactions);
}

/** `count` drafts, one after the other. */
export function repeat(count: number, draft: (index: number) => Draft): Draft[] {
  return Array.from({ length: count }, (_, index) => draft(index));
}
