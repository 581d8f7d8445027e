import { LanecastError } from '../errors.js';
import { checkHeader, type ReferenceExecutor } from '../executor/reference/index.js';
import type { BlockRecord, SourceBlock } from '../types.js';
import { isSound } from './replay/measure.js';

/**
 * What a block of a source did: a snapshot is executed, with times, and recorded. Throws VERIFICATION_FAILED for one that
 * does not match its header: it is no history.
 */
export async function recordOf(block: SourceBlock, executor: ReferenceExecutor): Promise<BlockRecord> {
  if (block.kind === 'record') return block;
  const { result, record } = await executor.record(block);
  if (isSound(checkHeader(block, result))) return record;
  const where = `${block.origin}, block ${block.header.number}`;
  throw new LanecastError('VERIFICATION_FAILED', `${where}: execution does not reproduce the header.`);
}

export async function* recordsOf(
  blocks: AsyncIterable<SourceBlock>,
  executor: ReferenceExecutor,
): AsyncGenerator<BlockRecord> {
  for await (const block of blocks) yield await recordOf(block, executor);
}
