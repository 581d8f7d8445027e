import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TaskQueue } from '../../scheduler/task-queue.js';

it('a task queue gives each queued transaction once, in order of rank', () => {
  const SIZE = 12;
  const ranks = fc.shuffledSubarray([...Array(SIZE).keys()], { minLength: SIZE, maxLength: SIZE });
  const steps = fc.array(fc.oneof(fc.nat(SIZE - 1), fc.constant('pop' as const)), { maxLength: 60 });
  fc.assert(
    fc.property(ranks, steps, (order, operations) => {
      const queue = new TaskQueue(Uint32Array.from(order));
      const model = new Set<number>();
      for (const operation of operations) {
        const [first = null] = [...model].sort((a, b) => (order[a] ?? 0) - (order[b] ?? 0));
        if (operation === 'pop') {
          expect(queue.nextRank).toBe(first === null ? Infinity : order[first]);
          expect(queue.pop()).toBe(first);
          if (first !== null) model.delete(first);
        } else {
          queue.push(operation);
          model.add(operation);
        }
      }
    }),
    { seed: 15_000_001 },
  );
});
