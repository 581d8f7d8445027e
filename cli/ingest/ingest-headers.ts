import type { NodeHeader } from '../../datasets/json-rpc/header.js';
import { seriesOfHeaders } from '../../datasets/json-rpc/header-series.js';
import type { Reorganisation } from '../../datasets/json-rpc/range.js';
import type { SeriesSummary, Store } from '../../datasets/store/index.js';
import type { NodeSource } from '../node-source.js';
import { printNotice } from '../terminal.js';
import { keepNode, type Keeping, type NodeDocument, type NodeIngestOptions, type WriteEvents } from './keep-node.js';

/** What came of reading the headers of a node. */
export interface HeadersIngest extends SeriesSummary {
  readonly node: NodeDocument;
}

const NOTHING: SeriesSummary = { blocks: 0, added: 0, replaced: 0, alreadyPresent: 0 };
/** What came is kept after so many blocks at the latest. */
const WRITE_BLOCKS = 256;

/** Brings headers of a node into the store as a block series: a range, or whatever comes. Any node has them. */
export function ingestHeaders(source: NodeSource, store: Store, options: NodeIngestOptions): Promise<HeadersIngest> {
  return keepNode(source, keepHeaders(store), options);
}

function keepHeaders(store: Store): Keeping<NodeHeader, SeriesSummary> {
  return {
    nothing: NOTHING,
    add: addCounts,
    present: (blocks) => ({ ...NOTHING, blocks, alreadyPresent: blocks }),
    blocksOf: (node) => ({
      name: node.name,
      links: (numbers) => node.links(numbers),
      block: (number) => node.header(number),
    }),
    // Batches are full where as many are asked for as all requests hold.
    concurrencyOf: ({ concurrency, batchSize }) => concurrency * batchSize,
    lastStored: (chainId) => store.lastOfSeries(chainId),
    held: (chainId, span) => store.seriesLinks({ chainId, ...span }),
    write: (chainId, headers, on) => new HeaderWriting(store, chainId, on).all(headers),
    onReorganisation: (chainId, reorganisation) => tellOfBlocks(store, chainId, reorganisation),
  };
}

/** Blocks that are held with accesses count for more than a series, the old ones too. */
async function tellOfBlocks(store: Store, chainId: number, reorganised: Reorganisation): Promise<void> {
  const range = { chainId, from: reorganised.firstBlock, to: reorganised.lastBlock };
  const told = new Map((await store.seriesLinks(range)).map(({ number, hash }) => [number, hash]));
  const old = (await store.links(range)).filter(({ number, hash }) => told.has(number) && told.get(number) !== hash);
  if (old.length === 0) return;
  printNotice(
    `notice: of blocks ${range.from} to ${range.to} the store holds ${old.length} with accesses that are not the ` +
      `node's any more; they count until an ingest without --headers-only replaces them`,
  );
}

class HeaderWriting {
  private readonly store: Store;
  private readonly chainId: number;
  private readonly on: WriteEvents<SeriesSummary>;
  private run: NodeHeader[] = [];
  private summary = NOTHING;

  constructor(store: Store, chainId: number, on: WriteEvents<SeriesSummary>) {
    this.store = store;
    this.chainId = chainId;
    this.on = on;
  }

  /** In runs without gaps; of a number that comes twice the later block counts. */
  async all(headers: AsyncIterable<NodeHeader>): Promise<SeriesSummary> {
    try {
      for await (const header of headers) {
        const next = (this.run.at(-1)?.header.number ?? -1) + 1;
        if (this.run.length >= WRITE_BLOCKS || header.header.number !== next) await this.flush();
        this.run.push(header);
        this.on.block(header.header.number);
      }
    } finally {
      await this.flush();
    }
    return this.summary;
  }

  private async flush(): Promise<void> {
    const [{ store, chainId }, run] = [this, this.run];
    this.run = [];
    if (run.length === 0) return;
    const links = run.map(({ header }) => header);
    this.summary = addCounts(this.summary, await store.writeSeries(seriesOfHeaders(run), { chainId, links }));
    this.on.written(this.summary);
  }
}

function addCounts(a: SeriesSummary, b: SeriesSummary): SeriesSummary {
  return {
    blocks: a.blocks + b.blocks,
    added: a.added + b.added,
    replaced: a.replaced + b.replaced,
    alreadyPresent: a.alreadyPresent + b.alreadyPresent,
  };
}
