import { at, grownFloat32 } from '../numbers.js';
import { PairTable } from './pair-table.js';

const RENORMALISE_AT = 1e12;
const PRIOR_TRIALS = 0.5;
const PRIOR_HITS = 0.05;

/** Decayed trials and hits by a pair of integers. Weights of later blocks grow, which spares ageing every row. */
export class RateTable {
  readonly pairs = new PairTable();
  #trials = new Float32Array(64);
  #hits = new Float32Array(64);
  #unit = 1;

  /** The row of a pair, -1 where there is none. */
  find(first: number, second: number): number {
    return this.pairs.find(first, second);
  }

  /** Trials of a row; 0 for row -1. */
  trials(row: number): number {
    return row < 0 ? 0 : at(this.#trials, row) / this.#unit;
  }

  hits(row: number): number {
    return row < 0 ? 0 : at(this.#hits, row) / this.#unit;
  }

  /** Share of hits, drawn to one in ten where there are few trials. */
  rate(row: number): number {
    return (this.hits(row) + PRIOR_HITS) / (this.trials(row) + PRIOR_TRIALS);
  }

  add(pair: { readonly first: number; readonly second: number }, trials: number, hits: number): void {
    const row = this.pairs.add(pair.first, pair.second);
    while (row >= this.#trials.length) {
      this.#trials = grownFloat32(this.#trials);
      this.#hits = grownFloat32(this.#hits);
    }
    this.#trials[row] = at(this.#trials, row) + trials * this.#unit;
    this.#hits[row] = at(this.#hits, row) + hits * this.#unit;
  }

  /** What was counted before weighs `factor` of what it did. */
  age(factor: number): void {
    this.#unit /= factor;
    if (this.#unit < RENORMALISE_AT) return;
    for (let row = 0; row < this.pairs.size; row++) {
      this.#trials[row] = at(this.#trials, row) / this.#unit;
      this.#hits[row] = at(this.#hits, row) / this.#unit;
    }
    this.#unit = 1;
  }

  get byteLength(): number {
    return this.pairs.byteLength + this.#trials.byteLength + this.#hits.byteLength;
  }
}
