import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, test } from 'vitest';
import { expectSame, join, run, toBytes } from './oracle.js';
import { RandomBytes, SEED } from './random.js';

const { Fp, Fp2 } = bn254.fields;
const G1 = bn254.G1.Point;
const G2 = bn254.G2.Point;
const ORDER = bn254.fields.Fr.ORDER;
const INFINITY_1 = new Uint8Array(64);
const INFINITY_2 = new Uint8Array(128);

type PointG1 = InstanceType<typeof G1>;
type PointG2 = InstanceType<typeof G2>;

function encode1(point: PointG1): Uint8Array {
  if (point.is0()) return INFINITY_1;
  const { x, y } = point.toAffine();
  return join(toBytes(x, 32), toBytes(y, 32));
}

function encode2(point: PointG2): Uint8Array {
  if (point.is0()) return INFINITY_2;
  const { x, y } = point.toAffine();
  return join(...[x.c1, x.c0, y.c1, y.c0].map((part) => toBytes(part, 32)));
}

/** On the twist, but not in the subgroup that pairs. */
function pointOutsideSubgroup(): Uint8Array {
  const b = Fp2.div(Fp2.fromBigTuple([3n, 0n]), Fp2.fromBigTuple([9n, 1n]));
  for (let real = 1n; ; real += 1n) {
    const x = Fp2.fromBigTuple([real, 1n]);
    try {
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), b));
      return join(...[x.c1, x.c0, y.c1, y.c0].map((part) => toBytes(part, 32)));
    } catch {
      // Not a square: the next one.
    }
  }
}

describe(`bn254, seed ${SEED}`, () => {
  const random = new RandomBytes(6);
  const g1 = (): PointG1 => G1.BASE.multiply(random.scalar(ORDER));
  const g2 = (): PointG2 => G2.BASE.multiply(random.scalar(ORDER));

  test('adds what ethereumjs adds', async () => {
    const point = g1();
    for (let times = 0; times < 10; times += 1) await expectSame('berlin', 6, join(encode1(g1()), encode1(g1())));
    const pairs = [
      [point, point],
      [point, point.negate()],
      [point, G1.ZERO],
      [G1.ZERO, point],
      [G1.ZERO, G1.ZERO],
    ] as const;
    for (const [a, b] of pairs) await expectSame('osaka', 6, join(encode1(a), encode1(b)));
  });

  test('takes short input for zeros and ignores more', async () => {
    const input = join(encode1(g1()), encode1(g1()), random.bytes(7));
    for (const length of [0, 1, 32, 63, 64, 65, 96, 127, 128, 135]) {
      for (const number of [6, 7]) await expectSame('berlin', number, input.subarray(0, length));
    }
  });

  test('rejects coordinates outside the field and points off the curve', async () => {
    const point = encode1(G1.BASE);
    const bad = [
      join(toBytes(1n, 32), toBytes(3n, 32)),
      join(toBytes(Fp.ORDER, 32), toBytes(0n, 32)),
      join(toBytes(0n, 32), toBytes(Fp.ORDER, 32)),
      join(toBytes(1n + Fp.ORDER, 32), toBytes(2n, 32)),
      join(toBytes(1n, 32), toBytes(2n + Fp.ORDER, 32)),
      join(toBytes(0n, 32), toBytes(1n, 32)),
      join(toBytes(1n, 32), toBytes(0n, 32)),
      new Uint8Array(64).fill(0xff),
    ];
    for (const encoded of bad) {
      for (const number of [6, 7]) expect(await expectSame('berlin', number, join(encoded, point))).toBeNull();
      expect(await expectSame('berlin', 6, join(point, encoded))).toBeNull();
      expect(await expectSame('berlin', 8, join(encoded, encode2(G2.BASE)))).toBeNull();
    }
  });

  test('multiplies what ethereumjs multiplies', async () => {
    const scalars = [0n, 1n, 2n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 255n, 2n ** 256n - 1n, random.scalar(ORDER)];
    for (const scalar of scalars) {
      for (const point of [g1(), G1.BASE]) await expectSame('berlin', 7, join(encode1(point), toBytes(scalar, 32)));
    }
    for (const scalar of [0n, 1n, ORDER, 12_345n]) {
      expect(run('berlin', 7, join(INFINITY_1, toBytes(scalar, 32)))?.output).toEqual(INFINITY_1);
    }
  });

  test('pairs what ethereumjs pairs', async () => {
    const [a, b] = [random.scalar(ORDER), random.scalar(ORDER)];
    const left = join(encode1(G1.BASE.multiply(a)), encode2(G2.BASE.multiply(b)));
    const right = join(encode1(G1.BASE.multiply((a * b) % ORDER).negate()), encode2(G2.BASE));
    expect((await expectSame('berlin', 8, join(left, right)))?.output[31]).toBe(1);
    expect((await expectSame('osaka', 8, left))?.output[31]).toBe(0);
    await expectSame('berlin', 8, join(left, right, encode1(g1()), encode2(g2())));
  });

  test('takes infinity in a pair for one', async () => {
    const none = join(INFINITY_1, INFINITY_2);
    const [first, second] = [join(encode1(g1()), INFINITY_2), join(INFINITY_1, encode2(g2()))];
    const finite = join(encode1(g1()), encode2(g2()));
    const inputs = [new Uint8Array(), none, first, second, join(first, second)];
    for (const input of inputs) expect((await expectSame('berlin', 8, input))?.output[31]).toBe(1);
    for (const input of [join(first, finite), join(finite, second)]) {
      expect((await expectSame('berlin', 8, input))?.output[31]).toBe(0);
    }
  });

  test('rejects points of the twist that are wrong', async () => {
    const [point, twist] = [encode1(g1()), encode2(g2())];
    const swapped = join(twist.subarray(32, 64), twist.subarray(0, 32), twist.subarray(64));
    const beyond = join(toBytes(Fp.ORDER, 32), twist.subarray(32));
    for (const bad of [swapped, beyond, new Uint8Array(128).fill(0xff)]) {
      expect(await expectSame('berlin', 8, join(point, bad))).toBeNull();
      expect(await expectSame('berlin', 8, join(INFINITY_1, bad))).toBeNull();
    }
    expect(await expectSame('berlin', 8, join(point, pointOutsideSubgroup()))).toBeNull();
    for (const length of [1, 191, 193]) expect(await expectSame('berlin', 8, new Uint8Array(length))).toBeNull();
  });
});
