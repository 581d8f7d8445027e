import type { Command } from 'commander';
import type { IngestSummary, Store } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import { integerFrom } from '../arguments.js';
import { ingestHeaders, type HeadersIngest } from '../ingest/ingest-headers.js';
import { ingestNode } from '../ingest/ingest-node.js';
import type { NodeDocument, NodeIngestOptions } from '../ingest/keep-node.js';
import { DEFAULT_SERIES_CHAIN, ingestSeries, isSeries, renderSeriesIngest } from '../ingest/series.js';
import { writeRecords } from '../ingest/write-records.js';
import { addKeepGoingOption, mapSound, type KeepGoingOptions } from '../keep-going.js';
import { addNodeOptions, refuseNodeFlags } from '../node-options.js';
import { DEFAULT_LAST_BLOCKS, isNode, type NodeSource } from '../node-source.js';
import type { Outcome } from '../program.js';
import { recordOf } from '../record-of.js';
import type { LeftOut } from '../replay/document.js';
import {
  addGeneratedSizeOptions,
  checkedNode,
  expectedBlocks,
  openSource,
  refuseSize,
  SOURCE_HELP,
  type SourceFlags,
} from '../source.js';
import { stopOnSignals } from '../stop-signals.js';
import { addStoreOption, type StoreOptions } from '../store-option.js';
import { formatNumber } from '../table.js';
import { printJson, printResult, startProgress, type Progress } from '../terminal.js';
import { createTools, type Tools } from '../tools.js';

interface IngestFlags {
  readonly follow?: boolean;
  readonly pollMs?: number;
  readonly headersOnly?: boolean;
  readonly json?: boolean;
  /** Of a block series. */
  readonly chain?: number;
}

type IngestOptions = IngestFlags & SourceFlags & KeepGoingOptions & StoreOptions;

/** What `lanecast ingest --json` prints. */
interface IngestDocument extends IngestSummary {
  readonly schema: 'lanecast.ingest/1';
  /** The folder or host of the store. */
  readonly store: string;
  readonly leftOut: readonly LeftOut[];
  /** Null for other sources. */
  readonly node: NodeDocument | null;
}

/** What `lanecast ingest --headers-only --json` prints. */
interface HeadersDocument extends HeadersIngest {
  readonly schema: 'lanecast.ingest-headers/1';
  /** The folder or host of the store. */
  readonly store: string;
  readonly leftOut: readonly LeftOut[];
}

const DEFAULT_POLL_MS = 2_000;

/** As the shell says of a command that SIGINT ended. */
const INTERRUPTED = 130;

const EPILOGUE = `
Blocks that the store holds already are not written again: an ingest can be repeated.
Nodes: blocks are read with receipts and with what debug_traceBlockByHash (or ByNumber) says with prestateTracer; they are kept as recorded
accesses, not to be executed. Blocks that the store holds are not read again as long as they are the node's by their hashes, so an ingest that
was interrupted goes on, gaps are filled, and what a reorganisation replaced is read anew. Without --from and --blocks, reading begins with
the last block of the chain that the store holds, or with the last ${DEFAULT_LAST_BLOCKS}. SIGINT and SIGTERM end it after what has come is written (exit code 130).
--headers-only takes no more than eth_getBlockByNumber, which any node has: number, time, base fee, gas limit, gas used, transactions and blob gas,
as a block series for lanecast forecast. Accesses and conflicts are not in it.
--follow goes on with new blocks as they come, through outages of the node, until SIGINT or SIGTERM ends it (exit code 0).
Credentials: http(s)://user:password@host, or the value of the header in LANECAST_RPC_AUTHORIZATION; of a node's URL only the host is ever shown.`;

export function addIngestCommand(program: Command, outcome: Outcome): void {
  const command = program
    .command('ingest')
    .description('Reads blocks, executes those that need it, and keeps them with all their accesses in the store.')
    .argument('<source>', SOURCE_HELP)
    .option(
      '--chain <id>',
      `chain of a block series (*.csv[.gz]), which states none (default: ${DEFAULT_SERIES_CHAIN})`,
      integerFrom(0),
    )
    .option('--json', 'print one JSON document')
    .option('--headers-only', 'of a node: a block series of headers, without accesses; needs no debug methods')
    .option('--follow', 'of a node: go on with new blocks as they come')
    .option(
      '--poll-ms <ms>',
      `with --follow: milliseconds between looks at the node (default: ${DEFAULT_POLL_MS})`,
      integerFrom(1),
    )
    .addHelpText('after', EPILOGUE);
  addStoreOption(addNodeOptions(addGeneratedSizeOptions(addKeepGoingOption(command)))).action(
    async (source: string, options: IngestOptions) => {
      outcome.exitCode = await ingest(source, options);
    },
  );
}

async function ingest(source: string, options: IngestOptions): Promise<number> {
  if (source.startsWith('store:')) throw new LanecastError('INVALID_ARGUMENT', `${source} is in the store already.`);
  checkFollow(source, options);
  const series = await isSeries(source);
  if (options.chain !== undefined && !series) {
    throw new LanecastError('INVALID_ARGUMENT', `--chain is for block series in CSV only; "${source}" is none.`);
  }
  const tools = createTools(options);
  try {
    if (series) return await ingestOneSeries(source, options, tools);
    if (options.headersOnly === true) return await ingestAllHeaders(source, options, tools);
    const document = await ingestAll(source, options, tools);
    if (options.json === true) printJson(document);
    else printResult(renderIngest(document));
    return exitCodeOf(document, options);
  } finally {
    await tools.close();
  }
}

async function ingestOneSeries(source: string, options: IngestOptions, tools: Tools): Promise<number> {
  refuseNodeFlags(source, options);
  refuseSize(source, options);
  const document = await ingestSeries(source, options.chain ?? DEFAULT_SERIES_CHAIN, tools);
  if (options.json === true) printJson(document);
  else printResult(renderSeriesIngest(document));
  return 0;
}

