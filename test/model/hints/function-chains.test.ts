import { describe, expect, it } from 'vitest';
import { FunctionChains, type ExecutedCall } from '../../../model/hints/function-chains.js';
import type { Access } from '../../../types.js';
import { accountAccess, address, slotAccess } from '../../datasets/store-records.js';
import { blockOf } from '../blocks.js';

const UNKNOWN = 0.5;
const change = [slotAccess('read', 9, 1), slotAccess('write', 9, 1)];

/** Calls of one function by different senders, with these accesses. */
function callsOf(
  accesses: readonly (readonly Access[])[],
  { functionId = 0, functionCalls = 0, senders = accesses.map((_, index) => index) } = {},
): ExecutedCall[] {
  const drafts = accesses.map((list, index) => ({ from: address(100 + (senders[index] ?? 0)), accesses: list }));
  return blockOf(1, drafts).transactions.map((outcome) => ({ functionId, functionCalls, outcome }));
}

function chanceAfter(...blocks: readonly (readonly ExecutedCall[])[]): number {
  const chains = new FunctionChains();
  for (const calls of blocks) chains.learn(calls);
  return chains.chance(0);
}

describe('calls of a function of which nothing is known', () => {
  it('depend on each other as likely as not, before anything was seen', () => {
    expect(chanceAfter()).toBe(UNKNOWN);
  });

  it('more so where they did, less so where they did not', () => {
    expect(chanceAfter(callsOf([change, change]))).toBeGreaterThan(0.6);
    expect(chanceAfter(callsOf([change, [slotAccess('write', 9, 2)]]))).toBeLessThan(0.4);
    const many = Array.from({ length: 50 }, () => callsOf([change, change]));
    expect(chanceAfter(...many)).toBeGreaterThan(0.95);
    expect(chanceAfter(...many)).toBeLessThanOrEqual(1);
  });

  it('are judged by what the later one saw of what the earlier one changed', () => {
    const [seen, unseen] = [chanceAfter(callsOf([change, change])), chanceAfter(callsOf([[], []]))];
    expect(chanceAfter(callsOf([change, [slotAccess('read', 9, 1)]]))).toBe(seen);
    expect(chanceAfter(callsOf([[slotAccess('read', 9, 1)], change]))).toBe(unseen);
    expect(chanceAfter(callsOf([[slotAccess('write', 8, 1)], [slotAccess('read', 9, 1)]]))).toBe(unseen);
    expect(chanceAfter(callsOf([[accountAccess('add', 9)], [accountAccess('read', 9)]]))).toBe(seen);
    expect(chanceAfter(callsOf([[accountAccess('add', 9)], [accountAccess('add', 9)]]))).toBe(unseen);
  });

  it('are compared with the call of the function before, whatever stands between', () => {
    const [first, second] = callsOf([change, change]);
    const [other] = callsOf([change], { functionId: 1 });
    if (first === undefined || second === undefined || other === undefined) throw new Error('expected three calls');
    expect(chanceAfter([first, other, second])).toBe(chanceAfter([first, second]));
    expect(chanceAfter([first, other])).toBe(UNKNOWN);
    expect(chanceAfter([first], [second])).toBe(UNKNOWN);
  });

  it('of one sender say nothing: they wait for each other anyway', () => {
    expect(chanceAfter(callsOf([change, change], { senders: [3, 3] }))).toBe(UNKNOWN);
  });

  it('count thrice a block and function at most', () => {
    const rush = (calls: number): ExecutedCall[] => callsOf(Array.from({ length: calls }, () => change));
    expect(chanceAfter(rush(4))).toBeGreaterThan(chanceAfter(rush(3)));
    expect(chanceAfter(rush(50))).toBe(chanceAfter(rush(4)));
    const two = [...rush(4), ...callsOf([change, change], { functionId: 1 })];
    expect(chanceAfter(two)).toBeGreaterThan(chanceAfter(rush(4)));
  });
});

describe('calls of a function that was called three times', () => {
  it('are told by their keys', () => {
    const chains = new FunctionChains();
    expect([0, 1, 2, 3, 100].map((calls) => chains.chance(calls))).toEqual([UNKNOWN, UNKNOWN, UNKNOWN, 0, 0]);
  });

  it('teach nothing about new ones', () => {
    expect(chanceAfter(callsOf([change, change], { functionCalls: 3 }))).toBe(UNKNOWN);
  });
});
