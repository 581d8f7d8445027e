import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PLAN_SETTINGS, PlanBuilder, type PlanSettings } from '../../scheduler/plan-builder.js';
import type { Plan } from '../../scheduler/plan.js';
import { at, rowCount, rowOf } from '../../scheduler/rows.js';
import { simulate } from '../../scheduler/simulator.js';
import { verifyRun } from '../../scheduler/verify.js';
import {
  anyHints,
  blockersIn,
  changeOf,
  creditOf,
  hintsFrom,
  orderIn,
  readOf,
  type HintsDraft,
  type Use,
} from './hints.js';
import { workloads } from './workloads.js';

const SETTINGS: PlanSettings = { workers: 4, ...DEFAULT_PLAN_SETTINGS };

function planFrom(count: number, draft: HintsDraft, settings: Partial<PlanSettings> = {}): Plan {
  return new PlanBuilder().build(hintsFrom(count, draft), { ...SETTINGS, ...settings });
}

/** Of transactions that cost the same. */
function blockersOf(uses: readonly (readonly Use[])[], settings: Partial<PlanSettings> = {}): number[][] {
  return blockersIn(planFrom(uses.length, { uses }, settings));
}

describe('who waits for whom', () => {
  it('waits for a certain writer', () => {
    expect(blockersOf([[changeOf(0)], [], [readOf(0)]])).toEqual([[], [], [0]]);
  });

  it('does not wait for who merely reads, nor for other keys', () => {
    expect(blockersOf([[readOf(0)], [changeOf(1)], [changeOf(0)]])).toEqual([[], [], []]);
  });

  it('does not make a blind write wait', () => {
    expect(blockersOf([[changeOf(0)], [[0, 0, 1]]])).toEqual([[], []]);
  });

  it('goes back no further than to a sure writer', () => {
    expect(blockersOf([[changeOf(0)], [changeOf(0)], [readOf(0)]])).toEqual([[], [0], [1]]);
  });

  it('looks past an unlikely writer, as far as the value may be older', () => {
    expect(blockersOf([[changeOf(0)], [[0, 0, 0.1]], [readOf(0)]])).toEqual([[], [], [0]]);
    // Once somebody has written with 0.9, the chance of an older value is 0.1: too little where 0.2 is the least.
    expect(blockersOf([[changeOf(0)], [[0, 0, 0.9]], [readOf(0)]])).toEqual([[], [], [1]]);
    // With a price of almost nothing it is worth a wait.
    expect(blockersOf([[changeOf(0)], [[0, 0, 0.9]], [readOf(0)]], { waitPrice: 0.1 })).toEqual([[], [], [0, 1]]);
    // What is left after 0.96 is less than 0.05.
    expect(blockersOf([[changeOf(0)], [[0, 0, 0.96]], [readOf(0)]], { waitPrice: 0 })).toEqual([[], [], [1]]);
  });

  it('considers the latest 16 of the possible writers', () => {
    const uses = [...Array.from({ length: 20 }, (): Use[] => [[0, 0, 0.06]]), [readOf(0)]];
    const last = blockersOf(uses, { waitPrice: 0 })[20];
    expect(last).toEqual(Array.from({ length: 16 }, (_, index) => index + 4));
  });

  it('ignores what is less likely than 0.05', () => {
    expect(blockersOf([[changeOf(0)], [readOf(0, 0.04)]], { waitPrice: 0 })).toEqual([[], []]);
    expect(blockersOf([[[0, 0, 0.04]], [readOf(0)]], { waitPrice: 0 })).toEqual([[], []]);
    expect(blockersIn(planFrom(2, { pairs: [[0, 1, 0.04]] }, { waitPrice: 0 }))).toEqual([[], []]);
  });

  it.each([
    ['a probable conflict of equals', 0.5, [100, 100], true],
    // 0.2 × 100 is no more than 0.8 × 100 × 0.25.
    ['no improbable one', 0.19, [100, 100], false],
    ['no probable one that costs little to repeat, where the other one costs much', 0.5, [100_000, 100], false],
    ['an improbable one that costs much to repeat, where the other one costs little', 0.1, [100, 100_000], true],
    ['a certain one, whatever it costs', 1, [1_000_000, 1], true],
  ])('waits for %s', (_, probability, costs, waits) => {
    const expected = [[], waits ? [0] : []];
    const uses = [[changeOf(0)], [readOf(0, probability)]];
    expect(blockersIn(planFrom(2, { costs, uses }))).toEqual(expected);
    expect(blockersIn(planFrom(2, { costs, pairs: [[0, 1, probability]] }))).toEqual(expected);
  });

  it('waits the less, the more waiting costs', () => {
    const uses = [[changeOf(0)], [readOf(0, 0.5)]];
    expect(blockersOf(uses, { waitPrice: 0.99 })).toEqual([[], [0]]);
    expect(blockersOf(uses, { waitPrice: 1 })).toEqual([[], []]);
  });
});

