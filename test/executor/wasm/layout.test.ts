import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as layout from '../../../executor/wasm/layout.js';

/** Evaluates the sums, products and shifts of the constants in the engine's own layout, in order of their definition. */
function engineConstants(): Map<string, number> {
  const text = readFileSync(resolve(import.meta.dirname, '../../../executor/engine/assembly/layout.ts'), 'utf8');
  const known = new Map<string, number>();
  for (const [, name = '', expression = ''] of text.matchAll(/^export const (\w+): \w+ = ([^;]+);/gm)) {
    known.set(name, evaluate(expression, known));
  }
  return known;
}

function evaluate(expression: string, known: ReadonlyMap<string, number>): number {
  const sum = (text: string): number => text.split('+').reduce((total, part) => total + product(part), 0);
  const product = (text: string): number => text.split('*').reduce((total, part) => total * atom(part.trim()), 1);
  const atom = (text: string): number => known.get(text) ?? Number(text);
  const [value = '', shift] = expression.replace(/[()]/g, '').split('<<');
  return shift === undefined ? sum(value) : sum(value) * 2 ** atom(shift.trim());
}

describe('the layout that the host knows', () => {
  const engine = engineConstants();

  it.each(Object.entries(layout))('%s is that of the engine', (name, value) => {
    expect(engine.get(name)).toBe(value);
  });
});
