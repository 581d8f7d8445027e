import type { Clock } from '../../datasets/json-rpc/clock.js';

/** Time that passes when somebody sleeps; deadlines pass when a test says so. */
export interface VirtualClock extends Clock {
  /** Every sleep so far, in ms. */
  readonly sleeps: readonly number[];
  /** Lets all deadlines pass that are set now. */
  readonly expire: () => void;
}

export function virtualClock(startMs = 1_700_000_000_000): VirtualClock {
  const deadlines = new Set<() => void>();
  const sleeps: number[] = [];
  let nowMs = startMs;
  return {
    sleeps,
    nowMs: () => nowMs,
    sleep: (durationMs, signal) => {
      sleeps.push(durationMs);
      if (signal?.aborted !== true) nowMs += durationMs;
      return new Promise((resolve) => setImmediate(resolve));
    },
    after: (_durationMs, callback) => {
      deadlines.add(callback);
      return () => deadlines.delete(callback);
    },
    expire: () => {
      for (const callback of [...deadlines]) callback();
      deadlines.clear();
    },
  };
}
