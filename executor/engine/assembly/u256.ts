// Arithmetic on words in memory. `to` may be any of the operands: all limbs are read before the first is written.
import { W_DIVISION } from './layout';
import { clear, copyWord, fitsU64, isZero, setU64, setZero } from './words';

const LOW: u64 = 0xffffffff;

/** Upper half of the 128-bit product, by 32-bit halves. */
// @ts-ignore: decorator
@inline
export function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & LOW;
  const aHigh = a >> 32;
  const bLow = b & LOW;
  const bHigh = b >> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  const other = aLow * bHigh + (middle & LOW);
  return aHigh * bHigh + (middle >> 32) + (other >> 32);
}

/** Returns the carry. */
// @ts-ignore: decorator
@inline
export function add(to: usize, a: usize, b: usize): u64 {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  const r0 = a0 + load<u64>(b);
  let carry = u64(r0 < a0);
  const s1 = a1 + load<u64>(b, 8);
  const r1 = s1 + carry;
  carry = u64(s1 < a1) | u64(r1 < s1);
  const s2 = a2 + load<u64>(b, 16);
  const r2 = s2 + carry;
  carry = u64(s2 < a2) | u64(r2 < s2);
  const s3 = a3 + load<u64>(b, 24);
  const r3 = s3 + carry;
  store<u64>(to, r0);
  store<u64>(to, r1, 8);
  store<u64>(to, r2, 16);
  store<u64>(to, r3, 24);
  return u64(s3 < a3) | u64(r3 < s3);
}

/** Adds a small number in place. */
// @ts-ignore: decorator
@inline
export function addU64(word: usize, amount: u64): void {
  const sum = load<u64>(word) + amount;
  store<u64>(word, sum);
  if (sum < amount) carryInto(word);
}

function carryInto(word: usize): void {
  for (let limb: usize = 8; limb < 32; limb += 8) {
    const sum = load<u64>(word + limb) + 1;
    store<u64>(word + limb, sum);
    if (sum != 0) return;
  }
}

/** Returns the borrow. */
// @ts-ignore: decorator
@inline
export function subtract(to: usize, a: usize, b: usize): u64 {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  const b0 = load<u64>(b);
  const b1 = load<u64>(b, 8);
  const b2 = load<u64>(b, 16);
  const b3 = load<u64>(b, 24);
  let borrow = u64(a0 < b0);
  const s1 = a1 - b1;
  const borrow1 = u64(a1 < b1) | u64(s1 < borrow);
  const r1 = s1 - borrow;
  const s2 = a2 - b2;
  const borrow2 = u64(a2 < b2) | u64(s2 < borrow1);
  const r2 = s2 - borrow1;
  const s3 = a3 - b3;
  borrow = u64(a3 < b3) | u64(s3 < borrow2);
  store<u64>(to, a0 - b0);
  store<u64>(to, r1, 8);
  store<u64>(to, r2, 16);
  store<u64>(to, s3 - borrow2, 24);
  return borrow;
}

// @ts-ignore: decorator
@inline
export function lessThan(a: usize, b: usize): bool {
  const a3 = load<u64>(a, 24);
  const b3 = load<u64>(b, 24);
  if (a3 != b3) return a3 < b3;
  const a2 = load<u64>(a, 16);
  const b2 = load<u64>(b, 16);
  if (a2 != b2) return a2 < b2;
  const a1 = load<u64>(a, 8);
  const b1 = load<u64>(b, 8);
  if (a1 != b1) return a1 < b1;
  return load<u64>(a) < load<u64>(b);
}

// @ts-ignore: decorator
@inline
export function isNegative(a: usize): bool {
  return load<i64>(a, 24) < 0;
}

// @ts-ignore: decorator
@inline
export function signedLessThan(a: usize, b: usize): bool {
  const aNegative = isNegative(a);
  return aNegative != isNegative(b) ? aNegative : lessThan(a, b);
}

/** Two's complement. */
export function negate(to: usize, a: usize): void {
  const a0 = ~load<u64>(a);
  const a1 = ~load<u64>(a, 8);
  const a2 = ~load<u64>(a, 16);
  const a3 = ~load<u64>(a, 24);
  const r0 = a0 + 1;
  const r1 = a1 + u64(r0 == 0);
  const r2 = a2 + u64((r0 | r1) == 0);
  store<u64>(to, r0);
  store<u64>(to, r1, 8);
  store<u64>(to, r2, 16);
  store<u64>(to, a3 + u64((r0 | r1 | r2) == 0), 24);
}

