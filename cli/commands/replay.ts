import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import type { Store } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import { MOST_WORKERS } from '../../executor/wasm/engine.js';
import { createWasmExecutor, type WasmExecutor } from '../../executor/wasm/index.js';
import { POLICIES, usesHints, type Policy } from '../../scheduler/policy.js';
import { Calibrator } from '../../scheduler/calibrator.js';
import { UNCALIBRATED } from '../../scheduler/overheads.js';
import { autoOrIntegerTo, integerFrom, integerListFrom, namesFrom, notThereYet, oneOf } from '../arguments.js';
import { describeEnvironment } from '../environment.js';
import { addKeepGoingOption, mapSound, type KeepGoingOptions } from '../keep-going.js';
import { peek } from '../peek.js';
import type { Outcome } from '../program.js';
import { isVerified, summarise, summariseBounds } from '../replay/aggregate.js';
import type { CostModel, EngineName, LeftOut, ReplayBlock, ReplayDocument } from '../replay/document.js';
import { measureOverheads } from '../replay/measure-overheads.js';
import { Learning } from '../replay/learning.js';
import { measureBlock, type MeasureOptions } from '../replay/measure.js';
import { RecordKeeper } from '../replay/record-keeper.js';
import { renderReplay } from '../replay/render.js';
import { Scheduling, type Machine } from '../replay/scheduling.js';
import {
  addGeneratedSizeOptions,
  expectedBlocks,
  isStored,
  openSource,
  SOURCE_HELP,
  type GeneratedSize,
  type SourceOutcome,
} from '../source.js';
import { addStoreOption, type StoreOptions } from '../store-option.js';
import { printJson, printResult, startProgress } from '../terminal.js';
import { createTools, type Tools } from '../tools.js';

interface ReplayFlags {
  readonly policy: readonly Policy[];
  readonly workers: 'auto' | number;
  readonly simulateWorkers: readonly number[];
  readonly cost: CostModel | 'auto';
  readonly repeats: number;
  readonly engine: EngineName;
  readonly json?: boolean;
  readonly fresh?: boolean;
}

type ReplayOptions = ReplayFlags & GeneratedSize & KeepGoingOptions & StoreOptions;

const DEFAULT_SOURCE = 'generated:mainnet';
const DEFAULT_POLICIES: Policy[] = ['sequential', 'optimistic', 'adaptive', 'oracle'];
const COSTS = ['auto', 'time', 'gas', 'gas-less-intrinsic'] as const;
const ENGINES: readonly EngineName[] = ['wasm', 'reference'];
const DEFAULT_WORKERS = [2, 4, 8, 16, 32];
const DEFAULT_REPEATS = 5;

const EPILOGUE = `
Policies: sequential (one transaction after the other), optimistic (Block-STM), oracle (Block-STM with a plan made from the
true accesses). On the WASM engine, sequential and optimistic run on real threads, in turns; optimistic and oracle are
also simulated, on the workers that --simulate-workers names. With one thread optimistic runs the block straight through.
Every repetition must give what the reference executor gives: receipts, logs, blooms, gas and post-state.
Traces without code: real threads make the recorded accesses, with work in proportion to the costs in between, and every
read must see what it sees in block order.
Costs: what stands for time in simulated runs, and for work in recorded ones. auto takes measured times where every
transaction has one, else gas used less 15,000. Simulated costs are scaled to the measured time of the block; where nothing
ran, one nanosecond stands for one gas.
Engines: wasm is the fast one; blocks before Berlin, and blocks too large for its tables, are executed on the reference,
and named. With reference (@ethereumjs/vm) only sequential is executed, on one thread, and the rest simulated. Accesses are
always recorded on the reference.
Exit code: 0 if every block verified, 1 if one did not, 2 for bad arguments or input.`;

