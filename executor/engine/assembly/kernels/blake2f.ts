// The compression function of BLAKE2b (RFC 7693) with any number of rounds (EIP-152), two 64-bit words to a vector.

/** h (64 bytes), m (128), t (16), then the flag of the final block (4). */
const STATE: usize = memory.data(212, 16);
const M: usize = STATE + 64;
const T: usize = STATE + 192;
const FINAL: usize = STATE + 208;

const IV: usize = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
  0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
]);

/** Offsets of the message's words, round by round. */
const SIGMA: usize = memory.data<u8>([
  0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 112, 80, 32, 64, 72, 120, 104, 48, 8, 96, 0, 16,
  88, 56, 40, 24, 88, 64, 96, 0, 40, 16, 120, 104, 80, 112, 24, 48, 56, 8, 72, 32, 56, 72, 24, 8, 104, 96, 88, 112,
  16, 48, 40, 80, 32, 0, 120, 64, 72, 0, 40, 56, 16, 32, 80, 120, 112, 8, 88, 96, 48, 64, 24, 104, 16, 96, 48, 80, 0,
  88, 64, 24, 32, 104, 56, 40, 120, 112, 8, 72, 96, 40, 8, 120, 112, 104, 32, 80, 0, 56, 48, 24, 72, 16, 64, 88, 104,
  88, 56, 112, 96, 8, 24, 72, 40, 0, 120, 32, 64, 48, 16, 80, 48, 120, 112, 72, 88, 24, 0, 64, 96, 16, 104, 56, 8, 32,
  80, 40, 80, 16, 64, 32, 56, 48, 8, 40, 120, 88, 72, 112, 24, 96, 104, 0,
]);

export function compressionState(): usize {
  return STATE;
}

// @ts-ignore: decorator
@inline
function words(sigma: usize, first: usize, second: usize): v128 {
  const low = v128.load64_zero(M + load<u8>(sigma + first));
  return v128.load_lane<u64>(M + load<u8>(sigma + second), low, 1);
}

// @ts-ignore: decorator
@inline
function rotate32(x: v128): v128 {
  return i8x16.shuffle(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
}

// @ts-ignore: decorator
@inline
function rotate24(x: v128): v128 {
  return i8x16.shuffle(x, x, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10);
}

// @ts-ignore: decorator
@inline
function rotate16(x: v128): v128 {
  return i8x16.shuffle(x, x, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9);
}

// @ts-ignore: decorator
@inline
function rotate63(x: v128): v128 {
  return v128.or(i64x2.shr_u(x, 63), i64x2.add(x, x));
}

/** The high word of `low`, then the low word of `high`. */
// @ts-ignore: decorator
@inline
function straddle(low: v128, high: v128): v128 {
  return i8x16.shuffle(low, high, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
}

export function compress(rounds: u32): void {
  let a0 = v128.load(STATE);
  let a1 = v128.load(STATE, 16);
  let b0 = v128.load(STATE, 32);
  let b1 = v128.load(STATE, 48);
  let c0 = v128.load(IV);
  let c1 = v128.load(IV, 16);
  let d0 = v128.xor(v128.load(IV, 32), v128.load(T));
  let d1 = v128.load(IV, 48);
  if (load<u32>(FINAL) != 0) d1 = v128.xor(d1, i64x2(-1, 0));
  let sigma = SIGMA;
  for (let round: u32 = 0; round < rounds; round++) {
    // Columns.
    a0 = i64x2.add(i64x2.add(a0, b0), words(sigma, 0, 2));
    a1 = i64x2.add(i64x2.add(a1, b1), words(sigma, 4, 6));
    d0 = rotate32(v128.xor(d0, a0));
    d1 = rotate32(v128.xor(d1, a1));
    c0 = i64x2.add(c0, d0);
    c1 = i64x2.add(c1, d1);
    b0 = rotate24(v128.xor(b0, c0));
    b1 = rotate24(v128.xor(b1, c1));
    a0 = i64x2.add(i64x2.add(a0, b0), words(sigma, 1, 3));
    a1 = i64x2.add(i64x2.add(a1, b1), words(sigma, 5, 7));
    d0 = rotate16(v128.xor(d0, a0));
    d1 = rotate16(v128.xor(d1, a1));
    c0 = i64x2.add(c0, d0);
    c1 = i64x2.add(c1, d1);
    b0 = rotate63(v128.xor(b0, c0));
    b1 = rotate63(v128.xor(b1, c1));
    // Diagonals become columns: b turns by one word, c by two, d by three.
    let turned = straddle(b0, b1);
    b1 = straddle(b1, b0);
    b0 = turned;
    turned = c0;
    c0 = c1;
    c1 = turned;
    turned = straddle(d1, d0);
    d1 = straddle(d0, d1);
    d0 = turned;
    a0 = i64x2.add(i64x2.add(a0, b0), words(sigma, 8, 10));
    a1 = i64x2.add(i64x2.add(a1, b1), words(sigma, 12, 14));
    d0 = rotate32(v128.xor(d0, a0));
    d1 = rotate32(v128.xor(d1, a1));
    c0 = i64x2.add(c0, d0);
    c1 = i64x2.add(c1, d1);
    b0 = rotate24(v128.xor(b0, c0));
    b1 = rotate24(v128.xor(b1, c1));
    a0 = i64x2.add(i64x2.add(a0, b0), words(sigma, 9, 11));
    a1 = i64x2.add(i64x2.add(a1, b1), words(sigma, 13, 15));
    d0 = rotate16(v128.xor(d0, a0));
    d1 = rotate16(v128.xor(d1, a1));
    c0 = i64x2.add(c0, d0);
    c1 = i64x2.add(c1, d1);
    b0 = rotate63(v128.xor(b0, c0));
    b1 = rotate63(v128.xor(b1, c1));
    // And back.
    turned = straddle(b1, b0);
    b1 = straddle(b0, b1);
    b0 = turned;
    turned = c0;
    c0 = c1;
    c1 = turned;
    turned = straddle(d0, d1);
    d1 = straddle(d1, d0);
    d0 = turned;
    sigma = sigma == SIGMA + 144 ? SIGMA : sigma + 16;
  }
  v128.store(STATE, v128.xor(v128.load(STATE), v128.xor(a0, c0)));
  v128.store(STATE, v128.xor(v128.load(STATE, 16), v128.xor(a1, c1)), 16);
  v128.store(STATE, v128.xor(v128.load(STATE, 32), v128.xor(b0, d0)), 32);
  v128.store(STATE, v128.xor(v128.load(STATE, 48), v128.xor(b1, d1)), 48);
}
