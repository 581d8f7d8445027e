import type { BlockHints, HintSource, PendingBlock } from '../../scheduler/predictor.js';
import type { BlockRecord, Transaction, TransactionRecord } from '../../types.js';
import { restoreEvidence, saveEvidence } from '../artifact/evidence-file.js';
import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { CostPredictor } from '../costs/cost-predictor.js';
import { at } from '../numbers.js';
import { ModelPredictor, type ModelPredictorOptions } from '../predictor.js';
import type { PreparedCall } from '../prepared-calls.js';
import { QUANTILE_LEVELS } from '../quantiles.js';
import { ACCOUNT, type Keccak256 } from '../tables/key-space.js';
import type { Model } from '../training/trainer.js';
import { untrainedModel } from '../untrained.js';
import { AccountRoles } from './account-roles.js';
import type { AccountUse } from './account-use.js';
import { FunctionChains, type ExecutedCall } from './function-chains.js';
import { HintPool, HintRow } from './hint-pool.js';

const MEDIAN = QUANTILE_LEVELS.indexOf(0.5);
/** What a transaction pays besides its work, roughly: as for the costs of a workload. */
const INTRINSIC_GAS = 15_000;

/** What hints are restored with besides what was saved. */
export interface RestoreOptions {
  /** Its networks and thresholds are used; its evidence is not. */
  readonly base?: Model | undefined;
  readonly options?: ModelPredictorOptions | undefined;
}

/**
 * Hints from a model. What costs time happens in `prepare`, when transactions arrive; `hint` copies arrays. Between the two
 * blocks may have been learned: what was prepared stays good enough for a plan.
 */
export class ModelHints implements HintSource {
  readonly #predictor: ModelPredictor;
  readonly #roles = new AccountRoles();
  readonly #chains = new FunctionChains();
  readonly #pool = new HintPool();
  /** Rows of the pool. */
  readonly #prepared = new WeakMap<Transaction, number>();
  /** Whether blocks with measured times were learned. */
  #hasTimes = false;

  constructor(predictor: ModelPredictor) {
    this.#predictor = predictor;
  }

