import { Command } from 'commander';
import { integerFrom, namesFrom } from '../cli/arguments.js';
import { lazyTensorflow } from '../cli/evaluate/runtime.js';
import { printNotice, printResult, startProgress } from '../cli/terminal.js';
import { readSeries } from '../datasets/series/read-series.js';
import { LanecastError } from '../errors.js';
import { FORECAST_PLAN } from '../model/forecast/train-forecaster.js';
import { runCommand } from './command.js';
import { judgeBursts } from './forecast/bursts.js';
import { firstBlocks, judgeSeries, type SeriesRun } from './forecast/judge-series.js';
import { renderBursts, renderLarger, renderRun } from './forecast/render.js';

const SECTIONS = ['series', 'larger', 'bursts'] as const;

interface ForecastBenchFlags {
  readonly sections: readonly (typeof SECTIONS)[number][];
  readonly first?: number;
  readonly trainUntil?: number;
  readonly seed: number;
}

const EPILOGUE = `
series: the forecaster on SERIES beside the baselines, as lanecast forecast has them. larger: the same with a network of some
four times the weights and twice the epochs, for what a larger model would gain. bursts: made-up chains with bursts of
conflicting transactions, for conflict density and parallelism, with a larger gas limit and a fork of the fee rule
on the way; needs no SERIES.
Choices are made on the first part of a series: --first 880000 --train-until NUMBER leaves the rest alone.`;

/** Both hidden layers of the larger network. */
const LARGER = { ...FORECAST_PLAN, hidden: [192, 192], epochs: 2 * FORECAST_PLAN.epochs };

const command = new Command('bench:forecast')
  .description('Measures forecasts of the next blocks, and prints tables in Markdown.')
  .argument('[series]', 'a series of blocks: *.csv or *.csv.gz')
  .option('--sections <names>', SECTIONS.join(), namesFrom(SECTIONS), ['series', 'bursts'])
  .option('--first <count>', 'use only the first blocks of the series', integerFrom(1))
  .option('--train-until <number>', 'last block to train on (default: the first four fifths)', integerFrom(0))
  .option('--seed <number>', 'of everything', integerFrom(0), 1)
  .addHelpText('after', EPILOGUE);

process.exitCode = await runCommand(command, async () => {
  const { sections, first, trainUntil, seed } = command.opts<ForecastBenchFlags>();
  const runtime = lazyTensorflow();
  const judge = async (plan: typeof FORECAST_PLAN): Promise<SeriesRun> => {
    const [path] = command.args;
    if (path === undefined)
      throw new LanecastError('INVALID_ARGUMENT', 'The sections series and larger need a SERIES.');
    const series = firstBlocks(await readSeries(path), first ?? Infinity);
    const progress = startProgress('forecasting');
    try {
      return await judgeSeries(series, {
        ...{ runtime, seed, trainUntil, plan },
        progress: (share, step) => progress.update(Math.floor(share * 100), 100, step),
      });
    } finally {
      progress.stop();
    }
  };
  const small = sections.some((section) => section !== 'bursts') ? await judge(FORECAST_PLAN) : null;
  if (small !== null && sections.includes('series')) printResult(renderRun(small));
  if (small !== null && sections.includes('larger')) printResult(renderLarger(small, await judge(LARGER)));
  if (sections.includes('bursts')) {
    printNotice('made-up chains');
    printResult(renderBursts(await judgeBursts({ runtime: await runtime(), seed })));
  }
  return true;
});
