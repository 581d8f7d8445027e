import { Command } from 'commander';
import { integerFrom } from '../cli/arguments.js';
import { printNotice, printResult } from '../cli/terminal.js';
import type { Json } from '../datasets/chain-json.js';
import { findBlockFiles, numberInName, readDocuments } from '../datasets/read-files.js';
import { LanecastError } from '../errors.js';
import { runCommand } from './command.js';
import { describeEnvironment, loadAverage } from './engine/environment.js';
import { sectionsOf, type Section } from './serve/bodies.js';
import type { LoadResult, MemorySample, ServeDocument } from './serve/document.js';
import { applyLoad } from './serve/load.js';
import { renderServe } from './serve/render.js';
import { ServiceProcess } from './serve/service-process.js';

interface ServeFlags {
  readonly block: number;
  readonly seconds: number;
  readonly connections: number;
  readonly rate: number;
  readonly minutes: number;
  readonly threads?: string;
  readonly sections: number;
  readonly json?: boolean;
}

/** Until its code is compiled. */
const WARM_UP_SECONDS = 5;
const SAMPLES = 10;

const EPILOGUE = `
FOLDER holds blocks as files named NUMBER.json[.gz], as lanecast replay reads them. Those before --block are learned; then the service
is asked to schedule the transactions of that block. full: as a node answers them; compact: without fields that prediction does not
read, calldata cut to the selector and 16 words. known: the same transactions each time, as a mempool is asked about again and again;
new: none that the service remembers. Each at --rate, where latency counts from when a request should have been sent, and as
many as go. --minutes: so long at --rate, with the memory of the service.`;

const command = new Command('bench:serve')
  .description('Measures the HTTP service under load, in a process of its own on this machine.')
  .argument('<folder>', 'blocks')
  .requiredOption('--block <number>', 'whose transactions are asked about', integerFrom(0))
  .option('--seconds <count>', 'of each load', integerFrom(1), 10)
  .option('--connections <count>', 'of the load generator', integerFrom(1), 4)
  .option('--rate <count>', 'requests a second where latency is measured', integerFrom(1), 150)
  .option('--minutes <count>', 'of sustained load; 0 for none', integerFrom(0), 0)
  .option('--threads <count>', 'model threads of the service (default: its own)')
  .option('--sections <count>', 'only the first so many sections', integerFrom(1), 4)
  .option('--json', 'print the measurements as one JSON document')
  .addHelpText('after', EPILOGUE);

process.exitCode = await runCommand(command, async () => {
  const flags = command.opts<ServeFlags>();
  const before = loadAverage();
  const service = await ServiceProcess.start(flags.threads === undefined ? [] : ['--threads', flags.threads]);
  try {
    const { block, learnedBlocks } = await teach(service, command.args[0] ?? '', flags.block);
    const transactions = block['transactions'] as readonly Json[];
    const measured = await measure(service, sectionsOf(block, transactions).slice(0, flags.sections), flags);
    const document: ServeDocument = {
      environment: describeEnvironment(before),
      block: { number: flags.block, transactions: transactions.length, learnedBlocks },
      ...measured,
    };
    printResult(flags.json === true ? `${JSON.stringify(document)}\n` : renderServe(document));
    return [...measured.loads, ...(measured.sustained === null ? [] : [measured.sustained.load])].every(
      ({ errors }) => errors === 0,
    );
  } finally {
    await service.end();
  }
});

/** Posts the blocks before the one that is asked about, and answers that one. */
async function teach(
  service: ServiceProcess,
  folder: string,
  last: number,
): Promise<{ readonly block: Json; readonly learnedBlocks: number }> {
  const files = (await findBlockFiles(folder)).map((file) => ({ file, number: numberInName(file) ?? Infinity }));
  files.sort((a, b) => a.number - b.number);
  let learnedBlocks = 0;
  for (const { file, number } of files) {
    if (number > last) continue;
    for await (const { text } of readDocuments(file)) {
      if (number === last) return { block: (JSON.parse(text) as { readonly block: Json }).block, learnedBlocks };
      await service.post('/v1/observations', text);
      learnedBlocks += 1;
      printNotice(`learned block ${number}`);
    }
  }
  throw new LanecastError('SOURCE_NOT_FOUND', `${folder} holds no block ${last}.`);
}

type Measured = Pick<ServeDocument, 'loads' | 'sustained'>;

async function measure(service: ServiceProcess, sections: readonly Section[], flags: ServeFlags): Promise<Measured> {
  const { seconds, connections, rate } = flags;
  const load = { url: service.url, connections, seconds };
  const loads: LoadResult[] = [];
  for (const section of sections) {
    await applyLoad(section, { ...load, seconds: WARM_UP_SECONDS, perSecond: rate });
    for (const perSecond of [rate, null]) {
      loads.push(await applyLoad(section, { ...load, perSecond }));
      printNotice(`${section.name}: measured`);
    }
  }
  const [first] = sections;
  return { loads, sustained: flags.minutes === 0 || first === undefined ? null : await sustain(service, first, flags) };
}

async function sustain(
  service: ServiceProcess,
  section: Section,
  { minutes, connections, rate }: ServeFlags,
): Promise<NonNullable<Measured['sustained']>> {
  const [seconds, startMs] = [60 * minutes, performance.now()];
  const memory: MemorySample[] = [];
  const sample = (): void => {
    const { residentBytes } = service;
    if (residentBytes !== null)
      memory.push({ afterSeconds: Math.round((performance.now() - startMs) / 1_000), residentBytes });
  };
  sample();
  const timer = setInterval(sample, (1_000 * seconds) / SAMPLES);
  const load = await applyLoad(section, { url: service.url, connections, seconds, perSecond: rate });
  clearInterval(timer);
  sample();
  return { load: { ...load, section: `${section.name}, sustained` }, memory };
}
