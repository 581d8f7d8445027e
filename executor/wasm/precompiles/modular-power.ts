import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { toBigInt, toBytes } from './bytes.js';
import { MAX_KERNEL_BYTES, type Kernels, type Power } from './kernels.js';

/** base^exponent modulo a number above 1; the base is below it. */
export type ModularPower = (power: Power) => bigint;

/** OpenSSL's bounds for RSA keys: bits of a modulus, of one whose exponent may be as long, of other exponents. */
const RSA_MAX_BITS = 16_384;
const RSA_SMALL_BITS = 3072;
const RSA_EXPONENT_BITS = 64;
const KERNEL_MAX_BITS = 8 * MAX_KERNEL_BYTES;
const WINDOW_BITS = 4;

/**
 * Small odd moduli go to our kernel, larger ones to OpenSSL (an RSA encryption without padding is a modular power), the
 * power of two in an even modulus to BigInt, and whatever OpenSSL refuses to BigInt too.
 */
export function createModularPower(kernels: Kernels): ModularPower {
  const powerOdd = (power: Power): bigint => {
    const bits = bitLength(power.modulus);
    if (bits <= KERNEL_MAX_BITS) return kernels.powerOdd(power);
    return powerByRsa(power, bits) ?? powerByBigInt(power);
  };
  return ({ base, exponent: padded, modulus }) => {
    const exponent = padded.subarray(padded.findIndex((byte) => byte !== 0));
    if (exponent.every((byte) => byte === 0)) return 1n;
    if ((modulus & 1n) === 1n) return powerOdd({ base, exponent, modulus });
    return powerEven({ base, exponent, modulus }, powerOdd);
  };
}

/** By the Chinese remainder theorem from the odd factor and the power of two. */
function powerEven({ base, exponent, modulus }: Power, powerOdd: ModularPower): bigint {
  const twos = trailingZeros(modulus);
  const odd = modulus >> BigInt(twos);
  const rest = powerOfTwoModulus(base, exponent, twos);
  if (odd === 1n) return rest;
  const remainder = powerOdd({ base: base % odd, exponent, modulus: odd });
  const factor = BigInt.asUintN(twos, (rest - remainder) * inverseOfOdd(odd, twos));
  return remainder + odd * factor;
}

function trailingZeros(value: bigint): number {
  return bitLength(value & -value) - 1;
}

export function bitLength(value: bigint): number {
  const digits = value.toString(16);
  return 4 * (digits.length - 1) + (32 - Math.clz32(parseInt(digits.charAt(0), 16)));
}

/** Modulo 2^bits, by Newton. */
function inverseOfOdd(odd: bigint, bits: number): bigint {
  let inverse = 1n;
  for (let known = 1; known < bits; known *= 2) {
    const next = Math.min(2 * known, bits);
    inverse = BigInt.asUintN(next, inverse * (2n - BigInt.asUintN(next, odd) * inverse));
  }
  return inverse;
}

function powerOfTwoModulus(base: bigint, exponent: Uint8Array, twos: number): bigint {
  if ((base & 1n) === 0n && exponent.length > 4) return 0n;
  return powerByWindows(BigInt.asUintN(twos, base), exponent, (product) => BigInt.asUintN(twos, product));
}

function powerByBigInt({ base, exponent, modulus }: Power): bigint {
  return powerByWindows(base, exponent, (product) => product % modulus);
}

/** Four bits of the exponent at a time, the highest first. */
function powerByWindows(base: bigint, exponent: Uint8Array, reduce: (product: bigint) => bigint): bigint {
  const table = [1n, base];
  for (let digit = 2; digit < 1 << WINDOW_BITS; digit += 1) table.push(reduce((table[digit - 1] ?? 1n) * base));
  let result = 1n;
  for (const byte of exponent) {
    for (const digit of [byte >> WINDOW_BITS, byte & 15]) {
      if (result !== 1n) for (let bit = 0; bit < WINDOW_BITS; bit += 1) result = reduce(result * result);
      if (digit !== 0) result = reduce(result * (table[digit] ?? 1n));
    }
  }
  return result;
}

/** Null where OpenSSL refuses. An exponent longer than it takes is cut into digits. */
function powerByRsa({ base, exponent, modulus }: Power, bits: number): bigint | null {
  if (bits > RSA_MAX_BITS) return null;
  const sizeBytes = Math.ceil(bits / 8);
  const n = toBytes(modulus, sizeBytes);
  const digitBytes = bits > RSA_SMALL_BITS ? RSA_EXPONENT_BITS / 8 : Math.floor((bits - 1) / 8);
  try {
    const first = exponent.length % digitBytes || digitBytes;
    const raised = toBytes(base, sizeBytes);
    let result = encrypt(raised, n, exponent.subarray(0, first));
    for (let at = first; at < exponent.length; at += digitBytes) {
      const shifted = shift(result, n, digitBytes);
      const factor = encrypt(raised, n, exponent.subarray(at, at + digitBytes));
      result = toBytes((toBigInt(shifted) * toBigInt(factor)) % modulus, sizeBytes);
    }
    return toBigInt(result);
  } catch {
    return null;
  }
}

/** To the power of 2^(8 · digitBytes), which is itself longer than a digit may be. */
function shift(value: Uint8Array, n: Uint8Array, digitBytes: number): Uint8Array {
  const half = new Uint8Array(digitBytes);
  half[0] = 0x80;
  return encrypt(encrypt(value, n, half), n, Uint8Array.of(2));
}

/** OpenSSL takes no exponent of 0. */
function encrypt(value: Uint8Array, n: Uint8Array, exponent: Uint8Array): Uint8Array {
  if (exponent.every((byte) => byte === 0)) return toBytes(1n, n.length);
  const key = { kty: 'RSA', n: toBase64Url(n), e: toBase64Url(exponent) };
  return publicEncrypt({ key: createPublicKey({ format: 'jwk', key }), padding: constants.RSA_NO_PADDING }, value);
}

function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
}
