import { describe, expect, test } from 'vitest';
import {
  G1,
  G2,
  MODULUS,
  ORDER,
  encode1,
  encode2,
  outsideSubgroup1,
  outsideSubgroup2,
  type PointG1,
  type PointG2,
} from './bls12-points.js';
import { expectSame, join, run, toBytes } from './oracle.js';
import { RandomBytes, SEED } from './random.js';

const [G1_ADD, G1_MSM, G2_ADD, G2_MSM, PAIRING, MAP_TO_G1, MAP_TO_G2] = [11, 12, 13, 14, 15, 16, 17] as const;
const INFINITY_1 = new Uint8Array(128);
const INFINITY_2 = new Uint8Array(256);

const random = new RandomBytes(12);
const g1 = (): PointG1 => G1.BASE.multiply(random.scalar(ORDER));
const g2 = (): PointG2 => G2.BASE.multiply(random.scalar(ORDER));

/** Each of the two groups with its precompiles. */
const GROUPS = [
  {
    name: 'G1',
    add: G1_ADD,
    msm: G1_MSM,
    infinity: INFINITY_1,
    base: encode1(G1.BASE),
    create: () => encode1(g1()),
    createOpposites: () => {
      const point = g1();
      return [encode1(point), encode1(point.negate())] as const;
    },
    createOutside: outsideSubgroup1,
  },
  {
    name: 'G2',
    add: G2_ADD,
    msm: G2_MSM,
    infinity: INFINITY_2,
    base: encode2(G2.BASE),
    create: () => encode2(g2()),
    createOpposites: () => {
      const point = g2();
      return [encode2(point), encode2(point.negate())] as const;
    },
    createOutside: outsideSubgroup2,
  },
] as const;

/** Encodings that are no point, made from one that is. */
function spoil(point: Uint8Array): readonly Uint8Array[] {
  const spoilt = [point.slice(), point.slice()];
  const [first, last] = spoilt as [Uint8Array, Uint8Array];
  first[0] = 1;
  last[point.length - 1] = (last[point.length - 1] ?? 0) ^ 1;
  const beyond = join(toBytes(MODULUS, 64), point.subarray(64));
  const onlyModulus = join(toBytes(MODULUS, 64), new Uint8Array(point.length - 64));
  const onlyY = join(new Uint8Array(point.length - 64), toBytes(1n, 64));
  return [...spoilt, beyond, onlyModulus, onlyY, new Uint8Array(point.length).fill(0xff)];
}

describe.each(GROUPS)(`$name of BLS12-381, seed ${SEED}`, ({ add, msm, infinity, base, ...group }) => {
  test('adds what ethereumjs adds, in the subgroup or not', async () => {
    const [point, opposite] = group.createOpposites();
    const [outside, other] = [group.createOutside(1n), group.createOutside(1000n)];
    for (let times = 0; times < 3; times += 1) await expectSame('prague', add, join(group.create(), group.create()));
    for (const [a, b] of [
      [point, point],
      [point, opposite],
      [point, infinity],
      [infinity, point],
      [infinity, infinity],
      [outside, outside],
      [outside, other],
      [outside, point],
      [infinity, outside],
    ] as const) {
      expect(await expectSame('osaka', add, join(a, b))).not.toBeNull();
    }
  });

  test('rejects what is no point', async () => {
    for (const bad of spoil(base)) {
      expect(await expectSame('prague', add, join(bad, base))).toBeNull();
      expect(await expectSame('prague', add, join(base, bad))).toBeNull();
      expect(await expectSame('prague', msm, join(bad, toBytes(1n, 32)))).toBeNull();
    }
    for (const length of [0, 1, 2 * base.length - 1, 2 * base.length + 1]) {
      expect(await expectSame('prague', add, new Uint8Array(length))).toBeNull();
    }
  });

  test('multiplies and adds what ethereumjs does', async () => {
    for (const count of [1, 2, 3, 5, 17]) {
      const items = Array.from({ length: count }, () => join(group.create(), toBytes(random.scalar(ORDER), 32)));
      await expectSame('prague', msm, join(...items));
    }
    for (const scalar of [0n, 1n, 2n, ORDER - 1n]) {
      await expectSame('osaka', msm, join(group.create(), toBytes(scalar, 32)));
      await expectSame('osaka', msm, join(infinity, toBytes(scalar, 32)));
    }
    const [point, opposite] = group.createOpposites();
    const sum = await expectSame('prague', msm, join(point, toBytes(5n, 32), opposite, toBytes(5n, 32)));
    expect(sum?.output).toEqual(infinity);
  });

  test('reduces scalars', async () => {
    const point = group.create();
    for (const [scalar, reduced] of [
      [ORDER, 0n],
      [ORDER + 1n, 1n],
      [2n * ORDER + 7n, 7n],
      [2n ** 256n - 1n, (2n ** 256n - 1n) % ORDER],
    ] as const) {
      const outcome = await expectSame('prague', msm, join(point, toBytes(scalar, 32)));
      expect(outcome).not.toBeNull();
      expect(run('prague', msm, join(point, toBytes(reduced, 32)))).toEqual(outcome);
    }
  });

  test('multiplies points of the subgroup only', async () => {
    const outside = group.createOutside(1n);
    const good = join(group.create(), toBytes(3n, 32));
    for (const scalar of [0n, 1n, ORDER - 1n]) {
      const bad = join(outside, toBytes(scalar, 32));
      expect(await expectSame('prague', msm, bad)).toBeNull();
      expect(await expectSame('prague', msm, join(good, bad))).toBeNull();
    }
  });

  test('charges by the number of points, before it looks at them', async () => {
    for (const count of [1, 2, 127, 128, 129, 300]) {
      const input = new Uint8Array(count * (base.length + 32));
      const outcome = await expectSame('prague', msm, input);
      expect(outcome?.output).toEqual(infinity);
    }
    for (const length of [0, 1, base.length + 31, base.length + 33]) {
      expect(await expectSame('prague', msm, new Uint8Array(length))).toBeNull();
    }
  });
});

