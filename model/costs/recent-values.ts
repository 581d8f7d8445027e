import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { at, float32At, grownFloat32, grownInt32, int32At } from '../numbers.js';

const CAPACITY = 15;
const INITIAL_ROWS = 16;
const INITIAL_RINGS = 4;
/** Summaries that are remembered before all are forgotten. */
const MAX_SUMMARIES = 4096;
const SUMMARY_BYTES = 200;
const NO_RING = -1;

/**
 * Of each row the last 15 values of one quantity with their ratios to a limit, oldest overwritten first. Most rows hold one
 * value, which stands in columns; the others a place in a pool of rings besides.
 */
export class RecentValues {
  /** Values ever added. */
  #counts = new Int32Array(INITIAL_ROWS);
  #blocks = new Int32Array(INITIAL_ROWS);
  #lastValues = new Float32Array(INITIAL_ROWS);
  #lastRatios = new Float32Array(INITIAL_ROWS);
  #rings = new Int32Array(INITIAL_ROWS).fill(NO_RING);
  /** `CAPACITY` a ring. */
  #values = new Float32Array(INITIAL_RINGS * CAPACITY);
  #ratios = new Float32Array(INITIAL_RINGS * CAPACITY);
  #ringCount = 0;
  readonly #summaries = new Map<number, ValueSummary>();

