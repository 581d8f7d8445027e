import { describe, expect, it } from 'vitest';
import type { Hex } from '../../../../types.js';
import { LABEL, blockOf, bytesOf, callEach, compare, failure, gasOf, joined, statusOf, success } from './compare.js';
import { addPoints, inverse, modulo, multiplyPoint, negate, power, primeField, type Point } from './curves.js';

const P256VERIFY = 0x100;
const GAS = 6_900;
const [VALID, INVALID] = [success(bytesOf(1, 32), GAS), success('0x', GAS)];

// secp256r1 as the EIP states it.
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const A = P - 3n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const G: Point<bigint> = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};
const CURVE = { field: primeField(P), a: A };

interface Signature {
  readonly hash: bigint;
  readonly r: bigint;
  readonly s: bigint;
  readonly key: { readonly x: bigint; readonly y: bigint };
}

// RFC 6979, A.2.5: with SHA-256, of "sample" and of "test".
const KEY = {
  x: 0x60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6n,
  y: 0x7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299n,
};
const SAMPLE: Signature = {
  hash: 0xaf2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bfn,
  r: 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n,
  s: 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n,
  key: KEY,
};
const TEST: Signature = {
  hash: 0x9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08n,
  r: 0xf1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367n,
  s: 0x019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083n,
  key: KEY,
};

describe(`${LABEL}7951, P256VERIFY`, () => {
  it.each([
    ['RFC 6979, "sample"', SAMPLE],
    ['RFC 6979, "test"', TEST],
    ['the other s: signatures may be malleable', { ...SAMPLE, s: N - SAMPLE.s }],
    ['a hash of zeros', signed(0n)],
    ['a hash of ones, beyond the order', signed(2n ** 256n - 1n)],
    ['x of the nonce point beyond the order: r is what remains', withLargeNoncePoint()],
  ])('accepts %s', async (_name, signature) => {
    expect(await callEach('osaka', [{ to: P256VERIFY, input: encoded(signature) }])).toEqual([VALID]);
  });

  it.each([
    ['another hash', { ...SAMPLE, hash: SAMPLE.hash + 1n }],
    ['another r', { ...SAMPLE, r: SAMPLE.r + 1n }],
    ['another s', { ...SAMPLE, s: SAMPLE.s - 1n }],
    ['r and s exchanged', { ...SAMPLE, r: SAMPLE.s, s: SAMPLE.r }],
    ['r of zero', { ...SAMPLE, r: 0n }],
    ['s of zero', { ...SAMPLE, s: 0n }],
    ['r of the order', { ...SAMPLE, r: N }],
    ['s of the order', { ...SAMPLE, s: N }],
    ['r beyond the order', beyondOrder('r')],
    ['s beyond the order', beyondOrder('s')],
    ['x of the modulus', { ...SAMPLE, key: { ...KEY, x: P } }],
    ['y of the modulus', { ...SAMPLE, key: { ...KEY, y: P } }],
    ['the other y', { ...SAMPLE, key: { ...KEY, y: P - KEY.y } }],
    ['a key that is not on the curve', { ...SAMPLE, key: { x: KEY.x, y: KEY.y + 1n } }],
    ['the point at infinity', { ...SAMPLE, key: { x: 0n, y: 0n } }],
    ['a nonce point at infinity', withNoncePointAtInfinity()],
  ])('answers nothing, for the same price, at %s', async (_name, signature) => {
    expect(await callEach('osaka', [{ to: P256VERIFY, input: encoded(signature) }])).toEqual([INVALID]);
  });

  it('answers nothing at inputs that are not of 160 bytes', async () => {
    const input = encoded(SAMPLE);
    const inputs: Hex[] = ['0x', '0x00', `0x${input.slice(2, -2)}`, `${input}00`, joined(input, input)];
    const outcomes = await callEach(
      'osaka',
      inputs.map((wrong) => ({ to: P256VERIFY, input: wrong })),
    );
    expect(outcomes).toEqual(inputs.map(() => INVALID));
  });

  it('fails with less gas than its price', async () => {
    const input = encoded(SAMPLE);
    const calls = [GAS, GAS - 1].map((gasCap) => ({ to: P256VERIFY, input, gasCap }));
    expect(await callEach('osaka', calls)).toEqual([VALID, failure(GAS - 1)]);
  });

  it('succeeds as the recipient of a transaction even where the signature is not valid', async () => {
    const to = bytesOf(P256VERIFY, 20);
    const result = await compare(
      blockOf({ fork: 'osaka', transactions: [{ to }, { to, input: encoded(SAMPLE) }, { to, gasLimit: 27_899 }] }),
    );
    expect(statusOf(result)).toEqual([true, true, false]);
    expect([gasOf(result)[0], gasOf(result)[2]]).toEqual([27_900, 27_899]);
  });

  it('is an account like another before Osaka', async () => {
    const calls = [{ to: P256VERIFY, input: encoded(SAMPLE) }];
    expect(await callEach('prague', calls)).toEqual([success('0x', 2_500)]);
  });
});

function encoded({ hash, r, s, key }: Signature): Hex {
  return joined(...[hash, r, s, key.x, key.y].map((part) => bytesOf(part, 32)));
}

/** By the private key 5 and the nonce 7. */
function signed(hash: bigint): Signature {
  const r = modulo(multiplyPoint(CURVE, 7n, G)?.x ?? 0n, N);
  return { hash, r, s: modulo(inverse(7n, N) * (hash + r * 5n), N), key: finite(multiplyPoint(CURVE, 5n, G)) };
}

/** The key Q = (s·R − h·G) / r to a nonce point R whose x lies between the order and the modulus. */
function withLargeNoncePoint(): Signature {
  const [hash, s] = [0x1234n, 0x5678n];
  const nonce = pointFrom(N + 1n);
  const r = nonce.x - N;
  const difference = addPoints(CURVE, multiplyPoint(CURVE, s, nonce), negate(CURVE, multiplyPoint(CURVE, hash, G)));
  return { hash, r, s, key: finite(multiplyPoint(CURVE, inverse(r, N), difference)) };
}

/** A valid signature but for the order added to one of its numbers. */
function beyondOrder(name: 'r' | 's'): Signature {
  const signature = withLargeNoncePoint();
  return { ...signature, [name]: signature[name] + N };
}

/** The key 5·G, and hash and r such that h·G + r·Q is the point at infinity. */
function withNoncePointAtInfinity(): Signature {
  return { hash: N - 35n, r: 7n, s: 3n, key: finite(multiplyPoint(CURVE, 5n, G)) };
}

/** The first point of the curve whose x is at least this. */
function pointFrom(least: bigint): { x: bigint; y: bigint } {
  for (let x = least; ; x++) {
    const square = modulo(x ** 3n + A * x + B, P);
    const y = power(square, (P + 1n) / 4n, P);
    if (modulo(y * y, P) === square) return { x, y };
  }
}

function finite(point: Point<bigint>): { readonly x: bigint; readonly y: bigint } {
  if (point === null) throw new Error('the point at infinity is no key');
  return point;
}
