import { describeBlock, type BlockFeatures } from './block-features.js';
import { Controller, type ControllerState } from './controller.js';
import { MovingAverageForecast, type Forecast, type LoadHeader } from './forecast.js';
import { emptyPlan, type Plan } from './plan.js';
import { PlanBuilder } from './plan-builder.js';
import type { BlockHints, HintSource, PendingBlock } from './predictor.js';
import { SEQUENTIAL, type Way } from './ways.js';
import type { Workload } from './workload.js';
import { ZERO_WORD } from '../types.js';

/** Simulated time of a block that is run in some way under a plan. */
export type SimulateNs = (workload: Workload, plan: Plan, way: Way) => number;

export interface AdaptiveOptions {
  /** Of the machine, from 1. */
  readonly maxWorkers: number;
  readonly hints: HintSource;
  readonly simulateNs: SimulateNs;
  /** Whether the machine is a real one, on which time may differ from simulation. */
  readonly isReal: boolean;
  /** A moving average if absent. */
  readonly forecast?: Forecast | undefined;
}

/** How a block is to be run, and what it took to decide. */
export interface Decision {
  readonly way: Way;
  /** Of the way, on the controller's list. */
  readonly wayNumber: number;
  /** Null where the way is sequential or optimistic: nothing is foreseen. */
  readonly plan: Plan | null;
  readonly features: BlockFeatures;
  /** To look at the block, choose, and put the hints together, on the clock. */
  readonly predictNs: number;
  /** To make the plan, on the clock. */
  readonly planNs: number;
}

/** What came of a decision. */
export interface DecisionOutcome {
  readonly block: PendingBlock;
  readonly decision: Decision;
  /** Of the run alone. */
  readonly wallNs: number;
  /** True accesses and costs in ns. */
  readonly workload: Workload;
  readonly gasUsed: number;
  /** For the forecast of load; null for a block that has none. */
  readonly header: LoadHeader | null;
}

/** Waiting is cheap where other work is there for all workers, and dear where they would be idle. */
const WAIT_PRICE_PER_WORKER = 0.03;
const MOST_WAIT_PRICE = 0.25;
/** More likely than certain: nothing is marked. */
const NO_MARKS = 2;
/** Larger blocks are simulated only while their kind is new, and from time to time. */
const LARGE_BLOCK = 4_000;
const SIMULATE_EVERY = 8;
const FIRST_SIMULATIONS = 2;
const REMEMBERED_PLANS = 11;
/** What hints and plan of a transaction take, before any was made on the clock. */
const FIRST_PLAN_NS = 2_000;
/** After so many looks at a block the code of looking is compiled, so that the first blocks do not pay for that. */
const LOOKS_UNTIL_COMPILED = 400;

/** The plan of hints on so many workers. */
export function planHints(builder: PlanBuilder, hints: BlockHints, workers: number): Plan {
  const waitPrice = Math.min(MOST_WAIT_PRICE, WAIT_PRICE_PER_WORKER * workers);
  return builder.build(hints, { workers, waitPrice, markProbability: NO_MARKS });
}

/**
 * `adaptive`: decides block by block whether to predict, whom to let wait, in which order and on how many workers to execute,
 * and learns from what came of it. `prepare` is for the time when transactions arrive, `learn` for the time between blocks; only
 * `decide` is on the clock. It learns hints itself where it is told to; several machines may share a source of hints.
 */
export class AdaptiveScheduler {
  readonly #hints: HintSource;
  readonly #controller: Controller;
  readonly #builder = new PlanBuilder();
  readonly #simulateNs: SimulateNs;
  readonly #isReal: boolean;
  readonly #forecast: Forecast;
  readonly #maxWorkers: number;
  /** In ns for each transaction, hints included, on the clock. */
  readonly #planTimes = new RecentMedian(FIRST_PLAN_NS);
  #largeBlocks = 0;

  constructor({ maxWorkers, hints, simulateNs, isReal, forecast = new MovingAverageForecast() }: AdaptiveOptions) {
    this.#maxWorkers = maxWorkers;
    this.#hints = hints;
    this.#controller = new Controller({ maxWorkers, tries: isReal });
    this.#simulateNs = simulateNs;
    this.#isReal = isReal;
    this.#forecast = forecast;
    this.#warmUp();
  }

  /** Whether hints may pay for such a block, so that its transactions are worth preparing. */
  wantsHints(block: PendingBlock): boolean {
    return this.#controller.wantsHints(describeBlock(block));
  }

