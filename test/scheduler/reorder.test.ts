import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predictMakespan, reorder, type ReorderInput, type ReorderResult } from '../../scheduler/reorder.js';
import { withSenders } from '../../scheduler/predicted-workload.js';
import type { Workload } from '../../scheduler/workload.js';
import { chain, change, credit, independent, item, read, workloadOf, workloads } from './workloads.js';

const strangers = ({ transactions }: Workload): string[] => transactions.map((_, index) => `sender ${index}`);

function inputOf(workload: Workload, options: Partial<ReorderInput> = {}): ReorderInput {
  const tipsWei = workload.transactions.map(() => 1n);
  return { workload, senders: strangers(workload), tipsWei, workers: 2, feeTolerance: 0, ...options };
}

/** Fee tolerances are whole thousandths here, so that they can be checked exactly. */
const inputs: fc.Arbitrary<ReorderInput> = workloads.chain((workload) => {
  const { length } = workload.transactions;
  const perTransaction = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
    fc.array(value, { minLength: length, maxLength: length });
  return fc.record({
    workload: fc.constant(workload),
    senders: perTransaction(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')),
    tipsWei: perTransaction(fc.constantFrom(0n, 1n, 90n, 99n, 100n, 101n, 2n ** 70n)),
    pinned: fc.uniqueArray(fc.nat(Math.max(0, length - 1)), { maxLength: 2 }).map((indices) => new Set(indices)),
    workers: fc.integer({ min: 1, max: 4 }),
    feeTolerance: fc.constantFrom(0, 0.01, 0.1, 0.999, 1),
    mostPositions: fc.constantFrom(undefined, undefined, 0, 1, 3, 20),
  });
});

/** Calls for each pair that is swapped against the given order: `later` comes before `earlier` now. */
function swaps({ order }: ReorderResult): { earlier: number; later: number }[] {
  return order.flatMap((later, position) =>
    order
      .slice(position + 1)
      .filter((earlier) => earlier < later)
      .map((earlier) => ({ earlier, later })),
  );
}

describe('a new order', () => {
  it('has every transaction exactly once', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const sorted = [...reorder(input).order].sort((a, b) => a - b);
        expect(sorted).toEqual(input.senders.map((_, index) => index));
      }),
    );
  });

  it('keeps the order of each sender', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const swapped = swaps(reorder(input));
        expect(swapped.filter(({ earlier, later }) => input.senders[earlier] === input.senders[later])).toEqual([]);
      }),
    );
  });

  it('swaps only tips within the tolerance', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const kept = 1000n - BigInt(Math.round(input.feeTolerance * 1000));
        for (const { earlier, later } of swaps(reorder(input))) {
          const tips = [input.tipsWei[earlier] ?? 0n, input.tipsWei[later] ?? 0n].sort((a, b) => (a < b ? -1 : 1));
          expect((tips[0] ?? 0n) * 1000n >= (tips[1] ?? 0n) * kept).toBe(true);
        }
      }),
    );
  });

  it('leaves pinned transactions where they are, and nobody passes them', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { order, ...result } = reorder(input);
        for (const index of input.pinned ?? []) if (index < order.length) expect(order[index]).toBe(index);
        const passing = ({ earlier, later }: { earlier: number; later: number }): boolean =>
          [earlier, later].some((index) => input.pinned?.has(index));
        expect(swaps({ order, ...result }).filter(passing)).toEqual([]);
      }),
    );
  });

  it('moves nobody farther than allowed', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { largestDisplacement } = reorder(input).report;
        expect(largestDisplacement).toBeLessThanOrEqual(input.mostPositions ?? Infinity);
      }),
    );
  });

  it('is shorter, or the given one', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { order, report } = reorder(input);
        const workload = withSenders(input.workload, input.senders);
        const makespan = (candidate: readonly number[]): number => predictMakespan(workload, candidate, input.workers);
        expect(report.makespanBeforeCost).toBe(makespan([...order.keys()]));
        expect(report.makespanAfterCost).toBe(makespan(order));
        if (report.moved > 0) expect(report.makespanAfterCost).toBeLessThan(report.makespanBeforeCost);
        else expect(order).toEqual([...order.keys()]);
        expect(reorder(input)).toEqual({ order, report });
      }),
    );
  });

  it('takes no less than what any order takes', () => {
    const shuffled = inputs.chain((input) =>
      fc.record({
        input: fc.constant(input),
        order: fc.shuffledSubarray([...input.senders.keys()], { minLength: input.senders.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ input, order }) => {
        const { leastMakespanCost } = reorder(input).report;
        const workload = withSenders(input.workload, input.senders);
        expect(predictMakespan(workload, order, input.workers)).toBeGreaterThanOrEqual(leastMakespanCost);
      }),
    );
  });

  it('reports how it differs', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { order, report } = reorder(input);
        const inversions = (candidate: readonly number[]): number =>
          candidate.flatMap((index, position) =>
            candidate.slice(position + 1).filter((next) => (input.tipsWei[next] ?? 0n) > (input.tipsWei[index] ?? 0n)),
          ).length;
        const distances = order.map((index, position) => Math.abs(index - position));
        expect(report).toMatchObject({
          moved: distances.filter((distance) => distance > 0).length,
          positionsMoved: distances.reduce((sum, distance) => sum + distance, 0),
          largestDisplacement: Math.max(0, ...distances),
          feeInversionsBefore: inversions([...order.keys()]),
          feeInversionsAfter: inversions(order),
        });
      }),
    );
  });
});

