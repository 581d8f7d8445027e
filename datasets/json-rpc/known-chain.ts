import type { ChainLink, LinkSource } from './node.js';

/** Links by number, ascending. */
export type Links = ReadonlyMap<number, ChainLink>;

/** What is kept already of a chain; both ends belong to the range. */
export type Held = (from: number, to: number) => Promise<readonly ChainLink[]>;

/** Blocks that were read lately and may not be kept yet. */
const MOST_RECENT = 1_024;

/** The blocks that we have: those that are kept, and over them those that were read just now. */
export class KnownChain {
  private readonly held: Held;
  private readonly recent = new Map<number, ChainLink>();

  constructor(held: Held) {
    this.held = held;
  }

  note({ number, hash, parentHash }: ChainLink): void {
    this.recent.delete(number);
    this.recent.set(number, { number, hash, parentHash });
    for (const [oldest] of this.recent) {
      if (this.recent.size <= MOST_RECENT) break;
      this.recent.delete(oldest);
    }
  }

  forget(number: number): void {
    this.recent.delete(number);
  }

  recentLink(number: number): ChainLink | undefined {
    return this.recent.get(number);
  }

  async links(from: number, to: number): Promise<Links> {
    const links = new Map((await this.held(from, to)).map((link) => [link.number, link]));
    for (const link of this.recent.values()) if (link.number >= from && link.number <= to) links.set(link.number, link);
    return new Map([...links].sort(([a], [b]) => a - b));
  }
}

/**
 * The numbers of links that are not the node's blocks any more. A hash vouches for all its ancestors, so of blocks that
 * link to each other only the last is asked for; all of them where that one differs. What the node does not have can't be
 * compared, and is let stand.
 */
export async function findStale(node: LinkSource, links: Links): Promise<Set<number>> {
  const runs = linkedRuns(links);
  const tops = runs.flatMap((run) => run.at(-1) ?? []);
  const differing = new Set(await differingFrom(node, tops));
  const suspects = runs.filter((run) => run.some((link) => differing.has(link.number)));
  return new Set(await differingFrom(node, suspects.flat()));
}

/** A range, and its blocks that are not to be had. */
export interface RangeWithHoles {
  readonly from: number;
  readonly to: number;
  readonly holes: ReadonlySet<number>;
}

/** Whether all blocks of a range but the holes are known, and each that has a neighbour before it is its child. */
export function isWhole(links: Links, { from, to, holes }: RangeWithHoles): boolean {
  for (let number = from; number <= to; number += 1) {
    if (holes.has(number)) continue;
    const link = links.get(number);
    if (link === undefined) return false;
    const before = number === from || holes.has(number - 1) ? undefined : links.get(number - 1);
    if (before !== undefined && before.hash !== link.parentHash) return false;
  }
  return true;
}

function linkedRuns(links: Links): ChainLink[][] {
  const runs: ChainLink[][] = [];
  let last: ChainLink | undefined;
  for (const link of links.values()) {
    if (last?.number === link.number - 1 && last.hash === link.parentHash) runs.at(-1)?.push(link);
    else runs.push([link]);
    last = link;
  }
  return runs;
}

async function differingFrom(node: LinkSource, links: readonly ChainLink[]): Promise<number[]> {
  if (links.length === 0) return [];
  const theirs = await node.links(links.map(({ number }) => number));
  return links.flatMap((link, position) => {
    const other = theirs[position];
    if (other === null || other === undefined) return [];
    return other.hash === link.hash && other.parentHash === link.parentHash ? [] : [link.number];
  });
}
