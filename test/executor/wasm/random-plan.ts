import { Random } from '../../../datasets/generate/random.js';
import { emptyPlan, type Plan } from '../../../scheduler/plan.js';
import { compressRows } from '../../../scheduler/rows.js';

/** Priorities and blockers drawn at random, some of transactions that are not there. */
export function randomPlan(seed: number, count: number, workers: number): Plan {
  const random = new Random(seed);
  const priority = Uint32Array.from({ length: count }, () => random.below(count + 1));
  const blockers = Array.from({ length: count }, () =>
    Array.from({ length: random.below(3) }, () => random.below(count + 2)),
  );
  return { ...emptyPlan(count, workers), priority, blockers: compressRows(blockers) };
}
