import { LanecastError } from '../../errors.js';
import { describeError } from './describe-error.js';
import type { EngineInstance } from './instance.js';

/** Does something outside of transactions; throws UNSUPPORTED where the engine's tables had no room for it. */
export function withinTables<Result>({ exports }: EngineInstance, work: () => Result): Result {
  exports.clearFailure();
  const result = work();
  const error = exports.failure();
  if (error === 0) return result;
  throw new LanecastError('UNSUPPORTED', `The block is too large for the WASM engine: ${describeError(error)}.`);
}
