import { bytesToHex } from '@ethereumjs/util';
import type { TransactionType } from '@ethereumjs/tx';
import { runTx, type RunTxResult, type TxReceipt } from '@ethereumjs/vm';
import type { Log as EthereumLog } from '@ethereumjs/evm';
import { LanecastError } from '../../errors.js';
import type { BlockResult, BlockSnapshot, Hex, Log, Receipt, Transaction } from '../../types.js';
import { joinBlooms, receiptsRootOf } from './receipts.js';
import { runAfterTransactions, runBeforeTransactions } from './system-calls.js';
import { toTypedTransaction } from './transactions.js';
import type { Machine } from './vm.js';

/** Told of each transaction before and after it runs. */
export interface TransactionObserver {
  begin(transaction: Transaction): void;
  end(transaction: Transaction, receipt: Receipt): void;
}

/**
 * Executes a block in its order. Throws EXECUTION_FAILED for a transaction that its block cannot hold: wrong nonce, too
 * little balance or gas.
 */
export async function runBlock(
  machine: Machine,
  snapshot: BlockSnapshot,
  observer?: TransactionObserver,
): Promise<BlockResult> {
  const run = new BlockRun(machine, snapshot);
  await runBeforeTransactions(machine, snapshot);
  for (const transaction of snapshot.transactions) {
    machine.state.beginTransaction();
    observer?.begin(transaction);
    const receipt = await run.execute(transaction);
    observer?.end(transaction, receipt);
  }
  await runAfterTransactions(machine, snapshot);
  return run.finish();
}

/** Executes one transaction as if it were the first of its block. Throws EXECUTION_FAILED as `runBlock` does. */
export function runFirst(machine: Machine, snapshot: BlockSnapshot, transaction: Transaction): Promise<Receipt> {
  return new BlockRun(machine, snapshot).execute(transaction);
}

class BlockRun {
  readonly #machine: Machine;
  readonly #snapshot: BlockSnapshot;
  readonly #receipts: Receipt[] = [];
  readonly #encodable: TxReceipt[] = [];
  readonly #transactionNs: number[] = [];
  #gasUsed = 0;

  constructor(machine: Machine, snapshot: BlockSnapshot) {
    this.#machine = machine;
    this.#snapshot = snapshot;
  }

  async execute(transaction: Transaction): Promise<Receipt> {
    const { vm, block, common } = this.#machine;
    if (transaction.gasLimit + this.#gasUsed > this.#snapshot.header.gasLimit) {
      throw this.#refusal(transaction, `gas limit ${transaction.gasLimit} exceeds what is left of the block's`);
    }
    const result = await this.#attempt(transaction, async () => {
      const tx = toTypedTransaction(transaction, common);
      const startMs = performance.now();
      const outcome = await runTx(vm, { tx, block, blockGasUsed: BigInt(this.#gasUsed), skipHardForkValidation: true });
      this.#transactionNs.push((performance.now() - startMs) * 1e6);
      return outcome;
    });
    return this.#keep(transaction, result);
  }

  async finish(): Promise<BlockResult> {
    const types = this.#snapshot.transactions.map(({ type }) => type as TransactionType);
    return {
      receipts: this.#receipts,
      gasUsed: this.#gasUsed,
      receiptsRoot: await receiptsRootOf(this.#encodable, types),
      logsBloom: joinBlooms(this.#encodable),
      transactionNs: this.#transactionNs,
      postState: this.#machine.state.postState(),
    };
  }

  #keep(transaction: Transaction, { totalGasSpent, receipt, execResult }: RunTxResult): Receipt {
    const gasUsed = Number(totalGasSpent);
    this.#gasUsed += gasUsed;
    this.#encodable.push(receipt);
    const kept: Receipt = {
      type: transaction.type,
      succeeded: execResult.exceptionError === undefined,
      gasUsed,
      cumulativeGasUsed: this.#gasUsed,
      logs: (execResult.logs ?? []).map(toLog),
    };
    this.#receipts.push(kept);
    return kept;
  }

  async #attempt(transaction: Transaction, run: () => Promise<RunTxResult>): Promise<RunTxResult> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof LanecastError || !(error instanceof Error)) throw error;
      // ethereumjs appends its own picture of block and transaction in parentheses.
      throw this.#refusal(transaction, error.message.replace(/ \(vm hf=.*$/s, ''), { cause: error });
    }
  }

  #refusal(transaction: Transaction, problem: string, options?: ErrorOptions): LanecastError {
    const where = `${this.#snapshot.origin}, block ${this.#snapshot.header.number}, transaction ${transaction.index}`;
    return new LanecastError('EXECUTION_FAILED', `${where}: ${problem}`, options);
  }
}

function toLog([address, topics, data]: EthereumLog): Log {
  return {
    address: bytesToHex(address),
    topics: topics.map((topic): Hex => bytesToHex(topic)),
    data: bytesToHex(data),
  };
}
