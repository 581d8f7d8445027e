import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Encoder } from '../../../executor/wasm/encode.js';
import type { Hex } from '../../../types.js';

const SEED = 20_250_712;
const GUARD_BYTES = 32;

type Item =
  | { readonly kind: 'hexWord'; readonly hex: Hex }
  | { readonly kind: 'hexBytes'; readonly hex: Hex }
  | { readonly kind: 'word'; readonly value: bigint }
  | { readonly kind: 'u64'; readonly value: bigint }
  | { readonly kind: 'u32 twice'; readonly value: number };

const digits = (maxLength: number): fc.Arbitrary<Hex> =>
  fc
    .array(fc.constantFrom(...Array.from('0123456789abcdefABCDEF')), { maxLength })
    .map((characters): Hex => `0x${characters.join('')}`);

const ITEM: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ kind: fc.constant('hexWord' as const), hex: digits(64) }),
  fc.record({ kind: fc.constant('hexBytes' as const), hex: digits(300).filter(({ length }) => length % 2 === 0) }),
  fc.record({ kind: fc.constant('word' as const), value: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }) }),
  fc.record({ kind: fc.constant('word' as const), value: fc.constantFrom(0n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 128n) }),
  fc.record({ kind: fc.constant('u64' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.record({ kind: fc.constant('u32 twice' as const), value: fc.nat(2 ** 32 - 1) }),
);

function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, place) => Number((value >> BigInt(8 * place)) & 255n));
}

function bytesOf(item: Item): Uint8Array {
  if (item.kind === 'hexWord') return littleEndian(item.hex === '0x' ? 0n : BigInt(item.hex), 32);
  if (item.kind === 'word') return littleEndian(item.value, 32);
  if (item.kind === 'u64') return littleEndian(item.value, 8);
  if (item.kind === 'u32 twice') return littleEndian((BigInt(item.value) << 32n) | BigInt(item.value), 8);
  const content = Buffer.from(item.hex.slice(2), 'hex');
  return Buffer.concat([content, new Uint8Array(-content.length & 15)]);
}

function write(encoder: Encoder, item: Item): void {
  if (item.kind === 'hexWord') encoder.hexWord(item.hex);
  else if (item.kind === 'word') encoder.word(item.value);
  else if (item.kind === 'u64') encoder.u64(item.value);
  else if (item.kind === 'hexBytes') encoder.hexBytes(item.hex);
  else for (let times = 0; times < 2; times += 1) encoder.u32(item.value);
}

/** Everything one after another, with what lies around it. */
function encode(items: readonly Item[]): Uint8Array {
  const sizeBytes = items.reduce((sum, item) => sum + bytesOf(item).length, 0);
  const memory = new Uint8Array(GUARD_BYTES + sizeBytes + GUARD_BYTES);
  const encoder = new Encoder(memory, GUARD_BYTES, sizeBytes);
  for (const item of items) write(encoder, item);
  expect(encoder.at).toBe(GUARD_BYTES + sizeBytes);
  encoder.finish();
  return memory;
}

function expected(items: readonly Item[]): Uint8Array {
  const guard = new Uint8Array(GUARD_BYTES);
  return new Uint8Array(Buffer.concat([guard, ...items.map(bytesOf), guard]));
}

describe(`the encoder, seed ${SEED}`, () => {
  it('writes what it is given, little-endian, in its place', () => {
    const isRight = fc.property(fc.array(ITEM, { maxLength: 300, size: 'max' }), (items) => {
      expect(encode(items)).toEqual(expected(items));
    });
    fc.assert(isRight, { seed: SEED, numRuns: 100 });
  });

  it('takes a piece of hex that is longer than a batch', () => {
    const hex: Hex = `0x${'0123456789abcdef'.repeat(10_000)}`;
    const items: Item[] = [
      { kind: 'hexWord', hex: '0x01' },
      { kind: 'hexBytes', hex },
      { kind: 'hexWord', hex: '0x0203' },
    ];
    expect(encode(items)).toEqual(expected(items));
  });

  it('moves to where it is told', () => {
    const memory = new Uint8Array(96);
    const encoder = new Encoder(memory, 32, 64);
    encoder.moveTo(64);
    encoder.hexWord('0x0102');
    encoder.finish();
    expect([...memory.subarray(62, 68)]).toEqual([0, 0, 2, 1, 0, 0]);
  });
});
