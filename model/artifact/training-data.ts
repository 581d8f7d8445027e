import { createHash } from 'node:crypto';
import { LanecastError } from '../../errors.js';
import type { BlockRecord } from '../../types.js';
import type { ModelFacts } from './manifest.js';

type Identified = Pick<BlockRecord, 'chainId' | 'transactions'> & {
  readonly header: Pick<BlockRecord['header'], 'number' | 'hash'>;
};

/** Notes which blocks a model is trained on, in their order. */
export class TrainingData {
  readonly #hash = createHash('sha256');
  #createdFrom: ModelFacts['createdFrom'] | null = null;

  /** Throws INVALID_ARGUMENT where the block is of another chain than those before it. */
  add({ chainId, header: { number, hash }, transactions }: Identified): void {
    const before = this.#createdFrom ?? { blocks: 0, firstBlock: number, chainId, transactions: 0 };
    if (before.chainId !== chainId) {
      const message = `Model: block ${number} is of chain ${chainId}, those before it are of chain ${before.chainId}`;
      throw new LanecastError('INVALID_ARGUMENT', message);
    }
    this.#hash.update(`${chainId} ${number} ${hash}\n`);
    this.#createdFrom = {
      ...before,
      blocks: before.blocks + 1,
      lastBlock: number,
      transactions: before.transactions + transactions.length,
    };
  }

  /** Throws INVALID_ARGUMENT where no block was added. */
  get createdFrom(): ModelFacts['createdFrom'] {
    if (this.#createdFrom === null)
      throw new LanecastError('INVALID_ARGUMENT', 'Model: there are no blocks to train on');
    return this.#createdFrom;
  }

  /** SHA-256 over a line `CHAIN_ID NUMBER HASH` for each block. */
  get dataHash(): string {
    return this.#hash.copy().digest('hex');
  }
}
