import { hexToBytes } from '@ethereumjs/util';
import { LanecastError } from '../../errors.js';
import type { PredictedKey } from '../../scheduler/predictor.js';
import type { BlockResult, BlockSnapshot, Hash, Hex } from '../../types.js';
import {
  BEACON_ROOTS,
  BLOCK_HASHES,
  CONSOLIDATION_REQUESTS,
  GWEI_IN_WEI,
  WITHDRAWAL_REQUESTS,
} from '../reference/system-calls.js';
import { withinTables } from './capacity.js';
import { describeError, isCapacityError } from './describe-error.js';
import { heapBytes, type Engine } from './engine.js';
import { KeyFinder } from './find-keys.js';
import { fingerprintOf } from './fingerprint.js';
import * as layout from './layout.js';
import { readBloom, readPostState, readReceipts } from './read-result.js';
import { computeReceiptsRoot } from './receipts-root.js';
import { isAtLeast, rulesOf } from './rules.js';
import {
  computeBlooms,
  refuseWorkers,
  runInOrder,
  runParallel,
  type Placed,
  type RunOptions,
  type RunOutcome,
} from './run.js';
import { writeEnvironment, writeTransactions } from './write-block.js';

/** A run of a block: what it took and what it cost. */
export interface EngineRun extends RunOutcome {
  readonly workers: number;
  /** From decoded transactions with known senders to receipts, blooms and the differences of the state, in memory. */
  readonly wallNs: number;
  /** Of the block heap, with the block's own data. */
  readonly heapBytes: number;
}

/** What it cost to bring a block into the engine. */
export interface LoadTimes {
  readonly stateNs: number;
  readonly transactionsNs: number;
}

/** A result without the receipts root and the times. */
export type BlockOutcome = Omit<BlockResult, 'receiptsRoot' | 'transactionNs'>;

/** Words and bytes of a call that the block makes itself, or of a credit: written before any run. */
interface SystemStep {
  readonly kind: 'call' | 'credit';
  readonly address: number;
  /** Of a call its input, of a credit the amount. */
  readonly operand: number;
  readonly length: number;
}

/** A block in the engine's memory, until another is loaded. It can run any number of times, each from its pre-state. */
export class LoadedBlock {
  readonly loadTimes: LoadTimes;
  readonly #engine: Engine;
  readonly #snapshot: BlockSnapshot;
  readonly #placed: Placed;
  readonly #before: readonly SystemStep[];
  readonly #after: readonly SystemStep[];
  readonly #keyFinder: KeyFinder;

  /** Throws UNSUPPORTED for forks before Berlin, and where the engine's tables are too small. */
  constructor(engine: Engine, snapshot: BlockSnapshot) {
    const { origin, fork, header, transactions } = snapshot;
    if (rulesOf(fork) < 0) {
      const where = `${origin}, block ${header.number}`;
      throw new LanecastError('UNSUPPORTED', `${where}: the WASM engine starts with Berlin, the block is of ${fork}.`);
    }
    const { instance, states } = engine;
    this.#engine = engine;
    this.#snapshot = snapshot;
    const startMs = performance.now();
    states.reset();
    states.load(snapshot);
    const stateMs = performance.now();
    writeEnvironment(instance, snapshot);
    const start = writeTransactions(instance, transactions);
    const receipts = instance.allocateLines(layout.RECEIPT_BYTES * (transactions.length + 1));
    this.#placed = { transactions: start, receipts, count: transactions.length };
    this.#before = this.#stepsBefore();
    this.#after = this.#stepsAfter();
    this.#keyFinder = new KeyFinder(instance);
    instance.exports.markHeap();
    this.loadTimes = { stateNs: (stateMs - startMs) * 1e6, transactionsNs: (performance.now() - stateMs) * 1e6 };
  }

