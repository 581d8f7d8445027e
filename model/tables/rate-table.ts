import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { float32At, grownFloat32, paddedFloat32 } from '../numbers.js';
import { PairTable } from './pair-table.js';

const INITIAL_ROWS = 64;
const RENORMALISE_AT = 1e12;
const PRIOR_TRIALS = 0.5;
const PRIOR_HITS = 0.05;

export type RenamePair = (first: number, second: number) => { readonly first: number; readonly second: number };

/** Decayed trials and hits by a pair of integers. Weights of later blocks grow, which spares ageing every row. */
export class RateTable {
  readonly pairs = new PairTable();
  #trials = new Float32Array(INITIAL_ROWS);
  #hits = new Float32Array(INITIAL_ROWS);
  #unit = 1;

  /** The row of a pair, -1 where there is none. */
  find(first: number, second: number): number {
    return this.pairs.find(first, second);
  }

  /** Trials of a row; 0 for row -1. */
  trials(row: number): number {
    return row < 0 ? 0 : float32At(this.#trials, row) / this.#unit;
  }

  hits(row: number): number {
    return row < 0 ? 0 : float32At(this.#hits, row) / this.#unit;
  }

  /** Share of hits, drawn to one in ten where there are few trials. */
  rate(row: number): number {
    return (this.hits(row) + PRIOR_HITS) / (this.trials(row) + PRIOR_TRIALS);
  }

  add(pair: { readonly first: number; readonly second: number }, trials: number, hits: number): void {
    const row = this.#addRow(pair.first, pair.second);
    this.#trials[row] = float32At(this.#trials, row) + trials * this.#unit;
    this.#hits[row] = float32At(this.#hits, row) + hits * this.#unit;
  }

  /** What was counted before weighs `factor` of what it did. */
  age(factor: number): void {
    this.#unit /= factor;
    if (this.#unit < RENORMALISE_AT) return;
    for (let row = 0; row < this.pairs.size; row++) {
      this.#trials[row] = float32At(this.#trials, row) / this.#unit;
      this.#hits[row] = float32At(this.#hits, row) / this.#unit;
    }
    this.#unit = 1;
  }

  save(to: SectionWriter): void {
    this.pairs.save(to.within('pairs'));
    to.float32('trials', this.#trials.subarray(0, this.pairs.size));
    to.float32('hits', this.#hits.subarray(0, this.pairs.size));
    to.float64('unit', Float64Array.of(this.#unit));
  }

  /** Takes over what was saved in place of what the table held. */
  restore(from: SectionReader): void {
    this.pairs.restore(from.within('pairs'));
    this.#trials = paddedFloat32(from.float32('trials', this.pairs.size), INITIAL_ROWS);
    this.#hits = paddedFloat32(from.float32('hits', this.pairs.size), INITIAL_ROWS);
    this.#unit = from.float64('unit', 1)[0] ?? 1;
  }

  /** Takes over rows of another table in their order under new names, the rest of this table empty. */
  copyRows(from: RateTable, rows: Iterable<number>, rename: RenamePair): void {
    this.#unit = from.#unit;
    for (const source of rows) {
      const { first, second } = rename(from.pairs.first(source), from.pairs.second(source));
      const row = this.#addRow(first, second);
      this.#trials[row] = float32At(from.#trials, source);
      this.#hits[row] = float32At(from.#hits, source);
    }
  }

  /** Memory held, in bytes. */
  get byteLength(): number {
    return this.pairs.byteLength + this.#trials.byteLength + this.#hits.byteLength;
  }

  #addRow(first: number, second: number): number {
    const row = this.pairs.add(first, second);
    while (row >= this.#trials.length) {
      this.#trials = grownFloat32(this.#trials);
      this.#hits = grownFloat32(this.#hits);
    }
    return row;
  }
}
