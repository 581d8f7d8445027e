import { followHead } from '../../datasets/json-rpc/follow.js';
import { readRange, type Reorganisation } from '../../datasets/json-rpc/range.js';
import { addSummaries, NOTHING_INGESTED, type IngestSummary, type Store } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import type { BlockRecord, SourceBlock } from '../../types.js';
import { mapSound } from '../keep-going.js';
import type { BlockSpan, NodeSource, NodeSourceFlags } from '../node-source.js';
import type { LeftOut } from '../replay/document.js';
import { printNotice, type Progress } from '../terminal.js';
import { writeRecords } from './write-records.js';

/** What came of reading a node. */
export interface NodeIngest extends IngestSummary {
  readonly node: NodeDocument;
}

export interface NodeDocument {
  readonly chainId: number;
  /** Null where following ended before a block came. */
  readonly fromBlock: number | null;
  readonly toBlock: number | null;
  /** Of blocks that the store held, or got in this ingest. */
  readonly reorganisations: readonly Reorganisation[];
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

/** Brings blocks of a node into the store: a range, or whatever comes. */
export async function ingestNode(source: NodeSource, store: Store, options: NodeIngestOptions): Promise<NodeIngest> {
  const ingest = new NodeIngesting(source, store, options);
  // What is under way is not waited for; what came is written.
  options.signal.addEventListener('abort', () => source.close(), { once: true });
  if (options.follow === null) await ingest.range();
  else await ingest.follow(options.follow.pollMs);
  return ingest.result();
}

class NodeIngesting {
  private readonly source: NodeSource;
  private readonly store: Store;
  private readonly options: NodeIngestOptions;
  private readonly reorganisations: Reorganisation[] = [];
  private summary = NOTHING_INGESTED;
  private chainId = 0;
  private span: BlockSpan | null = null;
  private interrupted = false;
  private done = 0;
  /** The last block that is in the counts. */
  private counted = -1;

  constructor(source: NodeSource, store: Store, options: NodeIngestOptions) {
    this.source = source;
    this.store = store;
    this.options = options;
  }

  result(): NodeIngest {
    const { chainId, span, reorganisations, interrupted } = this;
    const [fromBlock, toBlock] = [span?.from ?? null, span?.to ?? null];
    return { ...this.summary, node: { chainId, fromBlock, toBlock, reorganisations, interrupted } };
  }

  async range(): Promise<void> {
    this.chainId = await this.source.node.chainId();
    const span = await this.source.span(await this.lastStored());
    this.span = span;
    this.show('');
    await this.read(span);
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
    const stored = await this.lastStored();
    if (stored !== null && flags.blocks === undefined) return stored;
    return (await this.source.span()).from;
  }

  private async lastStored(): Promise<number | null> {
    const chains = await this.store.chains();
    return chains.find(({ chainId }) => chainId === this.chainId)?.lastBlock ?? null;
  }

  private async read(span: BlockSpan): Promise<void> {
    const { source, store, chainId } = this;
    const { signal, leftOut } = this.options;
    const { node, clock, random, concurrency } = source;
    const outcomes = readRange(node, {
      ...{ ...span, clock, random, concurrency, signal },
      held: (from, to) => store.links({ chainId, from, to }),
      onHeld: (numbers) => this.noteHeld(numbers),
      onReorganisation: (reorganisation) => this.noteReorganisation(reorganisation),
    });
    const records = mapSound(outcomes, leftOut, requireRecord);
    let latest = NOTHING_INGESTED;
    try {
      latest = await writeRecords(store, records, {
        record: ({ header }) => {
          this.counted = Math.max(this.counted, header.number);
          this.show(`block ${header.number}`, 1);
        },
        written: (soFar) => (latest = soFar),
      });
    } finally {
      // What was held is in the summary by now.
      this.summary = addSummaries(this.summary, latest);
    }
  }

  /** Following compares the last block again and again, and counts it once. */
  private noteHeld(numbers: readonly number[]): void {
    const blocks = numbers.filter((number) => number > this.counted).length;
    this.counted = Math.max(this.counted, ...numbers);
    this.summary = addSummaries(this.summary, { ...NOTHING_INGESTED, blocks, alreadyPresent: blocks });
    this.show('', blocks);
  }

  private noteReorganisation(reorganisation: Reorganisation): void {
    this.reorganisations.push(reorganisation);
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

function requireRecord(block: SourceBlock): Promise<BlockRecord> {
  if (block.kind !== 'record') throw new Error('a node yields records');
  return Promise.resolve(block);
}
