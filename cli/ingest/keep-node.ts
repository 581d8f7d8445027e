import { followHead } from '../../datasets/json-rpc/follow.js';
import type { BlockOutcome, ChainLink, EthereumNode } from '../../datasets/json-rpc/node.js';
import { readRange, type Linked, type RangeSource, type Reorganisation } from '../../datasets/json-rpc/range.js';
import { LanecastError } from '../../errors.js';
import { isAboutOneBlock } from '../keep-going.js';
import type { BlockSpan, NodeSource, NodeSourceFlags } from '../node-source.js';
import type { LeftOut } from '../replay/document.js';
import { printNotice, type Progress } from '../terminal.js';
import { Holes } from './holes.js';

export interface NodeDocument {
  readonly chainId: number;
  /** Null where following ended before a block came. */
  readonly fromBlock: number | null;
  readonly toBlock: number | null;
  /** Of blocks that the store held, or got in this ingest. */
  readonly reorganisations: readonly Reorganisation[];
  /** Blocks in between that were not to be had, ascending. */
  readonly missing: readonly number[];
  /** Whether a signal ended it: for a range, before its end. */
  readonly interrupted: boolean;
}

export interface NodeIngestOptions {
  readonly flags: NodeSourceFlags;
  /** Null follows no chain: a range is read. */
  readonly follow: { readonly pollMs: number } | null;
  /** Where to note blocks that are not sound; null where the first one ends it. */
  readonly leftOut: LeftOut[] | null;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What is read of a node's blocks, and how it is kept. */
export interface Keeping<Block extends Linked, Summary> {
  readonly nothing: Summary;
  add(a: Summary, b: Summary): Summary;
  /** Counts of blocks that were there already. */
  present(blocks: number): Summary;
  blocksOf(node: EthereumNode): RangeSource<Block>;
  /** Blocks to read at a time. */
  concurrencyOf(source: NodeSource): number;
  lastStored(chainId: number): Promise<number | null>;
  /** Both ends included. */
  held(chainId: number, span: BlockSpan): Promise<readonly ChainLink[]>;
  /** Writes blocks; where reading them fails, what came before, and then throws. */
  write(chainId: number, blocks: AsyncIterable<Block>, on: WriteEvents<Summary>): Promise<Summary>;
  /** Told of blocks that are not the node's any more. */
  onReorganisation?(chainId: number, reorganisation: Reorganisation): Promise<void>;
}

export interface WriteEvents<Summary> {
  /** Called for each block that was handed on. */
  readonly block: (number: number) => void;
  /** Called with the counts so far. */
  readonly written: (soFar: Summary) => void;
}

/** A hole of more blocks is taken for one that was meant. */
const MOST_HOLE_BLOCKS = 16;
/** So far back from the last block holes are looked for. */
const HOLES_WITHIN_BLOCKS = 256;

/** Brings blocks of a node into the store: a range, or whatever comes. */
export async function keepNode<Block extends Linked, Summary extends object>(
  source: NodeSource,
  keeping: Keeping<Block, Summary>,
  options: NodeIngestOptions,
): Promise<Summary & { readonly node: NodeDocument }> {
  const ingest = new NodeIngesting(source, keeping, options);
  // What is under way is not waited for; what came is written.
  options.signal.addEventListener('abort', () => source.close(), { once: true });
  if (options.follow === null) await ingest.range();
  else await ingest.follow(options.follow.pollMs);
  return ingest.result();
}

class NodeIngesting<Block extends Linked, Summary extends object> {
  private readonly source: NodeSource;
  private readonly keeping: Keeping<Block, Summary>;
  private readonly options: NodeIngestOptions;
  private readonly reorganisations: Reorganisation[] = [];
  /** Those that the keeping was not told of yet. */
  private readonly untold: Reorganisation[] = [];
  private readonly holes = new Holes();
  private summary: Summary;
  private chainId = 0;
  private span: BlockSpan | null = null;
  private interrupted = false;
  private done = 0;
  /** The last block that is in the counts. */
  private counted = -1;

  constructor(source: NodeSource, keeping: Keeping<Block, Summary>, options: NodeIngestOptions) {
    this.source = source;
    this.keeping = keeping;
    this.options = options;
    this.summary = keeping.nothing;
  }

  /** Once: blocks that are still missing are left out. */
  result(): Summary & { readonly node: NodeDocument } {
    const { chainId, span, reorganisations, interrupted } = this;
    const [fromBlock, toBlock, missing] = [span?.from ?? null, span?.to ?? null, this.holes.numbers()];
    this.options.leftOut?.push(...this.holes.errors().map(({ code, message }) => ({ code, message })));
    return { ...this.summary, node: { chainId, fromBlock, toBlock, reorganisations, missing, interrupted } };
  }

  async range(): Promise<void> {
    this.chainId = await this.source.node.chainId();
    const span = await this.source.span(await this.resumeFrom());
    this.span = span;
    this.show('');
    await this.read(span);
    await this.fillHoles(span.to);
    this.interrupted = this.options.signal.aborted;
  }

