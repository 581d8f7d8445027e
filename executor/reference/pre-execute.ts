import type { Common } from '@ethereumjs/common';
import { createAccount, createAddressFromString, type Account } from '@ethereumjs/util';
import { LanecastError } from '../../errors.js';
import type { BlockSnapshot, PreExecution, Transaction } from '../../types.js';
import { BlockRecorder } from './recorder.js';
import { runFirst } from './run-block.js';
import { runBeforeTransactions } from './system-calls.js';
import { createMachine, type Machine } from './vm.js';

const GAS_PER_BLOB = 131_072n;

/**
 * Executes chosen transactions each alone on the state before the block, after what the block's system calls do before its
 * first transaction. None sees what another did, so neither their order nor their number matters.
 *
 * Two things are altered for the time of a transaction: its sender has the nonce that it states, and where the sender could
 * not pay, just as much as it may cost at most. What other accounts hold, nonces of EIP-7702 authorities and the sender's
 * code are left alone. Of the header only what is known before execution is used. What the snapshot does not hold is absent.
 *
 * Null stands for a transaction that can't run: one that its block could not hold even alone, or that asks for the hash of
 * an ancestor that the snapshot lacks. Throws RangeError for an index that the block lacks.
 */
export async function preExecute(
  snapshot: BlockSnapshot,
  indices: Iterable<number>,
  customCrypto: Common['customCrypto'],
): Promise<Map<number, PreExecution | null>> {
  const alone = new LoneExecutor(withoutOutcome(snapshot), customCrypto);
  const found = new Map<number, PreExecution | null>();
  for (const index of indices) {
    const transaction = snapshot.transactions[index];
    if (transaction === undefined)
      throw new RangeError(`no transaction ${index} among ${snapshot.transactions.length}`);
    if (!found.has(index)) found.set(index, await alone.run(transaction));
  }
  return found;
}

interface Recording {
  readonly machine: Machine;
  readonly recorder: BlockRecorder;
}

class LoneExecutor {
  readonly #snapshot: BlockSnapshot;
  readonly #customCrypto: Common['customCrypto'];
  /** Null before the first transaction, and after one that left the machine half-way. */
  #recording: Recording | null = null;

  constructor(snapshot: BlockSnapshot, customCrypto: Common['customCrypto']) {
    this.#snapshot = snapshot;
    this.#customCrypto = customCrypto;
  }

  async run(transaction: Transaction): Promise<PreExecution | null> {
    const recording = (this.#recording ??= await this.#start());
    try {
      return await this.#execute(recording, transaction);
    } catch (error) {
      if (!(error instanceof LanecastError)) throw error;
      this.#recording = null;
      return null;
    }
  }

  async #start(): Promise<Recording> {
    const machine = await createMachine(this.#snapshot, this.#customCrypto);
    const recorder = new BlockRecorder(machine, this.#snapshot);
    await runBeforeTransactions(machine, this.#snapshot);
    return { machine, recorder };
  }

  async #execute({ machine, recorder }: Recording, transaction: Transaction): Promise<PreExecution> {
    const { state } = machine;
    const sender = createAddressFromString(transaction.from);
    const startMs = performance.now();
    const before = await state.getAccount(sender);
    await state.putAccount(sender, senderOf(transaction, await state.getAccount(sender)));
    state.beginTransaction();
    await state.checkpoint();
    recorder.begin(transaction);
    const receipt = await runFirst(machine, this.#snapshot, transaction);
    const { accesses, gasUsed } = recorder.end(transaction, receipt);
    await state.revert();
    await state.putAccount(sender, before);
    const executionNs = (performance.now() - startMs) * 1e6;
    return { accesses, gasUsed, succeeded: receipt.succeeded, executionNs };
  }
}

/** `account`, a copy, as the transaction needs it. */
function senderOf(transaction: Transaction, account: Account = createAccount({})): Account {
  const dearestWei = dearestCostWei(transaction);
  account.nonce = BigInt(transaction.nonce);
  if (account.balance < dearestWei) account.balance = dearestWei;
  return account;
}

/** What a sender must have for its transaction to be valid. */
function dearestCostWei({ gasLimit, valueWei, blobVersionedHashes, ...fees }: Transaction): bigint {
  const gasWei = BigInt(gasLimit) * (fees.maxFeePerGasWei ?? fees.gasPriceWei ?? 0n);
  const blobsWei = BigInt(blobVersionedHashes.length) * GAS_PER_BLOB * (fees.maxFeePerBlobGasWei ?? 0n);
  return gasWei + blobsWei + valueWei;
}

function withoutOutcome(snapshot: BlockSnapshot): BlockSnapshot {
  const header = { ...snapshot.header, gasUsed: 0, receiptsRoot: null, logsBloom: null };
  return { ...snapshot, header };
}
