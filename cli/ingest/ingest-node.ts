import type { EthereumNode } from '../../datasets/json-rpc/node.js';
import { addSummaries, NOTHING_INGESTED, type IngestSummary, type Store } from '../../datasets/store/index.js';
import type { BlockRecord, SourceBlock } from '../../types.js';
import type { NodeSource } from '../node-source.js';
import { keepNode, type Keeping, type NodeDocument, type NodeIngestOptions } from './keep-node.js';
import { writeRecords } from './write-records.js';

/** What came of reading a node. */
export interface NodeIngest extends IngestSummary {
  readonly node: NodeDocument;
}

/** Brings blocks of a node into the store, with all their accesses: a range, or whatever comes. */
export function ingestNode(source: NodeSource, store: Store, options: NodeIngestOptions): Promise<NodeIngest> {
  return keepNode(source, keepRecords(store), options);
}

function keepRecords(store: Store): Keeping<SourceBlock, IngestSummary> {
  return {
    nothing: NOTHING_INGESTED,
    add: addSummaries,
    present: (blocks) => ({ ...NOTHING_INGESTED, blocks, alreadyPresent: blocks }),
    blocksOf: (node: EthereumNode) => node,
    concurrencyOf: ({ concurrency }) => concurrency,
    lastStored: async (chainId) => (await store.chains()).find((chain) => chain.chainId === chainId)?.lastBlock ?? null,
    held: (chainId, span) => store.links({ chainId, ...span }),
    write: (_chainId, blocks, { block, written }) =>
      writeRecords(store, recordsOf(blocks), { record: ({ header }) => block(header.number), written }),
  };
}

async function* recordsOf(blocks: AsyncIterable<SourceBlock>): AsyncGenerator<BlockRecord> {
  for await (const block of blocks) {
    if (block.kind !== 'record') throw new Error('a node yields records');
    yield block;
  }
}
