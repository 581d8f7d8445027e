import { compactEvidence } from './compact.js';
import type { Evidence } from './evidence.js';
import type { EvidenceBudget } from './select-evidence.js';

/** 1 GiB. */
const DEFAULT_MAX_BYTES = 2 ** 30;
/** The estimate looks at every subject, so it is not made after each block. */
const DEFAULT_EVERY_BLOCKS = 64;

export interface EvidenceBoundOptions {
  readonly maxBytes?: number | undefined;
  readonly everyBlocks?: number | undefined;
}

/** Keeps the memory of evidence that goes on learning within a bound. Deterministic. */
export class EvidenceBound {
  readonly #maxBytes: number;
  readonly #everyBlocks: number;
  #blocks = 0;

  /** Throws RangeError where a bound is not positive. */
  constructor({ maxBytes = DEFAULT_MAX_BYTES, everyBlocks = DEFAULT_EVERY_BLOCKS }: EvidenceBoundOptions = {}) {
    if (!(maxBytes > 0)) throw new RangeError(`a bound of ${maxBytes} bytes, expected more than 0`);
    if (!(everyBlocks > 0)) throw new RangeError(`a check every ${everyBlocks} blocks, expected more than 0`);
    this.#maxBytes = maxBytes;
    this.#everyBlocks = everyBlocks;
  }

  /** To be called after each block that was learned: the same evidence, or at most half of it where it is too large. */
  apply(evidence: Evidence): Evidence {
    this.#blocks += 1;
    if (this.#blocks < this.#everyBlocks) return evidence;
    return this.applyNow(evidence);
  }

  /** The same at once, for what grows otherwise than by blocks. */
  applyNow(evidence: Evidence): Evidence {
    this.#blocks = 0;
    return evidence.byteLength <= this.#maxBytes ? evidence : shrinkEvidence(evidence, this.#maxBytes);
  }
}

/** An empty evidence holds more than nothing: what is beyond this share of what was kept is not worth a bound. */
const LEAST_SHARE = 2 ** -20;

/**
 * The heaviest half of each part of the evidence, or as often the half of that as it takes to hold at most `maxBytes`; what is
 * held whatever is known, some MiB, is the least.
 */
export function shrinkEvidence(evidence: Evidence, maxBytes: number): Evidence {
  let shrunk = evidence;
  for (let share = 0.5; share > LEAST_SHARE; share /= 2) {
    shrunk = compactEvidence(evidence, shareOf(evidence, share));
    if (shrunk.byteLength <= maxBytes) break;
  }
  return shrunk;
}

function shareOf(evidence: Evidence, share: number): EvidenceBudget {
  const { accesses, accounts, pairs, gasUsed, executionNs, popularity, contracts, slotValues } = evidence;
  const of = (...sizes: readonly number[]): number => Math.floor(share * Math.max(...sizes));
  return {
    subjects: of(accesses.size, accounts.size),
    pairRows: of(...pairs.tables.map((table) => table.pairs.size)),
    costSubjects: of(gasUsed.size, executionNs.size),
    popular: of(popularity.keys.counted().length, popularity.addresses.counted().length),
    contracts: of(contracts.size),
    slotValues: of(slotValues.size),
  };
}
