import { InputError, LanecastError } from '../../errors.js';
import type { BlockRecord } from '../../types.js';
import { pendingOf } from '../pending.js';
import type { BlockClassification } from './classification.js';
import type { Contender } from './contender.js';
import type { BlockScores, EvaluateDocument, Judged, KindScores, PerTransaction } from './document.js';
import { Judge, type JudgedBlock } from './judge.js';
import { kindOf, TRANSACTION_KINDS, type TransactionKind } from './kinds.js';
import { truthOf } from './truth.js';

/** The name of the contender that the baselines are compared with. */
export const MODEL = 'model';

export interface EvaluateOptions {
  /** Blocks up to this number are learned, later ones judged. */
  readonly trainUntil: number;
  /** Whether a judged block is learned after it was judged; else everything stays as at the split. */
  readonly online: boolean;
  /** By name. `model` is the one whose errors are analysed; the others are baselines. */
  readonly contenders: ReadonlyMap<string, Contender>;
  readonly progress?: ((record: BlockRecord, step: 'learned' | 'judged') => void) | undefined;
}

/**
 * Judges contenders on recorded blocks in the order of the chain. They see of a block only what is known before its
 * execution until all of it is scored.
 *
 * Throws InputError where the number of a chain's block is not above the one before, LanecastError INVALID_ARGUMENT
 * where no block is left to be judged, RangeError where a prediction breaks its contract.
 */
export async function evaluate(
  blocks: AsyncIterable<BlockRecord>,
  options: EvaluateOptions,
): Promise<EvaluateDocument> {
  const evaluation = new Evaluation(options);
  for await (const record of blocks) await evaluation.take(record);
  return evaluation.document();
}

class Evaluation {
  readonly #options: EvaluateOptions;
  readonly #judges: ReadonlyMap<string, Judge>;
  readonly #latestNumber = new Map<number, number>();
  readonly #perBlock: BlockScores[] = [];
  readonly #kindCounts = new Map<TransactionKind, { transactions: number; conflictPairs: number }>();
  #trainingBlocks = 0;
  #conflictPairsWithAccounts = 0;

  constructor(options: EvaluateOptions) {
    this.#options = options;
    this.#judges = new Map(
      [...options.contenders].map(([name, contender]) => [name, new Judge(contender, name === MODEL)]),
    );
  }

  async take(record: BlockRecord): Promise<void> {
    this.#requireAscending(record);
    const isTraining = record.header.number <= this.#options.trainUntil;
    if (isTraining) this.#trainingBlocks += 1;
    else {
      if (this.#perBlock.length === 0) for (const judge of this.#judges.values()) await judge.prepare();
      this.#judge(record);
    }
    if (isTraining || this.#options.online) for (const judge of this.#judges.values()) judge.learn(record);
    this.#options.progress?.(record, isTraining ? 'learned' : 'judged');
  }

  document(): EvaluateDocument {
    if (this.#perBlock.length === 0) {
      throw new LanecastError('INVALID_ARGUMENT', `no block above ${this.#options.trainUntil}, expected some to judge`);
    }
    const model = this.#judges.get(MODEL);
    const times = this.#collect((judge) => judge.executionNs?.scores());
    return {
      schema: 'lanecast.evaluate/1',
      trainUntil: this.#options.trainUntil,
      online: this.#options.online,
      trainingBlocks: this.#trainingBlocks,
      blocks: this.#perBlock.length,
      transactions: this.#sum(({ transactions }) => transactions),
      conflictPairs: this.#sum(({ conflictPairs }) => conflictPairs),
      conflictPairsWithAccounts: this.#conflictPairsWithAccounts,
      dependentTransactions: this.#sum(({ dependentTransactions }) => dependentTransactions),
      conflicts: this.#collect((judge) => judge.conflicts?.scores()),
      conflictsWithAccounts: this.#collect((judge) => judge.conflictsWithAccounts?.scores()),
      accesses: this.#collect((judge) => judge.accesses?.scores()),
      writes: this.#collect((judge) => judge.writes?.scores()),
      gas: this.#collect((judge) => judge.gas?.scores()),
      executionNs: times.model === null && Object.keys(times.baselines).length === 0 ? null : times,
      perTransaction: this.#perTransaction(),
      perBlock: this.#perBlock,
      perKind: this.#perKind(),
      reliability: model?.conflicts?.reliability() ?? null,
      errors: model?.errors() ?? null,
    };
  }

  #judge(record: BlockRecord): void {
    const pending = pendingOf(record);
    const kinds = pending.transactions.map(kindOf);
    const block: JudgedBlock = { record, pending, truth: truthOf(record), kinds };
    const scores = new Map<string, BlockClassification | null>();
    for (const [name, judge] of this.#judges) scores.set(name, judge.judge(block));
    this.#note(block, judged([...scores]));
  }

  #note({ record, truth, kinds }: JudgedBlock, conflicts: Judged<BlockClassification>): void {
    const { offsets, earlier } = truth.conflicts;
    for (const [index, kind] of kinds.entries()) {
      const counts = this.#kindCounts.get(kind) ?? { transactions: 0, conflictPairs: 0 };
      counts.transactions += 1;
      counts.conflictPairs += (offsets[index + 1] ?? 0) - (offsets[index] ?? 0);
      this.#kindCounts.set(kind, counts);
    }
    this.#conflictPairsWithAccounts += truth.conflictsWithAccounts.earlier.length;
    this.#perBlock.push({
      chainId: record.chainId,
      number: record.header.number,
      transactions: truth.transactions,
      conflictPairs: earlier.length,
      dependentTransactions: truth.latestBlocker.filter((blocker) => blocker >= 0).length,
      conflicts,
    });
  }

  #perTransaction(): PerTransaction {
    const { model, baselines } = this.#collect((judge) => judge.transactionScores());
    return {
      dependent: model?.dependent ?? null,
      latestBlockerAccuracy: model?.latestBlockerAccuracy ?? null,
      baselines,
    };
  }

  #perKind(): Record<string, KindScores> {
    const kinds = TRANSACTION_KINDS.flatMap((kind) => {
      const counts = this.#kindCounts.get(kind);
      if (counts === undefined) return [];
      const conflicts = this.#collect((judge) => judge.conflictsByKind.get(kind)?.scores());
      const gas = this.#collect((judge) => judge.gasByKind.get(kind)?.scores());
      return [[kind, { ...counts, conflicts, gas }] as const];
    });
    return Object.fromEntries(kinds);
  }

  #collect<Scores>(read: (judge: Judge) => Scores | null | undefined): Judged<Scores> {
    return judged([...this.#judges].map(([name, judge]) => [name, read(judge)]));
  }

  #sum(read: (block: BlockScores) => number): number {
    return this.#perBlock.reduce((sum, block) => sum + read(block), 0);
  }

  #requireAscending({ origin, chainId, header }: BlockRecord): void {
    const latest = this.#latestNumber.get(chainId);
    if (latest !== undefined && header.number <= latest) {
      const location = { origin, blockNumber: header.number, field: 'block.number' };
      throw new InputError(location, `expected a block above ${latest}, which came before it on chain ${chainId}`);
    }
    this.#latestNumber.set(chainId, header.number);
  }
}

function judged<Scores>(all: readonly (readonly [name: string, scores: Scores | null | undefined])[]): Judged<Scores> {
  let model: Scores | null = null;
  const baselines: Record<string, Scores> = {};
  for (const [name, scores] of all) {
    if (name === MODEL) model = scores ?? null;
    else if (scores !== null && scores !== undefined) baselines[name] = scores;
  }
  return { model, baselines };
}
