import type { BlockRecord, BlockResult, BlockSnapshot, PreExecution } from '../../types.js';
import { createCustomCrypto } from './crypto.js';
import { preExecute } from './pre-execute.js';
import { BlockRecorder } from './recorder.js';
import { runBlock } from './run-block.js';
import { createMachine } from './vm.js';

export { keccak256 } from './crypto.js';
export { checkHeader } from './header.js';
export { createRawDecoder, type DecodeRawTransaction } from './raw-transactions.js';

export interface RecordedBlock {
  readonly result: BlockResult;
  readonly record: BlockRecord;
}

/**
 * Executes blocks on @ethereumjs/vm, one after the other in their order: the oracle of everything that is faster.
 * Senders are taken from the snapshot. Rewards before Paris are not paid. Errors: EXECUTION_FAILED for a transaction
 * that its block cannot hold, INVALID_INPUT where the snapshot lacks an ancestor's hash.
 */
export interface ReferenceExecutor {
  execute(snapshot: BlockSnapshot): Promise<BlockResult>;
  /**
   * Also records what each transaction touched. `transactionNs` are its times, because recording slows execution down;
   * without them the block is executed once more to measure them.
   */
  record(snapshot: BlockSnapshot, transactionNs?: readonly number[]): Promise<RecordedBlock>;
  /**
   * Executes the transactions at `indices` each alone on the state before the block, for what a predictor may learn of them
   * ahead of the block: see `preExecute`. Null where one can't run. Throws RangeError for an index that the block lacks.
   */
  preExecute(snapshot: BlockSnapshot, indices: Iterable<number>): Promise<Map<number, PreExecution | null>>;
}

export function createReferenceExecutor(): ReferenceExecutor {
  const customCrypto = createCustomCrypto();
  const execute = async (snapshot: BlockSnapshot): Promise<BlockResult> =>
    runBlock(await createMachine(snapshot, customCrypto), snapshot);
  return {
    execute,
    record: async (snapshot, transactionNs) => {
      const measuredNs = transactionNs ?? (await execute(snapshot)).transactionNs;
      const machine = await createMachine(snapshot, customCrypto);
      const recorder = new BlockRecorder(machine, snapshot);
      const result = await runBlock(machine, snapshot, recorder);
      return { result, record: recorder.finish(measuredNs) };
    },
    preExecute: (snapshot, indices) => preExecute(snapshot, indices, customCrypto),
  };
}
