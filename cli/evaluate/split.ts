import { InputError, LanecastError } from '../../errors.js';
import type { SourceBlock } from '../../types.js';

export interface Split {
  /** Blocks up to this number are learned, later ones judged. */
  readonly trainUntil: number;
  /** False where something was learned before. */
  readonly needsHistory: boolean;
}

/**
 * Hands on the blocks of one chain, in ascending order, with some on either side of the split. Errors: INVALID_INPUT for
 * a block that goes backwards or is of another chain; INVALID_ARGUMENT, with the range found, where a side is empty.
 */
export async function* requireSplit(blocks: AsyncIterable<SourceBlock>, split: Split): AsyncGenerator<SourceBlock> {
  const { trainUntil, needsHistory } = split;
  let [first, last]: [SourceBlock | null, SourceBlock | null] = [null, null];
  for await (const block of blocks) {
    if (last !== null) requireNext(last, block);
    first ??= block;
    last = block;
    // Goes on to the end, without executing anything, to say what there is.
    if (!needsHistory || first.header.number <= trainUntil) yield block;
  }
  if (first === null || last === null) throw new LanecastError('SOURCE_NOT_FOUND', 'The source holds no blocks.');
  const range = `the source holds blocks ${first.header.number} to ${last.header.number}`;
  if (needsHistory && first.header.number > trainUntil) {
    throw new LanecastError('INVALID_ARGUMENT', `There is no block up to ${trainUntil} to learn: ${range}.`);
  }
  if (last.header.number <= trainUntil) {
    throw new LanecastError('INVALID_ARGUMENT', `There is no block after ${trainUntil} to judge: ${range}.`);
  }
}

/** A model is of one chain, and blocks come in its order. */
export function requireNext(last: SourceBlock, { origin, chainId, header }: SourceBlock): void {
  const location = { origin, blockNumber: header.number };
  if (chainId !== last.chainId) {
    const problem = `expected chain ${last.chainId}, as before, found chain ${chainId}; a store's chain is named store:CHAIN_ID`;
    throw new InputError({ ...location, field: 'chainId' }, problem);
  }
  if (header.number > last.header.number) return;
  const problem = `expected a block above ${last.header.number}, which came before it`;
  throw new InputError({ ...location, field: 'block.number' }, problem);
}
