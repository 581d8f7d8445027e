import type { CompressedRows } from '../rows.js';

/** Lays rows end to end as they come. */
export class RowWriter {
  readonly #offsets: Uint32Array;
  readonly #indices: Uint32Array;
  #rows = 0;
  #length = 0;

  /** `capacity`: the most entries that all rows together can have. */
  constructor(rows: number, capacity: number) {
    this.#offsets = new Uint32Array(rows + 1);
    this.#indices = new Uint32Array(capacity);
  }

  /** Appends to the row that is being written. */
  add(index: number): void {
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
