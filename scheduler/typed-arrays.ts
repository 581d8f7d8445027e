// One function for each type of array: an engine that sees several types at one access makes it many times slower.

/** An element of an array whose bounds the caller knows; 0 outside of them. */
export function uint32At(values: Uint32Array, index: number): number {
  return values[index] ?? 0;
}

export function int32At(values: Int32Array, index: number): number {
  return values[index] ?? 0;
}

export function float32At(values: Float32Array, index: number): number {
  return values[index] ?? 0;
}

export function float64At(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}