describe('credits', () => {
  it('do not make readers of each other', () => {
    expect(blockersOf([[creditOf(0)], [creditOf(0)], [creditOf(0)]])).toEqual([[], [], []]);
  });

  it('do not wait for a change', () => {
    expect(blockersOf([[changeOf(0)], [creditOf(0)]])).toEqual([[], []]);
  });

  it('do not stop the way back to a change', () => {
    expect(blockersOf([[changeOf(0)], [creditOf(0)], [creditOf(0)], [readOf(0)]])).toEqual([[], [], [], [0, 1, 2]]);
    expect(blockersOf([[creditOf(0)], [changeOf(0)], [creditOf(0)], [readOf(0)]])).toEqual([[], [0], [], [1, 2]]);
  });

  it('of which it is uncertain whether they look count by what is more likely', () => {
    const uncertain = (write: number, add: number): Use => [0, write, write, add];
    expect(blockersOf([[changeOf(0)], [uncertain(0.1, 0.9)], [readOf(0)]])[2]).toEqual([0, 1]);
    expect(blockersOf([[changeOf(0)], [uncertain(0.9, 0.1)], [readOf(0)]])[2]).toEqual([1]);
  });
});

describe('pairs', () => {
  it('are waited for beside keys, the stronger evidence counting', () => {
    const uses = [[changeOf(0)], [], [readOf(0, 0.1)], [readOf(0)]];
    const pairs = [
      [0, 2, 0.1],
      [1, 2, 0.9],
      [0, 3, 0.05],
    ] as const;
    expect(blockersIn(planFrom(4, { uses, pairs }))).toEqual([[], [], [1], [0]]);
  });

  it('name a transaction once, whatever else does', () => {
    const uses = [
      [changeOf(0), changeOf(1)],
      [readOf(0), readOf(1)],
    ];
    expect(planFrom(2, { uses, pairs: [[0, 1, 1]] }).blockers.indices).toEqual(Uint32Array.of(0));
  });
});

describe('priorities', () => {
  const inOrder = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

  it('keep the order of the block where nothing is critical', () => {
    expect(orderIn(planFrom(50, {}))).toEqual(inOrder(50));
    expect(orderIn(planFrom(50, { costs: inOrder(50).map((index) => 100 + ((7 * index) % 11)) })).slice(0, 40)).toEqual(
      inOrder(40),
    );
  });

  it('keep the order where all is one chain', () => {
    expect(orderIn(planFrom(20, { uses: inOrder(20).map(() => [changeOf(0)]) }))).toEqual(inOrder(20));
  });

  it('start short chains in their turn, and only the last ones ahead of what nothing waits for', () => {
    const uses = inOrder(20).map((index) => [changeOf(index >> 1)]);
    expect(orderIn(planFrom(20, { uses }))).toEqual([...inOrder(13), 14, 16, 18, 13, 15, 17, 19]);
  });

  it('pull a long chain forward, from its beginning on', () => {
    // 20 that are independent, then a chain of 10: it takes longer than all else on 4 workers.
    const uses = [...inOrder(20).map(() => []), ...inOrder(10).map(() => [changeOf(0)])];
    const { priority } = planFrom(30, { uses });
    const ahead = (index: number): number => priority.filter((other) => other < at(priority, index)).length;
    expect(priority[20]).toBe(0);
    expect(inOrder(10).map((link) => ahead(20 + link))).toEqual(
      inOrder(10)
        .map((link) => ahead(20 + link))
        .toSorted((a, b) => a - b),
    );
    // The second link starts when one round of the others is over, not after all 20 of them.
    expect(ahead(21)).toBeLessThan(8);
  });

  it('pull a costly transaction forward that would end last', () => {
    const costs = [...inOrder(40).map(() => 100), 2_000];
    expect(planFrom(41, { costs }).priority[40]).toBe(0);
    expect(orderIn(planFrom(41, { costs })).slice(0, 2)).toEqual([0, 40]);
  });

  it('fit in 16 bits, whatever the costs', () => {
    for (const cost of [1, 1e-9, 1e15]) {
      const { priority } = planFrom(1_000, { costs: inOrder(1_000).map(() => cost) }, { workers: 1 });
      expect(Math.max(...priority)).toBeLessThanOrEqual(0xffff);
      expect(Math.max(...priority)).toBeGreaterThan(0xff00);
    }
  });
});

