import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNetwork, encodeNetwork, outputCount } from '../../../model/network/network.js';
import { constantNetwork, randomNetwork } from './examples.js';

describe('encoded networks', () => {
  it('come back from JSON as they were', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(sizes, fc.constantFrom('linear', 'ascending'), fc.integer(), (layerSizes, head, seed) => {
        const network = randomNetwork(layerSizes, head, seed);
        expect(decodeNetwork(JSON.parse(JSON.stringify(encodeNetwork(network))))).toEqual(network);
        expect(outputCount(network)).toBe(layerSizes.at(-1));
      }),
      { numRuns: 50 },
    );
  });

  it('are little-endian float32', () => {
    expect(encodeNetwork(constantNetwork([1, -2], 'linear')).layers[0]?.bias).toBe(
      Buffer.from([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]).toString('base64'),
    );
  });

  const encoded = encodeNetwork(randomNetwork([2, 3, 1], 'linear', 5));
  const [first, last] = encoded.layers;
  const floats = (...values: number[]): string => Buffer.from(Float32Array.from(values).buffer).toString('base64');

  it.each([
    ['no object', null, /expected object/],
    ['a missing field', { ...encoded, head: undefined }, /head: /],
    ['another activation', { ...encoded, layers: [{ ...first, activation: 'tanh' }, last] }, /layers\.0\.activation: /],
    ['no layers', { ...encoded, layers: [] }, /layers: /],
    ['no base64', { ...encoded, layers: [first, { ...last, bias: '*' }] }, /layers\.1\.bias: /],
    [
      'a short kernel',
      { ...encoded, layers: [first, { ...last, kernel: floats(1, 2) }] },
      /layers\.1\.kernel has 8 byt/,
    ],
    [
      'a layer left out',
      { ...encoded, layers: [last] },
      /layers\.0\.kernel has 12 bytes where 2 float32 values need 8/,
    ],
    ['a NaN', { ...encoded, layers: [first, { ...last, bias: floats(Number.NaN) }] }, /layers\.1\.bias .* not finite/],
    [
      'a scale of 0',
      { ...encoded, normaliser: { ...encoded.normaliser, scale: floats(1, 0) } },
      /scale .* not positive/,
    ],
  ])('with %s are refused', (_, value, message) => {
    expect(() => decodeNetwork(value)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(() => decodeNetwork(value)).toThrow(message);
  });
});
