import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { LanecastError } from '../../errors.js';
import { keccak256 } from '../../executor/reference/index.js';
import { writeArtifact } from '../../model/artifact/artifact.js';
import type { ModelFacts } from '../../model/artifact/manifest.js';
import type { Evidence } from '../../model/evidence.js';
import { DEFAULT_HALF_LIFE_BLOCKS } from '../../model/training/trainer.js';
import type { SourceBlock } from '../../types.js';
import { integerFrom } from '../arguments.js';
import { describeEnvironment } from '../environment.js';
import { lazyTensorflow } from '../evaluate/runtime.js';
import type { Outcome } from '../program.js';
import {
  addGeneratedSizeOptions,
  DEFAULT_SEED,
  checkedNode,
  isStored,
  refuseSize,
  sizeOf,
  soundBlocks,
  SOURCE_HELP,
  type SourceFlags,
} from '../source.js';
import { isNode, shownSource } from '../node-source.js';
import { addNodeOptions, refuseNodeFlags } from '../node-options.js';
import { addStoreOption, type StoreOptions } from '../store-option.js';
import { printJson, printResult, startProgress, type Progress } from '../terminal.js';
import { createTools, type Tools } from '../tools.js';
import { partsOf } from '../../model/artifact/model-parts.js';
import type { StoreUse, TrainDocument } from '../train/document.js';
import {
  importAccessStatistics,
  mineExpressions,
  readHistory,
  readStoredHistory,
  type History,
} from '../train/history.js';
import { renderTraining } from '../train/render.js';
import { trainModel, type TrainedModel } from '../train/train.js';

interface TrainFlags {
  readonly out: string;
  readonly until?: number;
  readonly halfLife: number;
  readonly window?: number;
  readonly judge: boolean;
  readonly json?: boolean;
}

type TrainOptions = TrainFlags & SourceFlags & StoreOptions;

const EPILOGUE = `
The folder appears whole or not at all, and never changes: lanecast evaluate --model FOLDER judges it on later blocks.
Executable blocks (files, generated:) are executed and recorded by the reference executor first. Files and
generated: sources are read twice, the first time only to count their blocks.
Rolling origin: with 4 blocks or more, a second model is trained on the first three quarters of them and judged on the last
quarter, which takes about as long again; --no-judge leaves it out.
store: sources: what the calls of each block teach about accesses is written into the store, once. With --window, only the last
blocks are learned one by one; access statistics of all earlier ones are computed by SQL.
Exit code: 0 if the model was written, 1 if executing a block did not reproduce its header, 2 for bad arguments or input.`;

export function addTrainCommand(program: Command, outcome: Outcome): void {
  const command = program
    .command('train')
    .description('Learns blocks, trains the networks, and writes the model into a folder.')
    .argument('<source>', SOURCE_HELP)
    .requiredOption('--out <folder>', 'where to: a folder that is not there yet, or empty')
    .option('--until <number>', 'last block to learn (default: the last one)', integerFrom(0))
    .option(
      '--half-life <blocks>',
      'blocks after which an observation weighs half',
      integerFrom(1),
      DEFAULT_HALF_LIFE_BLOCKS,
    )
    .option('--window <blocks>', 'of store: sources: learn only the last blocks one by one', integerFrom(1))
    .option('--no-judge', 'leave out the rolling origin')
    .option('--json', 'print one JSON document')
    .addHelpText('after', EPILOGUE);
  addStoreOption(addNodeOptions(addGeneratedSizeOptions(command, 'the training')))
    .option('--no-store', 'use no store; store: sources need one')
    .action(async (source: string, options: TrainOptions) => {
      await train(source, options);
      outcome.exitCode = 0;
    });
}

async function train(source: string, options: TrainOptions): Promise<void> {
  if (options.window !== undefined && !isStored(source)) {
    throw new LanecastError(
      'INVALID_ARGUMENT',
      `--window is for store: sources only; "${shownSource(source)}" is none.`,
    );
  }
  const tools = createTools(options);
  try {
    const document = await trainAndWrite(source, options, tools);
    if (options.json === true) printJson(document);
    else printResult(renderTraining(document));
  } finally {
    await tools.close();
  }
}