export function addReplayCommand(program: Command, outcome: Outcome): void {
  const command = program
    .command('replay')
    .description('Executes and verifies blocks, records their accesses, and shows what parallel execution could gain.')
    .argument('[source]', SOURCE_HELP, DEFAULT_SOURCE)
    .option('--policy <names>', `policies, of ${POLICIES.join(',')}`, namesFrom(POLICIES), DEFAULT_POLICIES)
    .option(
      '--workers <count>',
      `threads of optimistic runs: a number up to ${MOST_WORKERS}, or auto for those of the machine`,
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
    .option('--engine <name>', 'wasm (from Berlin on) or reference (@ethereumjs/vm)', oneOf(ENGINES), 'wasm' as const)
    .option('--mode <name>', 'preserve: the order of the block is kept', oneOf(['preserve']), 'preserve')
    .option('--json', 'print one JSON document')
    .addOption(new Option('--train-on <source>').argParser(notThereYet).hideHelp())
    .addOption(new Option('--report <file>').argParser(notThereYet).hideHelp())
    .addHelpText('after', EPILOGUE);
  addStoreOption(addGeneratedSizeOptions(addKeepGoingOption(command)))
    .option('--no-store', 'keep nothing')
    .option('--fresh', 'learn anew, rather than go on from what earlier blocks of the chain taught')
    .action(async (source: string, options: ReplayOptions) => {
      outcome.exitCode = await replay(source, options);
    });
}

async function replay(source: string, options: ReplayOptions): Promise<number> {
  const workers = threadsOf(options);
  const wasm = options.engine === 'wasm' ? createWasmExecutor({ workers }) : null;
  const tools = createTools(options);
  try {
    const store = isStored(source) ? null : await tools.storeIfPossible();
    const document = await replayAll(source, options, { tools, store, wasm, workers });
    if (options.json === true) printJson(document);
    else printResult(renderReplay(document));
    return exitCodeOf(document);
  } finally {
    try {
      await wasm?.close();
    } finally {
      await tools.close();
    }
  }
}

/** Of optimistic runs on real workers; nothing else needs more than one. */
function threadsOf({ engine, policy, workers }: ReplayFlags): number {
  if (engine === 'reference' && workers !== 'auto' && workers !== 1) {
    throw new LanecastError(
      'UNSUPPORTED',
      '--workers: the reference executes blocks on 1 worker; expected auto or 1, or --engine wasm.',
    );
  }
  if (policy.every((name) => name === 'sequential')) return 1;
  return workers === 'auto' ? Math.min(availableParallelism(), MOST_WORKERS) : workers;
}

interface Session {
  readonly tools: Tools;
  /** Where records are kept; null where they are not, or are there already. */
  readonly store: Store | null;
  readonly wasm: WasmExecutor | null;
  readonly workers: number;
}

async function replayAll(source: string, options: ReplayOptions, session: Session): Promise<ReplayDocument> {
  const { tools, store, wasm, workers } = session;
  const { learning, items } = await startLearning(source, options, session);
  const keeper = store && new RecordKeeper(store);
  const blocks: ReplayBlock[] = [];
  const progress = startProgress('replaying');
  const total = expectedBlocks(source, options);
  const machine: Machine = { workers, isReal: true };
  const simulatedMachines = options.simulateWorkers.map((count): Machine => ({ workers: count, isReal: false }));
  const calibrator = new Calibrator(wasm === null || workers < 2 ? UNCALIBRATED : await measureOverheads(wasm));
  const scheduling = new Scheduling({
    policies: options.policy,
    machines: [machine, ...simulatedMachines],
    hints: learning.hints,
    calibrator,
  });
  scheduling.restore(learning.schedulers);
  const measure: MeasureOptions = {
    ...{ policies: options.policy, repeats: options.repeats, cost: options.cost },
    ...{ scheduling, machine, simulatedMachines },
  };
  const executors = { reference: tools.executor, wasm };
  const leftOut: LeftOut[] = [];
  progress.update(0, total);
  try {
    const measured = mapSound(items, options.keepGoing === true ? leftOut : null, (block) =>
      measureBlock(block, executors, measure),
    );
    for await (const { block, record } of measured) {
      learning.note(record);
      blocks.push(block);
      progress.update(blocks.length, total, `block ${block.number}`);
      if (isVerified(block)) await keeper?.add(record);
    }
  } finally {
    progress.stop();
    try {
      await keeper?.flush();
    } finally {
      await learning.save(scheduling.states());
    }
  }
  return {
    schema: 'lanecast.replay/1',
    environment: describeEnvironment(null),
    blocks,
    summary: summarise(blocks, (policy) => scheduling.simulationErrors(policy)),
    criticalPathBound: summariseBounds(blocks),
    leftOut,
  };
}

/** Only where something is learned. What blocks of a store taught is kept in it, too. */
async function startLearning(
  source: string,
  options: ReplayOptions,
  { tools, store }: Session,
): Promise<{ readonly learning: Learning; readonly items: AsyncIterable<SourceOutcome> }> {
  const opened = openSource(source, options, tools);
  const { found, items } = await peek(opened, ({ ok }) => ok || options.keepGoing !== true);
  const first = found?.ok === true ? found.block : null;
  const isLearning = first !== null && options.policy.some(usesHints);
  const stateStore = isLearning && isStored(source) ? await tools.store() : store;
  const learning = await Learning.start({
    store: isLearning ? stateStore : null,
    ...{ first, fresh: options.fresh === true },
  });
  return { learning, items };
}

function exitCodeOf({ blocks, leftOut }: ReplayDocument): number {
  if (leftOut.length > 0 || blocks.length === 0) return 2;
  return blocks.every(isVerified) ? 0 : 1;
}