  async follow(pollMs: number): Promise<void> {
    const { node, clock, random, confirmations } = this.source;
    const { signal } = this.options;
    this.chainId = await node.chainId();
    const from = await this.firstToFollow();
    printNotice(`following chain ${this.chainId} at ${node.name} from block ${from} on; Ctrl-C ends it`);
    await followHead({
      ...{ node, clock, random, signal, from, pollMs, confirmations },
      read: async (first, last) => {
        this.span = { from, to: last };
        await this.read({ from: first, to: last });
        await this.fillHoles(last);
      },
      onOutage: (error) => printNotice(`notice: ${error.message.split('\n')[0] ?? ''} Trying again until it answers.`),
      onRecovery: () => printNotice(`notice: ${node.name} answers again`),
    });
    this.interrupted = signal.aborted;
  }

  /** A hash of what the store holds last says whether that is still the chain's. */
  private async firstToFollow(): Promise<number> {
    const { flags } = this.options;
    if (typeof flags.to === 'number')
      throw new LanecastError('INVALID_ARGUMENT', '--to ends a range; --follow has no end.');
    if (flags.from !== undefined) return flags.from;
    const stored = await this.resumeFrom();
    if (stored !== null && flags.blocks === undefined) return stored;
    return (await this.source.span()).from;
  }

  /** The last block that is stored, or the one before a small hole shortly before it. */
  private async resumeFrom(): Promise<number | null> {
    const { keeping, chainId } = this;
    const last = await keeping.lastStored(chainId);
    if (last === null) return null;
    const links = await keeping.held(chainId, { from: Math.max(0, last - HOLES_WITHIN_BLOCKS + 1), to: last });
    for (const [index, { number }] of links.entries()) {
      const missing = (links[index + 1]?.number ?? number + 1) - number - 1;
      if (missing > 0 && missing <= MOST_HOLE_BLOCKS) return number;
    }
    return last;
  }

  /** With the block after each, so that its parent is compared. */
  private async fillHoles(last: number): Promise<void> {
    for (const number of this.holes.due()) {
      if (this.options.signal.aborted) return;
      await this.read({ from: number, to: Math.min(number + 1, last) });
    }
  }

  private async read(span: BlockSpan): Promise<void> {
    const { source, keeping, chainId } = this;
    const { signal } = this.options;
    const { node, clock, random } = source;
    const hole = { number: -1 };
    const outcomes = readRange(keeping.blocksOf(node), {
      ...{ ...span, clock, random, concurrency: keeping.concurrencyOf(source), signal },
      held: (from, to) => keeping.held(chainId, { from, to }),
      onHeld: (numbers) => this.noteHeld(numbers),
      onHole: (number) => (hole.number = number),
      onReorganisation: (reorganisation) => this.noteReorganisation(reorganisation),
    });
    let latest = keeping.nothing;
    try {
      latest = await keeping.write(chainId, this.sound(outcomes, hole), {
        block: (number) => {
          this.counted = Math.max(this.counted, number);
          this.holes.fill(number);
          this.show(`block ${number}`, 1);
        },
        written: (soFar) => (latest = soFar),
      });
    } finally {
      // What was held is in the summary by now.
      this.summary = keeping.add(this.summary, latest);
    }
    for (const reorganisation of this.untold.splice(0)) await keeping.onReorganisation?.(chainId, reorganisation);
  }

  /** The blocks that are to be had; `hole` is the number of the one that was not, when it comes. */
  private async *sound(
    outcomes: AsyncIterable<BlockOutcome<Block>>,
    hole: { readonly number: number },
  ): AsyncGenerator<Block> {
    for await (const outcome of outcomes) {
      if (outcome.ok) {
        yield outcome.block;
        continue;
      }
      if (this.options.leftOut === null || !isAboutOneBlock(outcome.error)) throw outcome.error;
      if (this.holes.note(hole.number, outcome.error)) this.tellHole(outcome.error);
    }
  }

  private tellHole({ message }: LanecastError): void {
    if (this.options.follow !== null) printNotice(`notice: ${message.split('\n')[0] ?? ''}: left out for now`);
  }

  /** Following compares the last block again and again, and counts it once. */
  private noteHeld(numbers: readonly number[]): void {
    const blocks = numbers.filter((number) => number > this.counted).length;
    this.counted = Math.max(this.counted, ...numbers);
    for (const number of numbers) this.holes.fill(number);
    this.summary = this.keeping.add(this.summary, this.keeping.present(blocks));
    this.show('', blocks);
  }

  private noteReorganisation(reorganisation: Reorganisation): void {
    this.reorganisations.push(reorganisation);
    this.untold.push(reorganisation);
    const { firstBlock, lastBlock, blocks } = reorganisation;
    const which = blocks === 1 ? `block ${firstBlock} is` : `${blocks} blocks from ${firstBlock} to ${lastBlock} are`;
    printNotice(`notice: the chain was reorganised: ${which} read again`);
  }

  private show(detail: string, done = 0): void {
    this.done += done;
    const total = this.span === null || this.options.follow !== null ? null : this.span.to - this.span.from + 1;
    this.options.progress.update(total === null ? this.done : Math.min(this.done, total), total, detail);
  }
}
