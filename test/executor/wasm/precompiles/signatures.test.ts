import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, test } from 'vitest';
import { expectSame, fromHex, join, run, toBigInt, toBytes } from './oracle.js';
import { RandomBytes, SEED } from './random.js';

const ECRECOVER = 1;
const P256VERIFY = 0x100;

describe(`ecrecover, seed ${SEED}`, () => {
  const random = new RandomBytes(1);
  const order = secp256k1.Point.Fn.ORDER;
  const signed = (): { readonly hash: Uint8Array; readonly v: Uint8Array; readonly rs: Uint8Array } => {
    const hash = random.bytes(32);
    const key = toBytes(random.scalar(order), 32);
    const signature = secp256k1.sign(hash, key, { prehash: false, format: 'recovered' });
    return { hash, v: toBytes(27n + BigInt(signature[0] ?? 0), 32), rs: signature.subarray(1) };
  };

  test('recovers what ethereumjs recovers', async () => {
    for (let times = 0; times < 20; times += 1) {
      const { hash, v, rs } = signed();
      const outcome = await expectSame('berlin', ECRECOVER, join(hash, v, rs));
      expect(outcome?.output).toHaveLength(32);
      // The other key, and the signature with the other s.
      await expectSame('osaka', ECRECOVER, join(hash, toBytes(55n - toBigInt(v), 32), rs));
      const s = order - toBigInt(rs.subarray(32));
      await expectSame('osaka', ECRECOVER, join(hash, v, rs.subarray(0, 32), toBytes(s, 32)));
    }
  });

  test('finds nothing for other v', async () => {
    const { hash, rs } = signed();
    for (const v of [0n, 1n, 26n, 29n, 27n + 256n, 28n + (1n << 255n), 2n ** 256n - 1n]) {
      expect((await expectSame('berlin', ECRECOVER, join(hash, toBytes(v, 32), rs)))?.output).toHaveLength(0);
    }
  });

  test('keeps r and s within the order', async () => {
    const { hash, v, rs } = signed();
    const [r, s] = [rs.subarray(0, 32), rs.subarray(32)];
    const edges = [0n, 1n, 2n, 3n, 5n, order - 1n, order, order + 1n, secp256k1.Point.Fp.ORDER, 2n ** 256n - 1n];
    for (const edge of edges.map((value) => toBytes(value, 32))) {
      await expectSame('berlin', ECRECOVER, join(hash, v, edge, s));
      await expectSame('berlin', ECRECOVER, join(hash, v, r, edge));
      await expectSame('berlin', ECRECOVER, join(edge, v, r, s));
    }
  });

  test('finds nothing where the key would be infinity', async () => {
    // R is the generator and s · R = hash · G.
    const r = toBytes(secp256k1.Point.BASE.toAffine().x % order, 32);
    for (const v of [27n, 28n])
      await expectSame('berlin', ECRECOVER, join(toBytes(5n, 32), toBytes(v, 32), r, toBytes(5n, 32)));
  });

  test('of short and long input, and of noise', async () => {
    const { hash, v, rs } = signed();
    const input = join(hash, v, rs, random.bytes(9));
    for (const length of [0, 31, 32, 64, 100, 127, 128, 137])
      await expectSame('berlin', ECRECOVER, input.subarray(0, length));
    for (let times = 0; times < 30; times += 1) {
      await expectSame('berlin', ECRECOVER, join(random.bytes(32), toBytes(27n, 32), random.bytes(64)));
    }
  });
});

