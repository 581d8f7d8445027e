// The memory of frames: one region per worker, each frame's part after its caller's.
import { fail } from './failure';
import { memoryGas } from './gas';
import { ENGINE_MEMORY_FULL, F_MEMORY, F_MEMORY_LENGTH } from './layout';
import { fitsU64, isZero, zeroBytes } from './words';

let bound: usize = 0;

export function attachFrameMemory(end: usize): void {
  bound = end;
}

export function memoryBound(): usize {
  return bound;
}

/** Pays for memory up to byte `end` and zeroes it: the gas left, or −1. */
export function expand(frame: usize, end: u64, gas: i64): i64 {
  const length = load<u32>(frame, F_MEMORY_LENGTH);
  if (end <= <u64>length) return gas;
  const words = <i64>((end + 31) >> 5);
  gas -= memoryGas(words) - memoryGas(<i64>(length >> 5));
  if (gas < 0) return -1;
  const start: usize = load<u32>(frame, F_MEMORY);
  if (<u64>start + ((<u64>words) << 5) > <u64>bound) {
    fail(ENGINE_MEMORY_FULL);
    return -1;
  }
  zeroBytes(start + length, (<usize>words << 5) - length);
  store<u32>(frame, <u32>words << 5, F_MEMORY_LENGTH);
  return gas;
}

/** The same for a range given by two words; an empty range needs nothing, wherever it lies. */
export function expandRange(frame: usize, offset: usize, length: usize, gas: i64): i64 {
  if (isZero(length)) return gas;
  if (!fitsU64(offset) || !fitsU64(length)) return -1;
  const from = load<u64>(offset);
  const bytes = load<u64>(length);
  // 2^32 bytes cost more than 2^45 gas.
  if (from > u32.MAX_VALUE || bytes > u32.MAX_VALUE) {
    if (gas > <i64>1 << 44) fail(ENGINE_MEMORY_FULL);
    return -1;
  }
  return expand(frame, from + bytes, gas);
}

/** Where a range that is paid for lies. An empty one may have any offset, so it gets the start. */
// @ts-ignore: decorator
@inline
export function placed(frame: usize, offset: usize, length: u32): usize {
  const start: usize = load<u32>(frame, F_MEMORY);
  return length == 0 ? start : start + <usize>load<u32>(offset);
}