/** a × b, and the part above 256 bits as the result. */
export function multiplyU64(to: usize, a: usize, b: u64): u64 {
  if (fitsU64(a)) {
    const only = load<u64>(a);
    setU64(to, only * b);
    store<u64>(to, multiplyHigh(only, b), 8);
    return 0;
  }
  let carry: u64 = 0;
  for (let i: usize = 0; i < 32; i += 8) {
    const limb = load<u64>(a + i);
    const low = limb * b;
    const sum = low + carry;
    carry = multiplyHigh(limb, b) + u64(sum < low);
    store<u64>(to + i, sum);
  }
  return carry;
}

export function multiply(to: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a);
  const b0 = load<u64>(b);
  if (fitsU64(a) && fitsU64(b)) {
    store<u64>(to, a0 * b0);
    store<u64>(to, multiplyHigh(a0, b0), 8);
    v128.store(to, i64x2.splat(0), 16);
    return;
  }
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  const b1 = load<u64>(b, 8);
  const b2 = load<u64>(b, 16);
  const b3 = load<u64>(b, 24);
  let r1 = multiplyHigh(a0, b0);
  let part = a0 * b1;
  r1 += part;
  let r2 = multiplyHigh(a0, b1) + u64(r1 < part);
  part = a1 * b0;
  r1 += part;
  part = multiplyHigh(a1, b0) + u64(r1 < part);
  r2 += part;
  let r3 = u64(r2 < part);
  part = a0 * b2;
  r2 += part;
  r3 += multiplyHigh(a0, b2) + u64(r2 < part);
  part = a1 * b1;
  r2 += part;
  r3 += multiplyHigh(a1, b1) + u64(r2 < part);
  part = a2 * b0;
  r2 += part;
  r3 += multiplyHigh(a2, b0) + u64(r2 < part);
  r3 += a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0;
  store<u64>(to, a0 * b0);
  store<u64>(to, r1, 8);
  store<u64>(to, r2, 16);
  store<u64>(to, r3, 24);
}

// ------------------------------------------------------------------------------------------------------- division
// Digits are u32, lowest first. Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D.

let numerator: usize = 0;
let divisor: usize = 0;
let quotient: usize = 0;
let word: usize = 0;

/** Must precede the first operation of an instance. */
export function attachArithmetic(worker: usize): void {
  numerator = worker + W_DIVISION;
  divisor = numerator + 128;
  quotient = divisor + 128;
  word = quotient + 128;
}

/** Digits without leading zeros. */
function significant(digits: usize, count: i32): i32 {
  while (count > 0 && load<u32>(digits + ((<usize>count - 1) << 2)) == 0) count--;
  return count;
}

function divideByDigit(n: i32): void {
  const d = <u64>load<u32>(divisor);
  let rest: u64 = 0;
  for (let i = n - 1; i >= 0; i--) {
    const at = <usize>i << 2;
    const value = (rest << 32) | <u64>load<u32>(numerator + at);
    const digit = value / d;
    store<u32>(quotient + at, <u32>digit);
    rest = value - digit * d;
  }
  clear(numerator, 64);
  store<u32>(numerator, <u32>rest);
}

function shiftDigits(digits: usize, count: i32, bits: u64): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    const value = ((<u64>load<u32>(digits + i)) << bits) | carry;
    store<u32>(digits + i, <u32>value);
    carry = value >> 32;
  }
}

/** numerator − digit × divisor at position j; whether it went below zero. */
function multiplySubtract(at: usize, m: i32, digit: u64): bool {
  let carry: u64 = 0;
  let borrow: i64 = 0;
  for (let i: usize = 0; i < <usize>m << 2; i += 4) {
    const product = digit * <u64>load<u32>(divisor + i) + carry;
    carry = product >> 32;
    const value = <i64>(<u64>load<u32>(at + i)) - borrow - <i64>(product & LOW);
    store<u32>(at + i, <u32>value);
    borrow = i64(value < 0);
  }
  const top = at + (<usize>m << 2);
  const value = <i64>(<u64>load<u32>(top)) - borrow - <i64>carry;
  store<u32>(top, <u32>value);
  return value < 0;
}

function addBack(at: usize, m: i32): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < <usize>m << 2; i += 4) {
    carry += <u64>load<u32>(at + i) + <u64>load<u32>(divisor + i);
    store<u32>(at + i, <u32>carry);
    carry >>= 32;
  }
  const top = at + (<usize>m << 2);
  store<u32>(top, load<u32>(top) + <u32>carry);
}

