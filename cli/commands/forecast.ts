import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { LanecastError } from '../../errors.js';
import type { FeeRuleChange } from '../../model/forecast/fee-rule.js';
import { DEFAULT_HORIZONS } from '../../model/forecast/levels.js';
import { integerFrom, integerListFrom } from '../arguments.js';
import { lazyTensorflow } from '../evaluate/runtime.js';
import { feeRules } from '../forecast/fee-rule-option.js';
import type { ForecastDocument } from '../forecast/document.js';
import { renderForecast } from '../forecast/render.js';
import { runForecast } from '../forecast/run-forecast.js';
import { BURSTY_BLOCKS, openSeries, SERIES_HELP } from '../forecast/series-source.js';
import type { Outcome } from '../program.js';
import { noteUnknownColumns } from '../ingest/series.js';
import { checkReportPath, REPORT_HELP, writeReport } from '../report-option.js';
import { DEFAULT_SEED } from '../source.js';
import { addStoreOption, type StoreOptions } from '../store-option.js';
import { printJson, printNotice, printResult, startProgress } from '../terminal.js';
import { createTools } from '../tools.js';

interface ForecastFlags extends StoreOptions {
  /** Of a generated series. */
  readonly blocks?: number;
  readonly trainUntil?: number;
  readonly horizons?: readonly number[];
  readonly feeRule?: readonly FeeRuleChange[];
  readonly epochs?: number;
  readonly seed?: number;
  readonly judge: boolean;
  readonly model?: string;
  readonly save?: string;
  readonly json?: boolean;
  readonly report?: string;
}

/** Horizons beyond it would need a series that is rarely there. */
const MOST_HORIZON = 1000;

const EPILOGUE = `
SERIES is a CSV of consecutive blocks, gzipped or not, with the columns block_number, timestamp, base_fee_per_gas, gas_limit and
gas_used, and where they are known transaction_count, conflict_density and parallelism. store: takes what ingest kept, with the conflicts of the
blocks whose accesses are there, and names the keys that the next blocks will probably use most. generated:bursty is a made-up chain.
The base fee at +h is that of block n + h, the others are means over the next h blocks. The next base fee is not forecast: it
follows from the rule of EIP-1559. What is forecast are quantiles, 0.05 to 0.95 in steps of 0.05. CRPS is twice the mean pinball loss
over them, for the model and for the baselines alike; a baseline's quantiles are its point and the quantiles of its residuals in
training. Coverage is of the range from 0.05 to 0.95.
The model is trained on the blocks up to --train-until and judged on all later ones. While it is judged its networks stay as they
are; moving averages, what recurs by the minute, the epoch and the hour, and the calibration of its quantiles go on with each
block after it was forecast. Baselines are fitted on the same blocks as the model and then stay, but for linear-online, whose
quantiles are calibrated as the model's are. linear is a least-squares autoregression on the last 32 blocks and moving averages of
gas used and fee; linear-features is one on all that the network sees.
Fee rules: with no --fee-rule the rule is found from the fees themselves, and a change of it within some 60 blocks.
The same series, seed and TensorFlow.js backend give the same figures.
Exit code: 0, or 2 for bad arguments or input.`;

export function addForecastCommand(program: Command, outcome: Outcome): void {
  const command = program
    .command('forecast')
    .description('Forecasts base fee, gas used and more of the next blocks, and judges such forecasts on history.')
    .argument('<series>', SERIES_HELP)
    .option('--train-until <number>', 'last block to train on (default: the first four fifths)', integerFrom(0))
    .option(
      '--horizons <blocks>',
      `blocks ahead, separated by commas (default: ${DEFAULT_HORIZONS.join()})`,
      integerListFrom(1),
    )
    .option('--fee-rule <rules>', 'ELASTICITY/DENOMINATOR[@BLOCK],… of the chain (default: found)', feeRules)
    .option('--epochs <count>', 'passes over the blocks in training', integerFrom(1))
    .option(
      '--seed <number>',
      `of training and intervals, and of a generated series (default: ${DEFAULT_SEED})`,
      integerFrom(0),
    )
    .option('--blocks <count>', `blocks of a generated series (default: ${BURSTY_BLOCKS})`, integerFrom(1))
    .option('--save <folder>', 'also write the trained model: a folder that is not there yet, or empty')
    .option('--model <folder>', 'train nothing, and use a model that --save wrote')
    .option('--no-judge', 'only forecast what comes after the last block')
    .option('--json', 'print one JSON document')
    .option('--report <file>', REPORT_HELP)
    .addHelpText('after', EPILOGUE);
  addStoreOption(command).action(async (source: string, options: ForecastFlags) => {
    await forecast(source, options, outcome.args);
    outcome.exitCode = 0;
  });
}

