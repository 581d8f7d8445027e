import type { Transaction } from '../../types.js';
import { functionOf, selectorOf } from '../functions.js';
import { quantileOf, RecentValues } from '../quantiles.js';

/**
 * What an estimate rests on, closest first: the same recipient and selector, the selector at any recipient (all creations
 * are one), all transactions.
 */
export const TIERS = ['function', 'selector', 'all'] as const;
export type Tier = (typeof TIERS)[number];

export interface Estimate {
  readonly tier: Tier;
  readonly value: number;
  /** Ascending values that speak for themselves; null where there are too few. */
  readonly sample: Float64Array | null;
}

/** Estimates a cost of transactions from those of earlier ones. */
export interface CostStatistics {
  /** Null as long as there is nothing to go by. */
  estimate(transaction: Transaction): Estimate | null;
  add(transaction: Transaction, value: number): void;
}

/** One number learned from a series. */
interface Series {
  readonly value: number;
  readonly sample: Float64Array | null;
  add(value: number): void;
}

/** A series for each function, each selector and all; an unseen function is estimated by the next wider one. */
export class TieredStatistics implements CostStatistics {
  readonly #create: () => Series;
  readonly #series = new Map<string, Series>();

  constructor(create: () => Series) {
    this.#create = create;
  }

  estimate(transaction: Transaction): Estimate | null {
    for (const tier of TIERS) {
      const series = this.#series.get(nameOf(transaction, tier));
      if (series !== undefined) return { tier, value: series.value, sample: series.sample };
    }
    return null;
  }

  add(transaction: Transaction, value: number): void {
    for (const tier of TIERS) {
      const name = nameOf(transaction, tier);
      const known = this.#series.get(name) ?? this.#create();
      known.add(value);
      this.#series.set(name, known);
    }
  }
}

/** The gas limit times the mean of cost per unit of gas limit so far; `perGas` fixes that factor instead. */
export class GasLimitStatistics implements CostStatistics {
  readonly #perGas: number | null;
  #cost = 0;
  #gasLimit = 0;

  constructor(perGas: number | null) {
    this.#perGas = perGas;
  }

  estimate({ gasLimit }: Transaction): Estimate | null {
    if (this.#perGas === null && this.#gasLimit === 0) return null;
    return { tier: 'all', value: gasLimit * (this.#perGas ?? this.#cost / this.#gasLimit), sample: null };
  }

  add({ gasLimit }: Transaction, value: number): void {
    this.#cost += value;
    this.#gasLimit += gasLimit;
  }
}

export class MeanSeries implements Series {
  readonly sample = null;
  #sum = 0;
  #count = 0;

  get value(): number {
    return this.#sum / this.#count;
  }

  add(value: number): void {
    this.#sum += value;
    this.#count += 1;
  }
}

export class LastValue implements Series {
  readonly sample = null;
  value = NaN;

  add(value: number): void {
    this.value = value;
  }
}

const MEDIAN_WINDOW = 1024;
const SAMPLE_SIZE = 20;

/** The median of the last 1,024 values; from 20 values on they are a sample. */
export class MedianSeries implements Series {
  readonly #recent = new RecentValues(MEDIAN_WINDOW);
  #ascending: Float64Array | null = null;

  get value(): number {
    return quantileOf(this.#sorted(), 0.5);
  }

  get sample(): Float64Array | null {
    return this.#recent.count < SAMPLE_SIZE ? null : this.#sorted();
  }

  add(value: number): void {
    this.#recent.add(value);
    this.#ascending = null;
  }

  #sorted(): Float64Array {
    return (this.#ascending ??= this.#recent.ascending());
  }
}

function nameOf(transaction: Transaction, tier: Tier): string {
  if (tier === 'all') return 'all';
  if (transaction.to === null) return 'creation';
  return tier === 'selector' ? selectorOf(transaction) : (functionOf(transaction) ?? 'creation');
}