  prepare({ recipientCodeHashes, transactions }: Pick<PendingBlock, 'recipientCodeHashes' | 'transactions'>): void {
    const { evidence } = this.#predictor.model;
    evidence.noteCodes({ recipientCodeHashes });
    this.#pool.makeRoom();
    const times = this.#hasTimes ? new CostPredictor(evidence.executionNs, []) : null;
    for (const transaction of transactions) {
      if (!this.#isPrepared(transaction)) this.#prepared.set(transaction, this.#prepare(transaction, times));
    }
  }

  hint({ transactions, feeRecipient, recipientCodeHashes }: PendingBlock): BlockHints {
    let rows = this.#rowsOf(transactions);
    if (rows === null) {
      this.prepare({ transactions, recipientCodeHashes });
      rows = this.#rowsOf(transactions) ?? new Uint32Array(0);
    }
    return this.#pool.hintsOf(rows, this.#feeKey(transactions, feeRecipient));
  }

  learn(record: BlockRecord): void {
    const { evidence } = this.#predictor.model;
    const calls: ExecutedCall[] = [];
    for (const outcome of record.transactions) {
      const { call, functionId, functionCalls, runsCode } = evidence.describeCall(outcome.transaction);
      this.#roles.learn(call, { functionId, outcome }, evidence.space.words);
      this.#noteTimes(outcome);
      this.#leave(outcome.transaction);
      if (runsCode && call.to >= 0) calls.push({ functionId, functionCalls, outcome });
    }
    this.#chains.learn(calls);
    this.#predictor.learn(record);
    if (this.#predictor.model.evidence !== evidence) this.#forgetNumbers();
  }

  /** Transactions that wait no more, without having been in a block: what was prepared of them is forgotten. */
  forget(transactions: Iterable<Transaction>): void {
    for (const transaction of transactions) this.#leave(transaction);
  }

  /** Of expected costs; gas until a block with measured times was learned. */
  get costUnit(): 'ns' | 'gas' {
    return this.#hasTimes ? 'ns' : 'gas';
  }

  get predictor(): ModelPredictor {
    return this.#predictor;
  }

  /** To be called now and then where many transactions are asked about that come to no block: bounds their memory. */
  tidy(): void {
    const { evidence } = this.#predictor.model;
    this.#predictor.tidy();
    if (this.#predictor.model.evidence !== evidence) this.#forgetNumbers();
  }

  /** All that blocks taught; transactions that were prepared are left out. */
  save(to: SectionWriter): void {
    to.int32('options', Int32Array.of(this.#hasTimes ? 1 : 0));
    saveEvidence(this.#predictor.model.evidence, to.within('evidence'));
    this.#roles.save(to.within('roles'));
    this.#chains.save(to.within('chains'));
  }

  /**
   * Hints that go on from what was saved, to the bit, by statistics alone, or by the networks of a model that is taken for
   * its base. Errors: as for `decodeEvidence`.
   */
  static restore(from: SectionReader, keccak256: Keccak256, { base, options }: RestoreOptions = {}): ModelHints {
    const evidence = restoreEvidence(from.within('evidence'), keccak256);
    const hints = new ModelHints(new ModelPredictor({ ...(base ?? untrainedModel(keccak256)), evidence }, options));
    hints.#hasTimes = from.indices('options', { count: 2, length: 1 })[0] === 1;
    const { space, functions } = evidence;
    hints.#roles.restore(from.within('roles'), { words: space.words.size, functions: functions.size });
    hints.#chains.restore(from.within('chains'));
    return hints;
  }

  /** From the first times on costs are times, and what was prepared before would not fit. */
  #noteTimes({ executionNs }: TransactionRecord): void {
    if (this.#hasTimes || executionNs === null) return;
    this.#hasTimes = true;
    this.#pool.startOver();
  }

  /** Compacted evidence numbers words, keys and functions anew. */
  #forgetNumbers(): void {
    this.#roles.clear();
    this.#pool.startOver();
  }

  #isPrepared(transaction: Transaction): boolean {
    const row = this.#prepared.get(transaction);
    return row !== undefined && this.#pool.holds(row);
  }

  /** Null where one of them was not prepared. */
  #rowsOf(transactions: readonly Transaction[]): Uint32Array | null {
    const rows = new Uint32Array(transactions.length);
    for (let index = 0; index < rows.length; index++) {
      const transaction = transactions[index];
      const row = transaction === undefined ? undefined : this.#prepared.get(transaction);
      if (row === undefined || !this.#pool.holds(row)) return null;
      rows[index] = row;
    }
    return rows;
  }

  #leave(transaction: Transaction): void {
    const row = this.#prepared.get(transaction);
    if (row === undefined) return;
    this.#pool.release(row);
    this.#prepared.delete(transaction);
  }

  /** All pay the fee recipient, which matters where it sends something itself. */
  #feeKey(transactions: readonly Transaction[], feeRecipient: Transaction['from']): number | null {
    if (!transactions.some(({ from }) => from === feeRecipient)) return null;
    const { space } = this.#predictor.model.evidence;
    return this.#pool.numberOf(evenKey(space.key(space.words.addAddress(feeRecipient), ACCOUNT)));
  }

  #prepare(transaction: Transaction, times: CostPredictor | null): number {
    const prepared = this.#predictor.prepared(transaction);
    const row = new HintRow();
    this.#addAccounts(prepared, row);
    this.#addChain(prepared, row);
    this.#addSlots(prepared, row);
    const cost =
      times === null ? at(prepared.gasUsed, MEDIAN) - INTRINSIC_GAS : at(times.predict(prepared.call), MEDIAN);
    return this.#pool.add(row, cost);
  }

  #addAccounts({ call: { call, functionId, runsCode } }: PreparedCall, row: HintRow): void {
    const { space } = this.#predictor.model.evidence;
    const visit = (account: number, use: AccountUse): void => row.add(evenKey(space.key(account, ACCOUNT)), use);
    this.#roles.describe(call, { functionId, runsCode }, visit);
  }

  /** A function of which little is known is a key by itself. */
  #addChain({ call: { call, functionId, functionCalls, runsCode } }: PreparedCall, row: HintRow): void {
    if (!runsCode || call.to < 0) return;
    row.add(oddKey(functionId), { read: 1, write: this.#chains.chance(functionCalls), add: 0 });
  }

  /** Whoever touches a slot of a contract probably looks at its account too. */
  #addSlots({ keys, touch, write }: PreparedCall, row: HintRow): void {
    const { space } = this.#predictor.model.evidence;
    const untouched = new Map<number, number>();
    for (let position = 0; position < keys.length; position++) {
      const key = keys[position] ?? 0;
      const read = touch[position] ?? 0;
      row.add(evenKey(key), { read, write: write[position] ?? 0, add: 0 });
      const account = space.keyAddressWord(key);
      if (this.#roles.changes(account)) untouched.set(account, (untouched.get(account) ?? 1) * (1 - read));
    }
    for (const [account, chance] of untouched) {
      row.add(evenKey(space.key(account, ACCOUNT)), { read: 1 - chance, write: 0, add: 0 });
    }
  }
}

/** Accounts and slots. */
function evenKey(key: number): number {
  return 2 * key;
}

/** Functions. */
function oddKey(functionId: number): number {
  return 2 * functionId + 1;
}
