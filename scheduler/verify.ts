import type { FinalExecution, FinalRead, SimulatedRun } from './simulator.js';
import type { WorkItem, Workload } from './workload.js';

/** The state of a key at some point of the block's order: its latest writer, and who added since. */
interface KeyHistory {
  writer: number | null;
  adders: number[];
}

/**
 * Whether a simulated run is equivalent to executing the block in its order: each transaction executed, and each of its
 * reads, in the incarnation that counts, saw exactly what it sees in block order, from the incarnations that count,
 * after these had finished. It shares no code with the simulator: it replays the order and believes nothing else.
 */
export function verifyRun(workload: Workload, run: SimulatedRun): boolean {
  if (run.final.length !== workload.transactions.length) return false;
  const histories = new Map<number, KeyHistory>();
  return workload.transactions.every((item, index) => {
    const execution = run.final[index];
    const right = execution !== undefined && isSerial(item, execution, { histories, run });
    applyWrites(item, index, histories);
    return right;
  });
}

interface Replay {
  readonly histories: ReadonlyMap<number, KeyHistory>;
  readonly run: SimulatedRun;
}

function isSerial(item: WorkItem, execution: FinalExecution, { histories, run }: Replay): boolean {
  const keys = item.accesses.filter(({ kind }) => kind === 'read').map(({ key }) => key);
  const { startCost, finishCost, reads } = execution;
  if (startCost < 0 || finishCost < startCost || run.makespanCost < finishCost) return false;
  if (
    !isSameSet(
      keys,
      reads.map(({ key }) => key),
    )
  )
    return false;
  return reads.every((read) => {
    if (read.atCost < startCost || read.atCost > finishCost) return false;
    return isSameSet(sourcesOf(histories.get(read.key)), read.sources) && sawFinished(read, run.final);
  });
}

function sourcesOf(history: KeyHistory | undefined): number[] {
  if (history === undefined) return [];
  return history.writer === null ? history.adders : [history.writer, ...history.adders];
}

function isSameSet(expected: readonly number[], seen: readonly number[]): boolean {
  const set = new Set(expected);
  return set.size === seen.length && new Set(seen).size === seen.length && seen.every((value) => set.has(value));
}

/** Whether it saw the last incarnations, and none before it was there. */
function sawFinished({ atCost, sources, sourceIncarnations }: FinalRead, final: readonly FinalExecution[]): boolean {
  if (sources.length !== sourceIncarnations.length) return false;
  return sources.every((source, place) => {
    const execution = final[source];
    if (execution === undefined || execution.incarnation !== sourceIncarnations[place]) return false;
    return execution.finishCost <= atCost;
  });
}

function applyWrites(item: WorkItem, index: number, histories: Map<number, KeyHistory>): void {
  for (const { key, kind } of item.accesses) {
    if (kind === 'write') histories.set(key, { writer: index, adders: [] });
    if (kind !== 'add') continue;
    const history = histories.get(key) ?? { writer: null, adders: [] };
    history.adders.push(index);
    histories.set(key, history);
  }
}