describe('reordering', () => {
  /** Each conflicts with its neighbours only: in turn a chain, by turns of two. */
  const neighbours = workloadOf(
    ...Array.from({ length: 8 }, (_, index) => item(10, [...change(index), ...change(index + 1)].sort(byPosition))),
  );

  it('brings those together that do not conflict', () => {
    const { report } = reorder(inputOf(neighbours, { workers: 4 }));
    expect(report).toMatchObject({ makespanBeforeCost: 80, makespanAfterCost: 20, leastMakespanCost: 20 });
  });

  it('starts the longest chain first', () => {
    const short = Array.from({ length: 4 }, (_, key) => item(10, change(key + 1)));
    const long = Array.from({ length: 4 }, () => item(10, change(0)));
    const { order } = reorder(inputOf(workloadOf(...short, ...long.map((each) => ({ ...each })))));
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const late = workloadOf(item(10, change(9)), item(10, [...change(9), ...change(0)].sort(byPosition)), ...long);
    expect(reorder(inputOf(late)).report.makespanAfterCost).toBe(50);
  });

  it('pays out before credits come in, which then nobody waits for', () => {
    const exchange = workloadOf(item(10, [credit(0)]), item(10, [credit(0)]), item(10, change(0)), item(10, change(0)));
    const { order, report } = reorder(inputOf(exchange));
    expect(order.slice(0, 1)).toEqual([2]);
    expect(report).toMatchObject({ makespanBeforeCost: 30, makespanAfterCost: 20 });
  });

  it('swaps no different tips at tolerance 0, be it to the better or the worse', () => {
    for (const tips of [(index: number) => BigInt(index), (index: number) => BigInt(100 - index)]) {
      const tipsWei = neighbours.transactions.map((_, index) => tips(index));
      expect(reorder(inputOf(neighbours, { tipsWei })).report.moved).toBe(0);
      expect(reorder(inputOf(neighbours, { tipsWei, feeTolerance: 1 })).report.moved).toBeGreaterThan(0);
    }
  });

  it.each([
    ['one worker', inputOf(neighbours, { workers: 1 })],
    ['transactions that do not conflict', inputOf(independent(6))],
    ['a chain', inputOf(chain(6))],
    ['one sender', inputOf(neighbours, { senders: neighbours.transactions.map(() => 'the same') })],
    ['no room to move', inputOf(neighbours, { mostPositions: 0 })],
    ['all pinned', inputOf(neighbours, { pinned: new Set(neighbours.transactions.keys()) })],
    ['no transaction', inputOf(workloadOf())],
  ])('keeps the given order with %s', (_name, input) => {
    const { order, report } = reorder(input);
    expect(order).toEqual(input.senders.map((_sender, index) => index));
    expect(report.makespanAfterCost).toBe(report.makespanBeforeCost);
  });

  it('sees far: beyond those that it considers for one place', () => {
    const many = workloadOf(...Array.from({ length: 600 }, () => item(1, change(0))), item(600, [read(1)]));
    const { report } = reorder(inputOf(many));
    expect(report.makespanAfterCost).toBe(600);
  });

  it.each<[string, Partial<ReorderInput>]>([
    ['workers', { workers: 0 }],
    ['fee tolerance', { feeTolerance: 1.5 }],
    ['fee tolerance', { feeTolerance: NaN }],
    ['positions', { mostPositions: -1 }],
    ['tips', { tipsWei: [1n] }],
    ['tips from 0', { tipsWei: neighbours.transactions.map(() => -1n) }],
    ['senders', { senders: [] }],
  ])('refuses wrong %s', (name, options) => {
    expect(() => reorder(inputOf(neighbours, options))).toThrow(name);
  });
});

function byPosition(a: { position: number }, b: { position: number }): number {
  return a.position - b.position;
}
