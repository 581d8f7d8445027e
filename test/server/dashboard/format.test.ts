import { describe, expect, it } from 'vitest';
import {
  chainName,
  formatAge,
  formatCost,
  formatFactor,
  formatGwei,
  formatShare,
  formatSlot,
  plural,
  shortHex,
  threeDigits,
} from '../../../server/dashboard/browser/format.js';

describe('numbers', () => {
  it.each([
    [0, 'ns', '0 ns'],
    [999, 'ns', '999 ns'],
    [1000, 'ns', '1.00 µs'],
    [1_313_000, 'ns', '1.31 ms'],
    [5e12, 'ns', '5,000 s'],
    [21_000, 'gas', '21.0 k gas'],
    [36_000_000, 'gas', '36.0 M gas'],
  ] as const)('write a cost of %d %s as %s', (value, unit, text) => {
    expect(formatCost(value, unit)).toBe(text);
  });

  it.each([
    [0, '0'],
    [0.0004, '4.0e-4'],
    [0.1234, '0.123'],
    [99.95, '100'],
    [999.4, '999'],
    [999.6, '1,000'],
    [-12.34, '-12.3'],
  ])('keep three digits of %d: %s', (value, text) => {
    expect(threeDigits(value)).toBe(text);
  });

  it('write an en dash for what is not known', () => {
    expect([formatShare(null), formatFactor(null), formatFactor(Infinity), formatGwei(null), chainName(null)]).toEqual(
      Array.from({ length: 5 }, () => '–'),
    );
  });

  it('write wei as gwei', () => {
    expect(formatGwei('7912345678')).toBe('7.91 gwei');
    expect(formatGwei('7')).toBe('7.0e-9 gwei');
  });

  it('count nouns', () => {
    expect([plural(0, 'pair'), plural(1, 'pair'), plural(1200, 'pair')]).toEqual(['0 pairs', '1 pair', '1,200 pairs']);
  });

  it('tell ages in the largest unit that fits, and none before now', () => {
    expect([-5, 59, 60, 7199, 86_400].map(formatAge)).toEqual([
      '0 s ago',
      '59 s ago',
      '1 min ago',
      '1 h ago',
      '1 d ago',
    ]);
  });
});

describe('names', () => {
  it('show both ends of an address, and all of a short one', () => {
    expect(shortHex(`0x${'ab'.repeat(20)}`)).toBe('0xabab…abab');
    expect(shortHex('0xa9059cbb')).toBe('0xa9059cbb');
  });

  it('tell slots of variables from those of mappings', () => {
    expect(formatSlot(null)).toBe('balance and nonce');
    expect(formatSlot(`0x${'8'.padStart(64, '0')}`)).toBe('slot 8');
    expect(formatSlot(`0x${'f0'.repeat(32)}`)).toBe('slot 0xf0f0…f0f0');
  });

  it('name chains that many know', () => {
    expect([chainName(1), chainName(31_337)]).toEqual(['Ethereum (1)', 'chain 31337']);
  });
});
