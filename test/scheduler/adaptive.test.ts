import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { describe, expect, it } from 'vitest';
import { CorruptedHints } from '../../bench/policies/corrupted-hints.js';
import { AdaptiveScheduler } from '../../scheduler/adaptive.js';
import { emptyPlan, type Plan } from '../../scheduler/plan.js';
import type { BlockHints, HintSource, PendingBlock } from '../../scheduler/predictor.js';
import { simulate } from '../../scheduler/simulator.js';
import type { Workload } from '../../scheduler/workload.js';
import type { Mode } from '../../scheduler/ways.js';
import { transaction } from '../model/transactions.js';
import { change, item, workloadOf } from './workloads.js';

const TRANSACTIONS = 80;
const HOT_KEYS = 4;
const WORKERS = 8;
/** So much that the time which plans really take does not matter beside it. */
const COST_NS = 1e7;

/** Two fifths of the transactions change one of a few hot keys, late in their execution; the others have keys of their own. */
function contendedBlock(number: number): Workload {
  const generator = xoroshiro128plus(number);
  return workloadOf(
    ...Array.from({ length: TRANSACTIONS }, (_, index) => {
      const isHot = uniformInt(generator, 0, 4) < 2;
      const key = isHot ? uniformInt(generator, 0, HOT_KEYS - 1) : HOT_KEYS + index;
      return item(COST_NS * uniformInt(generator, 1, 4), change(key, 0.25));
    }),
  );
}

/** Everything in turn. */
function chainedBlock(): Workload {
  return workloadOf(...Array.from({ length: TRANSACTIONS }, () => item(COST_NS, change(0))));
}

function pendingOf(number: number, { transactions }: Workload): PendingBlock {
  return {
    ...{ chainId: 1, number, feeRecipient: '0xfee', recipientCodeHashes: new Map() },
    transactions: transactions.map((_, index) => {
      const own = (BigInt(number) * 1000n + BigInt(index)).toString(16).padStart(40, '0');
      return transaction({ index, from: `0x${own}`, to: `0x${own}`, input: '0x01020304' });
    }),
  };
}

/** Knows what will happen. */
class TrueHints implements HintSource {
  readonly #workloads: ReadonlyMap<number, Workload>;

  constructor(workloads: ReadonlyMap<number, Workload>) {
    this.#workloads = workloads;
  }

  prepare(): void {
    return;
  }

  learn(): void {
    return;
  }

  hint({ number }: PendingBlock): BlockHints {
    const { transactions, keyCount } = this.#workloads.get(number) ?? workloadOf();
    // One key each, read and written.
    const keys = Uint32Array.from(transactions, ({ accesses }) => accesses[0]?.key ?? 0);
    const [sure, never] = [new Float32Array(keys.length).fill(1), new Float32Array(keys.length)];
    return {
      ...{ offsets: Uint32Array.from({ length: keys.length + 1 }, (_, index) => index), keys, keyCount },
      ...{ read: sure, write: sure, add: never, conflicts: null },
      costs: Float64Array.from(transactions, ({ cost }) => cost),
    };
  }
}

function simulateNs(workload: Workload, plan: Plan): number {
  return simulate(workload, plan, { workers: WORKERS }).makespanCost;
}

interface Course {
  readonly adaptiveNs: number;
  readonly optimisticNs: number;
  readonly sequentialNs: number;
  readonly modes: readonly Mode[];
}

