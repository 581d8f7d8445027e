import { describe, expect, it } from 'vitest';
import type { BlockFeatures } from '../../scheduler/block-features.js';
import { Controller } from '../../scheduler/controller.js';
import { nameOfWay, SEQUENTIAL, waysOn, type Mode, type Way } from '../../scheduler/ways.js';

const FEATURES: BlockFeatures = {
  transactions: 200,
  callShare: 1,
  senderShare: 0.01,
  contractShare: 0.1,
  kind: 'calls',
  wideKind: 'wide',
};
const OTHERS: BlockFeatures = { ...FEATURES, kind: 'others', wideKind: 'wide others' };

type Times = Readonly<Record<string, number>>;

/** Times by way, for 100 ns of work; `real`: the way that was taken, and what it took. */
function learn(
  controller: Controller,
  ns: Times,
  {
    features = FEATURES,
    real = ['sequential@1', 100] as const,
  }: { features?: BlockFeatures; real?: readonly [string, number] } = {},
): void {
  const names = controller.ways.map(nameOfWay);
  const simulatedNs = Float64Array.from(names, (name) => ns[name] ?? NaN);
  controller.learn(features, { workNs: 100, real: { way: names.indexOf(real[0]), ns: real[1] }, simulatedNs });
}

function choice(controller: Controller, features: BlockFeatures, hasHints = true): Way {
  return controller.ways[controller.choose(features, hasHints)] ?? SEQUENTIAL;
}

function expected(controller: Controller, name: string, features = FEATURES): number {
  return controller.expect(controller.ways.map(nameOfWay).indexOf(name), features);
}

const GOOD = { 'sequential@1': 100, 'optimistic@2': 80, 'planned@2': 60 };
const BAD = { 'sequential@1': 100, 'optimistic@2': 80, 'planned@2': 130 };
const CHAIN = { 'sequential@1': 100, 'optimistic@2': 130, 'planned@2': 120 };

function controllerOf(workers = 2, tries = false): Controller {
  return new Controller({ maxWorkers: workers, tries });
}

describe('the ways of a machine', () => {
  it('are one on one worker', () => {
    expect(waysOn(1).map(nameOfWay)).toEqual(['sequential@1']);
  });

  it('double, and end with all workers', () => {
    const workers = waysOn(6).map(({ workers: count }) => count);
    expect(workers).toEqual([1, 2, 2, 4, 4, 6, 6]);
  });
});

