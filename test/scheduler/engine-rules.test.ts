import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as rules from '../../scheduler/engine-rules.js';

/** A constant of a file of the engine. */
function engineConstant(file: string, name: string): number {
  const path = resolve(import.meta.dirname, '../../executor/engine/assembly', file);
  return Number(new RegExp(`const ${name}: \\w+ = (\\d+);`).exec(readFileSync(path, 'utf8'))?.[1]);
}

describe('the rules of the simulator are those of the engine', () => {
  it.each([
    ['LEAST_WASTE', rules.LEAST_WASTE, 'schedule.ts', 'LEAST_WASTE'],
    ['LEAST_LEFT', rules.LEAST_LEFT, 'schedule.ts', 'LEAST_LEFT'],
    ['CHAIN_LENGTH', rules.CHAIN_LENGTH, 'parallel.ts', 'CHAIN_LENGTH'],
    ['READER_LAG', rules.READER_LAG, 'versions.ts', 'READER_LAG'],
    ['SLEEP_NS', rules.SLEEP_NS, 'layout.ts', 'WAIT_NS'],
  ])('%s', (_, value, file, name) => {
    expect(value).toBe(engineConstant(file, name));
  });
});
