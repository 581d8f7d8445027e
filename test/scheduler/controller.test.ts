import { describe, expect, it } from 'vitest';
import type { BlockFeatures } from '../../scheduler/block-features.js';
import { Controller, type WayOutcome } from '../../scheduler/controller.js';
import { nameOfWay, waysOn, type Mode } from '../../scheduler/ways.js';

const FEATURES: BlockFeatures = {
  transactions: 200,
  callShare: 1,
  senderShare: 0.01,
  recipientShare: 0.1,
  kind: 'calls',
  wideKind: 'wide',
};
const OTHERS: BlockFeatures = { ...FEATURES, kind: 'others', wideKind: 'wide others' };

/** Simulated times by way, for 100 ns of work. */
function simulated(ns: Record<string, number>): WayOutcome[] {
  return Object.entries(ns).map(([name, each]) => {
    const [mode = '', workers = ''] = name.split('@');
    return { way: { mode: mode as Mode, workers: Number(workers) }, ns: each, isReal: false };
  });
}

function learn(controller: Controller, ns: Record<string, number>, features = FEATURES): void {
  controller.learn(features, { workNs: 100, outcomes: simulated(ns) });
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
    expect(nameOfWay(controller.choose(FEATURES, true))).toBe('optimistic@2');
    expect(controller.choose({ ...FEATURES, callShare: 0.05 }, true).mode).toBe('sequential');
    expect(controller.choose({ ...FEATURES, senderShare: 0.9 }, true).mode).toBe('sequential');
    expect(controller.choose({ ...FEATURES, transactions: 20 }, true).mode).toBe('sequential');
  });

  it('takes what was best, and no plan without hints', () => {
    const controller = controllerOf();
    learn(controller, GOOD);
    expect(controller.choose(FEATURES, true).mode).toBe('planned');
    expect(controller.choose(FEATURES, false).mode).toBe('optimistic');
  });

  it('leaves plans within five blocks of their not paying, and returns within five of their paying again', () => {
    const controller = controllerOf();
    const blocksUntil = (ns: Record<string, number>, mode: Mode): number => {
      for (let blocks = 1; blocks <= 20; blocks++) {
        learn(controller, ns);
        if (controller.choose(FEATURES, true).mode === mode) return blocks;
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
    learn(controller, CHAIN, OTHERS);
    expect(controller.choose(FEATURES, true).mode).toBe('planned');
    expect(controller.choose(OTHERS, true).mode).toBe('sequential');
  });

  it('picks the number of workers', () => {
    const controller = controllerOf(8);
    learn(controller, { 'sequential@1': 100, 'optimistic@2': 60, 'optimistic@4': 40, 'optimistic@8': 45 });
    expect(nameOfWay(controller.choose(FEATURES, false))).toBe('optimistic@4');
  });

  it('corrects simulation by the clock', () => {
    const controller = controllerOf();
    const real: WayOutcome = { way: { mode: 'optimistic', workers: 2 }, ns: 120, isReal: true };
    const outcomes = [real, ...simulated({ 'sequential@1': 100, 'optimistic@2': 80 })];
    controller.learn(FEATURES, { workNs: 100, outcomes });
    expect(controller.choose(FEATURES, false).mode).toBe('sequential');
    // Simulated ones of the same kind are taken for half as slow again from now on.
    learn(controller, { 'sequential@1': 100, 'optimistic@2': 80 });
    expect(controller.expect(real.way, FEATURES)).toBeCloseTo(1.2, 9);
    // Of another kind, too, until it has been run there.
    learn(controller, { 'sequential@1': 100, 'optimistic@2': 80 }, OTHERS);
    expect(controller.expect(real.way, OTHERS)).toBeCloseTo(1.2, 9);
  });

  it('tries once what is near to the best where clock and simulation may differ', () => {
    const controller = controllerOf(2, true);
    learn(controller, { 'sequential@1': 100, 'optimistic@2': 103, 'planned@2': 120 });
    expect(controller.choose(FEATURES, true).mode).toBe('sequential');
    const real: WayOutcome = { way: { mode: 'sequential', workers: 1 }, ns: 100, isReal: true };
    const outcomes = [real, ...simulated({ 'sequential@1': 100, 'optimistic@2': 103, 'planned@2': 120 })];
    controller.learn(FEATURES, { workNs: 100, outcomes });
    expect(controller.choose(FEATURES, true).mode).toBe('optimistic');
    const tried: WayOutcome = { way: { mode: 'optimistic', workers: 2 }, ns: 110, isReal: true };
    controller.learn(FEATURES, { workNs: 100, outcomes: [tried, ...simulated({ 'optimistic@2': 103 })] });
    expect(controller.choose(FEATURES, true).mode).toBe('sequential');
  });

  it('goes on from a state', () => {
    const controller = controllerOf();
    learn(controller, GOOD);
    learn(controller, CHAIN, OTHERS);
    const restored = controllerOf();
    restored.restore(JSON.parse(JSON.stringify(controller.state())) as ReturnType<Controller['state']>);
    expect(restored.state()).toEqual(controller.state());
    expect(restored.choose(OTHERS, true).mode).toBe('sequential');
  });
});
