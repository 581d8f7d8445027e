import { compressRows, type CompressedRows } from './rows.js';
import type { WorkItem, Workload } from './workload.js';

/**
 * The true dependencies of a block: row j holds, ascending, the earlier transactions whose values transaction j reads.
 * These are, for each key that j reads, its latest earlier writer, and those that added to it since. Only reads after
 * writes wait, because memory is multi-versioned. Time in proportion to accesses and dependencies.
 */
export function findBlockers(workload: Workload): CompressedRows {
  const latest: number[][] = Array.from({ length: workload.keyCount }, () => []);
  return compressRows(
    workload.transactions.map((item, index) => {
      const blockers = readFrom(item, latest);
      publish(item, index, latest);
      return blockers;
    }),
  );
}

/** `latest` holds, by key, the latest writer and those that added after it. */
function readFrom(item: WorkItem, latest: readonly (readonly number[])[]): number[] {
  const blockers = new Set<number>();
  for (const { key, kind } of item.accesses) {
    if (kind === 'read') for (const blocker of latest[key] ?? []) blockers.add(blocker);
  }
  return [...blockers].sort((a, b) => a - b);
}

function publish(item: WorkItem, index: number, latest: number[][]): void {
  for (const { key, kind } of item.accesses) {
    if (kind === 'write') latest[key] = [index];
    else if (kind === 'add') latest[key]?.push(index);
  }
}
