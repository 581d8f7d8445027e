import type { ObservedBlock } from '../../model/forecast/load-forecaster.js';

/** Blocks that an answer shows beside what is forecast. */
const MOST_BLOCKS = 50;

/** What came to the chain since: the next block, a later one, one in place of another, or one from before all that is known. */
export type Succession = 'next' | 'replaces' | 'late';

/** The latest blocks of a chain, by number. */
export class RecentLoads {
  readonly #blocks: ObservedBlock[] = [];

  get last(): ObservedBlock | null {
    return this.#blocks.at(-1) ?? null;
  }

  /** How a block of this number goes on with those that are here. */
  succession(number: number): Succession {
    const { last } = this;
    if (last === null || number > last.number) return 'next';
    return this.#blocks.some((block) => block.number === number) ? 'replaces' : 'late';
  }

  /** Takes a block that is not late; with one that comes again, it and all after it are gone. */
  add(block: ObservedBlock): void {
    while ((this.last?.number ?? -1) >= block.number) this.#blocks.pop();
    this.#blocks.push(block);
    if (this.#blocks.length > MOST_BLOCKS) this.#blocks.shift();
  }

  /** A quantity of the blocks of which it is known, oldest first. */
  values(of: (block: ObservedBlock) => number | undefined): { blockNumber: number; value: number }[] {
    return this.#blocks.flatMap((block) => {
      const value = of(block) ?? NaN;
      return Number.isFinite(value) ? [{ blockNumber: block.number, value }] : [];
    });
  }
}
