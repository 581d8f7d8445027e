import type { SimulatedRun } from '../../scheduler/simulated-run.js';
import type { BlockRecord } from '../../types.js';
import type { BlockPicture, HotKey, PicturedDependency, PolicyLanes } from './picture-document.js';
import type { Machine, PlannedRun } from './scheduling.js';

/** So many keys have names in a picture. */
const MOST_HOT_KEYS = 12;
/** A picture is of so many simulated workers, or of the largest number below. */
const PICTURED_WORKERS = 8;
const PREFERRED = ['optimistic', 'adaptive', 'oracle'];
const MOST_POLICIES = 3;

export interface PictureOptions {
  /** Number of the block that is to be drawn; null for the one with most transactions, of equal ones the first. */
  readonly wanted: number | null;
  readonly policies: readonly string[];
  readonly machines: readonly Machine[];
}

/** Chooses which block is drawn, with which policies, and keeps its picture. */
export class PictureKeeper {
  readonly policies: readonly string[];
  readonly machine: Machine | null;
  readonly #wanted: number | null;
  #wantedPicture: BlockPicture | null = null;
  #largest: BlockPicture | null = null;

  constructor({ wanted, policies, machines }: PictureOptions) {
    this.#wanted = wanted;
    const parallel = policies.filter((policy) => policy !== 'sequential');
    const preferred = PREFERRED.filter((policy) => parallel.includes(policy));
    this.policies = [...preferred, ...parallel.filter((policy) => !preferred.includes(policy))].slice(0, MOST_POLICIES);
    this.machine = picturedMachine(machines);
  }

  /** Whether a picture of this block would be kept. */
  wants({ header, transactions }: BlockRecord): boolean {
    if (header.number === this.#wanted && this.#wantedPicture === null) return true;
    return transactions.length > (this.#largest?.transactions ?? -1);
  }

  keep(picture: BlockPicture): void {
    if (picture.number === this.#wanted) this.#wantedPicture ??= picture;
    if (picture.transactions > (this.#largest?.transactions ?? -1)) this.#largest = picture;
  }

  /** The block that was wanted, else the largest; null without blocks. */
  get picture(): BlockPicture | null {
    return this.#wantedPicture ?? this.#largest;
  }
}

function picturedMachine(machines: readonly Machine[]): Machine | null {
  const ascending = [...machines].sort((a, b) => a.workers - b.workers);
  return ascending.filter(({ workers }) => workers <= PICTURED_WORKERS).at(-1) ?? ascending[0] ?? null;
}

/** What a traced run did, on the clock. */
export function lanesOf(policy: string, planned: PlannedRun, run: SimulatedRun, wallNs: number): PolicyLanes {
  const nsPerCost = run.makespanCost > 0 ? wallNs / run.makespanCost : 1;
  const executions = (run.trace ?? []).map(({ startCost, endCost, ...execution }) => ({
    ...execution,
    startNs: startCost * nsPerCost,
    endNs: endCost * nsPerCost,
  }));
  const workers = Math.max(0, ...executions.map(({ worker }) => worker + 1));
  const { predictNs, planNs, decision } = planned;
  return { policy, mode: decision?.way.mode ?? null, workers, predictNs, planNs, wallNs, executions };
}

export function pictureOf(record: BlockRecord, lanes: readonly PolicyLanes[], workers: number): BlockPicture {
  const slots = slotsOf(record);
  const hottest = [...slots.values()]
    .filter(({ dependents }) => dependents > 0)
    .sort((a, b) => b.dependents - a.dependents);
  const hotKeys = hottest.slice(0, MOST_HOT_KEYS);
  return {
    number: record.header.number,
    transactions: record.transactions.length,
    ...{ workers, lanes },
    hotKeys: hotKeys.map(({ address, slot, writers, readers, dependents }) => ({
      ...{ address, slot, writers, readers, dependents },
    })),
    dependencies: dependenciesOf(hottest),
  };
}

/** How the transactions of a block use a slot. */
interface SlotUse extends HotKey {
  readonly writers: number[];
  readonly readers: number[];
  dependents: number;
  /** By dependent transaction the latest earlier writer. */
  readonly edges: { readonly earlier: number; readonly later: number }[];
}

/** By address and slot, in order of first use. */
function slotsOf({ transactions }: BlockRecord): Map<string, SlotUse> {
  const slots = new Map<string, SlotUse>();
  for (const [index, { accesses }] of transactions.entries()) {
    const used = new Map<SlotUse, boolean>();
    for (const { address, slot, kind } of accesses) {
      if (slot === null) continue;
      const use = slotUse(slots, address, slot);
      used.set(use, kind === 'write' || used.get(use) === true);
    }
    for (const [use, isWritten] of used) note(use, index, isWritten);
  }
  return slots;
}

function slotUse(slots: Map<string, SlotUse>, address: string, slot: string): SlotUse {
  const known = slots.get(address + slot);
  if (known !== undefined) return known;
  const use: SlotUse = { address, slot, writers: [], readers: [], dependents: 0, edges: [] };
  slots.set(address + slot, use);
  return use;
}

function note(use: SlotUse, index: number, isWritten: boolean): void {
  const earlier = use.writers.at(-1);
  if (earlier !== undefined) {
    use.dependents += 1;
    use.edges.push({ earlier, later: index });
  }
  (isWritten ? use.writers : use.readers).push(index);
}

/** Each pair once, with the hottest slot that connects it. */
function dependenciesOf(hottest: readonly SlotUse[]): PicturedDependency[] {
  const found = new Map<string, PicturedDependency>();
  for (const [rank, { edges }] of hottest.entries()) {
    for (const { earlier, later } of edges) {
      const name = `${earlier}-${later}`;
      if (!found.has(name)) found.set(name, { earlier, later, hotKey: rank < MOST_HOT_KEYS ? rank : null });
    }
  }
  return [...found.values()].sort((a, b) => a.later - b.later || a.earlier - b.earlier);
}
