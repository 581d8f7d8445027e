import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { expectSame, fromHex, join, run, toBytes } from './oracle.js';
import { RandomBytes, SEED } from './random.js';

const RIPEMD160 = 3;
const BLAKE2F = 9;

describe(`RIPEMD-160, seed ${SEED}`, () => {
  test('of every short length and some long ones', async () => {
    const random = new RandomBytes(3);
    for (let length = 0; length < 140; length += 1) await expectSame('berlin', RIPEMD160, random.bytes(length));
    for (const length of [1000, 4096, 10_001]) await expectSame('osaka', RIPEMD160, random.bytes(length));
  });
});

/** h, m and t of the hash of "abc", whose last block this is (EIP-152). */
const ABC = join(
  fromHex('48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b'),
  fromHex('6bbd41fbabd9831f79217e1319cde05b'),
  fromHex('616263'),
  new Uint8Array(125),
  fromHex('03000000000000000000000000000000'),
);

describe(`BLAKE2b's compression, seed ${SEED}`, () => {
  const random = new RandomBytes(9);
  const input = (rounds: number, state: Uint8Array, flag: number): Uint8Array =>
    join(toBytes(BigInt(rounds), 4), state, Uint8Array.of(flag));

  test('hashes "abc"', () => {
    const output = new Uint8Array(createHash('blake2b512').update('abc').digest());
    expect(run('berlin', BLAKE2F, input(12, ABC, 1))).toEqual({ output, gasUsed: 12 });
  });

  test('of any number of rounds', async () => {
    for (const rounds of [0, 1, 2, 9, 10, 11, 12, 19, 20, 21, 100, 12_345]) {
      for (const flag of [0, 1]) await expectSame('berlin', BLAKE2F, input(rounds, random.bytes(208), flag));
    }
    for (let times = 0; times < 50; times += 1) {
      await expectSame('osaka', BLAKE2F, input(random.below(40), random.bytes(208), random.below(2)));
    }
    await expectSame('berlin', BLAKE2F, input(12, new Uint8Array(208).fill(0xff), 1));
  });

  test('reads its input wherever it lies in a buffer', async () => {
    const shifted = new Uint8Array(230);
    shifted.set(input(12, random.bytes(208), 1), 5);
    await expectSame('berlin', BLAKE2F, shifted.subarray(5, 218));
  });

  test('rejects other lengths and flags', async () => {
    for (const length of [0, 212, 214]) expect(await expectSame('berlin', BLAKE2F, new Uint8Array(length))).toBeNull();
    for (const flag of [2, 255]) expect(await expectSame('berlin', BLAKE2F, input(1, ABC, flag))).toBeNull();
  });

  test('is charged before it is done', () => {
    expect(run('berlin', BLAKE2F, input(0xffff_ffff, ABC, 1), 1_000_000)).toBeNull();
  });
});
