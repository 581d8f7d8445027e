import { LanecastError } from '../../errors.js';
import type { BlockSeries } from '../series/series.js';
import { Random } from './random.js';

export interface BurstySeriesOptions {
  readonly blocks: number;
  readonly seed: number;
  /** The base fee, in wei, of the block after one with these figures. */
  readonly nextBaseFee: (block: {
    readonly number: number;
    readonly baseFeePerGasWei: number;
    readonly gasUsed: number;
    readonly gasLimit: number;
  }) => number;
  /** By the number of a block, from 1; 30 million by default. */
  readonly gasLimitOf?: ((number: number) => number) | undefined;
  /** Share of blocks whose transactions and conflicts are not known. */
  readonly unknownShare?: number | undefined;
}

const GAS_LIMIT = 30_000_000;
const FIRST_NUMBER = 1;
const FIRST_TIMESTAMP_SECONDS = 1_700_000_000;
const SECONDS_PER_BLOCK = 12;
const SECONDS_PER_DAY = 86_400;
const USUAL_FEE_WEI = 20e9;

/** Demand in gas a block at the usual fee, its deviations as those of the logarithm. */
const USUAL_DEMAND_GAS = 15_000_000;
const DAILY_SWING = 0.3;
const DRIFT_KEPT = 0.995;
const DRIFT_DEVIATION = 0.02;
const BLOCK_DEVIATION = 0.4;
/** A fee that is higher by one percent turns so many percent of the demand away. */
const FEE_ELASTICITY = 0.6;
/** Of what finds no room so much waits for the next block. */
const WAITING_KEPT = 0.8;

/** A burst (a mint, a liquidation) begins once in so many blocks, ends after so many, and takes so many to swell and to fade. */
const BLOCKS_BETWEEN_BURSTS = 700;
const BLOCKS_OF_A_BURST = 50;
const BLOCKS_TO_SWELL = 8;
const BURST_STRENGTH = 0.9;
const BURST_STRENGTH_DEVIATION = 0.4;

/** Log-odds of the density of conflicts when nothing happens, and what a burst of strength 1 adds. */
const USUAL_CONFLICT_ODDS = -4.6;
const BURST_CONFLICT_ODDS = 1.8;
const CONFLICT_DEVIATION = 0.3;
const USUAL_PARALLELISM = 6;
/** A burst of strength 1 divides parallelism by e to this power. */
const BURST_PARALLELISM = 0.8;
const PARALLELISM_DEVIATION = 0.25;
const GAS_PER_TRANSACTION = 71_000;

/**
 * A made-up chain of 12-second blocks whose load comes in bursts, for what has no long real series: conflict density and
 * parallelism. Demand follows the hour, drifts, and swells over some blocks when a burst begins; it falls with the base fee,
 * which follows from the rule that is handed in; what finds no room waits. Bursts call the same contracts, so that conflicts
 * grow and parallelism shrinks with them. The same seed gives the same series.
 * Throws INVALID_ARGUMENT for a length that is no whole number from 1.
 */
export function burstySeries(options: BurstySeriesOptions): BlockSeries {
  const { blocks, seed, nextBaseFee, gasLimitOf = () => GAS_LIMIT, unknownShare = 0 } = options;
  if (!Number.isSafeInteger(blocks) || blocks < 1) {
    throw new LanecastError('INVALID_ARGUMENT', `expected a whole number of blocks from 1, got ${blocks}`);
  }
  const random = new Random(seed);
  const demand = new BurstyDemand(random);
  const series = emptySeries(blocks, seed);
  let [feeWei, waitingGas] = [USUAL_FEE_WEI, 0];
  for (let index = 0; index < blocks; index++) {
    const number = FIRST_NUMBER + index;
    const gasLimit = gasLimitOf(number);
    const timestamp = FIRST_TIMESTAMP_SECONDS + SECONDS_PER_BLOCK * index;
    const wantedGas = waitingGas + demand.next(timestamp) * (feeWei / USUAL_FEE_WEI) ** -FEE_ELASTICITY;
    const gasUsed = Math.round(Math.min(gasLimit, wantedGas));
    waitingGas = WAITING_KEPT * Math.max(0, wantedGas - gasUsed);
    series.number[index] = number;
    series.timestampSeconds[index] = timestamp;
    series.baseFeePerGasWei[index] = feeWei;
    series.gasLimit[index] = gasLimit;
    series.gasUsed[index] = gasUsed;
    series.transactionCount[index] = Math.round(gasUsed / random.logNormal(GAS_PER_TRANSACTION, 0.1));
    series.conflictDensity[index] = logistic(
      USUAL_CONFLICT_ODDS + BURST_CONFLICT_ODDS * demand.burst + CONFLICT_DEVIATION * random.normal(),
    );
    const typical = USUAL_PARALLELISM * Math.exp(-BURST_PARALLELISM * demand.burst);
    series.parallelism[index] = Math.max(1, random.logNormal(typical, PARALLELISM_DEVIATION));
    if (unknownShare > 0 && random.chance(unknownShare)) forget(series, index);
    feeWei = nextBaseFee({ number, baseFeePerGasWei: feeWei, gasUsed, gasLimit });
  }
  return series;
}

/** What senders would pay the usual fee for, block by block. */
class BurstyDemand {
  readonly #random: Random;
  #drift = 0;
  /** Of the burst that is on; 0 for none. */
  #strength = 0;
  #swollen = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** How strong the burst has become, in the logarithm of the demand. */
  get burst(): number {
    return this.#swollen;
  }

  /** In gas. */
  next(timestampSeconds: number): number {
    const random = this.#random;
    const changes = random.chance(1 / (this.#strength > 0 ? BLOCKS_OF_A_BURST : BLOCKS_BETWEEN_BURSTS));
    if (changes) this.#strength = this.#strength > 0 ? 0 : random.logNormal(BURST_STRENGTH, BURST_STRENGTH_DEVIATION);
    this.#swollen += (this.#strength - this.#swollen) / BLOCKS_TO_SWELL;
    this.#drift = DRIFT_KEPT * this.#drift + DRIFT_DEVIATION * random.normal();
    const daily = DAILY_SWING * Math.sin((2 * Math.PI * timestampSeconds) / SECONDS_PER_DAY);
    return random.logNormal(USUAL_DEMAND_GAS * Math.exp(daily + this.#drift + this.#swollen), BLOCK_DEVIATION);
  }
}

type FullSeries = BlockSeries & { readonly conflictDensity: Float64Array; readonly parallelism: Float64Array };

function emptySeries(length: number, seed: number): FullSeries {
  const column = (): Float64Array => new Float64Array(length);
  return {
    origin: `generated:bursty (seed ${seed})`,
    length,
    ...{ number: column(), timestampSeconds: column(), baseFeePerGasWei: column() },
    ...{ gasLimit: column(), gasUsed: column(), transactionCount: column() },
    ...{ excessBlobGas: null, blobGasUsed: null, conflictDensity: column(), parallelism: column() },
    unknownColumns: [],
  };
}

function forget({ transactionCount, conflictDensity, parallelism }: FullSeries, index: number): void {
  for (const column of [transactionCount, conflictDensity, parallelism]) column[index] = NaN;
}

function logistic(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}
