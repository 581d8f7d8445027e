import { describe, expect, test } from 'vitest';
import { expectSame, join, run, runReference, toBigInt, toBytes, type PrecompileFork } from './oracle.js';
import { RandomBytes, SEED } from './random.js';

const MODEXP = 5;
const FORKS: readonly PrecompileFork[] = ['berlin', 'osaka'];

function encode(base: Uint8Array, exponent: Uint8Array, modulus: Uint8Array): Uint8Array {
  const lengths = [base, exponent, modulus].map(({ length }) => toBytes(BigInt(length), 32));
  return join(...lengths, base, exponent, modulus);
}

function header(base: bigint, exponent: bigint, modulus: bigint): Uint8Array {
  return join(toBytes(base, 32), toBytes(exponent, 32), toBytes(modulus, 32));
}

/** Odd with the highest bit set, so that its length is what is asked for. */
function odd(random: RandomBytes, length: number): Uint8Array {
  const bytes = random.bytes(length);
  bytes[0] = (bytes[0] ?? 0) | 0x80;
  bytes[length - 1] = (bytes[length - 1] ?? 0) | 1;
  return bytes;
}

/** With this many zero bits at its end. */
function even(random: RandomBytes, length: number, zeroBits: number): Uint8Array {
  const mask = (1n << BigInt(8 * length)) - 1n;
  return toBytes((toBigInt(odd(random, length)) << BigInt(zeroBits)) & mask, length);
}

describe(`modular exponentiation, seed ${SEED}`, () => {
  const random = new RandomBytes(5);

  test('of random numbers of all lengths', async () => {
    for (let times = 0; times < 300; times += 1) {
      const [base, exponent, modulus] = [random.below(100), random.below(20), random.below(100)] as const;
      const input = encode(random.bytes(base), random.bytes(exponent), random.bytes(modulus));
      await expectSame(times % 2 === 0 ? 'berlin' : 'osaka', MODEXP, input);
    }
  });

  test('by small numbers', async () => {
    for (const base of [0, 1, 2, 3, 255]) {
      for (const exponent of [0, 1, 2, 3, 65, 255]) {
        for (const modulus of [0, 1, 2, 3, 4, 5, 128, 254, 255]) {
          await expectSame(
            'berlin',
            MODEXP,
            encode(Uint8Array.of(base), Uint8Array.of(exponent), Uint8Array.of(modulus)),
          );
        }
      }
    }
  });

  // 32 bytes are the kernel's last; after 384 OpenSSL takes long exponents in pieces only.
  const sizes = [1, 3, 4, 5, 8, 9, 16, 17, 24, 25, 31, 32, 33, 34, 64, 65, 128, 256, 383, 384, 385, 512, 1024];
  test.each(sizes)('with an odd modulus of %i bytes', async (length) => {
    const modulus = odd(random, length);
    const one = Uint8Array.of(1);
    const bases = [random.bytes(length), new Uint8Array(length), toBytes(toBigInt(modulus) - 1n, length), modulus, one];
    const exponents = [one, Uint8Array.of(1, 0, 1), random.bytes(8), random.bytes(9), join(one, new Uint8Array(20))];
    for (const base of bases)
      for (const exponent of exponents) await expectSame('berlin', MODEXP, encode(base, exponent, modulus));
    await expectSame('osaka', MODEXP, encode(random.bytes(length), random.bytes(Math.min(length, 130)), modulus));
  });

  test.each([1, 2, 8, 32, 33, 64, 65, 128, 384, 512])('with an even modulus of %i bytes', async (length) => {
    for (const zeroBits of [1, 7, 8, 4 * length, 8 * length - 1]) {
      const modulus = even(random, length, zeroBits);
      for (const exponent of [Uint8Array.of(3), random.bytes(5), random.bytes(Math.min(length, 64))]) {
        await expectSame('berlin', MODEXP, encode(random.bytes(length), exponent, modulus));
        await expectSame('osaka', MODEXP, encode(even(random, length, 3), exponent, modulus));
      }
    }
  });

  test('with a modulus beyond what OpenSSL takes', async () => {
    for (const length of [2048, 2049, 5000]) {
      for (const modulus of [odd(random, length), even(random, length, 9)]) {
        await expectSame('berlin', MODEXP, encode(random.bytes(length + 7), Uint8Array.of(1, 0, 1), modulus));
      }
    }
  });

  test('with exponents longer than the modulus', async () => {
    for (const length of [1, 16, 32, 65, 100]) {
      for (const exponentBytes of [33, 300, 1024]) {
        await expectSame('osaka', MODEXP, encode(random.bytes(64), random.bytes(exponentBytes), odd(random, length)));
      }
    }
  });

  test('of leading zeros, in the exponent and elsewhere', async () => {
    const zeros = new Uint8Array(40);
    for (const fork of FORKS) {
      for (const exponent of [
        zeros,
        join(zeros, Uint8Array.of(5)),
        join(new Uint8Array(31), Uint8Array.of(1), zeros),
      ]) {
        await expectSame(fork, MODEXP, encode(join(zeros, random.bytes(3)), exponent, join(zeros, odd(random, 30))));
      }
    }
  });

  test('of input that ends early', async () => {
    const input = encode(random.bytes(20), random.bytes(40), odd(random, 20));
    for (let length = 0; length <= input.length; length += 1) {
      await expectSame(length % 2 === 0 ? 'berlin' : 'osaka', MODEXP, input.subarray(0, length));
    }
  });

  test('of lengths that are zero', async () => {
    const content = random.bytes(12);
    for (const fork of FORKS) {
      for (const base of [0n, 4n]) {
        for (const exponent of [0n, 4n]) {
          for (const modulus of [0n, 4n]) {
            await expectSame(fork, MODEXP, join(header(base, exponent, modulus), content));
          }
        }
      }
    }
  });

  test('of lengths that nobody can pay or address', async () => {
    for (const huge of [1025n, 2n ** 31n, 2n ** 53n, 2n ** 64n, 2n ** 256n - 1n]) {
      for (const [base, exponent, modulus] of [
        [huge, 1n, 1n],
        [1n, huge, 1n],
        [1n, 1n, huge],
        [huge, huge, huge],
      ] as const) {
        const input = join(header(base, exponent, modulus), random.bytes(96));
        for (const fork of FORKS) {
          expect(run(fork, MODEXP, input, 2000)).toEqual(await runReference(fork, MODEXP, input, 2000));
        }
      }
    }
  });

  test('of an exponent of any length costs the least where there is neither base nor modulus', async () => {
    const input = header(0n, 2n ** 256n - 1n, 0n);
    const outcome = await expectSame('berlin', MODEXP, input);
    expect(outcome).toEqual({ output: new Uint8Array(), gasUsed: 200 });
  });

  test('has bounds from Osaka on', async () => {
    for (const [base, exponent, modulus] of [
      [1025, 1, 1],
      [1, 1025, 1],
      [1, 1, 1025],
      [0, 1025, 0],
    ] as const) {
      const input = encode(new Uint8Array(base), new Uint8Array(exponent), new Uint8Array(modulus));
      expect(await expectSame('osaka', MODEXP, input)).toBeNull();
      expect(await expectSame('prague', MODEXP, input)).not.toBeNull();
    }
  });
});
