import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import { LanecastError } from '../../errors.js';
import { MOST_WORKERS } from '../../executor/wasm/engine.js';
import { POLICIES, usesHints, type Policy } from '../../scheduler/policy.js';
import { MOST_SHARDS } from '../../scheduler/shards.js';
import {
  autoOrIntegerTo,
  fractionTo,
  integerFrom,
  integerListFrom,
  integerTo,
  namesFrom,
  oneOf,
} from '../arguments.js';
import { checkReportPath, REPORT_HELP } from '../report-option.js';
import type { KeepGoingOptions } from '../keep-going.js';
import type { SourceFlags } from '../source.js';
import type { StoreOptions } from '../store-option.js';
import type { BuildOptions } from './build-block.js';
import type { CostModel, EngineName } from './document.js';
import type { HintOrigin } from './taught-hints.js';

const MODES = ['preserve', 'reorder'] as const;
const COSTS = ['auto', 'time', 'gas', 'gas-less-intrinsic'] as const;
const ENGINES: readonly EngineName[] = ['wasm', 'reference'];
const DEFAULT_POLICIES: Policy[] = ['sequential', 'optimistic', 'adaptive', 'oracle'];
const DEFAULT_WORKERS = [2, 4, 8, 16, 32];
const DEFAULT_REPEATS = 5;
const DEFAULT_FEE_TOLERANCE = 0.1;
const DEFAULT_SHARD_BALANCE = 0.25;
/** A new order is made for as many simulated workers, or for the largest number below. */
const ORDER_WORKERS = 8;

export interface ReplayFlags extends HintOrigin {
  readonly policy: readonly Policy[];
  readonly workers: 'auto' | number;
  readonly simulateWorkers: readonly number[];
  readonly cost: CostModel | 'auto';
  readonly repeats: number;
  readonly engine: EngineName;
  readonly mode: (typeof MODES)[number];
  readonly feeTolerance?: number;
  readonly shards?: number;
  readonly shardBalance?: number;
  readonly json?: boolean;
  readonly report?: string;
  readonly reportBlock?: number;
  readonly fresh?: boolean;
  /** Folder of a forecaster. */
  readonly forecast?: string;
}

export type ReplayOptions = ReplayFlags & SourceFlags & KeepGoingOptions & StoreOptions;

export function addReplayOptions(command: Command): Command {
  return addHintOptions(addBuildOptions(addRunOptions(command)))
    .option('--json', 'print one JSON document')
    .option('--report <file>', REPORT_HELP)
    .option(
      '--report-block <number>',
      'block to draw in the report (default: the one with most transactions)',
      integerFrom(0),
    );
}

function addRunOptions(command: Command): Command {
  return command
    .option('--policy <names>', `policies, of ${POLICIES.join(',')}`, namesFrom(POLICIES), DEFAULT_POLICIES)
    .option(
      '--workers <count>',
      `threads of parallel runs: a number up to ${MOST_WORKERS}, or auto for those of the machine`,
      autoOrIntegerTo(MOST_WORKERS),
      'auto' as const,
    )
    .option('--simulate-workers <counts>', 'workers of simulated runs', integerListFrom(1), DEFAULT_WORKERS)
    .option('--cost <model>', `what stands for time: ${COSTS.join(', ')}`, oneOf(COSTS), 'auto' as const)
    .option(
      '--repeats <count>',
      'times that each block is run with each policy; the median counts',
      integerFrom(1),
      DEFAULT_REPEATS,
    )
    .option('--engine <name>', 'wasm (from Berlin on) or reference (@ethereumjs/vm)', oneOf(ENGINES), 'wasm' as const);
}

