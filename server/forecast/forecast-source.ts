import type { BlockSeries } from '../../datasets/series/series.js';
import { BaselineForecaster, type BaselineForecast } from '../../model/forecast/baseline-forecaster.js';
import type { ForecastModel } from '../../model/forecast/forecast-model.js';
import { REMEMBERED_BLOCKS } from '../../model/forecast/hot-keys.js';
import { observedBlock } from '../../model/forecast/judge.js';
import { FORECAST_LEVELS } from '../../model/forecast/levels.js';
import { LoadForecaster, type ObservedBlock } from '../../model/forecast/load-forecaster.js';
import { LEAST_ERRORS } from '../../model/forecast/past-errors.js';
import type { BlockRecord } from '../../types.js';
import type { Forecast } from '../live.js';
import type { ForecastSource } from '../ports.js';
import { loadOf, slotUsesOf, type SlotUse } from './block-load.js';
import { describeTargets } from './forecast-targets.js';
import { RecentLoads } from './recent-loads.js';
import { SlotHeat } from './slot-heat.js';

export interface TrainedForecaster {
  readonly model: ForecastModel;
  /** Names it in answers. */
  readonly version: string;
}

/** Blocks from before the service was started. */
export interface PastLoad {
  readonly chainId: number;
  readonly series: BlockSeries;
  /** Of the latest blocks of which accesses are known, in any order. */
  readonly slotUses: readonly (SlotUse & { readonly blockNumber: number })[];
}

/** Latest blocks of the past that calibrate a trained forecaster's ranges; those before them it only remembers. */
const CALIBRATING_BLOCKS = 2_000;
/** Blocks after which moving averages of a trained forecaster have settled. */
const SETTLED_BLOCKS = 2_048;

/**
 * Forecasts the load of the next blocks from those that were observed: by a trained forecaster where there is one and the latest
 * block states what it needs, else by baselines. An answer is of one of them, and names it.
 */
export class LoadForecastSource implements ForecastSource {
  readonly #version: string | null;
  readonly #trained: LoadForecaster | null;
  readonly #baseline: BaselineForecaster;
  readonly #loads = new RecentLoads();
  readonly #heat = new SlotHeat();
  #chainId = 0;
  /** Blocks that the trained forecaster took. */
  #taken = 0;
  #isTakenLast = false;
  /** The answer until the next block. */
  #answer: Omit<Forecast, 'model'> | null = null;

  constructor(trained: TrainedForecaster | null) {
    this.#version = trained?.version ?? null;
    this.#trained = trained === null ? null : new LoadForecaster(trained.model);
    this.#baseline = new BaselineForecaster(trained?.model);
  }

  /** A block that comes late, from before all that are held, says nothing of the next ones, and is passed over. */
  observe(record: BlockRecord): void {
    const { number } = record.header;
    if (this.#loads.succession(number) === 'late') return;
    this.#chainId = record.chainId;
    this.#take(loadOf(record), true);
    this.#heat.observe(number, slotUsesOf(record));
  }

  /** Takes what was before the first block that is observed. */
  recall({ chainId, series, slotUses }: PastLoad): void {
    this.#chainId = chainId;
    for (let index = 0; index < series.length; index++) {
      this.#take(observedBlock({ series }, index), index >= series.length - CALIBRATING_BLOCKS);
    }
    const uses = new Map<number, SlotUse[]>();
    for (const use of slotUses) uses.set(use.blockNumber, [...(uses.get(use.blockNumber) ?? []), use]);
    const oldest = (this.#loads.last?.number ?? 0) - REMEMBERED_BLOCKS;
    for (const [number, ofBlock] of [...uses].sort(([a], [b]) => a - b)) {
      if (number > oldest) this.#heat.observe(number, ofBlock);
    }
  }

  latest(): Omit<Forecast, 'model'> | null {
    return (this.#answer ??= this.#describe());
  }

  #take(block: ObservedBlock, calibrates: boolean): void {
    this.#answer = null;
    this.#loads.add(block);
    this.#baseline.observe(block);
    this.#isTakenLast = this.#trained !== null && Number.isSafeInteger(block.baseFeePerGasWei) && block.gasLimit > 0;
    if (this.#trained === null || !this.#isTakenLast) return;
    this.#taken += 1;
    if (calibrates) this.#trained.observe(block);
    else this.#trained.remember(block);
  }

  #describe(): Omit<Forecast, 'model'> | null {
    const baseline = this.#baseline.forecast();
    const { last } = this.#loads;
    if (baseline === null || last === null) return null;
    const trained = this.#isTakenLast ? (this.#trained?.forecast() ?? null) : null;
    const targets = describeTargets(trained ?? baseline, this.#loads, last);
    return {
      forecaster: {
        kind: trained === null ? 'baseline' : 'trained',
        version: trained === null ? null : this.#version,
        notice: this.#notice({ baseline, targets, isTrained: trained !== null }),
      },
      chainId: this.#chainId,
      lastBlock: last.number,
      nextBaseFeePerGasWei: baseline.nextBaseFeeWei?.toString() ?? null,
      levels: [...FORECAST_LEVELS],
      targets,
      hotKeys: this.#heat.hottest(),
    };
  }

  #notice({ baseline, targets, isTrained }: Described): string | null {
    const untaught = targets.filter(({ horizons }) => horizons.length === 0).map(({ name }) => name);
    const notices: string[] = [];
    if (isTrained) {
      if (this.#taken < SETTLED_BLOCKS) {
        notices.push(`It has seen ${this.#taken} blocks, and what it remembers of them settles over some 2,000.`);
      }
      if (untaught.length > 0) notices.push(`Nothing is forecast of ${untaught.join(', ')}.`);
    } else {
      notices.push(
        this.#trained === null
          ? 'No trained forecaster (--forecast): the base fee by its rule, all else by moving averages.'
          : 'The latest block states no base fee or no gas limit, which the trained forecaster needs: moving averages answer.',
      );
      if (baseline.forecasts.some(({ quantiles }) => quantiles === null)) {
        notices.push(`Ranges are of past errors, and left out where there are fewer than ${LEAST_ERRORS} of them.`);
      }
    }
    return notices.length === 0 ? null : notices.join(' ');
  }
}

interface Described {
  readonly baseline: BaselineForecast;
  readonly targets: Forecast['targets'];
  readonly isTrained: boolean;
}
