import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessRowsBuilder } from '../../model/access-rows.js';
import { uniteConflicts } from '../../model/conflict-rows.js';
import { comparePairs, compareSlots } from '../../model/evaluation/compare.js';
import { truthOf } from '../../model/evaluation/truth.js';
import type { PredictedConflicts } from '../../scheduler/predictor.js';
import { accountAccess, address, hash, slotAccess } from '../datasets/store-records.js';
import { rowsOf, withAccesses } from './blocks.js';

const COUNT = 5;

const anyPair = fc
  .tuple(fc.nat({ max: COUNT - 1 }), fc.nat({ max: COUNT - 1 }))
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const anyRows = fc
  .uniqueArray(fc.tuple(anyPair, fc.constantFrom(0, 0.25, 1)), { selector: ([pair]) => pair.join() })
  .map((pairs) => pairs.map(([[earlier, later], probability]) => [earlier, later, probability] as const));

type Rows = readonly (readonly [number, number, number])[];

function mapOf(rows: Rows): Map<string, number> {
  return new Map(rows.map(([earlier, later, probability]) => [`${earlier},${later}`, probability]));
}

function visitsOf(predicted: PredictedConflicts, truth: PredictedConflicts): string[] {
  const visits: string[] = [];
  comparePairs(predicted, truth, (earlier, later, probability, actual) => {
    visits.push(`${earlier},${later} ${probability ?? 'missed'} ${actual}`);
  });
  return visits;
}

describe('comparing pairs', () => {
  it('visits each predicted or true pair once; a probability of 0 predicts nothing', () => {
    fc.assert(
      fc.property(anyRows, anyRows, (predicted, truth) => {
        const [mine, theirs] = [mapOf(predicted), mapOf(truth)];
        const expected = [...new Set([...mine.keys(), ...theirs.keys()])]
          .map((name) => [name, mine.get(name) ?? 0, theirs.has(name)] as const)
          .filter(([, probability, actual]) => probability > 0 || actual)
          .map(([name, probability, actual]) => `${name} ${probability > 0 ? probability : 'missed'} ${actual}`);
        expect(visitsOf(rowsOf(COUNT, predicted), rowsOf(COUNT, truth)).sort()).toEqual(expected.sort());
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('refuses rows that break their contract', () => {
    const none = rowsOf(2, []);
    expect(() => visitsOf(rowsOf(3, []), none)).toThrow(/3 rows, expected one for each of 2/);
    expect(() => visitsOf(rowsOf(2, [[1, 1, 1]]), none)).toThrow(RangeError);
    const twice = {
      offsets: Uint32Array.of(0, 0, 2),
      earlier: Uint32Array.of(0, 0),
      probability: Float32Array.of(1, 1),
    };
    expect(() => visitsOf(twice, none)).toThrow(RangeError);
  });
});

describe('uniting conflicts', () => {
  it('has the pairs of both, their causes independent', () => {
    fc.assert(
      fc.property(anyRows, anyRows, (first, second) => {
        const united = uniteConflicts(rowsOf(COUNT, first), rowsOf(COUNT, second));
        const [a, b] = [mapOf(first), mapOf(second)];
        const expected = [...new Set([...a.keys(), ...b.keys()])].map((name) => {
          const [earlier, later] = name.split(',').map(Number);
          return [earlier ?? 0, later ?? 0, 1 - (1 - (a.get(name) ?? 0)) * (1 - (b.get(name) ?? 0))] as const;
        });
        expect(united).toEqual(rowsOf(COUNT, expected));
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe('comparing slots', () => {
  it('tells touches from writes, hits from inventions and misses, and leaves accounts aside', () => {
    const truth = truthOf(
      withAccesses([
        [slotAccess('read', 1, 1), slotAccess('write', 1, 2), accountAccess('write', 1)],
        [slotAccess('read', 1, 3), slotAccess('write', 1, 1)],
      ]),
    );
    const builder = new AccessRowsBuilder();
    builder.use({ address: address(1), slot: hash(1) }, { touch: 0.5, write: 0.25 });
    builder.use({ address: address(9), slot: hash(9) }, { touch: 0.75, write: 0 });
    builder.use({ address: address(7), slot: null }, { touch: 1, write: 1 });
    builder.endTransaction();
    builder.use({ address: address(1), slot: hash(1) }, { touch: 1, write: 0 });
    builder.endTransaction();
    const visits: string[] = [];
    compareSlots(builder.build(), truth.accesses, (transaction, use, probability, actual) => {
      visits.push(`${transaction} ${use} ${probability ?? 'missed'} ${actual !== null}`);
    });
    expect(visits).toEqual([
      '0 touch 0.5 true',
      '0 write 0.25 false',
      '0 touch 0.75 false',
      '0 touch missed true',
      '0 write missed true',
      '1 touch 1 true',
      '1 touch missed true',
      '1 write missed true',
    ]);
  });
});
