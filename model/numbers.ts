/** An element of an array whose bounds the caller knows; 0 outside of them. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}

// The same for loops over pairs, one function for each type of array: V8 reads several times slower where one function
// has seen many types.

export function uint32At(values: Uint32Array, index: number): number {
  return values[index] ?? 0;
}

export function int32At(values: Int32Array, index: number): number {
  return values[index] ?? 0;
}

export function uint8At(values: Uint8Array, index: number): number {
  return values[index] ?? 0;
}

export function float32At(values: Float32Array, index: number): number {
  return values[index] ?? 0;
}

export function float64At(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}

/** A copy of twice the length; the new half is zero. */
export function grownInt32(values: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(values.length * 2);
  grown.set(values);
  return grown;
}

export function grownFloat32(values: Float32Array): Float32Array<ArrayBuffer> {
  const grown = new Float32Array(values.length * 2);
  grown.set(values);
  return grown;
}

export function grownFloat64(values: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(values.length * 2);
  grown.set(values);
  return grown;
}

/** The values at the start of an array of `least` elements, doubled until they fit; the rest is zero. */
export function paddedInt32(values: Int32Array, least: number): Int32Array<ArrayBuffer> {
  const padded = new Int32Array(paddedLength(values.length, least));
  padded.set(values);
  return padded;
}

export function paddedFloat64(values: Float64Array, least: number): Float64Array<ArrayBuffer> {
  const padded = new Float64Array(paddedLength(values.length, least));
  padded.set(values);
  return padded;
}

export function paddedFloat32(values: Float32Array, least: number): Float32Array<ArrayBuffer> {
  const padded = new Float32Array(paddedLength(values.length, least));
  padded.set(values);
  return padded;
}

function paddedLength(length: number, least: number): number {
  let padded = least;
  while (padded < length) padded *= 2;
  return padded;
}