describe('marks', () => {
  const uses = [[changeOf(0, 0.95), changeOf(1, 0.5), readOf(2), creditOf(3)], [changeOf(1)], []];
  const marksOf = (settings: Partial<PlanSettings>): number[][] => {
    const { writes } = planFrom(3, { uses }, settings);
    return Array.from({ length: rowCount(writes) }, (_, row) => [...rowOf(writes, row)]);
  };

  it('are put on writes that are likely enough, and on no credit', () => {
    expect(marksOf({ markProbability: 0.9 })).toEqual([[0], [1], []]);
    expect(marksOf({ markProbability: 0.5 })).toEqual([[0, 1], [1], []]);
  });

  it('are put on none unless asked for', () => {
    expect(marksOf({})).toEqual([[], [], []]);
  });
});

it('an empty block has an empty plan', () => {
  const nothing = { offsets: Uint32Array.of(0), indices: new Uint32Array(0) };
  expect(planFrom(0, {})).toEqual({ priority: new Uint32Array(0), blockers: nothing, writes: nothing, workers: 4 });
});

describe('whatever the hints', () => {
  const settings: fc.Arbitrary<PlanSettings> = fc.record({
    workers: fc.integer({ min: 1, max: 6 }),
    waitPrice: fc.constantFrom(0, 0.25, 1, 4),
    markProbability: fc.constantFrom(0.25, 0.75, 2),
  });
  const someHints = fc.nat(14).chain((count) => anyHints(count));

  it('blockers are earlier, each once in a row, and start no later', () => {
    fc.assert(
      fc.property(someHints, settings, (hints, chosen) => {
        const { priority, blockers } = new PlanBuilder().build(hints, chosen);
        for (const [index, row] of blockersIn({ blockers }).entries()) {
          expect(new Set(row).size).toBe(row.length);
          for (const blocker of row) {
            expect(blocker).toBeLessThan(index);
            expect(at(priority, blocker)).toBeLessThanOrEqual(at(priority, index));
          }
        }
      }),
      { numRuns: 500, seed: 15_000_001 },
    );
  });

  it('the plan is one of its block and settings, and hints stay as they are', () => {
    fc.assert(
      fc.property(someHints, settings, (hints, chosen) => {
        const before = structuredClone(hints);
        const { priority, blockers, writes, workers } = new PlanBuilder().build(hints, chosen);
        const count = hints.costs.length;
        expect([priority.length, rowCount(blockers), rowCount(writes), workers]).toEqual([
          ...[count, count, count],
          chosen.workers,
        ]);
        expect(priority.every((value) => value <= 0xffff)).toBe(true);
        expect(writes.indices.every((key) => key < hints.keyCount)).toBe(true);
        expect(hints).toEqual(before);
      }),
      { numRuns: 500, seed: 15_000_001 },
    );
  });

  it('a builder remembers nothing of earlier blocks', () => {
    fc.assert(
      fc.property(fc.array(someHints, { minLength: 1, maxLength: 5 }), settings, (blocks, chosen) => {
        const builder = new PlanBuilder();
        for (const hints of blocks)
          expect(builder.build(hints, chosen)).toEqual(new PlanBuilder().build(hints, chosen));
      }),
      { numRuns: 300, seed: 15_000_001 },
    );
  });

  it('plans of earlier blocks stay as they are', () => {
    fc.assert(
      fc.property(someHints, someHints, settings, (first, second, chosen) => {
        const builder = new PlanBuilder();
        const plan = builder.build(first, chosen);
        const before = structuredClone(plan);
        builder.build(second, chosen);
        expect(plan).toEqual(before);
      }),
      { numRuns: 100, seed: 15_000_001 },
    );
  });

  it('the run is serial', () => {
    const cases = workloads.chain((workload) =>
      anyHints(workload.transactions.length).map((hints) => ({ workload, hints })),
    );
    fc.assert(
      fc.property(cases, settings, fc.integer({ min: 1, max: 6 }), ({ workload, hints }, chosen, workers) => {
        const plan = new PlanBuilder().build(hints, chosen);
        expect(verifyRun(workload, simulate(workload, plan, { workers }))).toBe(true);
      }),
      { numRuns: 500, seed: 15_000_001 },
    );
  });
});
