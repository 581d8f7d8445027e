import type { Address, BlockRecord, Hex, Transaction, TransactionRecord } from '../types.js';
import type { PendingBlock } from '../scheduler/predictor.js';
import { AccessCandidates } from './accesses/candidates.js';
import { Explainer, type SlotUse } from './accesses/explain.js';
import { Evaluator } from './accesses/expression.js';
import { Expressions } from './accesses/expressions.js';
import { AccessLearner, type ToldCall } from './accesses/learn.js';
import { Popularity } from './accesses/popularity.js';
import { AccessStatistics } from './accesses/statistics.js';
import { FUNCTION, SubjectList } from './accesses/subjects.js';
import { Contracts } from './calls/contracts.js';
import { CallDecoder, NO_SELECTOR } from './calls/decode.js';
import type { DerivedCall } from './explain-misses.js';
import { learnImplementations } from './calls/implementations.js';
import type { BlockCall } from './conflicts/block-call.js';
import { CandidatePairs } from './conflicts/candidate-pairs.js';
import { ConflictTruth } from './conflicts/conflict-truth.js';
import { PairDescriber } from './conflicts/pair-features.js';
import { PairStatistics, type PairCase } from './conflicts/pair-statistics.js';
import { CostStatistics, type CostFeatures } from './costs/cost-statistics.js';
import { int32At } from './numbers.js';
import { pendingOf } from './pending.js';
import { ACCOUNT, KeySpace, type Keccak256 } from './tables/key-space.js';
import { PairTable } from './tables/pair-table.js';
import { SlotValues } from './tables/slot-values.js';

export interface EvidenceOptions {
  readonly keccak256: Keccak256;
  /** After so many blocks an observation weighs half. */
  readonly halfLifeBlocks: number;
  /** The last block that was learned, where more than options is about to be restored. */
  readonly block?: number;
}

/** What training sees of a block while it is learned; everything comes before the block changed any statistic. */
export interface LearningObserver {
  /** `features` is overwritten by the next call. */
  pair?(pair: PairCase, features: Uint8Array, conflicted: boolean): void;
  /** The candidate keys of a transaction and what it did; features in `candidates`, overwritten by the next call. */
  accesses?(index: number, candidates: AccessCandidates, uses: ReadonlyMap<number, boolean>): void;
  cost?(index: number, gasUsed: CostFeatures, executionNs: CostFeatures, record: TransactionRecord): void;
  /** What a call taught about accesses, as it was counted: the one thing seen after the change. */
  told?(told: ToldCall): void;
}

interface JudgedPair {
  readonly pair: PairCase;
  readonly conflicted: boolean;
}

/**
 * All that history taught, without networks: who touches what, which pairs conflicted, what calls cost. Predicting reads
 * it; only `learn` changes its statistics.
 */
export class Evidence {
  readonly options: EvidenceOptions;
  readonly space: KeySpace;
  readonly contracts: Contracts;
  readonly accesses = new AccessStatistics();
  /** The same for balances and nonces, fee recipients' own aside, without subjects that are about arguments. */
  readonly accounts = new AccessStatistics();
  readonly popularity = new Popularity();
  readonly pairs = new PairStatistics();
  readonly gasUsed = new CostStatistics();
  readonly executionNs = new CostStatistics();
  readonly expressions = new Expressions();
  readonly slotValues = new SlotValues();
  readonly functions = new PairTable();
  readonly codeFunctions = new PairTable();
  readonly describer = new PairDescriber(this.pairs);
  readonly #candidatePairs = new CandidatePairs();
  readonly #subjects = new SubjectList();
  readonly #candidates: AccessCandidates;
  readonly #accountCandidates: AccessCandidates;
  readonly #decoder: CallDecoder;
  readonly #explainer: Explainer;
  readonly #learner: AccessLearner;
  readonly #accountLearner: AccessLearner;
  readonly #agePerBlock: number;
  #block: number;
  #learned = 0;

  constructor(options: EvidenceOptions) {
    const { keccak256, halfLifeBlocks, block = 0 } = options;
    this.options = { keccak256, halfLifeBlocks };
    this.#block = block;
    this.space = new KeySpace(keccak256);
    this.contracts = new Contracts(this.space);
    this.#decoder = new CallDecoder(this.space, this.contracts);
    this.#explainer = new Explainer(this.space, keccak256);
    this.#agePerBlock = 2 ** (-1 / halfLifeBlocks);
    const evaluator = new Evaluator(this.space, this.expressions, (address, slot) =>
      this.slotValues.get(this.space.findKey(address, slot)),
    );
    const { space, contracts, expressions, accesses, popularity } = this;
    this.#candidates = new AccessCandidates({ space, evaluator, statistics: accesses, popularity });
    this.#accountCandidates = new AccessCandidates({ space, evaluator, statistics: this.accounts, popularity });
    const learning = { space, contracts, expressions, halfLifeBlocks };
    this.#learner = new AccessLearner({ ...learning, accesses, popularity });
    this.#accountLearner = new AccessLearner({ ...learning, accesses: this.accounts, popularity: null });
  }

