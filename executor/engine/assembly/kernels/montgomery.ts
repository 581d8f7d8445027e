// Powers modulo an odd number of up to 256 bits, by Montgomery multiplication with limbs of 32 bits.

const MAX_BYTES: usize = 32;
/** The modulus, the base in Montgomery form, one in Montgomery form; the result takes the place of the base. */
const MODULUS: usize = memory.data(96, 16);
const BASE: usize = MODULUS + MAX_BYTES;
const ONE: usize = BASE + MAX_BYTES;
/** Two limbs more than an operand. */
const SUM: usize = memory.data(40, 16);
const RESULT: usize = memory.data(32, 16);
const TABLE: usize = memory.data(512, 16);

export function montgomeryOperands(): usize {
  return MODULUS;
}

/** −1 / modulus modulo 2^32, by Newton. */
function negatedInverse(): u32 {
  const m = load<u32>(MODULUS);
  let inverse = m;
  for (let i = 0; i < 4; i++) inverse *= 2 - m * inverse;
  return 0 - inverse;
}

/** to = a · b / 2^(8 · bytes) modulo the modulus. */
function multiply(to: usize, a: usize, b: usize, bytes: usize, inverse: u32): void {
  if (bytes == 32) {
    multiply32(to, a, b, inverse);
    return;
  }
  memory.fill(SUM, 0, bytes + 8);
  for (let i: usize = 0; i < bytes; i += 4) {
    const digit = <u64>load<u32>(b + i);
    let low = <u64>load<u32>(a) * digit + <u64>load<u32>(SUM);
    const factor = <u64>(<u32>low * inverse);
    let reduced = <u64>load<u32>(MODULUS) * factor + <u64>(<u32>low);
    for (let j: usize = 4; j < bytes; j += 4) {
      low = <u64>load<u32>(a + j) * digit + <u64>load<u32>(SUM + j) + (low >> 32);
      reduced = <u64>load<u32>(MODULUS + j) * factor + <u64>(<u32>low) + (reduced >> 32);
      store<u32>(SUM + j - 4, <u32>reduced);
    }
    const top = <u64>load<u32>(SUM + bytes) + (low >> 32) + (reduced >> 32);
    store<u32>(SUM + bytes - 4, <u32>top);
    store<u32>(SUM + bytes, <u32>(top >> 32));
  }
  settle(to, bytes);
}

/** The same for 32 bytes, most of what is asked for: the sum stays in locals. */
function multiply32(to: usize, a: usize, b: usize, inverse: u32): void {
  let t0: u64 = 0;
  let t1: u64 = 0;
  let t2: u64 = 0;
  let t3: u64 = 0;
  let t4: u64 = 0;
  let t5: u64 = 0;
  let t6: u64 = 0;
  let t7: u64 = 0;
  let t8: u64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    const digit = <u64>load<u32>(b + i);
    let low = <u64>load<u32>(a) * digit + t0;
    const factor = <u64>(<u32>low * inverse);
    let reduced = <u64>load<u32>(MODULUS) * factor + <u64>(<u32>low);
    low = <u64>load<u32>(a, 4) * digit + t1 + (low >> 32);
    reduced = <u64>load<u32>(MODULUS, 4) * factor + <u64>(<u32>low) + (reduced >> 32);
    t0 = <u64>(<u32>reduced);
    low = <u64>load<u32>(a, 8) * digit + t2 + (low >> 32);
    reduced = <u64>load<u32>(MODULUS, 8) * factor + <u64>(<u32>low) + (reduced >> 32);
    t1 = <u64>(<u32>reduced);
    low = <u64>load<u32>(a, 12) * digit + t3 + (low >> 32);
    reduced = <u64>load<u32>(MODULUS, 12) * factor + <u64>(<u32>low) + (reduced >> 32);
    t2 = <u64>(<u32>reduced);
    low = <u64>load<u32>(a, 16) * digit + t4 + (low >> 32);
    reduced = <u64>load<u32>(MODULUS, 16) * factor + <u64>(<u32>low) + (reduced >> 32);
    t3 = <u64>(<u32>reduced);
    low = <u64>load<u32>(a, 20) * digit + t5 + (low >> 32);
    reduced = <u64>load<u32>(MODULUS, 20) * factor + <u64>(<u32>low) + (reduced >> 32);
    t4 = <u64>(<u32>reduced);
    low = <u64>load<u32>(a, 24) * digit + t6 + (low >> 32);
    reduced = <u64>load<u32>(MODULUS, 24) * factor + <u64>(<u32>low) + (reduced >> 32);
    t5 = <u64>(<u32>reduced);
    low = <u64>load<u32>(a, 28) * digit + t7 + (low >> 32);
    reduced = <u64>load<u32>(MODULUS, 28) * factor + <u64>(<u32>low) + (reduced >> 32);
    t6 = <u64>(<u32>reduced);
    reduced = t8 + (low >> 32) + (reduced >> 32);
    t7 = <u64>(<u32>reduced);
    t8 = reduced >> 32;
  }
  store<u32>(SUM, <u32>t0, 0);
  store<u32>(SUM, <u32>t1, 4);
  store<u32>(SUM, <u32>t2, 8);
  store<u32>(SUM, <u32>t3, 12);
  store<u32>(SUM, <u32>t4, 16);
  store<u32>(SUM, <u32>t5, 20);
  store<u32>(SUM, <u32>t6, 24);
  store<u32>(SUM, <u32>t7, 28);
  store<u32>(SUM, <u32>t8, 32);
  settle(to, 32);
}

