import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder, mixedOrder } from '../../../bench/policies/mixed-order.js';

describe('the order of the mixed trace', () => {
  const names = ['a', 'b', 'c', 'd'];

  it('is fixed by its seed', () => {
    expect(mixedOrder(names, { times: 2, seed: 1 }).join('')).toBe('adccbbad');
    expect(mixedOrder(names, { times: 2, seed: 2 })).not.toEqual(mixedOrder(names, { times: 2, seed: 1 }));
  });

  it('has each name as often as was asked', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.nat(), (times, seed) => {
        const expected = names.flatMap((name) => Array.from({ length: times }, () => name));
        expect(mixedOrder(names, { times, seed }).sort()).toEqual(expected);
      }),
    );
  });

  it('keeps the order within a source, and passes over one that has ended', async () => {
    const taken: string[] = [];
    const source = async function* (name: string): AsyncGenerator<string> {
      yield await Promise.resolve(`${name}1`);
      if (name === 'a') yield `${name}2`;
    };
    for await (const item of inOrder(['b', 'a', 'b', 'a'], source)) taken.push(item);
    expect(taken).toEqual(['b1', 'a1', 'a2']);
  });
});