/** Runs blocks in order; `percentAt`: of the transactions of a block whose hints are wrong. */
function run(workloads: readonly Workload[], percentAt: (block: number) => number): Course {
  const numbered = new Map(workloads.map((workload, index) => [index + 1, workload]));
  const hints = new CorruptedHints(new TrueHints(numbered), { percent: 0, seed: 7 });
  const scheduler = new AdaptiveScheduler({ maxWorkers: WORKERS, hints, simulateNs, isReal: false });
  let [adaptiveNs, optimisticNs, sequentialNs] = [0, 0, 0];
  const modes: Mode[] = [];
  for (const [number, workload] of numbered) {
    hints.percent = percentAt(number);
    const block = pendingOf(number, workload);
    const prepared = scheduler.wantsHints(block);
    const decision = scheduler.decide(block, prepared);
    const wallNs = simulateNs(workload, decision.plan ?? emptyPlan(TRANSACTIONS, decision.way.workers));
    scheduler.learn({ block, decision, wallNs, workload, gasUsed: 0, header: null }, prepared);
    modes.push(decision.way.mode);
    adaptiveNs += wallNs;
    optimisticNs += simulateNs(workload, emptyPlan(TRANSACTIONS, WORKERS));
    sequentialNs += simulateNs(workload, emptyPlan(TRANSACTIONS, 1));
  }
  return { adaptiveNs, optimisticNs, sequentialNs, modes };
}

const CONTENDED = Array.from({ length: 40 }, (_, index) => contendedBlock(index + 1));

describe('the adaptive scheduler', () => {
  it('plans where predictions are right, and gains by it', () => {
    const { adaptiveNs, optimisticNs, modes } = run(CONTENDED, () => 0);
    expect(modes.filter((mode) => mode === 'planned').length).toBeGreaterThan(35);
    expect(adaptiveNs).toBeLessThan(0.9 * optimisticNs);
  });

  it('keeps much of the gain where a tenth of the transactions is predicted wrong', () => {
    const [right, wrong] = [run(CONTENDED, () => 0), run(CONTENDED, () => 10)];
    const gainOf = ({ adaptiveNs, optimisticNs }: Course): number => optimisticNs - adaptiveNs;
    expect(gainOf(wrong)).toBeGreaterThanOrEqual(0.4 * gainOf(right));
  });

  it.each([25, 50, 100])(
    'is at most 2 percent slower than without predictions where %i percent are wrong',
    (percent) => {
      const { adaptiveNs, optimisticNs, sequentialNs } = run(CONTENDED, () => percent);
      expect(adaptiveNs).toBeLessThanOrEqual(1.02 * Math.min(optimisticNs, sequentialNs));
    },
  );

  it('leaves plans within five blocks when predictions stop paying, and returns within five when they pay again', () => {
    const { modes } = run(CONTENDED, (block) => (block > 15 && block <= 28 ? 100 : 0));
    expect(modes.slice(8, 15)).toEqual(Array.from({ length: 7 }, () => 'planned'));
    expect(modes.slice(20, 28)).not.toContain('planned');
    expect(modes.slice(33)).toEqual(Array.from({ length: 7 }, () => 'planned'));
  });

  it('runs chains on one thread once it has seen one', () => {
    const { modes } = run(Array.from({ length: 6 }, chainedBlock), () => 0);
    expect(modes.slice(1)).toEqual(Array.from({ length: 5 }, () => 'sequential'));
  });

  it('expects as many workers as it used', () => {
    const hints = new TrueHints(new Map());
    const scheduler = new AdaptiveScheduler({ maxWorkers: WORKERS, hints, simulateNs, isReal: false });
    expect(scheduler.workersAhead).toBe(1);
    const workload = contendedBlock(1);
    const block = pendingOf(1, workload);
    const decision = scheduler.decide(block, false);
    scheduler.learn({ block, decision, wallNs: 1, workload, gasUsed: 0, header: null }, false);
    expect(scheduler.workersAhead).toBe(decision.way.workers);
  });

  it('goes on from a state', () => {
    const scheduler = (): AdaptiveScheduler =>
      new AdaptiveScheduler({ maxWorkers: WORKERS, hints: new TrueHints(new Map()), simulateNs, isReal: false });
    const [first, second] = [scheduler(), scheduler()];
    const workload = chainedBlock();
    const block = pendingOf(1, workload);
    first.learn(
      { block, decision: first.decide(block, false), wallNs: 1e9, workload, gasUsed: 0, header: null },
      false,
    );
    second.restore(first.state());
    expect(second.decide(block, false).way).toEqual(first.decide(block, false).way);
    expect(second.state()).toEqual(first.state());
  });
});
