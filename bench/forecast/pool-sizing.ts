import type { BlockSeries } from '../../datasets/series/series.js';

/** How many workers the next block is expected to need; told of each block afterwards. */
export interface PoolSizing {
  readonly name: string;
  observe(block: SizedBlock): void;
  /** From 1: the thread that asks is one of them. 1 before any block. */
  next(): number;
}

/** A block of a series, and the workers that it was worth. */
export interface SizedBlock {
  readonly index: number;
  readonly gasUsed: number;
  readonly transactions: number;
  readonly workers: number;
}

export interface PoolSettings {
  readonly maxWorkers: number;
  readonly nsPerGas: number;
  /** A thread that nobody used for so long ends. */
  readonly idleSeconds: number;
}

/** What a way of sizing the pool came to over a series. */
export interface PoolOutcome {
  readonly name: string;
  readonly blocks: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number };
  /** Share of blocks that ran on fewer workers than they were worth. */
  readonly shortShare: number;
  /** Threads that were up when a block came, on average, besides the one that asks. */
  readonly meanThreads: number;
}

/** A block is worth another worker where that shortens it by this much. */
const LEAST_GAIN = 0.05;
/** What is shorter on one thread is not worth a second. */
const LEAST_PARALLEL_NS = 1e6;

/**
 * Runs the blocks of a series, as they come, on a pool that is sized by `sizing`: a block runs on the threads that are up when
 * it comes and on as many workers at most as it is worth; what is missing is started for later blocks, as in the engine. Threads
 * that are wanted ahead are up by the next block. The time of a block is its work by the workers, and no less than its longest
 * chain. The first `warmUp` blocks are not counted.
 */
export function runPool(
  series: BlockSeries,
  sizing: PoolSizing,
  settings: PoolSettings & { warmUp: number },
): PoolOutcome {
  const latencies: number[] = [];
  const lastUsed = new Float64Array(settings.maxWorkers).fill(-Infinity);
  let [short, threads] = [0, 0];
  for (let index = 0; index < series.length; index++) {
    const seconds = at(series.timestampSeconds, index);
    const up = 1 + countUp(lastUsed, seconds - settings.idleSeconds);
    const block = describe(series, index, settings);
    const workers = Math.min(up, block.workers);
    for (let thread = 1; thread < block.workers; thread++) lastUsed[thread] = seconds;
    if (index >= settings.warmUp) {
      latencies.push(timeNs(block, workers) / 1e6);
      if (workers < block.workers) short += 1;
      threads += up - 1;
    }
    sizing.observe({
      index,
      gasUsed: at(series.gasUsed, index),
      transactions: at(series.transactionCount, index),
      workers: block.workers,
    });
    const ahead = Math.min(settings.maxWorkers, sizing.next());
    for (let thread = 1; thread < ahead; thread++) lastUsed[thread] = seconds;
  }
  latencies.sort((a, b) => a - b);
  const quantile = (level: number): number => latencies[Math.floor(level * (latencies.length - 1))] ?? NaN;
  return {
    name: sizing.name,
    blocks: latencies.length,
    latencyMs: { p50: quantile(0.5), p99: quantile(0.99), p999: quantile(0.999), max: quantile(1) },
    shortShare: short / latencies.length,
    meanThreads: threads / latencies.length,
  };
}

interface Work {
  readonly workNs: number;
  readonly parallelism: number;
}

function describe(
  series: BlockSeries,
  index: number,
  { nsPerGas, maxWorkers }: PoolSettings,
): Work & { workers: number } {
  const work = {
    workNs: at(series.gasUsed, index) * nsPerGas,
    parallelism: series.parallelism === null ? Infinity : at(series.parallelism, index),
  };
  let workers = 1;
  if (work.workNs >= LEAST_PARALLEL_NS) {
    while (workers < maxWorkers && timeNs(work, workers + 1) <= (1 - LEAST_GAIN) * timeNs(work, workers)) workers += 1;
  }
  return { ...work, workers };
}

function timeNs({ workNs, parallelism }: Work, workers: number): number {
  return workNs / Math.min(workers, parallelism);
}

/** Threads are used from the first on, so that those that are up come first. */
function countUp(lastUsed: Float64Array, since: number): number {
  let up = 0;
  for (let thread = 1; thread < lastUsed.length && at(lastUsed, thread) >= since; thread++) up += 1;
  return up;
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? NaN;
}
