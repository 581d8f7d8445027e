import { describe, expect, it } from 'vitest';
import type { Fork, Hex } from '../../../../types.js';
import { LABEL, bytesOf, callEach, failure, joined, repeated, success } from './compare.js';
import { power } from './curves.js';

const MODEXP = 0x05;

interface Case {
  readonly base: Hex;
  readonly exponent: Hex;
  readonly modulus: Hex;
}

const lengthOf = (part: Hex): number => part.length / 2 - 1;
const numberOf = (part: Hex): bigint => (part === '0x' ? 0n : BigInt(part));

function encoded({ base, exponent, modulus }: Case): Hex {
  const lengths = [base, exponent, modulus].map((part) => bytesOf(lengthOf(part), 32));
  return joined(...lengths, base, exponent, modulus);
}

function expected({ base, exponent, modulus }: Case): Hex {
  if (modulus === '0x') return '0x';
  const value = numberOf(modulus) === 0n ? 0n : power(numberOf(base), numberOf(exponent), numberOf(modulus));
  return bytesOf(value, lengthOf(modulus));
}

/** An odd number of so many bytes, the first of them not zero. */
const odd = (bytes: number): Hex => repeated('0xc5', bytes);

/** The sizes of the vectors "nagydani" of EIP-198, on which alone the gas depends. */
const nagydani = (bytes: number, exponent: Hex): Case => ({
  base: repeated('0x9d', bytes),
  exponent,
  modulus: odd(bytes),
});

/** Names, cases, and gas from Berlin on (EIP-2565) and from Osaka on (EIP-7883). */
const PRICED: [string, Case, number, number][] = [
  ['modexp_nagydani_1_square', nagydani(64, '0x02'), 200, 500],
  ['modexp_nagydani_1_qube', nagydani(64, '0x03'), 200, 500],
  ['modexp_nagydani_1_pow0x10001', nagydani(64, '0x010001'), 341, 2_048],
  ['modexp_nagydani_2_square', nagydani(128, '0x02'), 200, 512],
  ['modexp_nagydani_2_pow0x10001', nagydani(128, '0x010001'), 1_365, 8_192],
  ['modexp_nagydani_3_square', nagydani(256, '0x02'), 341, 2_048],
  ['modexp_nagydani_3_pow0x10001', nagydani(256, '0x010001'), 5_461, 32_768],
  ['modexp_nagydani_4_square', nagydani(512, '0x02'), 1_365, 8_192],
  ['modexp_nagydani_4_pow0x10001', nagydani(512, '0x010001'), 21_845, 131_072],
  ['modexp_nagydani_5_square', nagydani(1024, '0x02'), 5_461, 32_768],
  ['modexp_nagydani_5_qube', nagydani(1024, '0x03'), 5_461, 32_768],
  ['modexp_nagydani_5_pow0x10001', nagydani(1024, '0x010001'), 87_381, 524_288],
  ['32 bytes of all: 16·255', { base: odd(32), exponent: repeated('0xff', 32), modulus: odd(32) }, 1_360, 4_080],
  ['33 bytes of modulus: 2·5²·255', { base: odd(32), exponent: repeated('0xff', 32), modulus: odd(33) }, 2_125, 12_750],
  ['33 bytes of base: 2·5²·255', { base: odd(33), exponent: repeated('0xff', 32), modulus: odd(32) }, 2_125, 12_750],
  ['1 byte of modulus counts as 32', { base: odd(1), exponent: repeated('0xff', 32), modulus: odd(1) }, 200, 4_080],
  [
    '33 bytes of exponent: 16·(16 + 255)',
    { base: odd(32), exponent: repeated('0xff', 33), modulus: odd(32) },
    1_402,
    4_336,
  ],
  [
    '64 bytes of exponent, the first 32 zero',
    { base: odd(32), exponent: joined(bytesOf(0, 32), odd(32)), modulus: odd(32) },
    1_365,
    8_192,
  ],
  [
    'leading zeros count as length: 2·5²·16·8',
    { base: bytesOf(3, 40), exponent: bytesOf(5, 40), modulus: bytesOf(1_000, 40) },
    533,
    6_400,
  ],
  [
    'the least price is reached: 16·31',
    { base: odd(32), exponent: bytesOf(2n ** 31n, 32), modulus: odd(32) },
    200,
    500,
  ],
  ['the least price is passed: 16·32', { base: odd(32), exponent: bytesOf(2n ** 32n, 32), modulus: odd(32) }, 200, 512],
];

