import { pMapIterable } from 'p-map';
import { InputError, LanecastError } from '../../errors.js';
import { backoffMs } from './client.js';
import type { Clock } from './clock.js';
import { findStale, isWhole, KnownChain, type Held } from './known-chain.js';
import type { BlockOutcome, ChainLink, LinkSource } from './node.js';

/** Blocks that we had and that are not of the node's chain any more. */
export interface Reorganisation {
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly blocks: number;
}

/** Where blocks of a range come from. Both may fail with NODE_UNAVAILABLE or UNSUPPORTED. */
export interface RangeSource<Block> extends LinkSource {
  block(number: number): Promise<BlockOutcome<Block>>;
}

/** What a range needs to know of a block. */
export interface Linked {
  readonly header: ChainLink;
}

export interface RangeOptions {
  readonly from: number;
  readonly to: number;
  /** Blocks that are read at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** What is kept already is not read again, as long as it is what the node has. Nothing unless given. */
  readonly held?: Held | undefined;
  /** Ends the range after the block that was given last. */
  readonly signal?: AbortSignal | undefined;
  /** Told once, for each part of the range, which of its blocks need not be read. */
  readonly onHeld?: ((numbers: readonly number[]) => void) | undefined;
  /** Told of each block that is not to be had, before its outcome is given: it leaves a hole. */
  readonly onHole?: ((number: number) => void) | undefined;
  /**
   * Told of blocks that will be read anew, those before the range included where they were kept. Unless given, a block that
   * was already given and is not the node's any more is an error.
   */
  readonly onReorganisation?: ((reorganisation: Reorganisation) => void) | undefined;
}

/** A range is planned and verified in parts of so many blocks. */
const PART_BLOCKS = 256;
const FIRST_STEP_BACK = 8;
/** A part of which so many readings came to no whole chain is given up. */
const MAX_ROUNDS = 12;

/**
 * The blocks of a range that are not kept yet, in order. A reorganisation is noticed by parent hashes; blocks are then given
 * again, from the first one on that changed. In the end all blocks of the range link to each other, but for those that are
 * not to be had: each was given as such once, and between them blocks link all the same.
 */
export async function* readRange<Block extends Linked>(
  node: RangeSource<Block>,
  options: RangeOptions,
): AsyncGenerator<BlockOutcome<Block>> {
  const reading = new RangeReading(node, options);
  for (let from = options.from; from <= options.to; from += PART_BLOCKS) {
    yield* reading.part(from, Math.min(options.to, from + PART_BLOCKS - 1));
    if (options.signal?.aborted === true) return;
  }
}

interface Plan {
  /** To be read, ascending. */
  readonly missing: readonly number[];
  /** Hashes of the blocks that stay, by number. */
  readonly kept: ReadonlyMap<number, string>;
  /** Whether nothing is missing but holes, and neighbours link to each other. */
  readonly whole: boolean;
}

class RangeReading<Block extends Linked> {
  private readonly node: RangeSource<Block>;
  private readonly options: RangeOptions;
  private readonly chain: KnownChain;
  /** Blocks that are not to be had; they were given as such. */
  private readonly failed = new Set<number>();

  constructor(node: RangeSource<Block>, options: RangeOptions) {
    this.node = node;
    this.options = options;
    this.chain = new KnownChain(options.held ?? (() => Promise.resolve([])));
  }

  /**
   * Plans, reads and plans again, until nothing is missing: what changed in the meantime shows in the next plan. A plan that
   * comes to nothing new waits before it is repeated.
   */
  async *part(from: number, to: number): AsyncGenerator<BlockOutcome<Block>> {
    const { clock, random, signal, onHeld } = this.options;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const plan = await this.unlessStopped(this.plan(from, to));
      if (plan === null) return;
      if (round === 0) onHeld?.([...plan.kept.keys()].filter((number) => number >= from));
      if (plan.whole) return;
      const linked = plan.missing.length > 0 && (yield* this.read(plan));
      if (isAborted(signal)) return;
      // After a first reading the plan is whole, unless the node changes its mind or does not know it.
      if (!linked || round > 0) await clock.sleep(backoffMs(round, random), signal);
      if (isAborted(signal)) return;
    }
    const message = `The node at ${this.node.name} gives blocks ${from} to ${to} that do not come to one chain.`;
    throw new LanecastError('NODE_UNAVAILABLE', message);
  }

  private async plan(from: number, to: number): Promise<Plan> {
    let [low, step] = [from, FIRST_STEP_BACK];
    for (;;) {
      const links = await this.chain.links(Math.max(0, low - 1), to);
      const stale = await findStale(this.node, links);
      if (low > 0 && stale.has(low - 1)) {
        [low, step] = [Math.max(0, low - step), step * 2];
        continue;
      }
      this.noteStale([...stale].filter((number) => !this.failed.has(number)));
      const kept = new Map(
        [...links].filter(([number]) => !stale.has(number)).map(([number, { hash }]) => [number, hash]),
      );
      const missing = numbersFrom(low, to).filter(
        (number) => !kept.has(number) && !this.failed.has(number) && (number >= from || stale.has(number)),
      );
      const whole = missing.length === 0 && isWhole(links, { from, to, holes: this.failed });
      return { missing, kept, whole };
    }
  }

  private noteStale(stale: readonly number[]): void {
    if (stale.length === 0) return;
    const [firstBlock, lastBlock] = [Math.min(...stale), Math.max(...stale)];
    const { onReorganisation } = this.options;
    if (onReorganisation === undefined) {
      const location = { origin: this.node.name, blockNumber: firstBlock };
      throw new InputError(
        location,
        'was replaced by another block while later ones were read; --confirmations stays behind',
      );
    }
    onReorganisation({ firstBlock, lastBlock, blocks: stale.length });
  }

  /** Answers whether each block linked to the one before it; reading stops at the first that does not. */
  private async *read({ missing, kept }: Plan): AsyncGenerator<BlockOutcome<Block>, boolean> {
    const { concurrency, signal } = this.options;
    const outcomes = pMapIterable(missing, (number) => this.outcomeOf(number), { concurrency })[Symbol.asyncIterator]();
    try {
      for (const number of missing) {
        const next = await outcomes.next();
        // A block that came before the end is given; one that did not come because of it is no loss.
        if (next.done === true || next.value === null) return signal?.aborted === true;
        const outcome = next.value;
        if (outcome.ok && !this.follows(outcome.block.header, kept)) return false;
        if (outcome.ok) this.chain.note(outcome.block.header);
        else this.leaveOut(number);
        yield outcome;
        if (signal?.aborted === true) return true;
      }
      return true;
    } finally {
      await outcomes.return?.();
    }
  }

  private outcomeOf(number: number): Promise<BlockOutcome<Block> | null> {
    return this.unlessStopped(this.node.block(number));
  }

  private leaveOut(number: number): void {
    this.failed.add(number);
    this.chain.forget(number);
    this.options.onHole?.(number);
  }

  private follows({ number, parentHash }: ChainLink, kept: ReadonlyMap<number, string>): boolean {
    const before = this.chain.recentLink(number - 1)?.hash ?? kept.get(number - 1);
    return before === undefined || before === parentHash;
  }

  /** Null in place of an error that comes of being stopped. */
  private async unlessStopped<T>(promise: Promise<T>): Promise<T | null> {
    try {
      return await promise;
    } catch (error) {
      if (this.options.signal?.aborted === true) return null;
      throw error;
    }
  }
}

/** The signal may have changed since it was looked at. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function numbersFrom(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
