import { isAscii } from 'node:buffer';
import { Problem } from '../problem.js';
import type { ModelIdentity } from '../live.js';
import type { DecodeRawTransaction } from '../../executor/reference/index.js';
import { encodeHints } from '../../model/hints/hints-file.js';
import type { ModelHints } from '../../model/hints/model-hints.js';
import { AdaptiveScheduler } from '../../scheduler/adaptive.js';
import { PlanBuilder } from '../../scheduler/plan-builder.js';
import { simulate } from '../../scheduler/simulator.js';
import type { BlockRecord } from '../../types.js';
import { TransactionCache } from '../transactions/transaction-cache.js';
import { answerConflicts } from './conflicts.js';
import type { LearnedSoFar } from './messages.js';
import { observeBlock, type ObservedBlock } from './observe.js';
import { PhaseClock } from './phases.js';
import { readConflictsRequest, readScheduleRequest } from './requests.js';
import { answerSchedule } from './schedule.js';

export interface EngineOptions {
  readonly hints: ModelHints;
  readonly isTrained: boolean;
  /** Names the networks: of the artifact; null where there are none. */
  readonly artifactId: string | null;
  readonly learned: LearnedSoFar;
  readonly decodeRaw: DecodeRawTransaction;
  /** Most workers to plan for. */
  readonly maxWorkers: number;
  /** In ms. */
  readonly now: () => number;
}

/** What all answers are made from. */
export interface EngineParts {
  readonly hints: ModelHints;
  readonly cache: TransactionCache;
  readonly scheduler: AdaptiveScheduler;
  readonly builder: PlanBuilder;
  readonly maxWorkers: number;
  /** Blocks that the scheduler has seen. */
  readonly history: { blocks: number };
}

export type Question = 'conflicts' | 'schedule';

/** After so many transactions that nobody had asked about before, memory is looked at. */
const TIDY_EVERY_TRANSACTIONS = 20_000;

const UNTRAINED_NOTICE =
  'No trained networks: statistics of the blocks that were observed speak alone. `lanecast train` makes a model, --model loads it.';
const EMPTY_NOTICE =
  'Nothing was learned yet: senders, recipients and plain transfers are all that is known. Post observations, or start with --learn.';

/** The model at work: answers questions, and learns executed blocks. Everything in it happens on one thread, one thing at a time. */
export class PredictionEngine {
  readonly #options: EngineOptions;
  readonly #parts: EngineParts;
  #learned: LearnedSoFar;
  #askedTransactions = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#learned = options.learned;
    const { hints, decodeRaw, maxWorkers, learned } = options;
    const cache = new TransactionCache({
      decodeRaw,
      learnedBlocks: learned.blocks,
      onLeave: (transactions) => hints.forget(transactions),
    });
    const scheduler = new AdaptiveScheduler({
      ...{ maxWorkers, hints, isReal: false },
      simulateNs: (workload, plan, { workers }) =>
        simulate(workload, plan, { workers, validationCost: 0 }).makespanCost,
    });
    this.#parts = { hints, cache, scheduler, builder: new PlanBuilder(), maxWorkers, history: { blocks: 0 } };
  }

  get model(): ModelIdentity {
    const { isTrained, artifactId } = this.#options;
    const { blocks, lastBlock, version } = this.#learned;
    return {
      kind: isTrained ? 'trained' : 'untrained',
      version: `${artifactId?.slice(0, 12) ?? 'statistics'}+${version}`,
      learnedBlocks: blocks,
      lastBlock,
      notice: isTrained ? null : blocks === 0 ? EMPTY_NOTICE : UNTRAINED_NOTICE,
    };
  }

  get learned(): LearnedSoFar {
    return this.#learned;
  }

  get parts(): EngineParts {
    return this.#parts;
  }

  /** The answer as JSON. `askedMs`: when it was asked, by the same clock. Throws Problem. */
  answer(question: Question, body: Uint8Array, askedMs: number): string {
    const clock = new PhaseClock(this.#options.now, askedMs);
    const json = parseJson(body);
    clock.end('parseMs');
    const { cache } = this.#parts;
    const knownBefore = cache.hits;
    try {
      const answered = question === 'conflicts' ? this.#conflicts(json, clock) : this.#schedule(json, clock);
      this.#askedTransactions += answered.transactions - (cache.hits - knownBefore);
      const cost = clock.cost(cache.hits - knownBefore);
      return JSON.stringify({ model: this.model, ...answered.answer, cost });
    } finally {
      cache.trim();
      this.#tidy();
    }
  }

  /** Judges what would have been said of an executed block, then learns it. */
  observe(record: BlockRecord): ObservedBlock {
    const observed = observeBlock(record, this.#parts);
    this.#parts.cache.noteBlock(record.transactions.map(({ transaction }) => transaction.hash));
    this.#parts.history.blocks += 1;
    const { number } = record.header;
    const { blocks, lastBlock, version } = this.#learned;
    this.#learned = {
      chainId: record.chainId,
      blocks: blocks + 1,
      lastBlock: Math.max(lastBlock ?? 0, number),
      version: version + 1,
    };
    return observed;
  }

  /** All that blocks taught, for `decodeHints`. */
  save(): Uint8Array {
    return encodeHints(this.#parts.hints);
  }

  #conflicts(json: unknown, clock: PhaseClock): Answered {
    const request = readConflictsRequest(json, this.#parts.cache);
    this.#requireChain(request.pending.chainId);
    clock.end('decodeMs');
    return { answer: answerConflicts(request, this.#parts, clock), transactions: request.pending.transactions.length };
  }

  #schedule(json: unknown, clock: PhaseClock): Answered {
    const request = readScheduleRequest(json, this.#parts.cache);
    this.#requireChain(request.pending.chainId);
    clock.end('decodeMs');
    return { answer: answerSchedule(request, this.#parts, clock), transactions: request.pending.transactions.length };
  }

  /** 0: the request does not say. */
  #requireChain(chainId: number): void {
    const known = this.#learned.chainId;
    if (chainId === 0 || known === null || known === chainId) return;
    throw new Problem(
      'wrong_chain',
      `chainId: the model has learned chain ${known}, and the request is of chain ${chainId}`,
    );
  }

  #tidy(): void {
    if (this.#askedTransactions < TIDY_EVERY_TRANSACTIONS) return;
    this.#askedTransactions = 0;
    this.#parts.hints.tidy();
  }
}

interface Answered {
  readonly answer: object;
  readonly transactions: number;
}

function parseJson(body: Uint8Array): unknown {
  // Nearly all is ASCII, which can be taken over as it is.
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString(isAscii(body) ? 'latin1' : 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    throw new Problem('malformed_json', `the body is no JSON: ${text === '' ? 'it is empty' : reason.slice(0, 200)}`);
  }
}
