/**
 * What parallel execution costs beside the work itself, on one machine and engine. Where a simulation is given them, costs of
 * the workload are ns.
 */
export interface Overheads {
  /** By number of workers, from 0: until so many are at work, with what it takes to hear of their end. See `startNsOf`. */
  readonly startNs: readonly number[];
  /** Of an execution that can be validated, beyond one that can't: once, and for each access. */
  readonly trackingNsPerTransaction: number;
  readonly trackingNsPerAccess: number;
  /** The same, as a share of the transaction's own cost. */
  readonly trackingShare: number;
  /** Of a look whether a transaction's reads still hold: once, and for each read. */
  readonly validationNsPerTransaction: number;
  readonly validationNsPerRead: number;
  /**
   * What it adds to a transaction that others are at work beside it, as a share of its cost: as measured with one other, because
   * what more would add cannot be measured on few processors.
   */
  readonly contentionShare: number;
  /** Until a worker that has been idle for longer than this has taken what there is to do. */
  readonly wakeNs: number;
  /** How long an idle worker sleeps before it looks whether one other does everything; Infinity: it never does. */
  readonly sleepNs: number;
}

/** Nothing but the work counts, in whatever unit. */
export const UNCALIBRATED: Overheads = {
  startNs: [0],
  trackingNsPerTransaction: 0,
  trackingNsPerAccess: 0,
  trackingShare: 0,
  validationNsPerTransaction: 0,
  validationNsPerRead: 0,
  contentionShare: 0,
  wakeNs: 0,
  sleepNs: Infinity,
};

/** To tell one more thread that there is work, about what a message costs its sender. */
const TELL_NS = 15_000;

/**
 * Threads wake side by side: beyond what is known, each worker adds what it takes to tell it. An assumption, as more threads
 * than processors can't be measured.
 */
export function startNsOf({ startNs }: Overheads, workers: number): number {
  const last = startNs.length - 1;
  const known = startNs[Math.min(workers, last)] ?? 0;
  return known + (last < 2 ? 0 : Math.max(0, workers - last) * TELL_NS);
}