describe(`pairings of BLS12-381, seed ${SEED}`, () => {
  test('are what ethereumjs pairs', async () => {
    const [a, b] = [random.scalar(ORDER), random.scalar(ORDER)];
    const left = join(encode1(G1.BASE.multiply(a)), encode2(G2.BASE.multiply(b)));
    const right = join(encode1(G1.BASE.multiply((a * b) % ORDER).negate()), encode2(G2.BASE));
    expect((await expectSame('prague', PAIRING, join(left, right)))?.output[31]).toBe(1);
    expect((await expectSame('osaka', PAIRING, left))?.output[31]).toBe(0);
  });

  test('with infinity are one', async () => {
    const [first, second] = [join(encode1(g1()), INFINITY_2), join(INFINITY_1, encode2(g2()))];
    const finite = join(encode1(g1()), encode2(g2()));
    for (const input of [first, second, join(INFINITY_1, INFINITY_2), join(first, second)]) {
      expect((await expectSame('prague', PAIRING, input))?.output[31]).toBe(1);
    }
    expect((await expectSame('prague', PAIRING, join(first, finite)))?.output[31]).toBe(0);
  });

  test('are of points of the subgroups only', async () => {
    const [point, twist] = [encode1(G1.BASE), encode2(G2.BASE)];
    for (const bad of [outsideSubgroup1(1n), ...spoil(point)]) {
      expect(await expectSame('prague', PAIRING, join(bad, twist))).toBeNull();
      expect(await expectSame('prague', PAIRING, join(bad, INFINITY_2))).toBeNull();
    }
    for (const bad of [outsideSubgroup2(1n), ...spoil(twist)]) {
      expect(await expectSame('prague', PAIRING, join(point, bad))).toBeNull();
      expect(await expectSame('prague', PAIRING, join(INFINITY_1, bad))).toBeNull();
    }
    for (const length of [0, 1, 383, 385])
      expect(await expectSame('prague', PAIRING, new Uint8Array(length))).toBeNull();
  });
});

describe(`maps to BLS12-381, seed ${SEED}`, () => {
  const element = (): bigint => random.scalar(MODULUS);
  const edges = [0n, 1n, 2n, MODULUS - 1n, (MODULUS - 1n) / 2n, (MODULUS + 1n) / 2n];

  test('are those of ethereumjs', async () => {
    for (const value of [...edges, element(), element(), element(), element()]) {
      await expectSame('prague', MAP_TO_G1, toBytes(value, 64));
      await expectSame('prague', MAP_TO_G2, join(toBytes(value, 64), toBytes(element(), 64)));
    }
    for (const real of edges) {
      for (const imaginary of edges)
        await expectSame('osaka', MAP_TO_G2, join(toBytes(real, 64), toBytes(imaginary, 64)));
    }
  });

  test('reject what is no element', async () => {
    const one = toBytes(1n, 64);
    for (const bad of [toBytes(MODULUS, 64), toBytes(2n ** 384n - 1n, 64), toBytes(1n << 384n, 64)]) {
      expect(await expectSame('prague', MAP_TO_G1, bad)).toBeNull();
      expect(await expectSame('prague', MAP_TO_G2, join(bad, one))).toBeNull();
      expect(await expectSame('prague', MAP_TO_G2, join(one, bad))).toBeNull();
    }
    for (const length of [0, 63, 65, 127, 129]) {
      for (const number of [MAP_TO_G1, MAP_TO_G2]) {
        expect(await expectSame('prague', number, new Uint8Array(length))).toBeNull();
      }
    }
  });
});
