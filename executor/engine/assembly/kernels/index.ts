// Kernels of the precompiled contracts, a module of its own (precompiles.wasm) with a memory of its own.
export { compress, compressionState } from './blake2f';
export { montgomeryPower, montgomeryOperands } from './montgomery';

/** Where the host may put an exponent of any length; it grows the memory to hold it. */
export function exponentStart(): usize {
  return (__heap_base + 15) & ~15;
}
