import { Option, type Command } from 'commander';
import { LanecastError } from '../../errors.js';
import { keccak256 } from '../../executor/reference/index.js';
import { createBaselines } from '../../model/baselines/index.js';
import { MODEL_WITH_PRE_EXECUTION } from '../../model/evaluation/pre-execution.js';
import { DEFAULT_HALF_LIFE_BLOCKS } from '../../model/training/trainer.js';
import type { BlockRecord } from '../../types.js';
import { allNoneOr, integerFrom, oneOf } from '../arguments.js';
import type { EvaluateReport } from '../evaluate/document.js';
import { judgeModel } from '../evaluate/evaluate.js';
import { LookAhead } from '../evaluate/look-ahead.js';
import { ArtifactContender, TrainedContender, type ModelContender } from '../evaluate/model-contender.js';
import { renderEvaluation } from '../evaluate/render.js';
import { lazyTensorflow } from '../evaluate/runtime.js';
import { requireSplit } from '../evaluate/split.js';
import { addNodeOptions } from '../node-options.js';
import type { Outcome } from '../program.js';
import { recordsOf } from '../record-of.js';
import {
  addGeneratedSizeOptions,
  DEFAULT_SEED,
  expectedBlocks,
  isGenerated,
  isStored,
  sizeOf,
  soundBlocks,
  SOURCE_HELP,
  type SourceFlags,
} from '../source.js';
import { checkReportPath, REPORT_HELP, writeReport } from '../report-option.js';
import { addStoreOption, type StoreOptions } from '../store-option.js';
import { printJson, printNotice, printResult, startProgress } from '../terminal.js';
import { createTools, type Tools } from '../tools.js';
import { readModel } from '../train/artifact.js';

interface EvaluateFlags {
  readonly trainUntil?: number;
  readonly online: 'true' | 'false';
  readonly halfLife?: number;
  readonly model?: string;
  readonly baselines: readonly string[];
  readonly preExecute?: boolean;
  readonly json?: boolean;
  readonly report?: string;
}

type EvaluateOptions = EvaluateFlags & SourceFlags & StoreOptions;

const BOOLEANS = ['true', 'false'] as const;
const BASELINES = [...createBaselines().keys()];

const EPILOGUE = `
Blocks up to --train-until are learned in order, then the networks are trained, and each later block is predicted from what is
known before its execution (its transactions, the code of their recipients) and judged as a whole before it is learned.
A conflict is an ordered pair of transactions of one block of which the later reads or writes a storage slot that the
earlier wrote. True pairs that nobody considered count as missed. ECE, the expected calibration error, is over pairs with
a probability of at least 0.05; average precision is the area under the precision-recall curve. Gas and time are predicted
as quantiles: MAE (mean absolute error) and MAPE (as a share of the truth) are of the median, pinball loss is the mean over
all quantiles, and "within range" is the share of true values from the lowest to the highest of them.
Errors have the first cause that holds: creation, a contract or a function that was not seen before, then what the model says
of a slot, then never predicted or below the threshold.
Executable blocks (files, generated:) are executed and recorded by the reference executor first, which also times them.
Blocks that do not follow each other are a cold start: most contracts of the one are new in the other.
With --model the networks are those of lanecast train; --train-until defaults to the last block that the model has learned,
and only later blocks can be judged.
With --pre-execute there is a row ${MODEL_WITH_PRE_EXECUTION}, too: of each judged block the transactions whose accesses the model
is unsure of are executed first, each alone on the state before the block, by the reference executor. What they did then counts
as far as that has proven right. The time of these executions, without loading the block, stands below the tables.
Traces can't be executed ahead: they may be learned, and a judged one is predicted as the model does, but the first judged
block has to be executable.
The same recorded blocks, seed and TensorFlow.js backend give the same figures; the times of executed blocks vary.
Baselines: ${BASELINES.slice(0, 6).join(', ')},
${BASELINES.slice(6).join(', ')}.
Exit code: 0 if blocks were judged, 1 if executing one did not reproduce its header, 2 for bad arguments or input.`;