  /** The last block that was learned; 0 before the first. */
  get block(): number {
    return this.#block;
  }

  /** Memory held, in bytes: an estimate that looks at every subject. What grows with a block alone is left out. */
  get byteLength(): number {
    const { space, contracts, accesses, accounts, popularity, pairs, gasUsed, executionNs } = this;
    const { expressions, slotValues, functions, codeFunctions } = this;
    const tables = [space, contracts, accesses, accounts, popularity, pairs, gasUsed, executionNs];
    return [...tables, expressions, slotValues, functions, codeFunctions].reduce((sum, { byteLength }) => {
      return sum + byteLength;
    }, 0);
  }

  /** Changes with everything that predictions are made of. */
  get version(): number {
    return this.#learned + this.contracts.version;
  }

  /** Decodes transactions when they arrive, so that `describe` need not, as long as no contract becomes known in between. */
  prepare(transactions: readonly Transaction[]): void {
    for (const transaction of transactions) this.#decoder.decode(transaction);
  }

  /** The transactions of a block with what is expected of them; `visit` sees the candidate keys of each. */
  describe(
    pending: PendingBlock,
    visit?: (index: number, candidates: AccessCandidates, call: BlockCall) => void,
  ): BlockCall[] {
    this.noteCodes(pending);
    return pending.transactions.map((transaction, index) => {
      const blockCall = this.describeCall(transaction);
      visit?.(index, this.#candidates, blockCall);
      return blockCall;
    });
  }

  /** Takes over which code recipients have. */
  noteCodes({ recipientCodeHashes }: Pick<PendingBlock, 'recipientCodeHashes'>): void {
    for (const [address, codeHash] of recipientCodeHashes) {
      this.contracts.noteCode(this.space.words.addAddress(address), this.space.words.addHex(codeHash));
    }
  }

  /** The candidate keys of the call that was described last. */
  get candidates(): AccessCandidates {
    return this.#candidates;
  }

  /** A transaction with what is expected of it; its candidate keys stand in `candidates`. */
  describeCall(transaction: Transaction): BlockCall {
    const call = this.#decoder.decode(transaction);
    const functionId = this.functions.add(call.to, call.selector);
    this.#subjects.list(call, functionId, this.contracts);
    this.#candidates.collect(call, this.#subjects);
    const { keys, readEvidence, writeEvidence } = this.#candidates;
    return {
      call,
      functionId,
      codeFunctionId: this.codeFunctions.add(this.contracts.runningCode(call.to), call.selector),
      functionCalls: this.accesses.find(FUNCTION, functionId, 0)?.calls ?? 0,
      runsCode: call.to < 0 || transaction.input !== '0x' || this.contracts.isContract(call.to),
      parties: call.parties,
      keys: keys.slice(),
      readEvidence: rounded(readEvidence),
      writeEvidence: rounded(writeEvidence),
    };
  }

  /** The accounts that calls may touch and change, one after the other; `visit` as for `describe`. */
  describeAccounts(calls: readonly BlockCall[], visit: (index: number, candidates: AccessCandidates) => void): void {
    for (const [index, { call, functionId }] of calls.entries()) {
      this.#subjects.listCall(call, functionId, this.contracts);
      this.#accountCandidates.collect(call, this.#subjects);
      visit(index, this.#accountCandidates);
    }
  }

  /**
   * Calls `visit` for each candidate pair, by later and then earlier transaction; its features are in `describer`. Without
   * `all` those are left out that hardly ever conflict.
   */
  forEachCandidate(
    calls: readonly BlockCall[],
    visit: (earlierIndex: number, laterIndex: number) => void,
    all = false,
  ): void {
    const pairs = this.#candidatePairs;
    pairs.start(calls.length);
    this.describer.start(calls, this.version);
    for (let index = 0; index < calls.length; index++) {
      const call = calls[index];
      if (call === undefined || !call.runsCode) continue;
      pairs.earlierOf(call, index);
      for (let position = 0; position < pairs.count; position++) {
        const earlier = int32At(pairs.earlier, position);
        if (this.describer.describe(pairs, earlier, index, all)) visit(earlier, index);
      }
      pairs.add(call, index);
    }
  }

  /** How the slots of an executed block were derived, by address and slot; learns nothing. */
  explain(pending: PendingBlock, { transactions }: BlockRecord): DerivedCall[] {
    return this.describe(pending).map(({ call }, index) => {
      const outcome = transactions[index];
      const uses = outcome === undefined ? [] : this.#usesOf(outcome);
      const texts = this.#explainer.explain(call, uses, outcome?.keccakPreimages ?? []);
      const names = uses.map(({ key }) => `${this.space.keyAddress(key)}${this.space.keySlot(key) ?? ''}`);
      return {
        recipient: call.transaction.to,
        isProxy: this.contracts.isProxy(call.to),
        addresses: new Set(Array.from(call.addresses, (word) => this.space.words.address(word))),
        slots: new Map(names.map((name, position) => [name, texts[position] ?? ''])),
      };
    });
  }

  /** `forEachCandidate` of all with what learning needs of a pair. */
  forEachPair(calls: readonly BlockCall[], visit: (pair: PairCase) => void): void {
    this.forEachCandidate(calls, (earlier, later) => visit(this.describer.pairCase(earlier, later)), true);
  }

  /** Learns an executed block; `observer` sees what would have been predicted beside what happened. */
  learn(record: BlockRecord, observer: LearningObserver = {}): void {
    this.#learned += 1;
    const uses = record.transactions.map((transaction) => this.#usesOf(transaction));
    const calls = this.describe(pendingOf(record), (index, candidates) => {
      observer.accesses?.(index, candidates, new Map(uses[index]?.map(({ key, written }) => [key, written])));
    });
    const cases = this.#judgePairs(calls, uses, observer);
    this.#ageTo(record.header.number);
    this.#learnPairs(calls, cases);
    this.#learnCosts(calls, record, observer);
    this.#learnAccesses(calls, { record, uses }, observer);
    this.#learned += 1;
  }

  #ageTo(block: number): void {
    const blocks = this.#block === 0 ? 0 : Math.max(0, block - this.#block);
    this.#block = Math.max(this.#block, block);
    if (blocks === 0) return;
    const factor = this.#agePerBlock ** blocks;
    this.pairs.age(factor);
    this.popularity.age(factor);
  }

  #usesOf({ accesses }: TransactionRecord): SlotUse[] {
    const uses = new Map<number, { key: number; written: boolean; valueBefore: Hex | null }>();
    for (const { address, slot, kind, value } of accesses) {
      if (slot === null) continue;
      const key = this.space.key(this.space.words.addAddress(address), this.space.words.addHex(slot));
      const use = uses.get(key) ?? { key, written: false, valueBefore: null };
      uses.set(key, use);
      if (kind === 'write') use.written = true;
      else if (value !== null) use.valueBefore = value;
    }
    return [...uses.values()];
  }

  #accountUsesOf({ accesses }: TransactionRecord, feeRecipient: Address): SlotUse[] {
    const written = new Map<number, boolean>();
    for (const { address, field, kind } of accesses) {
      if (field !== 'account' || address === feeRecipient) continue;
      const key = this.space.key(this.space.words.addAddress(address), ACCOUNT);
      written.set(key, written.get(key) === true || kind !== 'read');
    }
    return [...written].map(([key, isWritten]) => ({ key, written: isWritten, valueBefore: null }));
  }

