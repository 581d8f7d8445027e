/** `sequential`: straight through on one thread. `optimistic`: Block-STM in block order. `planned`: with predicted plans. */
export type Mode = 'sequential' | 'optimistic' | 'planned';

/** A way to run a block. */
export interface Way {
  readonly mode: Mode;
  /** 1 for sequential, 2 or more otherwise. */
  readonly workers: number;
}

export const SEQUENTIAL: Way = { mode: 'sequential', workers: 1 };

/** All ways on a machine of so many workers: of numbers of workers, 1 and its doublings, and the number itself. */
export function waysOn(maxWorkers: number): Way[] {
  const ways: Way[] = [SEQUENTIAL];
  for (let workers = 2; workers < 2 * maxWorkers; workers *= 2) {
    const count = Math.min(workers, maxWorkers);
    ways.push({ mode: 'optimistic', workers: count }, { mode: 'planned', workers: count });
  }
  return maxWorkers < 2 ? [SEQUENTIAL] : ways;
}

export function nameOfWay({ mode, workers }: Way): string {
  return `${mode}@${workers}`;
}
