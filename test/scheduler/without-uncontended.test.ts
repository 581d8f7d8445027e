import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutUncontended } from '../../scheduler/predicted-workload.js';
import { simulate } from '../../scheduler/simulator.js';
import { workloadsWithPlans } from './workloads.js';

it('accesses that make nobody wait change no simulated run', () => {
  fc.assert(
    fc.property(workloadsWithPlans, fc.integer({ min: 1, max: 4 }), ({ workload, plan }, workers) => {
      const options = { workers, validationCost: 0 };
      const whole = simulate(workload, plan, options);
      const less = simulate(withoutUncontended(workload), plan, options);
      expect(less.makespanCost).toBeCloseTo(whole.makespanCost, 6);
    }),
    { seed: 4, numRuns: 150 },
  );
});
