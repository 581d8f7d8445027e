import type { Random } from '../../datasets/generate/random.js';
import type { Address, Hash, Hex } from '../../types.js';

const MAX_WORD = 2n ** 256n - 1n;

/** Words at which arithmetic, memory and gas change their behaviour. */
const BOUNDARIES: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 7n, 31n, 32n, 33n, 63n, 64n, 95n, 96n, 127n, 128n, 255n, 256n, 257n, 1023n, 1024n],
  ...[8n, 16n, 31n, 32n, 63n, 64n, 65n, 127n, 128n, 129n, 160n, 191n, 192n, 254n, 255n].flatMap((bits) => [
    2n ** bits - 1n,
    2n ** bits,
    2n ** bits + 1n,
  ]),
  MAX_WORD - 1n,
  MAX_WORD,
];

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** Uniform in [low, high]. */
export function between(random: Random, low: number, high: number): number {
  return low + random.below(high - low + 1);
}

export function bytes(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.below(256));
}

export function toHex(content: readonly number[]): Hex {
  return `0x${content.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

export function hash(random: Random): Hash {
  return toHex(bytes(random, 32));
}

export function wordOf(value: bigint | number): Hash {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

export function addressOf(value: bigint | number): Address {
  return `0x${value.toString(16).padStart(40, '0')}`;
}

/** Mostly boundaries, their negatives and small numbers; sometimes anything of any length. */
export function word(random: Random): bigint {
  const kind = random.below(10);
  if (kind < 4) return pick(random, BOUNDARIES);
  if (kind < 6) return BigInt.asUintN(256, -pick(random, BOUNDARIES));
  if (kind < 8) return BigInt(random.below(300));
  return BigInt(toHex([0, ...bytes(random, between(random, 1, 32))]));
}
