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

/** The first one takes so long that nobody waits for it who probably need not. */
const GIANT_FIRST = [10_000, 100, 100];

const inOrder = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

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
    // Once somebody has written with 0.9, the chance of an older value is 0.1: not worth a wait for a giant.
    const uses = [[changeOf(0)], [[0, 0, 0.9]], [readOf(0)]] as const;
    expect(blockersIn(planFrom(3, { costs: GIANT_FIRST, uses }))).toEqual([[], [], [1]]);
    // Who is done before the other one costs nothing.
    expect(blockersOf(uses)).toEqual([[], [], [0, 1]]);
    // What is left after 0.96 is less than 0.05.
    expect(blockersOf([[changeOf(0)], [[0, 0, 0.96]], [readOf(0)]])).toEqual([[], [], [1]]);
  });

  it('considers the latest 16 of the possible writers', () => {
    const uses = [...Array.from({ length: 20 }, (): Use[] => [[0, 0, 0.06]]), [readOf(0)]];
    // The reader costs so much that it would wait for any of them.
    const costs = uses.map((_, index) => (index < 20 ? 100 : 100_000));
    const last = blockersIn(planFrom(21, { costs, uses }))[20];
    expect(last).toEqual(Array.from({ length: 16 }, (_, index) => index + 4));
  });

  it('ignores what is less likely than 0.05', () => {
    expect(blockersOf([[changeOf(0)], [readOf(0, 0.04)]], { waitPrice: 0 })).toEqual([[], []]);
    expect(blockersOf([[[0, 0, 0.04]], [readOf(0)]], { waitPrice: 0 })).toEqual([[], []]);
    expect(blockersIn(planFrom(2, { pairs: [[0, 1, 0.04]] }, { waitPrice: 0 }))).toEqual([[], []]);
  });

  it.each([
    ['a probable conflict of equals', 0.5, [100, 100], true],
    // 0.19 × 100, half the workers being busy, against 0.81 × 75 of delay.
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
});