function addBuildOptions(command: Command): Command {
  return command
    .option(
      '--mode <name>',
      'preserve: the order of the block is kept; reorder: a new order, as a builder may choose it, is made and run, too',
      oneOf(MODES),
      'preserve' as const,
    )
    .option(
      '--fee-tolerance <share>',
      `with reorder: how far tips of transactions that change places may differ, as a share of the higher one, 0 to 1 (default: ${DEFAULT_FEE_TOLERANCE})`,
      fractionTo(1),
    )
    .option(
      '--shards <count>',
      'also assign each block to so many shards, and simulate it there',
      integerTo(MOST_SHARDS),
    )
    .option(
      '--shard-balance <share>',
      `how much more than an equal share of the work a shard may have (default: ${DEFAULT_SHARD_BALANCE})`,
      fractionTo(null),
    );
}

function addHintOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--train-on <source>',
        'learn the blocks of another source first, all before the first of this one',
      ).conflicts('model'),
    )
    .option('--model <folder>', 'predict by a model that lanecast train wrote, and go on learning from there')
    .option(
      '--forecast <folder>',
      'start threads of the adaptive policy ahead of the load that a forecaster expects (lanecast forecast --save wrote it)',
    );
}

/**
 * Throws UNSUPPORTED and INVALID_ARGUMENT where flags do not go together, or where one would have no effect.
 */
export function checkOptions(options: ReplayFlags): void {
  const { engine, mode, feeTolerance, shards, shardBalance, workers, trainOn, model, report, reportBlock } = options;
  if (engine === 'reference' && workers !== 'auto' && workers !== 1) {
    const expected = 'expected auto or 1, or --engine wasm';
    throw new LanecastError('UNSUPPORTED', `--workers: the reference executes blocks on 1 worker; ${expected}.`);
  }
  if (engine === 'reference' && mode === 'reorder') {
    throw new LanecastError('UNSUPPORTED', '--mode reorder: new orders are executed with --engine wasm only.');
  }
  if (report === undefined && reportBlock !== undefined) refuse('--report-block is for --report only');
  if (report !== undefined) checkReportPath(report);
  if (feeTolerance !== undefined && mode !== 'reorder') refuse('--fee-tolerance is for --mode reorder only');
  if (shardBalance !== undefined && shards === undefined) refuse('--shard-balance is for --shards only');
  if (options.forecast !== undefined && !options.policy.includes('adaptive'))
    refuse('--forecast is for the adaptive policy only');
  const flag = trainOn !== undefined ? '--train-on' : model !== undefined ? '--model' : null;
  if (flag !== null && !isLearning(options)) {
    const users = POLICIES.filter(usesHints).join(', ');
    refuse(`${flag}: nothing that was asked for predicts; the policies ${users} do, --mode reorder and --shards`);
  }
}

function refuse(problem: string): never {
  throw new LanecastError('INVALID_ARGUMENT', `${problem}.`);
}

/** Of all runs but sequential ones. */
export function threadsOf({ policy, workers, mode }: ReplayFlags): number {
  if (mode !== 'reorder' && policy.every((name) => name === 'sequential')) return 1;
  return workers === 'auto' ? Math.min(availableParallelism(), MOST_WORKERS) : workers;
}

/** Whether anything that was asked for is done by prediction. */
export function isLearning(options: ReplayFlags): boolean {
  return options.policy.some(usesHints) || isBuilding(options);
}

/** Whether there is more to do with a block than to run policies. */
export function isBuilding({ mode, shards }: ReplayFlags): boolean {
  return mode === 'reorder' || shards !== undefined;
}

/** What is made of blocks on so many threads. */
export function buildOptionsOf(options: ReplayFlags, threads: number): BuildOptions {
  const { mode, repeats, simulateWorkers, shards } = options;
  const { feeTolerance = DEFAULT_FEE_TOLERANCE, shardBalance = DEFAULT_SHARD_BALANCE } = options;
  const workers = Math.max(threads, ...simulateWorkers.filter((count) => count <= ORDER_WORKERS));
  return {
    reorder: mode === 'reorder' ? { workers, threads, feeTolerance, repeats } : null,
    shards: shards === undefined ? null : { shards, balanceBound: shardBalance },
  };
}