/** to = SUM, or SUM − modulus where that is not negative. */
function settle(to: usize, bytes: usize): void {
  let borrow: u64 = 0;
  for (let j: usize = 0; j < bytes; j += 4) {
    const difference = <u64>load<u32>(SUM + j) - <u64>load<u32>(MODULUS + j) - borrow;
    store<u32>(to + j, <u32>difference);
    borrow = difference >> 63;
  }
  if (<u64>load<u32>(SUM + bytes) < borrow) memory.copy(to, SUM, bytes);
}

/** BASE = BASE^exponent; the exponent big-endian, operands little-endian with `bytes` a multiple of 4. */
export function montgomeryPower(bytes: usize, exponent: usize, length: usize): void {
  const inverse = negatedInverse();
  memory.copy(RESULT, ONE, bytes);
  if (length > 8) powerByWindows(bytes, exponent, length, inverse);
  else powerByBits(bytes, exponent, length, inverse);
  // Out of Montgomery form.
  memory.fill(BASE, 0, bytes);
  store<u32>(BASE, 1);
  multiply(BASE, RESULT, BASE, bytes, inverse);
}

function powerByBits(bytes: usize, exponent: usize, length: usize, inverse: u32): void {
  for (let i: usize = 0; i < length; i++) {
    const byte = load<u8>(exponent + i);
    for (let bit: u32 = 0x80; bit != 0; bit >>= 1) {
      multiply(RESULT, RESULT, RESULT, bytes, inverse);
      if ((byte & bit) != 0) multiply(RESULT, RESULT, BASE, bytes, inverse);
    }
  }
}

/** Four bits at a time. */
function powerByWindows(bytes: usize, exponent: usize, length: usize, inverse: u32): void {
  memory.copy(TABLE + MAX_BYTES, BASE, bytes);
  for (let i: usize = 2; i < 16; i++) {
    multiply(TABLE + i * MAX_BYTES, TABLE + (i - 1) * MAX_BYTES, BASE, bytes, inverse);
  }
  for (let i: usize = 0; i < length; i++) {
    const byte = <usize>load<u8>(exponent + i);
    raise(byte >> 4, bytes, inverse);
    raise(byte & 15, bytes, inverse);
  }
}

function raise(digit: usize, bytes: usize, inverse: u32): void {
  for (let i = 0; i < 4; i++) multiply(RESULT, RESULT, RESULT, bytes, inverse);
  if (digit != 0) multiply(RESULT, RESULT, TABLE + digit * MAX_BYTES, bytes, inverse);
}
