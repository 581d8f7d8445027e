import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanecastError } from '../../../errors.js';
import { SectionReader } from '../../../model/artifact/section-reader.js';
import { SectionWriter } from '../../../model/artifact/section-writer.js';
import { KeySpace } from '../../../model/tables/key-space.js';
import { PairTable } from '../../../model/tables/pair-table.js';
import { RateTable } from '../../../model/tables/rate-table.js';
import { heaviest, Renumbering } from '../../../model/tables/renumbering.js';
import { WordTable } from '../../../model/tables/word-table.js';
import { keccak256 } from '../../../executor/reference/index.js';

interface Saved {
  save(to: SectionWriter): void;
  restore(from: SectionReader): void;
}

/** `empty`, with what saving `full` wrote. */
function reload<T extends Saved>(full: T, empty: T): T {
  const to = new SectionWriter();
  full.save(to);
  empty.restore(SectionReader.open('a file', to.finish()));
  return empty;
}

const int32 = fc.oneof(fc.integer({ min: -3, max: 40 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const pairs = fc.array(fc.tuple(int32, int32), { maxLength: 300 });
const word = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }),
  fc.bigInt({ min: 2n ** 256n - 300n, max: 2n ** 256n - 1n }),
);
const hexOf = (value: bigint): `0x${string}` => `0x${value.toString(16).padStart(64, '0')}`;

describe('PairTable', () => {
  it('numbers pairs in the order of their first appearance, before and after it was saved', () => {
    fc.assert(
      fc.property(pairs, pairs, (before, after) => {
        const numbers = new Map<string, number>();
        const check = (table: PairTable, list: readonly (readonly [number, number])[]): void => {
          for (const [first, second] of list) {
            const name = `${first} ${second}`;
            expect(table.find(first, second)).toBe(numbers.get(name) ?? -1);
            if (!numbers.has(name)) numbers.set(name, numbers.size);
            const entry = table.add(first, second);
            expect([entry, table.first(entry), table.second(entry)]).toEqual([numbers.get(name), first, second]);
            expect(table.size).toBe(numbers.size);
          }
        };
        const table = new PairTable();
        check(table, before);
        check(reload(table, new PairTable()), [...before, ...after]);
      }),
    );
  });

  it('refuses a pair that a file has twice', () => {
    const to = new SectionWriter();
    to.int32('firsts', Int32Array.of(5, 5));
    to.int32('seconds', Int32Array.of(-1, -1));
    const restore = (): void => new PairTable().restore(SectionReader.open('pairs.bin', to.finish()));
    expect(restore).toThrow(LanecastError);
    expect(restore).toThrow('pairs.bin: section firsts: pair 1 is there twice');
  });
});

describe('WordTable', () => {
  it('numbers words by their content, however they are given, before and after it was saved', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), fc.array(word, { maxLength: 60 }), (before, after) => {
        const numbers = new Map<bigint, number>();
        const check = (table: WordTable, values: readonly bigint[]): void => {
          for (const value of values) {
            if (!numbers.has(value)) numbers.set(value, numbers.size);
            const number = numbers.get(value) ?? -1;
            const bytes = Buffer.from(hexOf(value).slice(2), 'hex');
            expect(table.addHex(`0x${value.toString(16)}`)).toBe(number);
            expect(table.addBytes(bytes)).toBe(number);
            expect(table.hash(number)).toBe(hexOf(value));
            if (value < 2n ** 160n) expect(table.addAddress(table.address(number))).toBe(number);
            expect(table.findBytes(bytes)).toBe(number);
          }
          expect(table.size).toBe(numbers.size);
        };
        const table = new WordTable();
        check(table, before);
        check(reload(table, new WordTable()), [...before, ...after]);
      }),
    );
  });

  it('grows without mixing words up', () => {
    const table = new WordTable();
    for (let value = 0; value < 5000; value++) expect(table.addHex(value.toString(16))).toBe(value);
    for (const each of [table, reload(table, new WordTable())]) {
      for (let value = 0; value < 5000; value++) expect(each.addHex(value.toString(16))).toBe(value);
    }
  });
});

/** The share and the counts that a plain list of observations gives. */
class PlainRates {
  readonly #rows = new Map<string, { trials: number; hits: number }>();

  add(name: string, trials: number, hits: number): void {
    const row = this.#rows.get(name) ?? { trials: 0, hits: 0 };
    this.#rows.set(name, { trials: row.trials + trials, hits: row.hits + hits });
  }

  age(factor: number): void {
    for (const [name, { trials, hits }] of this.#rows) {
      this.#rows.set(name, { trials: trials * factor, hits: hits * factor });
    }
  }

