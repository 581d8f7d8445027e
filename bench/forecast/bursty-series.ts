import { Random } from '../../datasets/generate/random.js';
import type { BlockSeries } from '../../datasets/series/series.js';
import { LONDON, nextBaseFeeWei, type FeeRule } from '../../model/forecast/fee-rule.js';

/** From a block on the chain has this. */
export interface Regime {
  readonly fromBlock: number;
  readonly gasLimit: number;
  readonly rule: FeeRule;
}

export interface BurstySeriesOptions {
  readonly blocks: number;
  readonly seed: number;
  readonly slotSeconds?: number | undefined;
  /** In the order of their blocks; by default 30 million gas under the rule of London. */
  readonly regimes?: readonly Regime[] | undefined;
  /** Share of blocks whose transaction count and conflicts are not known. */
  readonly unknownShare?: number | undefined;
}

const FIRST_BLOCK = 1000;
const FIRST_SECOND = 1_700_000_000;
const FIRST_FEE_WEI = 20e9;
/** A burst begins in one block of so many, and ends in one of so many. */
const BLOCKS_BETWEEN_BURSTS = 150;
const BLOCKS_OF_A_BURST = 25;

/**
 * A made-up chain: demand that shrinks as the fee grows and wanders over hours, more of it on the hour, and bursts (a mint, say)
 * that fill blocks for some minutes with transactions that conflict. It shows whether a forecaster learns what recurs; it says
 * nothing about how well a real chain can be forecast.
 */
export function burstySeries(options: BurstySeriesOptions): BlockSeries {
  const { blocks, seed, slotSeconds = 12, unknownShare = 0 } = options;
  const { regimes = [{ fromBlock: FIRST_BLOCK, gasLimit: 30_000_000, rule: LONDON }] } = options;
  const random = new Random(seed);
  const column = (): Float64Array => new Float64Array(blocks).fill(NaN);
  const series = {
    ...{ origin: 'a made-up series', length: blocks, number: column(), timestampSeconds: column(), gasLimit: column() },
    ...{ baseFeePerGasWei: column(), gasUsed: column(), transactionCount: column() },
    ...{ conflictDensity: column(), parallelism: column() },
    ...{ excessBlobGas: null, blobGasUsed: null, unknownColumns: [] },
  };
  let [fee, appetite, heat] = [FIRST_FEE_WEI, 0, 0];
  for (let index = 0; index < blocks; index++) {
    const number = FIRST_BLOCK + index;
    const timestampSeconds = FIRST_SECOND + index * slotSeconds;
    const { gasLimit, rule } = regimes.findLast(({ fromBlock }) => fromBlock <= number) ?? regimes[0] ?? unreachable();
    appetite = 0.998 * appetite + 0.02 * random.normal();
    if (heat === 0) heat = random.chance(1 / BLOCKS_BETWEEN_BURSTS) ? 0.4 + random.unit() : 0;
    else if (random.chance(1 / BLOCKS_OF_A_BURST)) heat = 0;
    const onTheHour = timestampSeconds % 3600 < slotSeconds ? 0.6 : 0;
    const demand = 1 + appetite + heat + onTheHour - 1.2 * Math.log(fee / FIRST_FEE_WEI) + 0.3 * random.normal();
    const fullness = Math.min(1, Math.max(0, demand / rule.elasticity));
    const gasUsed = Math.round(fullness * gasLimit);
    series.number[index] = number;
    series.timestampSeconds[index] = timestampSeconds;
    series.baseFeePerGasWei[index] = fee;
    series.gasLimit[index] = gasLimit;
    series.gasUsed[index] = gasUsed;
    if (!random.chance(unknownShare)) {
      series.transactionCount[index] = Math.round((gasUsed / 90_000) * (1 + 0.1 * random.normal()));
      series.conflictDensity[index] = Math.min(1, Math.max(0, 0.01 + 0.06 * heat + 0.004 * random.normal()));
      series.parallelism[index] = Math.max(1, 6 / (1 + 2 * heat) + 0.3 * random.normal());
    }
    fee = Number(nextBaseFeeWei({ baseFeePerGasWei: fee, gasLimit, gasUsed }, rule));
  }
  return series;
}

function unreachable(): never {
  throw new Error('a series has at least one regime');
}

/** The series as the CSV that `lanecast forecast` reads. */
export function toCsv(series: BlockSeries): string {
  const columns = [
    ['block_number', series.number],
    ['timestamp', series.timestampSeconds],
    ['base_fee_per_gas', series.baseFeePerGasWei],
    ['gas_limit', series.gasLimit],
    ['gas_used', series.gasUsed],
    ['transaction_count', series.transactionCount],
    ['conflict_density', series.conflictDensity],
    ['parallelism', series.parallelism],
  ] as const;
  const lines = [columns.map(([name]) => name).join(',')];
  for (let index = 0; index < series.length; index++) {
    const fields = columns.map(([, values]) => values?.[index] ?? NaN);
    lines.push(fields.map((value) => (Number.isNaN(value) ? '' : `${value}`)).join(','));
  }
  return `${lines.join('\n')}\n`;
}
