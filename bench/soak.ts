import { Command } from 'commander';
import { integerFrom } from '../cli/arguments.js';
import { formatNumber } from '../cli/table.js';
import { printNotice, printResult } from '../cli/terminal.js';
import { runCommand } from './command.js';
import { growthOf, inMebibytes, type MemoryGrowth, type MemorySample } from './soak/memory.js';
import { soak, type SoakOutcome, type SoakSettings } from './soak/soak.js';

interface SoakFlags extends SoakSettings {
  readonly growth: number;
  readonly residentGrowth: number;
}

const EPILOGUE = `
Blocks are small, of every profile of the generator in turn, in chains of 24. Each runs straight and then in parallel: on 1
to --workers workers in turn, without a plan or under one of ill will (reversed, random order, wrong blockers, circles). Receipts,
logs, bloom, root and post-state must be the same, and those of the header. A failure names what makes its block again.
Memory is sampled after a collection. It must not grow: the least of the last quarter of the samples is compared with the most of
the quarter before the middle; the time before that is warm-up. With fewer than 4 samples nothing is said of growth. Resident
memory is allowed more, because the engine's tables fill up over thousands of blocks before they are emptied.
Exit code: 0, 1 where a result differed or memory grew, 2 for bad arguments.

A quick look:   npm run soak -- --blocks 200 --sample-every 20
Where it grows: node --expose-gc --heap-prof dist/bench/soak.js --blocks 2000`;

const command = new Command('soak')
  .description('Runs many generated blocks on the WASM engine and looks for wrong results and growing memory.')
  .option('--blocks <count>', 'how many', integerFrom(1), 10_000)
  .option('--seed <number>', 'of blocks and plans', integerFrom(0), 1)
  .option('--workers <most>', 'most workers of a run', integerFrom(1), 2)
  .option('--sample-every <blocks>', 'between samples of the memory', integerFrom(1), 500)
  .option('--reference-every <blocks>', 'between comparisons with the reference', integerFrom(1), 100)
  .option('--growth <mebibytes>', 'growth of objects and of external memory that counts as none', integerFrom(0), 32)
  .option('--resident-growth <mebibytes>', 'growth of resident memory that counts as none', integerFrom(0), 128)
  .addHelpText('after', EPILOGUE);

process.exitCode = await runCommand(command, async () => {
  const { growth: allowed, residentGrowth, ...settings } = command.opts<SoakFlags>();
  printResult('  blocks   resident   external    objects  block heap (MiB)');
  const outcome = await soak(settings, {
    sampled: (sample) => printResult(renderSample(sample)),
    failed: (message) => printNotice(`NOT VERIFIED: ${message}`),
  });
  const growth = growthOf(outcome.samples);
  const limits = { residentBytes: residentGrowth, externalBytes: allowed, objectBytes: allowed };
  const hasGrown = growth !== null && exceeds(growth, limits);
  printResult(renderVerdict(outcome, { growth, hasGrown }));
  return outcome.failures === 0 && !hasGrown;
});

/** Limits in mebibytes. */
function exceeds(growth: MemoryGrowth, limits: MemoryGrowth): boolean {
  const kinds = ['residentBytes', 'externalBytes', 'objectBytes'] as const;
  return kinds.some((kind) => growth[kind] > limits[kind] * 2 ** 20);
}

function renderSample({ blocks, residentBytes, externalBytes, objectBytes, heapBytes }: MemorySample): string {
  const columns = [residentBytes, externalBytes, objectBytes, heapBytes].map((bytes) =>
    inMebibytes(bytes).padStart(10),
  );
  return `${formatNumber(blocks).padStart(8)} ${columns.join(' ')}`;
}

interface Growth {
  readonly growth: MemoryGrowth | null;
  readonly hasGrown: boolean;
}

function renderVerdict(outcome: SoakOutcome, { growth, hasGrown }: Growth): string {
  const { blocks, transactions, executions, comparedWithReference, failures } = outcome;
  const memory =
    growth === null
      ? 'too few samples to tell whether memory grows'
      : `${hasGrown ? 'MEMORY GREW' : 'memory does not grow'} after warm-up: resident ${inMebibytes(growth.residentBytes)}, ` +
        `external ${inMebibytes(growth.externalBytes)}, objects ${inMebibytes(growth.objectBytes)} MiB`;
  return [
    `${formatNumber(blocks)} blocks, ${formatNumber(transactions)} transactions, ${formatNumber(executions)} executions in parallel runs, ` +
      `${formatNumber(comparedWithReference)} blocks compared with the reference`,
    failures === 0 ? 'every result verified' : `${failures} FAILED VERIFICATIONS`,
    memory,
  ].join('\n');
}
