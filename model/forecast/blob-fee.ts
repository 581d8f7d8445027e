/** Blob gas of EIP-4844 with the parameters of a fork. */
export interface BlobRule {
  readonly targetBlobs: number;
  readonly maxBlobs: number;
  /** BASE_FEE_UPDATE_FRACTION. */
  readonly updateFraction: bigint;
  /** EIP-7918: blobs cost at least what executing 2^13 gas for them would. */
  readonly hasReservePrice: boolean;
}

export const GAS_PER_BLOB = 131_072n;
const MIN_BLOB_BASE_FEE_WEI = 1n;
const BLOB_BASE_COST_GAS = 8_192n;

/** EIP-4844; EIP-7691; EIP-7918 with the schedules of EIP-7892. */
export const BLOB_RULES = {
  cancun: { targetBlobs: 3, maxBlobs: 6, updateFraction: 3_338_477n, hasReservePrice: false },
  prague: { targetBlobs: 6, maxBlobs: 9, updateFraction: 5_007_716n, hasReservePrice: false },
  osaka: { targetBlobs: 6, maxBlobs: 9, updateFraction: 5_007_716n, hasReservePrice: true },
  bpo1: { targetBlobs: 10, maxBlobs: 15, updateFraction: 8_346_193n, hasReservePrice: true },
  bpo2: { targetBlobs: 14, maxBlobs: 21, updateFraction: 11_684_671n, hasReservePrice: true },
} as const satisfies Readonly<Record<string, BlobRule>>;

export interface BlobBlock {
  readonly excessBlobGas: bigint;
  readonly blobGasUsed: bigint;
  readonly baseFeePerGasWei: bigint;
}

/** EIP-4844: factor × e^(numerator / denominator), by Taylor's series in integers. */
export function fakeExponential(factor: bigint, numerator: bigint, denominator: bigint): bigint {
  let output = 0n;
  let term = factor * denominator;
  for (let index = 1n; term > 0n; index++) {
    output += term;
    term = (term * numerator) / (denominator * index);
  }
  return output / denominator;
}

/** Base fee of a unit of blob gas, in wei, exact. */
export function blobBaseFeeWei(excessBlobGas: bigint, { updateFraction }: BlobRule): bigint {
  return fakeExponential(MIN_BLOB_BASE_FEE_WEI, excessBlobGas, updateFraction);
}

/** `rule` is that of the next block. EIP-4844, with the reserve price of EIP-7918. */
export function nextExcessBlobGas(parent: BlobBlock, rule: BlobRule): bigint {
  const target = BigInt(rule.targetBlobs) * GAS_PER_BLOB;
  const { excessBlobGas, blobGasUsed, baseFeePerGasWei } = parent;
  if (excessBlobGas + blobGasUsed < target) return 0n;
  const reserve = BLOB_BASE_COST_GAS * baseFeePerGasWei;
  if (rule.hasReservePrice && reserve > GAS_PER_BLOB * blobBaseFeeWei(excessBlobGas, rule)) {
    return excessBlobGas + (blobGasUsed * BigInt(rule.maxBlobs - rule.targetBlobs)) / BigInt(rule.maxBlobs);
  }
  return excessBlobGas + blobGasUsed - target;
}

/** The blob base fee of the next block in wei, exact. */
export function nextBlobBaseFeeWei(parent: BlobBlock, rule: BlobRule): bigint {
  return blobBaseFeeWei(nextExcessBlobGas(parent, rule), rule);
}

/** What the next blob base fee follows from. */
export interface BlobForecast {
  /** Exact, if the next block has the same schedule. */
  readonly nextBlobBaseFeeWei: bigint;
  /** Its name in `BLOB_RULES`. */
  readonly schedule: BlobSchedule;
}

export type BlobSchedule = keyof typeof BLOB_RULES;

const SCHEDULES = Object.keys(BLOB_RULES) as readonly BlobSchedule[];

/**
 * Finds the schedule that a chain's blob gas follows from its blocks in turn: the earliest one, not before that of the block before,
 * by which a block's excess follows from its parent.
 */
export class BlobRuleTracker {
  #place = 0;
  #isExplained = false;
  #latest: BlobBlock | null = null;

  observe(block: BlobBlock): void {
    const parent = this.#latest;
    this.#latest = block;
    if (parent === null) return;
    const place = SCHEDULES.findIndex(
      (schedule, index) =>
        index >= this.#place && nextExcessBlobGas(parent, BLOB_RULES[schedule]) === block.excessBlobGas,
    );
    this.#isExplained = place >= 0;
    if (place >= 0) this.#place = place;
  }

  /** Null where no known schedule says the excess of the latest block, or nothing was observed. */
  next(): BlobForecast | null {
    const schedule = SCHEDULES[this.#place];
    if (this.#latest === null || !this.#isExplained || schedule === undefined) return null;
    return { schedule, nextBlobBaseFeeWei: nextBlobBaseFeeWei(this.#latest, BLOB_RULES[schedule]) };
  }
}