  #judgePairs(
    calls: readonly BlockCall[],
    uses: readonly (readonly SlotUse[])[],
    observer: LearningObserver,
  ): JudgedPair[] {
    const truth = new ConflictTruth(uses);
    const cases: JudgedPair[] = [];
    this.forEachPair(calls, (pair) => {
      const conflicted = truth.conflicts(pair.earlierIndex, pair.laterIndex);
      observer.pair?.(pair, this.describer.values, conflicted);
      cases.push({ pair, conflicted });
    });
    return cases;
  }

  #learnPairs(calls: readonly BlockCall[], cases: readonly JudgedPair[]): void {
    this.pairs.countBlock(cases);
    for (const call of calls) if (call.runsCode) this.pairs.countParties(call);
  }

  #learnCosts(calls: readonly BlockCall[], { transactions }: BlockRecord, observer: LearningObserver): void {
    for (const [index, call] of calls.entries()) {
      const record = transactions[index];
      if (record === undefined) continue;
      observer.cost?.(index, this.gasUsed.describe(call), this.executionNs.describe(call), record);
    }
    for (const [index, call] of calls.entries()) {
      this.gasUsed.count(call, transactions[index]?.gasUsed ?? 0, this.#block);
      this.executionNs.count(call, transactions[index]?.executionNs ?? 0, this.#block);
    }
  }

  #learnAccesses(
    calls: readonly BlockCall[],
    { record, uses }: { readonly record: BlockRecord; readonly uses: readonly (readonly SlotUse[])[] },
    observer: LearningObserver,
  ): void {
    const codes = new Map(
      [...record.codeHashes].map(([address, codeHash]) => [
        this.space.words.addAddress(address),
        this.space.words.addHex(codeHash),
      ]),
    );
    for (const [index, { call, functionId }] of calls.entries()) {
      const outcome = record.transactions[index];
      const used = uses[index] ?? [];
      if (outcome === undefined || call.to < 0 || (used.length === 0 && call.selector === NO_SELECTOR)) continue;
      const slots = this.#explainer.explain(call, used, outcome.keccakPreimages);
      const learned = { call, functionId, block: record.header.number, codes };
      const told = this.#learner.learn(learned, used, slots);
      observer.told?.(told);
      const accounts = this.#accountUsesOf(outcome, record.header.feeRecipient);
      this.#accountLearner.learn(
        learned,
        accounts,
        accounts.map(() => 'b'),
      );
    }
    for (const [address, codeHash] of codes) this.contracts.learnCode(address, codeHash);
    for (const outcome of record.transactions) learnImplementations(this, record, outcome);
    for (const outcome of record.transactions) this.slotValues.learn(this.space, outcome);
  }
}

/** As 32-bit floats. */
function rounded(values: readonly number[]): number[] {
  return values.map(Math.fround);
}