/** One digit of the quotient, at most two too large before correction. */
function estimateDigit(at: usize, m: i32): u64 {
  const top = at + (<usize>m << 2);
  const d1 = <u64>load<u32>(divisor + ((<usize>m - 1) << 2));
  const d2 = <u64>load<u32>(divisor + ((<usize>m - 2) << 2));
  const value = ((<u64>load<u32>(top)) << 32) | <u64>load<u32>(top - 4);
  let digit = value / d1;
  let rest = value - digit * d1;
  const next = <u64>load<u32>(top - 8);
  while (digit > LOW || digit * d2 > ((rest << 32) | next)) {
    digit--;
    rest += d1;
    if (rest > LOW) break;
  }
  return digit;
}

/** Divides `n` digits of the numerator, leaving the quotient and, in the numerator's place, the remainder. */
function divideDigits(n: i32): void {
  const m = significant(divisor, 8);
  const count = significant(numerator, n);
  clear(quotient, 64);
  if (count < m) return;
  if (m == 1) return divideByDigit(count);
  const shift = <u64>clz<u32>(load<u32>(divisor + ((<usize>m - 1) << 2)));
  store<u32>(numerator + (<usize>count << 2), 0);
  shiftDigits(divisor, m, shift);
  shiftDigits(numerator, count + 1, shift);
  for (let j = count - m; j >= 0; j--) {
    const at = numerator + (<usize>j << 2);
    let digit = estimateDigit(at, m);
    if (multiplySubtract(at, m, digit)) {
      digit--;
      addBack(at, m);
    }
    store<u32>(quotient + (<usize>j << 2), <u32>digit);
  }
  let carry: u64 = 0;
  for (let i = m - 1; i >= 0; i--) {
    const at = numerator + (<usize>i << 2);
    const value = <u64>load<u32>(at);
    store<u32>(at, <u32>((value | (carry << 32)) >> shift));
    carry = value;
  }
}

/** Quotient and remainder; of a zero divisor both are zero. Either target may be an operand; they must differ. */
function divideWords(quotientTo: usize, restTo: usize, a: usize, b: usize): void {
  if (fitsU64(b)) {
    const b0 = load<u64>(b);
    if (b0 == 0) {
      setZero(quotientTo);
      return setZero(restTo);
    }
    if (fitsU64(a)) {
      const a0 = load<u64>(a);
      setU64(quotientTo, a0 / b0);
      return setU64(restTo, a0 % b0);
    }
  }
  copyWord(numerator, a);
  copyWord(divisor, b);
  divideDigits(8);
  copyWord(quotientTo, quotient);
  copyWord(restTo, numerator);
}

export function divide(to: usize, a: usize, b: usize): void {
  divideWords(to, word, a, b);
}

export function modulo(to: usize, a: usize, b: usize): void {
  divideWords(word, to, a, b);
}

export function signedDivide(to: usize, a: usize, b: usize): void {
  const negative = isNegative(a) != isNegative(b);
  if (isNegative(a)) negate(a, a);
  if (isNegative(b)) negate(b, b);
  divide(to, a, b);
  if (negative) negate(to, to);
}

/** The sign of the result is the dividend's. */
export function signedModulo(to: usize, a: usize, b: usize): void {
  const negative = isNegative(a);
  if (negative) negate(a, a);
  if (isNegative(b)) negate(b, b);
  modulo(to, a, b);
  if (negative) negate(to, to);
}

export function addModulo(to: usize, a: usize, b: usize, modulus: usize): void {
  if (isZero(modulus)) return setZero(to);
  copyWord(divisor, modulus);
  const carry = add(numerator, a, b);
  store<u64>(numerator, carry, 32);
  divideDigits(9);
  copyWord(to, numerator);
}

export function multiplyModulo(to: usize, a: usize, b: usize, modulus: usize): void {
  if (isZero(modulus)) return setZero(to);
  clear(numerator, 64);
  for (let i: usize = 0; i < 32; i += 4) {
    const digit = <u64>load<u32>(a + i);
    if (digit == 0) continue;
    let carry: u64 = 0;
    for (let j: usize = 0; j < 32; j += 4) {
      carry += digit * <u64>load<u32>(b + j) + <u64>load<u32>(numerator + i + j);
      store<u32>(numerator + i + j, <u32>carry);
      carry >>= 32;
    }
    store<u32>(numerator + i + 32, <u32>carry);
  }
  copyWord(divisor, modulus);
  divideDigits(16);
  copyWord(to, numerator);
}

// ------------------------------------------------------------------------------------------------------- bits

