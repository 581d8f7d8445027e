// Words on the stack are little-endian limbs; EVM memory, code and hashes are big-endian bytes.

/** Copies a word. */
// @ts-ignore: decorator
@inline
export function copyWord(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}

// @ts-ignore: decorator
@inline
export function setZero(to: usize): void {
  const zero = i64x2.splat(0);
  v128.store(to, zero);
  v128.store(to, zero, 16);
}

// @ts-ignore: decorator
@inline
export function setU64(to: usize, value: u64): void {
  store<u64>(to, value);
  store<u64>(to, 0, 8);
  v128.store(to, i64x2.splat(0), 16);
}

// @ts-ignore: decorator
@inline
function reversed(value: v128): v128 {
  return i8x16.shuffle(value, value, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

/** A word from 32 big-endian bytes, or 32 big-endian bytes from a word: the same reversal. `to` may be `from`. */
// @ts-ignore: decorator
@inline
export function reverseWord(to: usize, from: usize): void {
  const low = v128.load(from);
  const high = v128.load(from, 16);
  v128.store(to, reversed(high));
  v128.store(to, reversed(low), 16);
}

// @ts-ignore: decorator
@inline
export function isZero(word: usize): bool {
  return !v128.any_true(v128.or(v128.load(word), v128.load(word, 16)));
}

// @ts-ignore: decorator
@inline
export function isEqual(a: usize, b: usize): bool {
  const low = v128.xor(v128.load(a), v128.load(b));
  const high = v128.xor(v128.load(a, 16), v128.load(b, 16));
  return !v128.any_true(v128.or(low, high));
}

/** Whether the word is at most 2^64 − 1. */
// @ts-ignore: decorator
@inline
export function fitsU64(word: usize): bool {
  return (load<u64>(word, 8) | load<u64>(word, 16) | load<u64>(word, 24)) == 0;
}

/** The word, or 2^64 − 1 where it is more. */
// @ts-ignore: decorator
@inline
export function saturated(word: usize): u64 {
  return fitsU64(word) ? load<u64>(word) : u64.MAX_VALUE;
}

/** Leaves the lowest 160 bits. */
// @ts-ignore: decorator
@inline
export function maskAddress(word: usize): void {
  store<u64>(word, load<u64>(word, 16) & 0xffffffff, 16);
  store<u64>(word, 0, 24);
}

// @ts-ignore: decorator
@inline
export function swapWords(a: usize, b: usize): void {
  const aLow = v128.load(a);
  const aHigh = v128.load(a, 16);
  v128.store(a, v128.load(b));
  v128.store(a, v128.load(b, 16), 16);
  v128.store(b, aLow);
  v128.store(b, aHigh, 16);
}

// V8 calls out of WASM for memory.fill and memory.copy, which costs 20 to 40 ns: more than these loops on short ranges.

/** Zeroes a multiple of 16 bytes. */
// @ts-ignore: decorator
@inline
export function clear(to: usize, bytes: usize): void {
  const zero = i64x2.splat(0);
  for (let end = to + bytes; to < end; to += 16) v128.store(to, zero);
}

/** Copies up to the next multiple of 16 bytes: what follows the target's range is overwritten. */
// @ts-ignore: decorator
@inline
export function copyBlocks(to: usize, from: usize, bytes: usize): void {
  for (let end = to + bytes; to < end; to += 16) {
    v128.store(to, v128.load(from));
    from += 16;
  }
}

/** Zeroes exactly `bytes`. */
export function zeroBytes(to: usize, bytes: usize): void {
  if (bytes > 256) {
    memory.fill(to, 0, bytes);
    return;
  }
  const end = to + bytes;
  const zero = i64x2.splat(0);
  for (; to + 16 <= end; to += 16) v128.store(to, zero);
  for (; to < end; to++) store<u8>(to, 0);
}

/** Copies exactly `bytes`; ranges may overlap. */
export function copyBytes(to: usize, from: usize, bytes: usize): void {
  if (bytes > 256 || (to > from && to < from + bytes)) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = to + bytes;
  for (; to + 16 <= end; to += 16) {
    v128.store(to, v128.load(from));
    from += 16;
  }
  for (; to < end; to++) {
    store<u8>(to, load<u8>(from));
    from++;
  }
}
