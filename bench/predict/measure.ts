import { CostPredictor } from '../../model/costs/cost-predictor.js';
import { pendingOf } from '../../model/pending.js';
import { ModelPredictor } from '../../model/predictor.js';
import type { Model } from '../../model/training/trainer.js';
import type { PendingBlock } from '../../scheduler/predictor.js';
import type { BlockRecord } from '../../types.js';
import { medianOf } from '../engine/spread.js';

/** Medians of a block, in ns a transaction. */
export interface PhaseTimes {
  /** What can be done when a transaction arrives: in all, and the parts of it. */
  readonly arrivalNs: number;
  readonly decodeNs: number;
  readonly candidatesNs: number;
  readonly accessNetworksNs: number;
  readonly gasNs: number;
  /** What depends on the block: in all, and the parts of it. */
  readonly blockNs: number;
  readonly pairsNs: number;
  readonly pairNetworkNs: number;
  /** Arrival and block. */
  readonly totalNs: number;
  /** The same of the first prediction after the block before was learned, when nothing is remembered. */
  readonly firstNs: number;
}

export interface BlockMeasurement {
  readonly number: number;
  readonly transactions: number;
  readonly predictions: number;
  readonly times: PhaseTimes;
  /** Of the first prediction: shares of network evaluations that were spared. */
  readonly accessHits: number | null;
  readonly conflictHits: number | null;
  readonly learnNs: number;
}

/** Predicts a block again and again, each time with transactions that are new to the predictor, and then learns it. */
export class PredictionBench {
  readonly #model: Model;
  readonly #predictor: ModelPredictor;
  readonly #gas: CostPredictor;

  constructor(model: Model) {
    this.#model = model;
    this.#predictor = new ModelPredictor(model);
    this.#gas = new CostPredictor(model.evidence.gasUsed, model.gasUsed);
  }

  warmUp(record: BlockRecord, predictions: number): void {
    for (let round = 0; round < predictions; round += 1) this.#once(record);
  }

  measure(record: BlockRecord, predictions: number): BlockMeasurement {
    const before = this.#predictor.evaluations;
    const first = this.#once(record);
    const after = this.#predictor.evaluations;
    const rounds = Array.from({ length: predictions }, () => this.#once(record));
    const count = Math.max(1, record.transactions.length);
    const median = (pick: (times: RoundTimes) => number): number => medianOf(rounds.map(pick)) / count;
    const start = process.hrtime.bigint();
    this.#predictor.learn(record);
    return {
      number: record.header.number,
      transactions: record.transactions.length,
      predictions,
      times: {
        arrivalNs: median(({ arrival }) => arrival),
        decodeNs: median(({ decode }) => decode),
        candidatesNs: median(({ candidates }) => candidates),
        accessNetworksNs: median(({ arrival, decode, candidates, gas }) => arrival - decode - candidates - gas),
        gasNs: median(({ gas }) => gas),
        blockNs: median(({ block }) => block),
        pairsNs: median(({ pairs }) => pairs),
        pairNetworkNs: median(({ block, pairs }) => block - pairs),
        totalNs: median(({ arrival, block }) => arrival + block),
        firstNs: (first.arrival + first.block) / count,
      },
      accessHits: hitsOf(before.accesses, after.accesses),
      conflictHits: hitsOf(before.conflicts, after.conflicts),
      learnNs: Number(process.hrtime.bigint() - start),
    };
  }

  #once(record: BlockRecord): RoundTimes {
    const { evidence } = this.#model;
    const whole = arriving(record);
    const arrival = nsOf(() => this.#predictor.prepare(whole));
    const block = nsOf(() => this.#predictor.predict(whole));
    const again = arriving(record);
    const decode = nsOf(() => evidence.prepare(again.transactions));
    const calls = again.transactions.map((transaction) => evidence.describeCall(transaction));
    const candidates = nsOf(() => {
      for (const transaction of again.transactions) evidence.describeCall(transaction);
    });
    const gas = nsOf(() => {
      for (const call of calls) this.#gas.predictGas(call);
    });
    const pairs = nsOf(() => evidence.forEachCandidate(calls, () => undefined));
    return { arrival, block, decode, candidates, gas, pairs };
  }
}

interface RoundTimes {
  readonly arrival: number;
  readonly block: number;
  readonly decode: number;
  readonly candidates: number;
  readonly gas: number;
  readonly pairs: number;
}

/** The block with copies of its transactions, as if they had just come in. */
function arriving(record: BlockRecord): PendingBlock {
  const pending = pendingOf(record);
  return { ...pending, transactions: pending.transactions.map((transaction) => ({ ...transaction })) };
}

type Evaluations = ModelPredictor['evaluations']['accesses'];

function hitsOf(before: Evaluations, after: Evaluations): number | null {
  if (before === null || after === null || after.rows === before.rows) return null;
  return 1 - (after.evaluations - before.evaluations) / (after.rows - before.rows);
}

function nsOf(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start);
}