  /** Throws EXECUTION_FAILED for a transaction that the block cannot hold, UNSUPPORTED where the engine lacks room. */
  async run(options: RunOptions): Promise<EngineRun> {
    const { workers, plan, tracked = false } = options;
    refuseWorkers(workers, this.#engine.workers);
    if (workers > 1) await this.#engine.pool.listen();
    this.#engine.instance.exports.rewindBlock();
    const startMs = performance.now();
    this.#perform(this.#before);
    const outcome =
      workers === 1 && plan === undefined && !tracked
        ? runInOrder(this.#engine, this.#placed)
        : await runParallel(this.#engine, this.#placed, options);
    if (outcome.refused !== null) throw this.#refusal(outcome.refused);
    this.#perform(this.#after);
    const wallNs = (performance.now() - startMs) * 1e6;
    return { ...outcome, workers, wallNs, heapBytes: heapBytes(this.#engine) };
  }

  /** The engine's numbers of keys, for plans that name writes; 0 for those that neither the state nor a block before has shown. */
  keysOf(keys: readonly PredictedKey[]): Uint32Array {
    return this.#keyFinder.find(keys);
  }

  /** Runs the block on this thread, one transaction after the other: the time of each. */
  timeTransactions(): readonly number[] {
    const { instance } = this.#engine;
    instance.exports.rewindBlock();
    this.#perform(this.#before);
    const { transactions, receipts, count } = this.#placed;
    const timesNs = Array.from({ length: count }, (_, index) => {
      const transaction = transactions + layout.TRANSACTION_BYTES * index;
      const startMs = performance.now();
      const done = instance.exports.runSequential(transaction, 1, receipts + layout.RECEIPT_BYTES * index);
      const elapsedNs = (performance.now() - startMs) * 1e6;
      if (done !== 1) throw this.#refusal(index);
      return elapsedNs;
    });
    computeBlooms(instance, this.#placed);
    this.#perform(this.#after);
    return timesNs;
  }

  /** What the last run came to, in full. `transactionNs` are the times to put beside it. Errors: those of `receiptsRoot`. */
  describe(transactionNs: readonly number[]): BlockResult {
    return { ...this.read(), receiptsRoot: this.receiptsRoot(), transactionNs };
  }

  /** Receipts, logs, bloom and post-state of the last run, as JavaScript objects. */
  read(): BlockOutcome {
    const { instance } = this.#engine;
    return {
      ...readReceipts(instance, this.#placed, this.#snapshot),
      logsBloom: readBloom(instance),
      postState: readPostState(instance, this.#snapshot),
    };
  }

  /** Of the last run. Throws UNSUPPORTED where the engine's memory has no room to encode the longest receipt in. */
  receiptsRoot(): Hash {
    return computeReceiptsRoot(this.#engine.instance, this.#placed);
  }

  /**
   * A digest of the last run. Where those of two runs of this loaded block are equal, so are the outcomes, to the byte: receipts, logs,
   * blooms, state. Those of a block that was loaded again can't be compared.
   */
  fingerprint(): string {
    return fingerprintOf(this.#engine.instance, this.#placed);
  }

  // -------------------------------------------------------------------------------------------------------- system steps

  #stepsBefore(): SystemStep[] {
    const { fork, header } = this.#snapshot;
    const steps: SystemStep[] = [];
    if (isAtLeast(fork, 'cancun') && header.parentBeaconBlockRoot !== null) {
      steps.push(this.#call(BEACON_ROOTS, hexToBytes(header.parentBeaconBlockRoot)));
    }
    if (isAtLeast(fork, 'prague')) steps.push(this.#call(BLOCK_HASHES, hexToBytes(header.parentHash)));
    return steps;
  }

  #stepsAfter(): SystemStep[] {
    const { fork, withdrawals } = this.#snapshot;
    const { instance } = this.#engine;
    const steps = withdrawals.map(({ address, amountGwei }): SystemStep => {
      const operand = instance.putWord(amountGwei * GWEI_IN_WEI);
      return { kind: 'credit', address: instance.putWord(BigInt(address)), operand, length: 0 };
    });
    if (!isAtLeast(fork, 'prague')) return steps;
    const nothing = new Uint8Array();
    return [...steps, this.#call(WITHDRAWAL_REQUESTS, nothing), this.#call(CONSOLIDATION_REQUESTS, nothing)];
  }

  #call(address: Hex, input: Uint8Array): SystemStep {
    const { instance } = this.#engine;
    const operand = instance.put(input);
    return { kind: 'call', address: instance.putWord(BigInt(address)), operand, length: input.length };
  }

  #perform(steps: readonly SystemStep[]): void {
    const { instance } = this.#engine;
    for (const { kind, address, operand, length } of steps) {
      withinTables(instance, () => {
        if (kind === 'call') instance.exports.runSystemCall(address, operand, length);
        else instance.exports.creditAccount(address, operand);
      });
    }
  }

  #refusal(index: number): LanecastError {
    const { origin, header } = this.#snapshot;
    const error = this.#engine.instance.u32(this.#placed.receipts + layout.RECEIPT_BYTES * index + layout.P_ERROR);
    const where = `${origin}, block ${header.number}, transaction ${index}`;
    const problem = describeError(error);
    return isCapacityError(error)
      ? new LanecastError('UNSUPPORTED', `${where}: too much for the WASM engine: ${problem}.`)
      : new LanecastError('EXECUTION_FAILED', `${where}: the block cannot hold this transaction: ${problem}.`);
  }
}