describe('the controller', () => {
  it('begins with threads where calls are many, and with one where they are not', () => {
    const controller = controllerOf();
    expect(nameOfWay(choice(controller, FEATURES, true))).toBe('optimistic@2');
    expect(choice(controller, { ...FEATURES, callShare: 0.05 }, true).mode).toBe('sequential');
    expect(choice(controller, { ...FEATURES, senderShare: 0.9 }, true).mode).toBe('sequential');
    expect(choice(controller, { ...FEATURES, transactions: 20 }, true).mode).toBe('sequential');
  });

  it('takes what was best, and no plan without hints', () => {
    const controller = controllerOf();
    learn(controller, GOOD);
    expect(choice(controller, FEATURES, true).mode).toBe('planned');
    expect(choice(controller, FEATURES, false).mode).toBe('optimistic');
  });

  it('leaves plans within five blocks of their not paying, and returns within five of their paying again', () => {
    const controller = controllerOf();
    const blocksUntil = (ns: Record<string, number>, mode: Mode): number => {
      for (let blocks = 1; blocks <= 20; blocks++) {
        learn(controller, ns);
        if (choice(controller, FEATURES, true).mode === mode) return blocks;
      }
      return Infinity;
    };
    for (let block = 0; block < 50; block++) learn(controller, GOOD);
    expect(blocksUntil(BAD, 'optimistic')).toBeLessThanOrEqual(5);
    for (let block = 0; block < 50; block++) learn(controller, BAD);
    expect(blocksUntil(GOOD, 'planned')).toBeLessThanOrEqual(5);
    expect(blocksUntil(CHAIN, 'sequential')).toBeLessThanOrEqual(5);
  });

  it('looks for plans again from time to time where they are hopeless', () => {
    const controller = controllerOf();
    for (let block = 0; block < 5; block++) learn(controller, BAD);
    const wanted = Array.from({ length: 8 }, () => {
      const wants = controller.wantsHints(FEATURES);
      learn(controller, wants ? BAD : { 'sequential@1': 100, 'optimistic@2': 80 });
      return wants;
    });
    expect(wanted.filter(Boolean)).toHaveLength(2);
  });

  it('keeps kinds of blocks apart', () => {
    const controller = controllerOf();
    learn(controller, GOOD);
    learn(controller, CHAIN, { features: OTHERS });
    expect(choice(controller, FEATURES, true).mode).toBe('planned');
    expect(choice(controller, OTHERS, true).mode).toBe('sequential');
  });

  it('picks the number of workers', () => {
    const controller = controllerOf(8);
    learn(controller, { 'sequential@1': 100, 'optimistic@2': 60, 'optimistic@4': 40, 'optimistic@8': 45 });
    expect(nameOfWay(choice(controller, FEATURES, false))).toBe('optimistic@4');
  });

  it('corrects simulation by the clock', () => {
    const controller = controllerOf();
    learn(controller, { 'sequential@1': 100, 'optimistic@2': 80 }, { real: ['optimistic@2', 120] });
    expect(choice(controller, FEATURES, false).mode).toBe('sequential');
    // Half of what the clock says is believed at first: 0.8 × √1.5 beside the 1.2 that was measured.
    learn(controller, { 'sequential@1': 100, 'optimistic@2': 80 });
    expect(expected(controller, 'optimistic@2')).toBeCloseTo(Math.sqrt(1.2 * 0.8 * Math.sqrt(1.5)), 1);
    // On other blocks, too, until it has been run there.
    learn(controller, { 'sequential@1': 100, 'optimistic@2': 80 }, { features: OTHERS });
    expect(expected(controller, 'optimistic@2', OTHERS)).toBeGreaterThan(0.9);
  });

  it('takes a way again some time that was slow once', () => {
    const controller = controllerOf();
    const times = { 'sequential@1': 100, 'optimistic@2': 90 };
    learn(controller, times, { real: ['optimistic@2', 180] });
    expect(choice(controller, FEATURES, false).mode).toBe('sequential');
    for (let block = 0; block < 10; block++) learn(controller, times);
    expect(choice(controller, FEATURES, false).mode).toBe('sequential');
    for (let block = 0; block < 120; block++) learn(controller, times);
    expect(choice(controller, FEATURES, false).mode).toBe('optimistic');
  });

  it('tries once what is near to the best where clock and simulation may differ', () => {
    const controller = controllerOf(2, true);
    const times = { 'sequential@1': 100, 'optimistic@2': 103, 'planned@2': 120 };
    learn(controller, times);
    expect(choice(controller, FEATURES, true).mode).toBe('optimistic');
    learn(controller, times, { real: ['optimistic@2', 110] });
    expect(choice(controller, FEATURES, true).mode).toBe('sequential');
    // Clock and simulation differ alike on other blocks, as far as is known.
    learn(controller, times, { features: OTHERS });
    expect(choice(controller, OTHERS, true).mode).toBe('sequential');
  });

  it('believes what a look at a kind tells that it never saw, whatever others did', () => {
    const controller = controllerOf();
    for (let block = 0; block < 5; block++) learn(controller, CHAIN, { features: OTHERS });
    expect(choice(controller, FEATURES, false).mode).toBe('optimistic');
  });

  it('asks similar blocks where it has seen few of a kind', () => {
    const controller = controllerOf();
    const smaller: BlockFeatures = { ...FEATURES, kind: 'fewer calls' };
    learn(controller, CHAIN);
    expect(choice(controller, smaller, true).mode).toBe('sequential');
    for (let block = 0; block < 3; block++) learn(controller, GOOD, { features: smaller });
    expect(choice(controller, smaller, true).mode).toBe('planned');
  });

  it('goes on from a state', () => {
    const controller = controllerOf();
    learn(controller, GOOD);
    learn(controller, CHAIN, { features: OTHERS });
    const restored = controllerOf();
    restored.restore(JSON.parse(JSON.stringify(controller.state())) as ReturnType<Controller['state']>);
    expect(restored.state()).toEqual(controller.state());
    expect(choice(restored, OTHERS, true).mode).toBe('sequential');
  });
});