describe('a wait', () => {
  const pairs = [[0, 1, 0.5]] as const;

  it('within the slack costs a share of itself, the price', () => {
    // 2 in a chain of 200: a quarter of 4 workers is busy. The turn comes at 25, so that the wait is 75, and the slack, too:
    // 0.5 × 100 × 0.25 = 12.5 against 0.5 × 75 × the price.
    expect(blockersIn(planFrom(2, { pairs }, { waitPrice: 0.33 }))).toEqual([[], [0]]);
    expect(blockersIn(planFrom(2, { pairs }, { waitPrice: 0.34 }))).toEqual([[], []]);
  });

  it('beyond the slack costs what it delays the makespan, at no price', () => {
    // The makespan is 125, so that there is no slack: 0.3 × 100 against 0.7 × 75.
    const costs = inOrder(5).map(() => 100);
    const hurried = { costs, pairs: [[0, 1, 0.3]] } as const;
    expect(blockersIn(planFrom(5, hurried, { waitPrice: 0 }))[1]).toEqual([]);
    // Beside a chain that takes longer it has time enough.
    const relaxed = { ...hurried, costs: [...costs.slice(1), 1_000] };
    expect(blockersIn(planFrom(5, relaxed, { waitPrice: 0 }))[1]).toEqual([0]);
  });

  it('is worth less where workers are idle, because what they repeat delays nobody', () => {
    // The turn is at 25 and the wait 75, without slack: 0.45 × 100 × the busy share against 0.55 × 75.
    const settings = { waitPrice: 0 };
    const pairs = [[0, 1, 0.45]] as const;
    expect(blockersIn(planFrom(5, { pairs }, settings))[1]).toEqual([0]);
    expect(blockersIn(planFrom(2, { pairs }, settings))[1]).toEqual([]);
  });

  it('of a giant for an improbable blocker in a long chain is not worth it', () => {
    // The giant would start at 500, and is to wait until 2,000 for the last link, which makes the block take 3,900.
    const uses = inOrder(20).map(() => [changeOf(0)]);
    const costs = [...inOrder(20).map(() => 100), 1_900];
    const blockersOfGiant = (probability: number): number[] | undefined =>
      blockersIn(planFrom(21, { costs, uses, pairs: [[19, 20, probability]] }))[20];
    expect(blockersOfGiant(0.1)).toEqual([]);
    expect(blockersOfGiant(0.4)).toEqual([]);
    expect(blockersOfGiant(0.9)).toEqual([19]);
  });

  it('that is over before its turn costs nothing, so that an improbable blocker is waited for', () => {
    // The turn of the last one is at 200. Of the others the first ends at 100, the fourth at 175, and the last at 275.
    const pairs = [0, 3, 7].map((earlier) => [earlier, 8, 0.06] as const);
    expect(blockersIn(planFrom(9, { pairs }))[8]).toEqual([0, 3]);
  });

  it('that has been chosen pays for those that end no later', () => {
    // The certain one ends at 150; the improbable one, which ends at 125, would not be worth a wait alone.
    const [unlikely, certain] = [readOf(1, 0.06), readOf(0)];
    const uses = [[], [changeOf(1)], [changeOf(0)]];
    expect(blockersOf([...uses, [unlikely]])[3]).toEqual([]);
    expect(blockersOf([...uses, [certain, unlikely]])[3]).toEqual([1, 2]);
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
    // A credit leaves it as likely that the giant's change is seen, a write makes it improbable.
    const lastAfter = (write: number, add: number): number[] | undefined => {
      const uses: Use[][] = [[changeOf(0)], [[0, 0, write, add]], [readOf(0)]];
      return blockersIn(planFrom(3, { costs: GIANT_FIRST, uses }))[2];
    };
    expect(lastAfter(0.1, 0.9)).toEqual([0, 1]);
    expect(lastAfter(0.9, 0.1)).toEqual([1]);
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
    const costs = [...GIANT_FIRST, 100];
    expect(blockersIn(planFrom(4, { costs, uses, pairs }))).toEqual([[], [], [1], [0]]);
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

  it('leave a giant in its place where little is gained', () => {
    // It takes 2,000, as long as the block. Its turn comes 25 later with each of those before it, and 200 is a tenth of it.
    const orderWith = (before: number): number[] => {
      const costs = [...inOrder(before).map(() => 100), 2_000, ...inOrder(4).map(() => 100)];
      return orderIn(planFrom(before + 5, { costs }));
    };
    for (const before of [1, 4, 8]) expect(orderWith(before)).toEqual(inOrder(before + 5));
    expect(orderWith(9).slice(0, 2)).toEqual([0, 9]);
  });

  it('pull a long chain of small ones forward that is late by as much', () => {
    const uses = [...inOrder(4).map(() => []), ...inOrder(20).map(() => [changeOf(0)])];
    const order = orderIn(planFrom(24, { uses }));
    expect(order.slice(0, 2)).toEqual([0, 4]);
    expect(order.filter((index) => index >= 4)).toEqual(inOrder(20).map((link) => link + 4));
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

  it('a builder has room for a larger block each time, and for a smaller one after it', () => {
    const builder = new PlanBuilder();
    const plans = [3, 40, 400, 40, 900, 3].map((count) => {
      // Keys, accesses, dependencies and pairs all grow with the block.
      const uses = inOrder(count).map((index) => [changeOf(index >> 2), readOf(count + (index >> 3), 0.5)]);
      const pairs = inOrder(count - 1).map((earlier) => [earlier, earlier + 1, 0.6] as const);
      const hints = hintsFrom(count, { uses, pairs });
      const plan = builder.build(hints, SETTINGS);
      expect(plan).toEqual(new PlanBuilder().build(hints, SETTINGS));
      return { plan, copy: structuredClone(plan) };
    });
    for (const { plan, copy } of plans) {
      expect(plan).toEqual(copy);
      expect(plan.blockers.indices.length).toBeGreaterThanOrEqual(plan.priority.length >> 1);
    }
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
