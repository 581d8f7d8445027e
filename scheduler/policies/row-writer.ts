import type { CompressedRows } from '../rows.js';

const INITIAL_CAPACITY = 64;

/** Lays rows end to end as they come. */
export class RowWriter {
  readonly #offsets: Uint32Array;
  #indices = new Uint32Array(INITIAL_CAPACITY);
  #rows = 0;
  #length = 0;

  constructor(rows: number) {
    this.#offsets = new Uint32Array(rows + 1);
  }

  /** Appends to the row that is being written. */
  add(index: number): void {
    if (this.#length === this.#indices.length) {
      const longer = new Uint32Array(2 * this.#length);
      longer.set(this.#indices);
      this.#indices = longer;
    }
    this.#indices[this.#length++] = index;
  }

  endRow(): void {
    this.#offsets[++this.#rows] = this.#length;
  }

  /** The rows, after all of them have ended. */
  finish(): CompressedRows {
    return { offsets: this.#offsets, indices: this.#indices.slice(0, this.#length) };
  }
}
