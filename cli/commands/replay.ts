import type { Command } from 'commander';
import type { Store } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import { createWasmExecutor, type WasmExecutor } from '../../executor/wasm/index.js';
import { readForecaster } from '../../model/forecast/forecast-artifact.js';
import { LoadForecaster } from '../../model/forecast/load-forecaster.js';
import { WorkerForecast } from '../../model/forecast/worker-forecast.js';
import { Calibrator } from '../../scheduler/calibrator.js';
import { UNCALIBRATED } from '../../scheduler/overheads.js';
import { usesHints } from '../../scheduler/policy.js';
import { LoadForecastSource, type TrainedForecaster } from '../../server/forecast/forecast-source.js';
import { describeEnvironment } from '../environment.js';
import { addKeepGoingOption, mapSound } from '../keep-going.js';
import { peek } from '../peek.js';
import { addNodeOptions } from '../node-options.js';
import type { Outcome } from '../program.js';
import { isVerified, summarise, summariseBounds } from '../replay/aggregate.js';
import type { LeftOut, ReplayBlock, ReplayDocument, ReplayForecast } from '../replay/document.js';
import { ConflictJudge } from '../replay/conflict-judge.js';
import { measureOverheads } from '../replay/measure-overheads.js';
import { Learning } from '../replay/learning.js';
import { measureBlock, type MeasureOptions } from '../replay/measure.js';
import {
  addReplayOptions,
  buildOptionsOf,
  checkOptions,
  isBuilding,
  isLearning,
  threadsOf,
  type ReplayOptions,
} from '../replay/options.js';
import { PictureKeeper } from '../replay/picture.js';
import { RecordKeeper } from '../replay/record-keeper.js';
import { renderReplay } from '../replay/render.js';
import { writeReport } from '../report-option.js';
import { Scheduling, type Machine } from '../replay/scheduling.js';
import { teachHints } from '../replay/taught-hints.js';
import {
  addGeneratedSizeOptions,
  expectedBlocks,
  isStored,
  openSource,
  SOURCE_HELP,
  type SourceOutcome,
} from '../source.js';
import { addStoreOption } from '../store-option.js';
import { printJson, printNotice, printResult, startProgress } from '../terminal.js';
import { createTools, type Tools } from '../tools.js';

const DEFAULT_SOURCE = 'generated:mainnet';

const EPILOGUE = `
Policies: sequential (one transaction after the other), optimistic (Block-STM), adaptive (learns from block to block whom to let
wait, and how to run which block), oracle (a plan made from the true accesses), and published orderings: gas-sorted, critical-path,
sender-spread, same-contract, smf. On the WASM engine all of them run on real threads, in turns, and are simulated on the workers that
--simulate-workers names. What a policy predicts and plans is on the clock, as it takes the first time for each block.
Every repetition must give what the reference executor gives: receipts, logs, blooms, gas and post-state.
Traces without code: real threads make the recorded accesses, with work in proportion to the costs in between, and every
read must see what it sees in block order.
Costs: what stands for time in simulated runs, and for work in recorded ones. auto takes measured times where every
transaction has one, else gas used less 15,000. Simulated costs are scaled to the measured time of the block; where nothing
ran, one nanosecond stands for one gas.
Engines: wasm is the fast one; blocks before Berlin, and blocks too large for its tables, are executed on the reference,
and named. With reference (@ethereumjs/vm) only sequential is executed, on one thread, and the rest simulated. Accesses are
always recorded on the reference.
New orders (--mode reorder) are made from predicted accesses and costs, for the largest of --simulate-workers up to 8, or the
threads if they are more. A transaction may pass another one only if its tip is at most the share --fee-tolerance lower than the
higher of the two, and never one of its own sender. Where the engine executed the block, both orders run on
the threads, in order and in parallel, each verified against its own sequential run; a transaction that would be invalid in its new
place keeps the old one. Headers say nothing about new orders. Factors: time of the given order over that of the new one;
fees: what the fee recipient gets, gas used times tip, compared with the given order. Traces: prediction only.
Shards (--shards): assigned and simulated by predicted accesses, so that cross-shard share and speed-up are as predicted, too.
Predictions go on from what the store holds of the chain; with --train-on or --model from what that source or model taught instead,
which is of the same chain and of earlier blocks only, and nothing that was learned is kept. Size options are not for --train-on.
--report writes the results as one HTML page. Of one block it draws what ran where and who depends on whom: as simulated on the largest of
--simulate-workers up to 8, with up to three policies.
Exit code: 0 if every block verified, 1 if one did not, 2 for bad arguments or input.`;

export function addReplayCommand(program: Command, outcome: Outcome): void {
  const command = program
    .command('replay')
    .description('Executes and verifies blocks, records their accesses, and shows what parallel execution could gain.')
    .argument('[source]', SOURCE_HELP, DEFAULT_SOURCE)
    .addHelpText('after', EPILOGUE);
  addStoreOption(addNodeOptions(addGeneratedSizeOptions(addKeepGoingOption(addReplayOptions(command)))))
    .option('--no-store', 'keep nothing')
    .option('--fresh', 'learn anew, rather than go on from what earlier blocks of the chain taught')
    .action(async (source: string, options: ReplayOptions) => {
      outcome.exitCode = await replay(source, options, outcome.args);
    });
}

