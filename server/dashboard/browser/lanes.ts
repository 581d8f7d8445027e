import type { LaneInterval, Lanes } from '../../live.js';

/** What a worker does in a stretch of time; `again` is the execution that counts of a transaction that was stopped or thrown away before. */
export type LaneKind = 'once' | 'again' | 'aborted' | 'suspended' | 'waiting';

export interface Stretch extends LaneInterval {
  readonly kind: Exclude<LaneKind, 'waiting'>;
}

export interface KindShare {
  readonly kind: LaneKind;
  /** Of the time of all workers. */
  readonly share: number;
}

const KINDS: readonly LaneKind[] = ['once', 'again', 'aborted', 'suspended', 'waiting'];

export const KIND_LABELS: Readonly<Record<LaneKind, string>> = {
  once: 'executed once',
  again: 'executed again',
  aborted: 'in vain: aborted',
  suspended: 'stopped at a value to come',
  waiting: 'waiting',
};

export function stretchesOf(lanes: Lanes): Stretch[] {
  const repeated = new Set(
    lanes.intervals.flatMap(({ outcome, transaction }) =>
      outcome === 'aborted' || outcome === 'suspended' ? [transaction] : [],
    ),
  );
  return lanes.intervals.map((interval) => ({ ...interval, kind: kindOf(interval, repeated) }));
}

function kindOf({ outcome, transaction }: LaneInterval, repeated: ReadonlySet<number>): Stretch['kind'] {
  if (outcome !== 'final') return outcome;
  return repeated.has(transaction) ? 'again' : 'once';
}

/** All kinds, in the order of the legend; shares add up to 1, or are 0 where nothing took any time. */
export function shareByKind(lanes: Lanes): KindShare[] {
  const total = lanes.makespan * lanes.workers;
  const busy = new Map<LaneKind, number>();
  for (const { kind, start, end } of stretchesOf(lanes)) busy.set(kind, (busy.get(kind) ?? 0) + end - start);
  const sum = [...busy.values()].reduce((a, b) => a + b, 0);
  busy.set('waiting', Math.max(0, total - sum));
  return KINDS.map((kind) => ({ kind, share: total === 0 ? 0 : (busy.get(kind) ?? 0) / total }));
}

/** For those who cannot see the picture. */
export function describeLanes(lanes: Lanes): string {
  const waiting = shareByKind(lanes).find(({ kind }) => kind === 'waiting')?.share ?? 0;
  return (
    `${lanes.workers} workers over time. ${lanes.executions} executions, ${lanes.aborts} aborted, ` +
    `${lanes.suspensions} suspended; workers wait ${Math.round(waiting * 100)} percent of the time.`
  );
}