async function ingestAllHeaders(source: string, options: IngestOptions, tools: Tools): Promise<number> {
  const store = await tools.store();
  const progress = startProgress(options.follow === true ? 'following' : 'ingesting');
  const leftOut: LeftOut[] = [];
  const session = { store, progress, leftOut: options.keepGoing === true ? leftOut : null, tools };
  try {
    const ingested = await ingestFromNode(source, options, session, ingestHeaders);
    const document: HeadersDocument = {
      schema: 'lanecast.ingest-headers/1',
      store: store.target,
      ...ingested,
      leftOut,
    };
    progress.stop();
    if (options.json === true) printJson(document);
    else printResult(renderHeaders(document));
    return exitCodeOf(document, options);
  } finally {
    progress.stop();
  }
}

function checkFollow(source: string, { follow, pollMs, headersOnly }: IngestOptions): void {
  if (headersOnly === true && !isNode(source)) {
    throw new LanecastError('INVALID_ARGUMENT', `--headers-only is for JSON-RPC nodes only; "${source}" is none.`);
  }
  if (follow === true && !isNode(source)) {
    throw new LanecastError('INVALID_ARGUMENT', `--follow is for JSON-RPC nodes only; "${source}" is none.`);
  }
  if (pollMs !== undefined && follow !== true) {
    throw new LanecastError('INVALID_ARGUMENT', '--poll-ms is for --follow, which was not given.');
  }
}

function exitCodeOf({ leftOut, blocks, node }: IngestDocument | HeadersDocument, { follow }: IngestOptions): number {
  if (node?.interrupted === true && follow !== true) return INTERRUPTED;
  if (leftOut.length > 0) return 2;
  return blocks === 0 && follow !== true ? 2 : 0;
}

async function ingestAll(source: string, options: IngestOptions, tools: Tools): Promise<IngestDocument> {
  const store = await tools.store();
  const progress = startProgress(options.follow === true ? 'following' : 'ingesting');
  const leftOut: LeftOut[] = [];
  const session = { store, progress, leftOut: options.keepGoing === true ? leftOut : null, tools };
  try {
    const summary = isNode(source)
      ? await ingestFromNode(source, options, session, ingestNode)
      : { ...(await ingestSource(source, options, session)), node: null };
    return { schema: 'lanecast.ingest/1', store: store.target, ...summary, leftOut };
  } finally {
    progress.stop();
  }
}

interface Session {
  readonly store: Store;
  readonly progress: Progress;
  readonly leftOut: LeftOut[] | null;
  readonly tools: Tools;
}

async function ingestSource(source: string, options: IngestOptions, session: Session): Promise<IngestSummary> {
  const { store, progress, leftOut, tools } = session;
  const records = mapSound(openSource(source, options, tools), leftOut, (block) => recordOf(block, tools.executor));
  const total = await expectedBlocks(source, options, tools);
  let done = 0;
  progress.update(done, total);
  return writeRecords(store, records, {
    record: ({ header }) => progress.update((done += 1), total, `block ${header.number}`),
  });
}

async function ingestFromNode<Ingest>(
  source: string,
  options: IngestOptions,
  session: Session,
  ingestWhat: (source: NodeSource, store: Store, options: NodeIngestOptions) => Promise<Ingest>,
): Promise<Ingest> {
  const { store, progress, leftOut, tools } = session;
  const stopping = stopOnSignals();
  try {
    return await ingestWhat(checkedNode(source, options, tools), store, {
      ...{ flags: options, leftOut, progress, signal: stopping.signal },
      follow: options.follow === true ? { pollMs: options.pollMs ?? DEFAULT_POLL_MS } : null,
    });
  } finally {
    stopping.release();
  }
}

function renderIngest(document: IngestDocument): string {
  const { blocks, added, alreadyPresent, replaced, transactions, accesses, store, leftOut, node } = document;
  const clauses = [
    `${formatNumber(blocks)} blocks read, ${formatNumber(added)} written to ${store}`,
    `${formatNumber(transactions)} transactions with ${formatNumber(accesses)} accesses`,
    ...(alreadyPresent > 0 ? [`${formatNumber(alreadyPresent)} were there already`] : []),
    ...(replaced > 0 ? [`${formatNumber(replaced)} took the place of other blocks of the same number`] : []),
  ];
  return withLeftOut(leftOut, [...clauses, ...clausesOf(node)]);
}

function renderHeaders({ blocks, added, alreadyPresent, replaced, store, leftOut, node }: HeadersDocument): string {
  const clauses = [
    `headers of ${formatNumber(blocks)} blocks read (chain ${node.chainId}), ${formatNumber(added)} written to ${store}`,
    ...(alreadyPresent > 0 ? [`${formatNumber(alreadyPresent)} were there already`] : []),
    ...(replaced > 0 ? [`${formatNumber(replaced)} took the place of others with other values`] : []),
  ];
  return withLeftOut(leftOut, [...clauses, ...clausesOf(node)]);
}

function clausesOf(node: NodeDocument | null): string[] {
  const [first, last] = [node?.missing[0], node?.missing.at(-1)];
  if (node === null) return [];
  return [
    ...(first === undefined || last === undefined
      ? []
      : [`${formatNumber(node.missing.length)} missing; --from ${first} --to ${last} asks for them again`]),
    ...(node.interrupted && node.toBlock !== null ? ['ended by a signal'] : []),
  ];
}

function withLeftOut(leftOut: readonly LeftOut[], clauses: readonly string[]): string {
  return [...leftOut.map(({ message }) => `left out: ${message}`), `${clauses.join('; ')}.`].join('\n');
}
