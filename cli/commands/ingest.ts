import type { Command } from 'commander';
import type { IngestSummary } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import type { BlockRecord } from '../../types.js';
import { integerFrom } from '../arguments.js';
import { DEFAULT_SERIES_CHAIN, ingestSeries, isSeries, renderSeriesIngest } from '../ingest/series.js';
import { addKeepGoingOption, mapSound, type KeepGoingOptions } from '../keep-going.js';
import type { Outcome } from '../program.js';
import { recordOf } from '../record-of.js';
import type { LeftOut } from '../replay/document.js';
import {
  addGeneratedSizeOptions,
  expectedBlocks,
  openSource,
  refuseSize,
  SOURCE_HELP,
  type GeneratedSize,
} from '../source.js';
import { addStoreOption, type StoreOptions } from '../store-option.js';
import { formatNumber } from '../table.js';
import { printJson, printResult, startProgress } from '../terminal.js';
import { createTools, type Tools } from '../tools.js';

type IngestOptions = GeneratedSize &
  KeepGoingOptions &
  StoreOptions & { readonly json?: boolean; readonly chain?: number };

/** What `lanecast ingest --json` prints. */
interface IngestDocument extends IngestSummary {
  readonly schema: 'lanecast.ingest/1';
  /** The folder or host of the store. */
  readonly store: string;
  readonly leftOut: readonly LeftOut[];
}

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
    .addHelpText('after', '\nBlocks that the store holds already are not written again: an ingest can be repeated.');
  addStoreOption(addGeneratedSizeOptions(addKeepGoingOption(command))).action(
    async (source: string, options: IngestOptions) => {
      outcome.exitCode = await ingest(source, options);
    },
  );
}

async function ingest(source: string, options: IngestOptions): Promise<number> {
  if (source.startsWith('store:')) throw new LanecastError('INVALID_ARGUMENT', `${source} is in the store already.`);
  const series = await isSeries(source);
  if (options.chain !== undefined && !series) {
    throw new LanecastError('INVALID_ARGUMENT', `--chain is for block series in CSV only; "${source}" is none.`);
  }
  const tools = createTools(options);
  try {
    if (series) return await ingestOneSeries(source, options, tools);
    const document = await ingestAll(source, options, tools);
    if (options.json === true) printJson(document);
    else printResult(renderIngest(document));
    return document.leftOut.length > 0 || document.blocks === 0 ? 2 : 0;
  } finally {
    await tools.close();
  }
}

async function ingestOneSeries(source: string, options: IngestOptions, tools: Tools): Promise<number> {
  refuseSize(source, options);
  const document = await ingestSeries(source, options.chain ?? DEFAULT_SERIES_CHAIN, tools);
  if (options.json === true) printJson(document);
  else printResult(renderSeriesIngest(document));
  return 0;
}

async function ingestAll(source: string, options: IngestOptions, tools: Tools): Promise<IngestDocument> {
  const store = await tools.store();
  const progress = startProgress('ingesting');
  const total = expectedBlocks(source, options);
  const leftOut: LeftOut[] = [];
  const records = mapSound(openSource(source, options, tools), options.keepGoing === true ? leftOut : null, (block) =>
    recordOf(block, tools.executor),
  );
  const failure: { error?: unknown } = {};
  async function* watched(): AsyncGenerator<BlockRecord> {
    let done = 0;
    try {
      for await (const record of records) {
        yield record;
        progress.update((done += 1), total, `block ${record.header.number}`);
      }
    } catch (error) {
      // Ends the stream, so that what was read before is written, not lost.
      failure.error = error;
    }
  }
  try {
    progress.update(0, total);
    const summary = await store.ingest(watched());
    if ('error' in failure) throw failure.error;
    return { schema: 'lanecast.ingest/1', store: store.target, ...summary, leftOut };
  } finally {
    progress.stop();
  }
}

function renderIngest(document: IngestDocument): string {
  const { blocks, added, alreadyPresent, replaced, transactions, accesses, store, leftOut } = document;
  const clauses = [
    `${formatNumber(blocks)} blocks read, ${formatNumber(added)} written to ${store}`,
    `${formatNumber(transactions)} transactions with ${formatNumber(accesses)} accesses`,
    ...(alreadyPresent > 0 ? [`${formatNumber(alreadyPresent)} were there already`] : []),
    ...(replaced > 0 ? [`${formatNumber(replaced)} took the place of other blocks of the same number`] : []),
  ];
  return [...leftOut.map(({ message }) => `left out: ${message}`), `${clauses.join('; ')}.`].join('\n');
}