  /** Workers that the next block will probably use: to start their threads ahead of it. */
  get workersAhead(): number {
    return Math.min(this.#maxWorkers, Math.max(1, Math.ceil(this.#forecast.next().workers)));
  }

  /** `hasHints`: whether the transactions were prepared. */
  decide(block: PendingBlock, hasHints: boolean): Decision {
    const startMs = performance.now();
    const features = describeBlock(block);
    const wayNumber = this.#controller.choose(features, hasHints);
    const way = this.#controller.ways[wayNumber] ?? SEQUENTIAL;
    if (way.mode !== 'planned') {
      const predictNs = (performance.now() - startMs) * 1e6;
      return { way, wayNumber, plan: null, features, predictNs, planNs: 0 };
    }
    const hints = this.#hints.hint(block);
    const hintedMs = performance.now();
    const plan = planHints(this.#builder, hints, way.workers);
    const planNs = (performance.now() - hintedMs) * 1e6;
    return { way, wayNumber, plan, features, predictNs: (hintedMs - startMs) * 1e6, planNs };
  }

  /**
   * Learns what came of a block, and by simulation what would have come of other ways. To be called before the hints learn the
   * block, because it asks what they would have been. `prepared`: whether its transactions were.
   */
  learn(outcome: DecisionOutcome, prepared: boolean): void {
    const { decision, workload, wallNs } = outcome;
    const { features, way, wayNumber, predictNs, planNs } = decision;
    const workNs = workload.transactions.reduce((sum, { cost }) => sum + cost, 0);
    const transactions = Math.max(1, features.transactions);
    if (way.mode === 'planned') this.#planTimes.add((predictNs + planNs) / transactions);
    const real = { way: wayNumber, ns: wallNs + predictNs + planNs };
    const simulatedNs = new Float64Array(this.#controller.ways.length).fill(NaN);
    if (this.#isWorthSimulating(transactions)) this.#simulateWays(outcome, prepared, simulatedNs);
    this.#controller.learn(features, { workNs, real, simulatedNs });
    const load = { gasUsed: outcome.gasUsed, transactions, workers: way.workers };
    this.#forecast.observe(load, outcome.header);
  }

  state(): ControllerState {
    return this.#controller.state();
  }

  restore(state: ControllerState): void {
    this.#controller.restore(state);
  }

  #warmUp(): void {
    const block = blockToLookAt();
    for (let looks = 0; looks < LOOKS_UNTIL_COMPILED; looks++) this.#controller.choose(describeBlock(block), true);
  }

  #simulateWays({ block, decision, workload }: DecisionOutcome, prepared: boolean, simulatedNs: Float64Array): void {
    const { transactions } = decision.features;
    for (const [number, way] of this.#controller.ways.entries()) {
      // On a simulated machine the way that was taken is known.
      if (!this.#isReal && number === decision.wayNumber) continue;
      const isPlanned = way.mode === 'planned';
      if (isPlanned && !prepared) continue;
      const plan = isPlanned ? this.#planAgain(block, way.workers) : emptyPlan(transactions, way.workers);
      const planNs = isPlanned ? this.#planTimes.median * transactions : 0;
      simulatedNs[number] = this.#simulateNs(workload, plan, way) + planNs;
    }
  }

  #planAgain(block: PendingBlock, workers: number): Plan {
    return planHints(this.#builder, this.#hints.hint(block), workers);
  }

  #isWorthSimulating(transactions: number): boolean {
    if (transactions <= LARGE_BLOCK) return true;
    this.#largeBlocks += 1;
    return this.#largeBlocks <= FIRST_SIMULATIONS || this.#largeBlocks % SIMULATE_EVERY === 0;
  }
}

/** Calls and payments by several senders. */
function blockToLookAt(): PendingBlock {
  const fee = { gasPriceWei: null, maxFeePerGasWei: null, maxPriorityFeePerGasWei: null, maxFeePerBlobGasWei: null };
  const lists = { accessList: [], blobVersionedHashes: [], authorizationList: [] };
  const transactions = Array.from({ length: 48 }, (_, index) => ({
    ...{ index, hash: ZERO_WORD, type: 0, nonce: 0, valueWei: 0n, gasLimit: 0, ...fee, ...lists },
    from: `0x${(index % 7).toString(16).padStart(40, '0')}` as const,
    to: `0x${(index % 5).toString(16).padStart(40, '0')}` as const,
    input: index % 3 === 0 ? ('0x' as const) : ('0xa9059cbb' as const),
  }));
  const feeRecipient = `0x${'00'.repeat(20)}` as const;
  return { chainId: 0, number: 0, feeRecipient, recipientCodeHashes: new Map(), transactions };
}

/** The median of the latest values: now and then a plan is interrupted. */
class RecentMedian {
  readonly #values: number[];

  constructor(first: number) {
    this.#values = [first];
  }

  get median(): number {
    const sorted = [...this.#values].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  }

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > REMEMBERED_PLANS) this.#values.shift();
  }
}