async function trainAndWrite(source: string, options: TrainOptions, tools: Tools): Promise<TrainDocument> {
  await requireFree(options.out);
  const progress = startProgress('training');
  try {
    const { history, begin, store } = isStored(source)
      ? await prepareStored(source, options, tools)
      : await prepareSource(source, options, tools);
    const trained = await learn(history, options, { begin, progress });
    const subjectsBySql = trained.subjects;
    return await write(trained.model, options, store === null ? null : { ...store, subjectsBySql });
  } finally {
    progress.stop();
  }
}

/** Before the work, not after it. */
async function requireFree(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) =>
    error instanceof Error && 'code' in error && error.code === 'ENOENT' ? [] : null,
  );
  if (names?.length === 0) return;
  const message = `${folder}: expected a folder that is not there yet, or empty; models never change.`;
  throw new LanecastError('INVALID_ARGUMENT', message);
}

interface Prepared {
  readonly history: History;
  /** Gives evidence a history from the store, and answers its subjects. */
  readonly begin: (evidence: Evidence) => Promise<number>;
  readonly store: Omit<StoreUse, 'subjectsBySql'> | null;
}

async function prepareSource(source: string, options: TrainOptions, tools: Tools): Promise<Prepared> {
  const open = (): AsyncIterable<SourceBlock> => soundBlocks(source, sizeOf(source, options), tools);
  // The numbers of a node's blocks are known without reading them.
  const span = isNode(source) ? await checkedNode(source, sizeOf(source, options), tools).span() : undefined;
  const history = await readHistory(open, { until: options.until ?? Infinity, span }, tools.executor);
  return { history, begin: () => Promise.resolve(0), store: null };
}

async function prepareStored(source: string, options: TrainOptions, tools: Tools): Promise<Prepared> {
  refuseSize(source, sizeOf(source, options));
  refuseNodeFlags(source, options);
  const store = await tools.store();
  const limits = { until: options.until ?? Infinity, window: options.window ?? Infinity };
  const history = await readStoredHistory(source, store, limits);
  const { chainId, earlier, numbers } = history;
  const mined = { chainId, to: numbers.at(-1) ?? 0, halfLifeBlocks: options.halfLife };
  const expressions = await mineExpressions(store, mined);
  const begin = (evidence: Evidence): Promise<number> =>
    earlier === null ? Promise.resolve(0) : importAccessStatistics(evidence, store, { chainId, until: earlier.last });
  return { history, begin, store: { blocksBySql: earlier?.blocks ?? 0, expressions } };
}

interface Learned {
  readonly model: TrainedModel;
  /** Of the statistics that the evidence began with. */
  readonly subjects: number;
}

async function learn(
  history: History,
  options: TrainOptions,
  { begin, progress }: Pick<Prepared, 'begin'> & { readonly progress: Progress },
): Promise<Learned> {
  const total = history.numbers.length;
  let [done, detail, subjects] = [0, '', 0];
  const show = (): void => progress.update(done, total, detail);
  show();
  const training = {
    ...{ keccak256, seed: options.seed ?? DEFAULT_SEED, halfLifeBlocks: options.halfLife, runtime: lazyTensorflow() },
    progress: (step: string): void => {
      detail = step;
      show();
    },
  };
  const model = await trainModel(history, {
    training,
    judges: options.judge,
    begin: async (evidence) => {
      subjects = await begin(evidence);
    },
    progress: ({ header }) => {
      [done, detail] = [done + 1, `block ${header.number}`];
      show();
    },
  });
  return { model, subjects };
}

async function write(trained: TrainedModel, options: TrainOptions, store: StoreUse | null): Promise<TrainDocument> {
  const { contender, data, rollingOrigin } = trained;
  const summary = contender.summary();
  const { seed, halfLifeBlocks } = summary;
  const tfBackend = contender.backend ?? 'none';
  const facts: ModelFacts = {
    createdFrom: data.createdFrom,
    dataHash: data.dataHash,
    ...{ seed, tfBackend },
    options: { halfLifeBlocks, hasTimes: contender.hasTimes, blocksBySql: store?.blocksBySql ?? 0 },
    metrics: rollingOrigin === null ? {} : { rollingOrigin: z.json().parse(rollingOrigin) },
  };
  const { evidence } = contender.model;
  const manifest = await writeArtifact(options.out, { evidence, ...partsOf(contender.model), facts });
  return {
    schema: 'lanecast.train/1',
    environment: describeEnvironment(tfBackend),
    folder: options.out,
    id: manifest.id,
    model: summary,
    createdFrom: manifest.createdFrom,
    files: manifest.files,
    store,
    rollingOrigin,
  };
}
