/** Lists of integers, one per row, laid end to end: row i is `indices[offsets[i]] … indices[offsets[i + 1] - 1]`. */
export interface CompressedRows {
  /** One more than there are rows; starts with 0. */
  readonly offsets: Uint32Array;
  readonly indices: Uint32Array;
}

/** Lays lists end to end. */
export function compressRows(lists: readonly (readonly number[])[]): CompressedRows {
  const offsets = new Uint32Array(lists.length + 1);
  for (const [row, list] of lists.entries()) offsets[row + 1] = at(offsets, row) + list.length;
  const indices = new Uint32Array(at(offsets, lists.length));
  for (const [row, list] of lists.entries()) indices.set(list, at(offsets, row));
  return { offsets, indices };
}

/** `count` rows without entries. */
export function emptyRows(count: number): CompressedRows {
  return { offsets: new Uint32Array(count + 1), indices: new Uint32Array(0) };
}

export function rowCount(rows: CompressedRows): number {
  return rows.offsets.length - 1;
}

/** A view of row `index`, not a copy. */
export function rowOf(rows: CompressedRows, index: number): Uint32Array {
  return rows.indices.subarray(at(rows.offsets, index), at(rows.offsets, index + 1));
}

/** An element of an array whose bounds the caller knows; 0 outside of them. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}
