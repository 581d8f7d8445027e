import { emptyPlan, type Plan } from '../../../scheduler/plan.js';
import { compressRows } from '../../../scheduler/rows.js';

/** Plans of ill will for a block: each is a hint that the result must not depend on. */
export function adversarialPlans(count: number, workers: number): Readonly<Record<string, Plan>> {
  const base = emptyPlan(count, workers);
  const every = Array.from({ length: count }, (_, index) => index);
  return {
    'the last first': { ...base, priority: Uint32Array.from(every, (index) => count - index) },
    'each waits for the next, in a circle': {
      ...base,
      blockers: compressRows(every.map((index) => [(index + 1) % count, (index + count - 1) % count])),
    },
    'each waits for all before': {
      ...base,
      blockers: compressRows(every.map((index) => every.slice(0, Math.min(index, 40)))),
    },
    'each waits for itself and for nobody there': {
      ...base,
      blockers: compressRows(every.map((index) => [index, count + 7, 2 ** 31])),
    },
    'the last first, and each waits for the first': {
      ...base,
      priority: Uint32Array.from(every, (index) => count - index),
      blockers: compressRows(every.map(() => [0, 0, 0])),
    },
  };
}