/** Results at the edges. */
const EDGES: [string, Case][] = [
  ['nothing at all', { base: '0x', exponent: '0x', modulus: '0x' }],
  ['0⁰', { base: '0x00', exponent: '0x00', modulus: '0x07' }],
  ['an exponent of no bytes', { base: '0x05', exponent: '0x', modulus: '0x07' }],
  ['a base of no bytes', { base: '0x', exponent: '0x03', modulus: '0x0007' }],
  ['a modulus of zero', { base: '0x05', exponent: '0x03', modulus: '0x0000' }],
  ['a modulus of one', { base: '0x05', exponent: '0x00', modulus: '0x01' }],
  ['a modulus of no bytes', { base: '0x05', exponent: '0x03', modulus: '0x' }],
];

describe(`${LABEL}7883, gas of MODEXP`, () => {
  it.each(PRICED)('%s', async (_name, given, before, after) => {
    const calls = [{ to: MODEXP, input: encoded(given) }];
    expect(await callEach('prague', calls)).toEqual([success(expected(given), before)]);
    expect(await callEach('osaka', calls)).toEqual([success(expected(given), after)]);
  });

  it('fails with one gas less than the price', async () => {
    const input = encoded(nagydani(256, '0x02'));
    const calls = [2_048, 2_047].map((gasCap) => ({ to: MODEXP, input, gasCap }));
    expect(await callEach('osaka', calls)).toEqual([success(expected(nagydani(256, '0x02')), 2_048), failure(2_047)]);
  });

  it.each(EDGES)('computes as before: %s', async (_name, given) => {
    const calls = [{ to: MODEXP, input: encoded(given) }];
    expect(await callEach('prague', calls)).toEqual([success(expected(given), 200)]);
    expect(await callEach('osaka', calls)).toEqual([success(expected(given), 500)]);
  });

  it.each<[string, Hex, Hex]>([
    ['no input at all', '0x', '0x'],
    ['lengths cut short', '0x00', '0x'],
    ['a modulus that the input lacks', joined(bytesOf(1, 32), bytesOf(1, 32), bytesOf(2, 32), '0x0503'), '0x0000'],
    ['bytes after the modulus', `${encoded({ base: '0x05', exponent: '0x03', modulus: '0x07' })}ffff`, '0x06'],
  ])('reads zeros past the end of its input: %s', async (_name, input, output) => {
    expect(await callEach('osaka', [{ to: MODEXP, input }])).toEqual([success(output, 500)]);
  });
});

describe(`${LABEL}7823, bounds of MODEXP`, () => {
  it('takes parts of 1,024 bytes', async () => {
    const longest = { base: odd(1024), exponent: bytesOf(3, 1024), modulus: odd(1024) };
    const input = encoded(longest);
    // The first 32 bytes of the exponent are zero: 2·128²·16·992 gas, more than any transaction may have.
    expect(await callEach('osaka', [{ to: MODEXP, input }])).toEqual([failure()]);
    const calls: Case[] = [
      { base: odd(1024), exponent: '0x03', modulus: odd(1024) },
      { base: '0x05', exponent: bytesOf(3, 1024), modulus: '0x07' },
    ];
    const outcomes = await callEach('osaka', calls.map(toCall));
    expect(outcomes).toEqual(calls.map((given, place) => success(expected(given), [32_768, 253_952][place] ?? 0)));
  });

  const tooLong: [string, Case][] = [
    ['base', { base: odd(1025), exponent: '0x03', modulus: '0x07' }],
    ['exponent', { base: '0x05', exponent: bytesOf(3, 1025), modulus: '0x07' }],
    ['modulus', { base: '0x05', exponent: '0x03', modulus: odd(1025) }],
    ['exponent, where base and modulus have no bytes', { base: '0x', exponent: bytesOf(3, 1025), modulus: '0x' }],
  ];
  it.each(tooLong)('fails at 1,025 bytes of %s, all gas used', async (_name, given) => {
    expect(await callEach('osaka', [toCall(given)])).toEqual([failure()]);
    const [before] = await callEach('prague', [toCall(given)]);
    expect(before).toMatchObject({ succeeded: true, output: expected(given) });
  });

  it.each([0, 1, 2])('fails at a length beyond all memory: length %i', async (place) => {
    for (const length of [2n ** 32n, 2n ** 64n, 2n ** 256n - 1n]) {
      const lengths = [1n, 1n, 1n].map((one, at) => bytesOf(at === place ? length : one, 32));
      const calls = [{ to: MODEXP, input: joined(...lengths, '0x050307') }];
      for (const fork of ['prague', 'osaka'] satisfies Fork[]) expect(await callEach(fork, calls)).toEqual([failure()]);
    }
  });
});

function toCall(given: Case): { to: number; input: Hex } {
  return { to: MODEXP, input: encoded(given) };
}