export function addEvaluateCommand(program: Command, outcome: Outcome): void {
  const command = program
    .command('evaluate')
    .description('Learns blocks, and judges on the later ones how well the model and simple baselines predict.')
    .argument('<source>', SOURCE_HELP)
    .option('--train-until <number>', 'last block to learn before judging; later ones are judged', integerFrom(0))
    .option(
      '--online <boolean>',
      'true: learn each judged block afterwards; false: stay as at the split',
      oneOf(BOOLEANS),
      'true' as const,
    )
    .option(
      '--half-life <blocks>',
      `blocks after which an observation weighs half (default: ${DEFAULT_HALF_LIFE_BLOCKS})`,
      integerFrom(1),
    )
    .option('--model <folder>', 'judge a model that lanecast train wrote')
    .addOption(
      new Option('--baselines <names>', 'all, none, or names separated by commas; see below')
        .argParser(allNoneOr(BASELINES))
        .default([...BASELINES], 'all'),
    )
    .option('--pre-execute', 'also judge the model with what it is unsure of executed ahead; see below')
    .option('--json', 'print one JSON document')
    .option('--report <file>', REPORT_HELP)
    .addHelpText('after', EPILOGUE);
  addStoreOption(addNodeOptions(addGeneratedSizeOptions(command, 'the training'))).action(
    async (source: string, options: EvaluateOptions) => {
      await evaluateSource(source, options, outcome.args);
      outcome.exitCode = 0;
    },
  );
}

async function evaluateSource(source: string, options: EvaluateOptions, args: readonly string[]): Promise<void> {
  if (options.report !== undefined) checkReportPath(options.report);
  refuseTrainingOptions(source, options);
  refuseStored(source, options);
  const tools = createTools(options);
  try {
    const document = await judgeSource(source, options, tools);
    if (options.json === true) printJson(document);
    else printResult(renderEvaluation(document));
    if (options.report !== undefined) await report(document, options.report, { source, args });
  } finally {
    await tools.close();
  }
}

/** The libraries that draw are loaded for reports only. */
async function report(
  document: EvaluateReport,
  path: string,
  { source, args }: { readonly source: string; readonly args: readonly string[] },
): Promise<void> {
  const [{ evaluateReport }, { pageFacts }] = await Promise.all([
    import('../report/evaluate/report.js'),
    import('../report/page.js'),
  ]);
  await writeReport(path, evaluateReport(document, pageFacts(source, args)));
}

/** A model that was trained before has its own seed and half-life. */
function refuseTrainingOptions(source: string, { model, halfLife, seed }: EvaluateOptions): void {
  if (model === undefined) return;
  const flag = halfLife !== undefined ? '--half-life' : seed !== undefined && !isGenerated(source) ? '--seed' : null;
  if (flag === null) return;
  throw new LanecastError('INVALID_ARGUMENT', `${flag} is for training, and the model in ${model} is trained.`);
}

/** Other traces are refused when they come. */
function refuseStored(source: string, { preExecute }: EvaluateOptions): void {
  if (preExecute !== true || !isStored(source)) return;
  const message = '--pre-execute is for executable blocks, and the store holds only what blocks did.';
  throw new LanecastError('INVALID_ARGUMENT', message);
}

async function judgeSource(source: string, options: EvaluateOptions, tools: Tools): Promise<EvaluateReport> {
  const progress = startProgress('evaluating');
  const total = await expectedBlocks(source, options, tools);
  let [done, detail] = [0, ''];
  const show = (): void => progress.update(done, total, detail);
  const note = (record: BlockRecord, step: string): void => {
    [done, detail] = [done + 1, `block ${record.header.number} ${step}`];
    show();
  };
  const noteTraining = (step: string): void => {
    detail = `training: ${step}`;
    show();
  };
  show();
  try {
    const { model, trainUntil } = await openModel(options, noteTraining);
    const split = { trainUntil, needsHistory: options.model === undefined };
    const blocks = requireSplit(soundBlocks(source, sizeOf(source, options), tools), split);
    const { executor } = tools;
    const lookAhead =
      options.preExecute === true ? new LookAhead({ executor, trainUntil, notice: printNotice }) : undefined;
    const records = lookAhead?.records(blocks) ?? recordsOf(blocks, executor);
    const judging = { trainUntil, model, online: options.online === 'true', baselines: options.baselines };
    return await judgeModel(records, { ...judging, lookAhead, progress: note });
  } finally {
    progress.stop();
  }
}

interface OpenedModel {
  readonly model: ModelContender;
  readonly trainUntil: number;
}

async function openModel(options: EvaluateOptions, progress: (step: string) => void): Promise<OpenedModel> {
  const {
    model: folder,
    trainUntil,
    seed = DEFAULT_SEED,
    halfLife: halfLifeBlocks = DEFAULT_HALF_LIFE_BLOCKS,
  } = options;
  if (folder !== undefined) {
    const read = await readModel(folder);
    return { model: new ArtifactContender(read), trainUntil: trainUntil ?? read.lastBlock };
  }
  if (trainUntil === undefined) {
    throw new LanecastError('INVALID_ARGUMENT', 'This needs --train-until BLOCK_NUMBER, or --model FOLDER.');
  }
  const model = new TrainedContender({ keccak256, seed, halfLifeBlocks, progress, runtime: lazyTensorflow() });
  return { model, trainUntil };
}
