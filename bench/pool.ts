import { burstySeries } from '../datasets/generate/bursty-series.js';
import type { BlockSeries } from '../datasets/series/series.js';
import { LONDON, nextBaseFeeWei } from '../model/forecast/fee-rule.js';
import { readHistory } from '../model/forecast/history.js';
import { LoadForecaster } from '../model/forecast/load-forecaster.js';
import { FORECAST_PLAN, trainForecaster } from '../model/forecast/train-forecaster.js';
import { WorkerForecast } from '../model/forecast/worker-forecast.js';
import { openTensorflow } from '../model/network/tensorflow.js';
import { MovingAverageForecast, type Forecast } from '../scheduler/forecast.js';
import { runPool, type PoolOutcome, type PoolSizing } from './forecast/pool-sizing.js';

/** Whether a pool that is sized ahead of the load beats one that reacts to it, on a made-up bursty chain. */
const BLOCKS = 60_000;
const TRAINED = 40_000;
const SEED = 1;
/** Of the engine on one thread: about 1,200 million gas a second. */
const NS_PER_GAS = 1 / 1.2;
const MACHINES = [8, 16];
/** Of the moving average, which knows no quantiles. */
const HEADROOMS = [0, 1, 3];
const IDLE_SECONDS = [12, 60];

async function main(): Promise<void> {
  const nextBaseFee = (block: Parameters<typeof nextBaseFeeWei>[0]): number => Number(nextBaseFeeWei(block, LONDON));
  const series = burstySeries({ blocks: BLOCKS, seed: SEED, nextBaseFee });
  process.stderr.write(`training a forecaster on ${TRAINED} blocks\n`);
  const model = await trainForecaster(readHistory(series, { until: TRAINED }), {
    ...{
      runtime: await openTensorflow(),
      seed: SEED,
      horizons: [1, 2],
      until: TRAINED,
      columns: [],
      plan: FORECAST_PLAN,
    },
    progress: () => undefined,
  });
  process.stdout.write(
    `${row(['workers', 'threads end after', 'sizing', 'p50 ms', 'p99', 'p99.9', 'max', 'short of threads', 'threads up'])}\n`,
  );
  process.stdout.write(`${row(Array.from({ length: 9 }, () => '---'))}\n`);
  for (const maxWorkers of MACHINES) {
    for (const idleSeconds of IDLE_SECONDS) {
      const settings = { maxWorkers, idleSeconds, nsPerGas: NS_PER_GAS, warmUp: TRAINED };
      const sizings = [
        constant('none ahead', 1),
        ...HEADROOMS.map((headroom) =>
          byForecast(new MovingAverageForecast(), { name: 'moving average', headroom, series }),
        ),
        byForecast(new WorkerForecast(new LoadForecaster(model)), { name: 'forecast', headroom: 0, series }),
        constant('all', maxWorkers),
      ];
      for (const sizing of sizings) {
        process.stdout.write(`${row(describe(runPool(series, sizing, settings), maxWorkers, idleSeconds))}\n`);
      }
    }
  }
}

function constant(name: string, workers: number): PoolSizing {
  return { name, observe: () => undefined, next: () => workers };
}

interface SizedBy {
  readonly name: string;
  /** Threads beyond those that the forecast wants. */
  readonly headroom: number;
  readonly series: BlockSeries;
}

function byForecast(forecast: Forecast, { name, headroom, series }: SizedBy): PoolSizing {
  return {
    name: headroom === 0 ? name : `${name} + ${headroom}`,
    observe: ({ index, ...load }) => {
      forecast.observe(load, {
        number: series.number[index] ?? 0,
        timestampSeconds: series.timestampSeconds[index] ?? 0,
        gasLimit: series.gasLimit[index] ?? 0,
        gasUsed: series.gasUsed[index] ?? 0,
        baseFeePerGasWei: BigInt(series.baseFeePerGasWei[index] ?? 0),
      });
    },
    next: () => Math.ceil(forecast.next().workers) + headroom,
  };
}

function describe(outcome: PoolOutcome, maxWorkers: number, idleSeconds: number): string[] {
  const { name, latencyMs, shortShare, meanThreads } = outcome;
  const times = [latencyMs.p50, latencyMs.p99, latencyMs.p999, latencyMs.max].map((ms) => ms.toFixed(1));
  const short = `${(100 * shortShare).toFixed(1)} %`;
  return [String(maxWorkers), `${idleSeconds} s`, name, ...times, short, meanThreads.toFixed(2)];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

await main();