  /** `row`: any number from 0; `block`: the one that the value was seen in. */
  add(row: number, entry: RecentEntry, block: number): void {
    while (row >= this.#counts.length) this.#grow();
    const count = this.count(row);
    if (count === 1) this.#openRing(row);
    this.#lastValues[row] = entry.value;
    this.#lastRatios[row] = entry.ratio;
    this.#counts[row] = count + 1;
    this.#blocks[row] = block;
    this.#summaries.delete(row);
    const ring = int32At(this.#rings, row);
    if (ring === NO_RING) return;
    this.#values[ring * CAPACITY + (count % CAPACITY)] = entry.value;
    this.#ratios[ring * CAPACITY + (count % CAPACITY)] = entry.ratio;
  }

  /** Values ever added to a row. */
  count(row: number): number {
    return row < this.#counts.length ? int32At(this.#counts, row) : 0;
  }

  /** The block of the last value. */
  block(row: number): number {
    return int32At(this.#blocks, row);
  }

  /** Of a row that holds a value. */
  summary(row: number): ValueSummary {
    const known = this.#summaries.get(row);
    if (known !== undefined) return known;
    const summary = this.#summarize(row);
    if (this.#summaries.size >= MAX_SUMMARIES) this.#summaries.clear();
    this.#summaries.set(row, summary);
    return summary;
  }

  /** Takes over a row of others in place of an empty one. */
  copyRow(row: number, from: RecentValues, source: number): void {
    this.#fill(row, from.entries(source), { count: from.count(source), block: from.block(source) });
  }

  /** What a row holds, oldest first. */
  entries(row: number): RecentEntry[] {
    const count = this.count(row);
    const held = Math.min(count, CAPACITY);
    const ring = int32At(this.#rings, row);
    if (held === 1) return [{ value: at(this.#lastValues, row), ratio: at(this.#lastRatios, row) }];
    return Array.from({ length: held }, (_, index) => {
      const position = ring * CAPACITY + ((count - held + index) % CAPACITY);
      return { value: at(this.#values, position), ratio: at(this.#ratios, position) };
    });
  }

  /** Memory held, in bytes, roughly. */
  get byteLength(): number {
    const columns = [this.#counts, this.#blocks, this.#lastValues, this.#lastRatios, this.#rings];
    const arrays = [...columns, this.#values, this.#ratios];
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, this.#summaries.size * SUMMARY_BYTES);
  }

  /** Saves the first rows. */
  save(to: SectionWriter, rows: number): void {
    const counts = Int32Array.from({ length: rows }, (_, row) => this.count(row));
    const total = counts.reduce((sum, count) => sum + Math.min(count, CAPACITY), 0);
    const [values, ratios] = [new Float32Array(total), new Float32Array(total)];
    let position = 0;
    for (let row = 0; row < rows; row++) {
      for (const { value, ratio } of this.entries(row)) {
        values[position] = value;
        ratios[position++] = ratio;
      }
    }
    to.int32('counts', counts);
    to.int32('blocks', this.#blocks.subarray(0, rows));
    to.float32('values', values);
    to.float32('ratios', ratios);
  }

  /** Takes over what was saved; to be called on new ones. */
  restore(from: SectionReader, rows: number): void {
    const counts = from.indices('counts', { count: Infinity, length: rows });
    const blocks = from.int32('blocks', rows);
    const total = counts.reduce((sum, count) => sum + Math.min(count, CAPACITY), 0);
    const [values, ratios] = [from.float32('values', total), from.float32('ratios', total)];
    let position = 0;
    for (const [row, count] of counts.entries()) {
      const entries = Array.from({ length: Math.min(count, CAPACITY) }, (_, offset) => ({
        value: at(values, position + offset),
        ratio: at(ratios, position + offset),
      }));
      this.#fill(row, entries, { count, block: at(blocks, row) });
      position += entries.length;
    }
  }

  #fill(
    row: number,
    entries: readonly RecentEntry[],
    { count, block }: { readonly count: number; readonly block: number },
  ): void {
    while (row >= this.#counts.length) this.#grow();
    this.#counts[row] = count - entries.length;
    if (count > 1) this.#rings[row] = this.#newRing();
    this.#blocks[row] = block;
    const ring = int32At(this.#rings, row);
    for (const entry of entries) {
      const position = ring * CAPACITY + (int32At(this.#counts, row) % CAPACITY);
      this.#counts[row] = int32At(this.#counts, row) + 1;
      this.#lastValues[row] = entry.value;
      this.#lastRatios[row] = entry.ratio;
      if (ring === NO_RING) continue;
      this.#values[position] = entry.value;
      this.#ratios[position] = entry.ratio;
    }
    this.#summaries.delete(row);
  }

  /** Moves the only value of a row into a ring. */
  #openRing(row: number): void {
    const ring = this.#newRing();
    this.#rings[row] = ring;
    this.#values[ring * CAPACITY] = float32At(this.#lastValues, row);
    this.#ratios[ring * CAPACITY] = float32At(this.#lastRatios, row);
  }

  #newRing(): number {
    if ((this.#ringCount + 1) * CAPACITY > this.#values.length) {
      this.#values = grownFloat32(this.#values);
      this.#ratios = grownFloat32(this.#ratios);
    }
    return this.#ringCount++;
  }

  #grow(): void {
    const length = this.#counts.length;
    this.#counts = grownInt32(this.#counts);
    this.#blocks = grownInt32(this.#blocks);
    this.#lastValues = grownFloat32(this.#lastValues);
    this.#lastRatios = grownFloat32(this.#lastRatios);
    this.#rings = grownInt32(this.#rings).fill(NO_RING, length);
  }

  #summarize(row: number): ValueSummary {
    const last = float32At(this.#lastValues, row);
    const ring = int32At(this.#rings, row);
    if (ring === NO_RING)
      return {
        count: this.count(row),
        median: last,
        low: last,
        high: last,
        last,
        medianRatio: float32At(this.#lastRatios, row),
      };
    const held = Math.min(this.count(row), CAPACITY);
    const sorted = this.#values.slice(ring * CAPACITY, ring * CAPACITY + held).sort();
    const ratios = this.#ratios.slice(ring * CAPACITY, ring * CAPACITY + held).sort();
    const quantile = (values: Float32Array, level: number): number => at(values, Math.floor(level * (held - 1) + 0.5));
    return {
      count: this.count(row),
      median: quantile(sorted, 0.5),
      low: quantile(sorted, 0.1),
      high: quantile(sorted, 0.9),
      last,
      medianRatio: quantile(ratios, 0.5),
    };
  }
}

export interface RecentEntry {
  readonly value: number;
  readonly ratio: number;
}

export interface ValueSummary {
  /** Values ever added. */
  readonly count: number;
  readonly median: number;
  /** Quantiles 0.1 and 0.9. */
  readonly low: number;
  readonly high: number;
  readonly last: number;
  readonly medianRatio: number;
}
