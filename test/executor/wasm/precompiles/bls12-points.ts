import { bls12_381 } from '@noble/curves/bls12-381.js';
import { join, toBytes } from './oracle.js';

export const G1 = bls12_381.G1.Point;
export const G2 = bls12_381.G2.Point;
export const ORDER = bls12_381.fields.Fr.ORDER;
export const MODULUS = bls12_381.fields.Fp.ORDER;

export type PointG1 = InstanceType<typeof G1>;
export type PointG2 = InstanceType<typeof G2>;

const { Fp, Fp2 } = bls12_381.fields;

/** As EIP-2537 encodes them: 64 bytes a coordinate, the real part first. */
export function encode1(point: PointG1): Uint8Array {
  if (point.is0()) return new Uint8Array(128);
  const { x, y } = point.toAffine();
  return join(toBytes(x, 64), toBytes(y, 64));
}

export function encode2(point: PointG2): Uint8Array {
  if (point.is0()) return new Uint8Array(256);
  const { x, y } = point.toAffine();
  return join(...[x.c0, x.c1, y.c0, y.c1].map((part) => toBytes(part, 64)));
}

/** On the curve, but outside the subgroup. */
export function outsideSubgroup1(start: bigint): Uint8Array {
  for (let x = start; ; x += 1n) {
    try {
      const y = Fp.sqrt(Fp.add(Fp.pow(x, 3n), 4n));
      if (!G1.fromAffine({ x, y }).isTorsionFree()) return join(toBytes(x, 64), toBytes(y, 64));
    } catch {
      // Not a square: the next one.
    }
  }
}

export function outsideSubgroup2(start: bigint): Uint8Array {
  for (let real = start; ; real += 1n) {
    const x = Fp2.fromBigTuple([real, 1n]);
    try {
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), Fp2.fromBigTuple([4n, 4n])));
      if (!G2.fromAffine({ x, y }).isTorsionFree()) {
        return join(...[x.c0, x.c1, y.c0, y.c1].map((part) => toBytes(part, 64)));
      }
    } catch {
      // Not a square: the next one.
    }
  }
}
