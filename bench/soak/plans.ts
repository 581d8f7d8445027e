import type { Random } from '../../datasets/generate/random.js';
import { emptyPlan, type Plan } from '../../scheduler/plan.js';
import { compressRows } from '../../scheduler/rows.js';

const MOST_BLOCKERS = 4;
const BEYOND = 2 ** 31;

/** Makes a plan for a block of so many transactions; undefined is no plan. */
export type PlanMaker = (count: number, workers: number, random: Random) => Plan | undefined;

/** Plans of ill will, by name: hints that no result may depend on. */
export const PLANS: readonly (readonly [string, PlanMaker])[] = [
  ['no plan', () => undefined],
  ['the last first', (count, workers) => ({ ...emptyPlan(count, workers), priority: reversed(count) })],
  ['wrong blockers', wrongBlockers],
  ['a random order', randomOrder],
  ['each waits for the next, in a circle', circle],
  ['the last first, with wrong blockers', (...given) => ({ ...wrongBlockers(...given), priority: reversed(given[0]) })],
];

function reversed(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => count - index);
}

function wrongBlockers(count: number, workers: number, random: Random): Plan {
  const blockers = Array.from({ length: count }, (_, index) =>
    Array.from({ length: random.below(MOST_BLOCKERS) }, () => (index === 0 ? BEYOND : random.below(index))),
  );
  return { ...emptyPlan(count, workers), blockers: compressRows(blockers) };
}

function randomOrder(count: number, workers: number, random: Random): Plan {
  const priority = Uint32Array.from({ length: count }, () => random.below(count));
  return { ...emptyPlan(count, workers), priority };
}

function circle(count: number, workers: number): Plan {
  const blockers = Array.from({ length: count }, (_, index) => [(index + 1) % count, (index + count - 1) % count]);
  return { ...emptyPlan(count, workers), blockers: compressRows(blockers) };
}