async function replay(source: string, options: ReplayOptions, args: readonly string[]): Promise<number> {
  checkOptions(options);
  const workers = threadsOf(options);
  const wasm = options.engine === 'wasm' ? createWasmExecutor({ workers }) : null;
  const tools = createTools(options);
  try {
    const store = isStored(source) ? null : await tools.storeIfPossible();
    const document = await replayAll(source, options, { tools, store, wasm, workers });
    if (options.json === true) printJson(document);
    else printResult(renderReplay(document));
    if (options.report !== undefined) await report(document, options.report, { source, args });
    return exitCodeOf(document, options);
  } finally {
    try {
      await wasm?.close();
    } finally {
      await tools.close();
    }
  }
}

/** The libraries that draw are loaded for reports only. */
async function report(
  document: ReplayDocument,
  path: string,
  { source, args }: { readonly source: string; readonly args: readonly string[] },
): Promise<void> {
  const [{ replayReport }, { pageFacts }] = await Promise.all([
    import('../report/replay/report.js'),
    import('../report/page.js'),
  ]);
  await writeReport(path, replayReport(document, pageFacts(source, args)));
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
  const total = await expectedBlocks(source, options, tools);
  const machine: Machine = { workers, isReal: true };
  const simulatedMachines = options.simulateWorkers.map((count): Machine => ({ workers: count, isReal: false }));
  const calibrator = new Calibrator(wasm === null || workers < 2 ? UNCALIBRATED : await measureOverheads(wasm));
  const forecaster = await openForecaster(options.forecast);
  const loads = options.report === undefined ? null : new LoadForecastSource(forecaster);
  const scheduling = new Scheduling({
    policies: options.policy,
    machines: [machine, ...simulatedMachines],
    hints: learning.hints,
    asksForHints: isBuilding(options),
    calibrator,
    forecast: forecaster === null ? undefined : new WorkerForecast(new LoadForecaster(forecaster.model)),
  });
  scheduling.restore(learning.schedulers);
  const pictures = new PictureKeeper({
    wanted: options.reportBlock ?? null,
    policies: options.policy,
    machines: simulatedMachines,
  });
  const judge = options.policy.some(usesHints) ? new ConflictJudge(learning.hints) : undefined;
  const measure: MeasureOptions = {
    ...{ policies: options.policy, repeats: options.repeats, cost: options.cost },
    ...{ scheduling, machine, simulatedMachines, build: buildOptionsOf(options, workers) },
    ...(options.report === undefined ? {} : { pictures, judge }),
  };
  const executors = { reference: tools.executor, wasm };
  const leftOut: LeftOut[] = [];
  progress.update(0, total);
  try {
    const measured = mapSound(items, options.keepGoing === true ? leftOut : null, (block) =>
      measureBlock(block, executors, measure),
    );
    for await (const { block, record, picture } of measured) {
      if (picture !== null) pictures.keep(picture);
      learning.note(record);
      loads?.observe(record);
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
    learnedUpTo: learning.learnedUpTo,
    picture: pictures.picture,
    predictedConflicts: measure.judge?.summary() ?? null,
    forecast: forecastOf(loads, blocks),
  };
}

async function openForecaster(folder: string | undefined): Promise<TrainedForecaster | null> {
  if (folder === undefined) return null;
  const { model, manifest } = await readForecaster(folder);
  if (model.horizons.includes(1)) return { model, version: manifest.id.slice(0, 12) };
  throw new LanecastError(
    'INVALID_ARGUMENT',
    `--forecast: the forecaster in ${folder} knows nothing of the next block (horizon 1).`,
  );
}

/** What is expected after blocks of one chain. */
function forecastOf(loads: LoadForecastSource | null, blocks: readonly ReplayBlock[]): ReplayForecast | null {
  const chains = new Set(blocks.map(({ chainId }) => chainId));
  return chains.size > 1 ? null : (loads?.latest() ?? null);
}

/** Only where something is learned. What blocks of a store taught is kept in it, too, unless hints came from elsewhere. */
async function startLearning(
  source: string,
  options: ReplayOptions,
  { tools, store }: Session,
): Promise<{ readonly learning: Learning; readonly items: AsyncIterable<SourceOutcome> }> {
  const opened = openSource(source, options, tools);
  const { found, items } = await peek(opened, ({ ok }) => ok || options.keepGoing !== true);
  const first = found?.ok === true ? found.block : null;
  const learns = first !== null && isLearning(options);
  const stateStore = learns && isStored(source) ? await tools.store() : store;
  const learning = await Learning.start({
    store: learns ? stateStore : null,
    ...{ first, fresh: options.fresh === true },
    taught: first && (await teachHints(options, first, tools)),
  });
  return { learning, items };
}

function exitCodeOf({ blocks, leftOut, picture }: ReplayDocument, { reportBlock }: ReplayOptions): number {
  if (reportBlock !== undefined && picture?.number !== reportBlock) {
    printNotice(
      `lanecast: --report-block ${reportBlock}: no such block was replayed; the report draws the largest one.`,
    );
    return 2;
  }
  if (leftOut.length > 0 || blocks.length === 0) return 2;
  return blocks.every(isVerified) ? 0 : 1;
}