async function forecast(source: string, options: ForecastFlags, args: readonly string[]): Promise<void> {
  refuseContradictions(options);
  if (options.report !== undefined) checkReportPath(options.report);
  if (options.save !== undefined) await requireFree(options.save);
  const { horizons = DEFAULT_HORIZONS, feeRule = [], seed = DEFAULT_SEED, judge: judges, json } = options;
  const { trainUntil, epochs, model, save } = options;
  const tooFar = horizons.find((horizon) => horizon > MOST_HORIZON);
  if (tooFar !== undefined) {
    throw new LanecastError('INVALID_ARGUMENT', `--horizons ${tooFar}: expected at most ${MOST_HORIZON} blocks.`);
  }
  const progress = startProgress('forecasting');
  try {
    progress.update(0, 100, 'reading');
    const tools = createTools(options);
    const { series, hotKeys } = await openSeries(source, sizeFrom(options), tools.store).finally(() => tools.close());
    const document = await runForecast(series, {
      ...{
        trainUntil,
        epochs,
        model,
        save,
        hotKeys,
        horizons,
        seed,
        judges,
        feeRules: feeRule,
        runtime: lazyTensorflow(),
      },
      progress: (share, step) => progress.update(Math.floor(share * 100), 100, step),
    });
    progress.stop();
    noteUnknownColumns(series);
    if (document.judged === null && judges) {
      printNotice('Nothing was judged: that takes some thousand blocks up to --train-until, and later ones.');
    }
    if (json === true) printJson(document);
    else printResult(renderForecast(document));
    if (options.report !== undefined) await report(document, options.report, { source, args });
  } finally {
    progress.stop();
  }
}

/** The libraries that draw are loaded for reports only. */
async function report(
  document: ForecastDocument,
  path: string,
  { source, args }: { readonly source: string; readonly args: readonly string[] },
): Promise<void> {
  const [{ forecastReport }, { pageFacts }] = await Promise.all([
    import('../report/forecast/report.js'),
    import('../report/page.js'),
  ]);
  await writeReport(path, forecastReport(document, pageFacts(source, args)));
}

function sizeFrom({ blocks, seed }: ForecastFlags): { readonly blocks?: number; readonly seed?: number } {
  return { ...(blocks === undefined ? {} : { blocks }), ...(seed === undefined ? {} : { seed }) };
}

function refuseContradictions(options: ForecastFlags): void {
  if (options.model === undefined) return;
  const trains = [
    options.save === undefined ? '' : '--save',
    options.horizons === undefined ? '' : '--horizons',
    options.feeRule === undefined ? '' : '--fee-rule',
    options.epochs === undefined ? '' : '--epochs',
    options.seed === undefined ? '' : '--seed',
  ].find((flag) => flag !== '');
  if (trains === undefined) return;
  throw new LanecastError(
    'INVALID_ARGUMENT',
    `${trains} is for training, and the model in ${options.model} is trained.`,
  );
}

async function requireFree(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) =>
    error instanceof Error && 'code' in error && error.code === 'ENOENT' ? [] : null,
  );
  if (names?.length === 0) return;
  throw new LanecastError('INVALID_ARGUMENT', `${folder}: expected a folder that is not there yet, or empty.`);
}