export function bitLength(a: usize): i32 {
  for (let i = 3; i >= 0; i--) {
    const limb = load<u64>(a + (<usize>i << 3));
    if (limb != 0) return (i + 1) * 64 - <i32>clz<u64>(limb);
  }
  return 0;
}

/** The limb at index i, or `fill` outside of the word. */
// @ts-ignore: decorator
@inline
function limbAt(a: usize, i: i32, fill: u64): u64 {
  return <u32>i < 4 ? load<u64>(a + (<usize>i << 3)) : fill;
}

export function shiftLeft(to: usize, a: usize, bits: u32): void {
  if (bits > 255) return setZero(to);
  const whole = <i32>(bits >> 6);
  const part = <u64>(bits & 63);
  const l0 = limbAt(a, -whole, 0);
  const l1 = limbAt(a, 1 - whole, 0);
  const l2 = limbAt(a, 2 - whole, 0);
  const l3 = limbAt(a, 3 - whole, 0);
  // Shifting right by 64 − part in two steps, so that part 0 gives 0.
  store<u64>(to, l0 << part);
  store<u64>(to, (l1 << part) | ((l0 >> 1) >> (63 - part)), 8);
  store<u64>(to, (l2 << part) | ((l1 >> 1) >> (63 - part)), 16);
  store<u64>(to, (l3 << part) | ((l2 >> 1) >> (63 - part)), 24);
}

function shiftRightFilled(to: usize, a: usize, bits: u32, fill: u64): void {
  const whole = <i32>(bits >> 6);
  const part = <u64>(bits & 63);
  const l0 = limbAt(a, whole, fill);
  const l1 = limbAt(a, whole + 1, fill);
  const l2 = limbAt(a, whole + 2, fill);
  const l3 = limbAt(a, whole + 3, fill);
  store<u64>(to, (l0 >> part) | ((l1 << 1) << (63 - part)));
  store<u64>(to, (l1 >> part) | ((l2 << 1) << (63 - part)), 8);
  store<u64>(to, (l2 >> part) | ((l3 << 1) << (63 - part)), 16);
  store<u64>(to, (l3 >> part) | ((fill << 1) << (63 - part)), 24);
}

export function shiftRight(to: usize, a: usize, bits: u32): void {
  if (bits > 255) return setZero(to);
  shiftRightFilled(to, a, bits, 0);
}

export function shiftRightSigned(to: usize, a: usize, bits: u32): void {
  const fill = isNegative(a) ? u64.MAX_VALUE : 0;
  if (bits <= 255) return shiftRightFilled(to, a, bits, fill);
  const all = i64x2.splat(fill);
  v128.store(to, all);
  v128.store(to, all, 16);
}

/** `value` with the sign of its byte `index`, counted from the lowest. */
export function signExtend(to: usize, index: usize, value: usize): void {
  if (!fitsU64(index) || load<u64>(index) > 30) return copyWord(to, value);
  const bits = 255 - (<u32>load<u64>(index) * 8 + 7);
  shiftLeft(to, value, bits);
  shiftRightSigned(to, to, bits);
}

/** Byte `index` of `value`, counted from the highest. */
export function byteAt(to: usize, index: usize, value: usize): void {
  if (!fitsU64(index) || load<u64>(index) > 31) return setZero(to);
  setU64(to, <u64>load<u8>(value + 31 - <usize>load<u64>(index)));
}

/** Uses `word` of the scratch; `to`, `base` and `exponent` may be on the stack. */
export function power(to: usize, base: usize, exponent: usize): void {
  const bits = bitLength(exponent);
  const baseBits = bitLength(base);
  if (bits == 0) return setU64(to, 1);
  if (baseBits == 0) return setZero(to);
  setU64(word, 1);
  shiftLeft(word, word, baseBits - 1);
  if (v128.all_true<u8>(i8x16.eq(v128.load(word), v128.load(base))) && v128.all_true<u8>(i8x16.eq(v128.load(word, 16), v128.load(base, 16)))) {
    const shift = bits > 9 ? 256 : <u64>load<u64>(exponent) * <u64>(baseBits - 1);
    if (baseBits == 1) return setU64(to, 1);
    setU64(word, 1);
    return shiftLeft(to, word, shift > 255 ? 256 : <u32>shift);
  }
  copyWord(word, base);
  for (let bit = bits - 2; bit >= 0; bit--) {
    multiply(word, word, word);
    const limb = load<u64>(exponent + (<usize>(bit >> 6) << 3));
    if (((limb >> <u64>(bit & 63)) & 1) != 0) multiply(word, word, base);
  }
  copyWord(to, word);
}
