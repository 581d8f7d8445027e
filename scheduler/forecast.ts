/** What is known of the load of a block, or expected of the next one. */
export interface BlockLoad {
  readonly gasUsed: number;
  readonly transactions: number;
  /** That it was, or will probably be, worth running on. */
  readonly workers: number;
}

/** What the header of an executed block says of the load of its chain. */
export interface LoadHeader {
  readonly number: number;
  readonly timestampSeconds: number;
  readonly gasLimit: number;
  readonly gasUsed: number;
  /** Null before London (EIP-1559). */
  readonly baseFeePerGasWei: bigint | null;
}

/** Expects the load of the next block from those before. */
export interface Forecast {
  /** Takes the next block; its header where there is one. */
  observe(load: BlockLoad, header: LoadHeader | null): void;
  next(): BlockLoad;
}

/** The latest block counts for this much. */
const LATEST = 0.25;

/** Expects of the next block the exponentially weighted mean of those before; of the first one nothing on one worker. */
export class MovingAverageForecast implements Forecast {
  #mean: BlockLoad | null = null;

  observe(load: BlockLoad): void {
    const mean = this.#mean ?? load;
    const moved = (from: number, to: number): number => from + LATEST * (to - from);
    this.#mean = {
      gasUsed: moved(mean.gasUsed, load.gasUsed),
      transactions: moved(mean.transactions, load.transactions),
      workers: moved(mean.workers, load.workers),
    };
  }

  next(): BlockLoad {
    return this.#mean ?? { gasUsed: 0, transactions: 0, workers: 1 };
  }
}
