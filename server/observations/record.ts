import { InputError, LanecastError } from '../../errors.js';
import { checkHeader, type DecodeRawTransaction, type ReferenceExecutor } from '../../executor/reference/index.js';
import type { BlockRecord } from '../../types.js';
import type { RecorderInput } from '../ports.js';
import { Problem } from '../problem.js';
import { readObservation } from './read-observation.js';

export interface RecorderTools {
  readonly executor: ReferenceExecutor;
  readonly decodeRaw: DecodeRawTransaction;
}

/**
 * The record of an executed block, in whatever form it came. Throws Problem: `malformed_json`, `invalid_request`, or
 * `block_not_reproduced` for a snapshot whose execution does not match its header.
 */
export async function recordObservation(
  from: RecorderInput,
  { executor, decodeRaw }: RecorderTools,
): Promise<BlockRecord> {
  const block = 'body' in from ? readObservation(from.body, decodeRaw) : from.block;
  if (block.kind === 'record') return block;
  try {
    const { result, record } = await executor.record(block);
    if (Object.values(checkHeader(block, result)).every((check) => check !== false)) return record;
  } catch (error) {
    if (error instanceof InputError) throw new Problem('invalid_request', error.message);
    if (!(error instanceof LanecastError)) throw error;
    throw new Problem('block_not_reproduced', `block ${block.header.number} can't be executed: ${error.message}`);
  }
  throw new Problem('block_not_reproduced', `block ${block.header.number}: execution does not reproduce its header`);
}
