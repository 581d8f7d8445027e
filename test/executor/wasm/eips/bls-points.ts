// BLS12-381 as EIP-2537 states it: parameters, generators and encodings.
import type { Hex } from '../../../../types.js';
import { bytesOf, joined, repeated } from './compare.js';
import { modulo, power, primeField, quadraticField, type Curve, type Point, type Quadratic } from './curves.js';

export const P = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
/** Order of the subgroups. */
export const Q = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

export const G1: Curve<bigint> = { field: primeField(P), a: 0n };
export const G2: Curve<Quadratic> = { field: quadraticField(P), a: [0n, 0n] };

export const H1: Point<bigint> = {
  x: 0x17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bbn,
  y: 0x08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1n,
};
export const H2: Point<Quadratic> = {
  x: [
    0x024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8n,
    0x13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7en,
  ],
  y: [
    0x0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801n,
    0x0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79ben,
  ],
};

export const INFINITY_1: Hex = repeated('0x00', 128);
export const INFINITY_2: Hex = repeated('0x00', 256);

export function field(value: bigint): Hex {
  return bytesOf(value, 64);
}

export function g1(point: Point<bigint>): Hex {
  return point === null ? INFINITY_1 : joined(field(point.x), field(point.y));
}

export function g2(point: Point<Quadratic>): Hex {
  return point === null ? INFINITY_2 : joined(...[...point.x, ...point.y].map(field));
}

export function scalar(value: bigint): Hex {
  return bytesOf(value, 32);
}

/** On the curve and of order 3: not in the subgroup. */
export const STRAY_1: Point<bigint> = { x: 0n, y: 2n };

/** On the curve over Fp2; its order is shown by a test not to be Q. */
export function strayG2(): Point<Quadratic> {
  for (let x = 1n; ; x++) {
    const y = squareRoot([x ** 3n + 4n, 4n]);
    if (y !== null) return { x: [x, 0n], y };
  }
}

/** By the complex method for p ≡ 3 modulo 4: √((c0 + √norm) / 2) is the first coordinate of the root. */
function squareRoot([c0, c1]: Quadratic): Quadratic | null {
  const norm = rootOf(c0 * c0 + c1 * c1);
  if (norm === null) return null;
  const half = (P + 1n) / 2n;
  const first = rootOf((c0 + norm) * half) ?? rootOf((c0 - norm) * half);
  if (first === null || first === 0n) return null;
  return [first, modulo(c1 * power(2n * first, P - 2n, P), P)];
}

function rootOf(value: bigint): bigint | null {
  const root = power(value, (P + 1n) / 4n, P);
  return modulo(root * root - value, P) === 0n ? root : null;
}