  check(table: RateTable): void {
    expect(table.pairs.size).toBe(this.#rows.size);
    for (const [name, { trials, hits }] of this.#rows) {
      const [first = 0, second = 0] = name.split(' ').map(Number);
      const row = table.find(first, second);
      expect(table.trials(row)).toBeCloseTo(trials, 4);
      expect(table.hits(row)).toBeCloseTo(hits, 4);
      expect(table.rate(row)).toBeCloseTo((hits + 0.05) / (trials + 0.5), 4);
    }
  }
}

describe('RateTable', () => {
  const observation = fc.record({ first: int32, second: int32, trials: fc.nat(20), hits: fc.nat(20) });
  const step = fc.oneof(observation, fc.constantFrom(0.999, 0.5, 1e-4, 1e-13));

  it('counts and ages as a plain list does, before and after it was saved', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.array(step, { maxLength: 20 }), (before, after) => {
        const plain = new PlainRates();
        const run = (table: RateTable, steps: typeof before): void => {
          for (const each of steps) {
            if (typeof each === 'number') table.age(each);
            else table.add(each, each.trials, each.hits);
            if (typeof each === 'number') plain.age(each);
            else plain.add(`${each.first} ${each.second}`, each.trials, each.hits);
          }
          plain.check(table);
        };
        const table = new RateTable();
        run(table, before);
        run(reload(table, new RateTable()), after);
      }),
    );
  });

  it('copies chosen rows to the bit', () => {
    const [table, copy] = [new RateTable(), new RateTable()];
    for (let first = 0; first < 200; first++) {
      table.add({ first, second: 1 }, first / 3, first / 7);
      table.age(0.9);
    }
    copy.copyRows(table, [3, 150], (first, second) => ({ first: first + 1000, second }));
    expect(copy.pairs.size).toBe(2);
    for (const first of [3, 150]) {
      const [old, row] = [table.find(first, 1), copy.find(first + 1000, 1)];
      expect([copy.trials(row), copy.hits(row)]).toEqual([table.trials(old), table.hits(old)]);
    }
  });
});

describe('KeySpace', () => {
  const bytesOf = (value: bigint): Uint8Array => Buffer.from(hexOf(value).slice(2), 'hex');
  const keccak = (...values: bigint[]): string =>
    `0x${Buffer.from(keccak_256(Buffer.concat(values.map(bytesOf)))).toString('hex')}`;

  it('derives slots as Solidity does, before and after it was saved', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word, fc.nat(2 ** 31 - 1)), { maxLength: 20 }), (list) => {
        const space = new KeySpace(keccak256);
        const derive = (each: KeySpace) =>
          list.map(([first, second, offset]) => {
            const [a, b] = [each.words.addHex(hexOf(first)), each.words.addHex(hexOf(second))];
            const results = [
              each.hashPair(a, b),
              each.hashOne(a),
              each.plus(a, offset),
              each.key(a, b),
              each.key(a, -1),
            ];
            return { results, texts: results.slice(0, 3).map((result) => each.words.hash(result)) };
          });
        const derived = derive(space);
        for (const [index, [first, second, offset]] of list.entries()) {
          const sum = hexOf((first + BigInt(offset)) % 2n ** 256n);
          expect(derived[index]?.texts).toEqual([keccak(first, second), keccak(first), sum]);
        }
        expect(derive(space)).toEqual(derived);
        const loaded = reload(space, new KeySpace(keccak256));
        expect(derive(loaded)).toEqual(derived);
        expect([loaded.words.size, loaded.keyCount]).toEqual([space.words.size, space.keyCount]);
      }),
    );
  });

  it('names keys by address and slot', () => {
    const space = new KeySpace(keccak256);
    const address = space.words.addAddress(`0x${'ab'.repeat(20)}`);
    const [slotKey, accountKey] = [space.key(address, space.words.addHex('0x5')), space.key(address, -1)];
    expect(slotKey).not.toBe(accountKey);
    expect(space.findKey(address, -1)).toBe(accountKey);
    expect(space.findKey(accountKey + 50, -1)).toBe(-1);
    expect([space.keyAddress(slotKey), space.keySlot(slotKey)]).toEqual([`0x${'ab'.repeat(20)}`, hexOf(5n)]);
    expect(space.keySlot(accountKey)).toBeNull();
  });
});

describe('renumbering', () => {
  it('keeps the order and leaves out what is not kept', () => {
    const numbers = new Renumbering(6);
    for (const number of [5, 1, -1, 4, 5]) numbers.keep(number);
    expect(numbers.kept()).toEqual([1, 4, 5]);
    expect([1, 4, 5, -1].map((number) => numbers.get(number))).toEqual([0, 1, 2, -1]);
    expect(() => numbers.get(2)).toThrow(RangeError);
    expect(() => numbers.keep(2)).toThrow(RangeError);
  });

  it('prefers what is heavier, then what came later', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5)), fc.nat(20), (weights, budget) => {
        const kept = heaviest(weights.length, budget, (position) => weights[position] ?? 0);
        expect(kept).toEqual([...kept].sort((a, b) => a - b));
        expect(kept).toHaveLength(Math.min(budget, weights.length));
        const left = [...weights.keys()].filter((position) => !kept.includes(position));
        for (const out of left) {
          for (const position of kept) {
            const [more, less] = [weights[position] ?? 0, weights[out] ?? 0];
            expect(more > less || (more === less && position > out)).toBe(true);
          }
        }
      }),
    );
  });
});
