import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { compressRows } from '../../scheduler/rows.js';
import type { BlockHints, HintSource, PendingBlock } from '../../scheduler/predictor.js';
import type { BlockRecord } from '../../types.js';

const PERCENT = 100;

export interface Corruption {
  /** Of the transactions, 0 to 100, drawn anew for each block. */
  readonly percent: number;
  readonly seed: number;
}

/** Hints that are wrong: of some transactions all predicted keys are replaced by those of another one of the block. */
export class CorruptedHints implements HintSource {
  readonly #hints: HintSource;
  #percent: number;
  readonly #seed: number;

  constructor(hints: HintSource, { percent, seed }: Corruption) {
    this.#hints = hints;
    this.#percent = percent;
    this.#seed = seed;
  }

  /** From the next block on. */
  set percent(percent: number) {
    this.#percent = percent;
  }

  prepare(block: Pick<PendingBlock, 'recipientCodeHashes' | 'transactions'>): void {
    this.#hints.prepare(block);
  }

  hint(block: PendingBlock): BlockHints {
    const hints = this.#hints.hint(block);
    return this.#percent === 0 ? hints : corrupted(hints, { percent: this.#percent, seed: this.#seed + block.number });
  }

  learn(record: BlockRecord): void {
    this.#hints.learn(record);
  }
}

/** The same hints with the keys of `percent` % of the transactions replaced. Costs stay. */
export function corrupted(hints: BlockHints, { percent, seed }: Corruption): BlockHints {
  const count = hints.offsets.length - 1;
  const generator = xoroshiro128plus(seed);
  const sources = Array.from({ length: count }, (_, index) => {
    if (count < 2 || uniformInt(generator, 0, PERCENT - 1) >= percent) return index;
    const other = uniformInt(generator, 0, count - 2);
    return other >= index ? other + 1 : other;
  });
  const entries = compressRows(
    sources.map((source) => {
      const [start, end] = [hints.offsets[source] ?? 0, hints.offsets[source + 1] ?? 0];
      return Array.from({ length: end - start }, (_, position) => start + position);
    }),
  );
  const picked = (values: Float32Array): Float32Array =>
    Float32Array.from(entries.indices, (entry) => values[entry] ?? 0);
  return {
    ...hints,
    offsets: entries.offsets,
    keys: Uint32Array.from(entries.indices, (entry) => hints.keys[entry] ?? 0),
    read: picked(hints.read),
    write: picked(hints.write),
    add: picked(hints.add),
    conflicts: null,
  };
}
