import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { integerFrom, integerListFrom, namesFrom } from '../../cli/arguments.js';
import { POLICY_PARTS, type PolicyPart } from '../policies/document.js';
import { PROFILE_NAMES } from '../policies/sources.js';
import { SECTIONS, type BenchSettings, type Section } from './document.js';

export interface BenchFlags {
  readonly sections: readonly Section[];
  readonly rounds: number;
  readonly referenceRounds: number;
  readonly warmUp: number;
  readonly warmUpTransactions: number;
  readonly workers: readonly number[];
  readonly transactions?: number;
  readonly gigagas?: boolean;
  readonly seed: number;
  readonly blocks: string;
  readonly traces: string;
  readonly parts: readonly PolicyPart[];
  readonly profiles: readonly string[];
  readonly profileBlocks: number;
  readonly profileTransactions: number;
  readonly repeats: number;
  readonly simulateWorkers: readonly number[];
  readonly pairs: number;
  readonly json?: boolean;
  readonly out?: string;
}

const EPILOGUE = `
Sections: per-core (one thread, and the reference on the same blocks), tracking (what Block-STM's bookkeeping costs one
worker), parallel (speed-up on blocks without and with conflicts), end-to-end (all steps of an ERC-20 block), mainnet (blocks
of Berlin or later, one by one), policies (all scheduling policies on all loads). Runs of one block alternate; ratios are of runs of the same round. What is timed goes from
decoded transactions with known senders to receipts, blooms and the differences of the state, in memory.
The first right run is compared with the reference in full: receipts, logs, bloom, root, post-state; every timed one with
that, by a fingerprint.
Policies learn block by block, each group of blocks anew; they run on the largest number of --workers and are simulated on
--simulate-workers. Its parts: generated (each profile), traces (consecutive recorded mainnet blocks), blocks (single mainnet
blocks), mixed (blocks of all profiles, shuffled), pairs (one block in turns, medians with an interval), corruption (wrong hints).
Progress is on stderr, the report on stdout. Exit code: 0, 1 where a result was wrong or missing, 2 for bad arguments.

A quick look:  npm run bench -- --rounds 3 --transactions 200 --warm-up-transactions 1000
               npm run bench -- --sections policies --profile-blocks 2 --profile-transactions 60 --repeats 1
One section:   npm run bench -- --sections parallel --workers 2,4
A profile:     node --expose-gc --cpu-prof --cpu-prof-dir=. dist/bench/engine.js --sections per-core
               node --expose-gc --heap-prof --heap-prof-dir=. dist/bench/engine.js --sections end-to-end
Profiles open in the developer tools of Chrome. Functions of the engine have names there only where the engine was built
with \`--debug\` added to build:engine in package.json.`;

export function createBenchCommand(): Command {
  return new Command('bench')
    .description('Measures the parallel WASM engine against the reference, itself on one thread, and mainnet blocks.')
    .option('--sections <names>', `what to measure, of ${SECTIONS.join(',')}`, namesFrom(SECTIONS), [...SECTIONS])
    .option('--rounds <count>', 'timed runs of each kind', integerFrom(1), 15)
    .option('--reference-rounds <count>', 'timed runs of the reference', integerFrom(1), 3)
    .option('--warm-up <count>', 'rounds before the timed ones, at least', integerFrom(0), 3)
    .option('--warm-up-transactions <count>', 'transactions before the timed rounds, at least', integerFrom(0), 20_000)
    .option('--workers <counts>', 'workers of parallel runs', integerListFrom(2), [2])
    .option('--transactions <most>', 'most transactions of a generated block (default: up to 10,000)', integerFrom(2))
    .option('--gigagas', 'blocks without conflicts have a whole gigagas: 37,123 ERC-20 transfers, 6,413 swaps')
    .option('--seed <number>', 'of the generated blocks', integerFrom(0), 1)
    .option(
      '--blocks <folder>',
      'mainnet blocks (*.json[.gz]); LANECAST_DATA names the folder above',
      dataFolder('mainnet-blocks'),
    )
    .option('--traces <folder>', 'consecutive recorded blocks, likewise', dataFolder('mainnet-traces'))
    .option('--parts <names>', `of policies: ${POLICY_PARTS.join(',')}`, namesFrom(POLICY_PARTS), [...POLICY_PARTS])
    .option('--profiles <names>', 'generated loads of policies', namesFrom(PROFILE_NAMES), [...PROFILE_NAMES])
    .option('--profile-blocks <count>', 'blocks of each generated load of policies', integerFrom(1), 6)
    .option('--profile-transactions <count>', 'transactions of each of them, but for mainnet', integerFrom(1), 1_000)
    .option('--repeats <count>', 'timed runs of each policy on each block; the median counts', integerFrom(1), 5)
    .option('--simulate-workers <counts>', 'workers of simulated runs of policies', integerListFrom(2), [4, 8, 16, 32])
    .option('--pairs <count>', 'rounds of comparisons in pairs', integerFrom(1), 31)
    .option('--json', 'print one JSON document')
    .option('--out <file>', 'write the JSON document to a file, too')
    .addHelpText('after', EPILOGUE);
}

export function settingsOf(flags: BenchFlags): BenchSettings {
  return {
    sections: flags.sections,
    rounds: flags.rounds,
    referenceRounds: flags.referenceRounds,
    warmUpRounds: flags.warmUp,
    warmUpTransactions: flags.warmUpTransactions,
    workers: flags.workers,
    seed: flags.seed,
    mostTransactions: flags.transactions ?? null,
    gigagas: flags.gigagas === true,
    blocksFolder: flags.blocks,
    policies: {
      ...{ parts: flags.parts, profiles: flags.profiles },
      ...{ profileBlocks: flags.profileBlocks, profileTransactions: flags.profileTransactions },
      ...{ repeats: flags.repeats, simulatedWorkers: flags.simulateWorkers, pairs: flags.pairs },
      tracesFolder: flags.traces,
    },
  };
}

/** Beside the project, seen from dist/bench/engine/. */
function dataFolder(name: string): string {
  const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
  return join(process.env['LANECAST_DATA'] ?? resolve(projectRoot, '../shared/data'), name);
}
