import { at } from '../numbers.js';

export const RECENT_CAPACITY = 15;
const CAPACITY = RECENT_CAPACITY;

/** The last values of one quantity, oldest overwritten first, with their ratios to a limit. */
export class RecentValues {
  readonly #values = new Float32Array(CAPACITY);
  readonly #ratios = new Float32Array(CAPACITY);
  #count = 0;
  #block = 0;
  #summary: ValueSummary | null = null;

  /** `block`: the one that it was seen in. */
  add(value: number, ratio: number, block: number): void {
    this.#values[this.#count % CAPACITY] = value;
    this.#ratios[this.#count % CAPACITY] = ratio;
    this.#count += 1;
    this.#block = block;
    this.#summary = null;
  }

  /** Values ever added. */
  get count(): number {
    return this.#count;
  }

  /** The block of the last value. */
  get block(): number {
    return this.#block;
  }

  get summary(): ValueSummary {
    this.#summary ??= this.#summarize();
    return this.#summary;
  }

  /** Takes over what `entries` gave, `count` and `block` of other values. */
  restore(entries: ReturnType<RecentValues['entries']>, count: number, block: number): void {
    this.#count = count - entries.length;
    for (const [value, ratio] of entries) this.add(value, ratio, block);
  }

  copy(): RecentValues {
    const copy = new RecentValues();
    copy.restore(this.entries(), this.#count, this.#block);
    return copy;
  }

  /** What is held, oldest first, as pairs of value and ratio. */
  entries(): (readonly [value: number, ratio: number])[] {
    const held = Math.min(this.#count, CAPACITY);
    return Array.from({ length: held }, (_, index) => {
      const position = (this.#count - held + index) % CAPACITY;
      return [at(this.#values, position), at(this.#ratios, position)] as const;
    });
  }

  #summarize(): ValueSummary {
    const held = Math.min(this.#count, CAPACITY);
    const sorted = this.#values.slice(0, held).sort();
    const ratios = this.#ratios.slice(0, held).sort();
    const quantile = (values: Float32Array, level: number): number => at(values, Math.floor(level * (held - 1) + 0.5));
    return {
      median: quantile(sorted, 0.5),
      low: quantile(sorted, 0.1),
      high: quantile(sorted, 0.9),
      last: at(this.#values, (this.#count - 1) % CAPACITY),
      medianRatio: quantile(ratios, 0.5),
    };
  }
}

export interface ValueSummary {
  readonly median: number;
  /** Quantiles 0.1 and 0.9. */
  readonly low: number;
  readonly high: number;
  readonly last: number;
  readonly medianRatio: number;
}