describe(`P256VERIFY, seed ${SEED}`, () => {
  const random = new RandomBytes(0x100);
  const order = p256.Point.Fn.ORDER;
  const field = p256.Point.Fp.ORDER;
  const isAccepted = async (input: Uint8Array): Promise<boolean> =>
    (await expectSame('osaka', P256VERIFY, input))?.output.length === 32;
  const signed = (): Uint8Array => {
    const [hash, key] = [random.bytes(32), toBytes(random.scalar(order), 32)];
    return join(hash, p256.sign(hash, key, { prehash: false, lowS: false }), p256.getPublicKey(key, false).subarray(1));
  };
  const withPart = (input: Uint8Array, place: number, value: bigint): Uint8Array =>
    join(input.subarray(0, 32 * place), toBytes(value, 32), input.subarray(32 * (place + 1)));

  test('accepts what was signed, and the signature with the other s', async () => {
    for (let times = 0; times < 8; times += 1) {
      const input = signed();
      expect(await isAccepted(input)).toBe(true);
      expect(await isAccepted(withPart(input, 2, order - toBigInt(input.subarray(64, 96))))).toBe(true);
    }
  });

  test('rejects one changed bit in any part', async () => {
    const input = signed();
    for (const place of [0, 31, 32, 63, 64, 95, 96, 127, 128, 159]) {
      const changed = input.slice();
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(await isAccepted(changed)).toBe(false);
    }
  });

  test('rejects numbers out of their bounds', async () => {
    const input = signed();
    for (const place of [1, 2]) {
      for (const value of [0n, order, order + 1n, 2n ** 256n - 1n]) {
        expect(await isAccepted(withPart(input, place, value))).toBe(false);
      }
    }
    for (const value of [0n, field, 2n ** 256n - 1n]) {
      for (const place of [3, 4]) expect(await isAccepted(withPart(input, place, value))).toBe(false);
    }
    expect(await isAccepted(withPart(withPart(input, 3, 0n), 4, 0n))).toBe(false);
  });

  test('takes a hash of any value', async () => {
    for (const hash of [0n, 1n, order, order + 5n, 2n ** 256n - 1n].map((value) => toBytes(value, 32))) {
      const key = toBytes(random.scalar(order), 32);
      const signature = p256.sign(hash, key, { prehash: false, lowS: false });
      expect(await isAccepted(join(hash, signature, p256.getPublicKey(key, false).subarray(1)))).toBe(true);
    }
  });

  test('compares r modulo the order with an x beyond it', async () => {
    // The smallest x of a point at or above the order: r = x − order, and then the key for s = 1 and a hash of 0 is R / r.
    let x = order;
    let point = null;
    while (point === null) {
      try {
        point = p256.Point.fromHex(`02${x.toString(16)}`);
      } catch {
        x += 1n;
      }
    }
    const r = x - order;
    const key = point.multiply(p256.Point.Fn.inv(r)).toBytes(false).subarray(1);
    expect(await isAccepted(join(new Uint8Array(32), toBytes(r, 32), toBytes(1n, 32), key))).toBe(true);
    const plain = p256.Point.BASE.toBytes(false).subarray(1);
    expect(await isAccepted(join(new Uint8Array(32), toBytes(r, 32), toBytes(1n, 32), plain))).toBe(false);
  });

  test('rejects what sums to infinity', async () => {
    // hash · G + r · Q with Q = G and hash = −r.
    const [r, key] = [7n, p256.Point.BASE.toBytes(false).subarray(1)];
    expect(await isAccepted(join(toBytes(order - r, 32), toBytes(r, 32), toBytes(1n, 32), key))).toBe(false);
    // And the sum of equal points, by the same keys.
    expect(await isAccepted(join(toBytes(r, 32), toBytes(r, 32), toBytes(1n, 32), key))).toBe(false);
  });

  test('returns nothing for other lengths, and is paid all the same', async () => {
    for (const length of [0, 159, 161]) {
      expect(await expectSame('osaka', P256VERIFY, random.bytes(length))).toEqual({
        output: new Uint8Array(),
        gasUsed: 6900,
      });
    }
    expect(run('osaka', P256VERIFY, signed(), 6899)).toBeNull();
  });

  test('accepts a vector of EIP-7951', async () => {
    // Wycheproof, ecdsa_secp256r1_sha256, test 1.
    const input = fromHex(
      'bb5a52f42f9c9261ed4361f59422a1e30036e7c32b270c8807a419feca605023' +
        '2ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18' +
        '4cd60b855d442f5b3c7b11eb6c4e0ae7525fe710fab9aa7c77a67f79e6fadd76' +
        '2927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838' +
        'c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e',
    );
    expect(await isAccepted(input)).toBe(true);
  });
});
