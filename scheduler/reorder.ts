import { LanecastError } from '../errors.js';
import { oraclePlan } from './plan.js';
import { withSenders } from './predicted-workload.js';
import { leastMakespan } from './reorder/least-makespan.js';
import { scheduleByPressure, type TieBreak } from './reorder/list-scheduling.js';
import { NextPlaces } from './reorder/next-places.js';
import { countFeeInversions, rankTips } from './reorder/tolerance.js';
import { simulate } from './simulator.js';
import type { Workload } from './workload.js';

/** A block in the order that its builder gave it. */
export interface ReorderInput {
  /** What its transactions are expected to access and to cost; a hint. */
  readonly workload: Workload;
  /** By transaction: who sends it. The transactions of a sender keep their order, which is that of their nonces. */
  readonly senders: readonly string[];
  /** By transaction: what the builder gets for a unit of its gas, in wei, from 0. */
  readonly tipsWei: readonly bigint[];
  /** Transactions that nobody passes and that pass nobody: they keep their positions. None if absent. */
  readonly pinned?: ReadonlySet<number> | undefined;
  readonly workers: number;
  /**
   * Two transactions may be swapped against the given order only where the lower of their tips is at least
   * (1 − feeTolerance) times the higher one: with 0 only those of equal tips, with 1 all.
   */
  readonly feeTolerance: number;
  /** The new position of a transaction differs from the given one by no more than this; unlimited if absent. */
  readonly mostPositions?: number | undefined;
}

export interface ReorderResult {
  /** By new position: the position in the given order. */
  readonly order: readonly number[];
  readonly report: ReorderReport;
}

/** What an order gains and what it costs in fairness. */
export interface ReorderReport {
  /** Predicted, in the unit of the workload's costs, each order under its best plan on the workers. */
  readonly makespanBeforeCost: number;
  readonly makespanAfterCost: number;
  /** No order takes less: the work divided by the workers, or that of the changes of one key, which happen in turn. */
  readonly leastMakespanCost: number;
  /** Transactions with another position than before. */
  readonly moved: number;
  /** By how many positions they moved, all together and at most. */
  readonly positionsMoved: number;
  readonly largestDisplacement: number;
  /** Pairs of which the later transaction pays the higher tip. */
  readonly feeInversionsBefore: number;
  readonly feeInversionsAfter: number;
}

/** Greedy choices can be worse where more is allowed, so that stricter tolerances are tried too: shares of the given one. */
const TRIED: readonly { readonly share: number; readonly tieBreak: TieBreak }[] = [
  { share: 1, tieBreak: 'given' },
  { share: 1, tieBreak: 'exposed' },
  { share: 0.25, tieBreak: 'given' },
  { share: 0, tieBreak: 'given' },
];
/** Who is as near to the least possible time is not asked to do better. */
const NEAR_LEAST = 1.002;

/**
 * A permutation of a block that is expected to take less time on the workers: transactions that conflict come apart, those of
 * which many wait come first, and readers before writers where that spares them a wait. It keeps the order of each sender, the
 * fee tolerance, pinned transactions and the limit of positions. Where no shorter order is found, the given one.
 * Deterministic; time in proportion to the accesses of transactions × 512 at most.
 * Throws LanecastError INVALID_ARGUMENT for lists of another block and options out of range.
 */
export function reorder(input: ReorderInput): ReorderResult {
  checkInput(input);
  const workload = withSenders(input.workload, input.senders);
  const given = candidate(workload, [...input.senders.keys()], input.workers);
  const least = leastMakespan(workload, input.workers);
  let best = given;
  for (const { share, tieBreak } of TRIED) {
    if (best.makespanCost <= NEAR_LEAST * least) break;
    const places = placesOf(input, share * input.feeTolerance);
    const order = scheduleByPressure(workload, input.workers, places, tieBreak);
    const next = candidate(workload, order, input.workers);
    if (next.makespanCost < best.makespanCost) best = next;
  }
  return { order: best.order, report: describe(input, best.order, [given.makespanCost, best.makespanCost, least]) };
}

interface Candidate {
  readonly order: readonly number[];
  readonly makespanCost: number;
}

function candidate(workload: Workload, order: readonly number[], workers: number): Candidate {
  return { order, makespanCost: predictMakespan(workload, order, workers) };
}

/** The same transactions in another order, with the accesses that they had. `order`: given position by new position. */
export function permuteWorkload({ transactions, keyCount }: Workload, order: readonly number[]): Workload {
  return { transactions: order.flatMap((index) => transactions[index] ?? []), keyCount };
}

/** Time of an order on workers, in the unit of the costs, where each transaction waits at its start for what it reads. */
export function predictMakespan(workload: Workload, order: readonly number[], workers: number): number {
  const permuted = permuteWorkload(workload, order);
  return simulate(permuted, oraclePlan(permuted, workers), { workers, validationCost: 0 }).makespanCost;
}

function checkInput({ workload, senders, tipsWei, ...input }: ReorderInput): void {
  const count = workload.transactions.length;
  for (const { length } of [senders, tipsWei]) {
    if (length !== count) refuse(`expected senders and tips of ${count} transactions, got ${length}`);
  }
  const { workers, feeTolerance, mostPositions = 0 } = input;
  if (!Number.isSafeInteger(workers) || workers < 1)
    refuse(`expected a whole number of workers from 1, got ${workers}`);
  if (!(feeTolerance >= 0 && feeTolerance <= 1)) refuse(`expected a fee tolerance from 0 to 1, got ${feeTolerance}`);
  if (!Number.isSafeInteger(mostPositions) || mostPositions < 0) {
    refuse(`expected a whole number of positions from 0, got ${mostPositions}`);
  }
  const negative = tipsWei.find((tip) => tip < 0n);
  if (negative !== undefined) refuse(`expected tips from 0 wei, got ${negative.toString()}`);
}

function refuse(message: string): never {
  throw new LanecastError('INVALID_ARGUMENT', message);
}

function placesOf({ senders, tipsWei, pinned, mostPositions }: ReorderInput, tolerance: number): NextPlaces {
  const numbers = new Map<string, number>();
  for (const sender of senders) if (!numbers.has(sender)) numbers.set(sender, numbers.size);
  return new NextPlaces({
    senders: Uint32Array.from(senders, (sender) => numbers.get(sender) ?? 0),
    tips: rankTips(tipsWei, tolerance),
    pinned: Uint8Array.from(senders, (_, index) => (pinned?.has(index) === true ? 1 : 0)),
    mostPositions: mostPositions ?? senders.length,
  });
}

function describe(
  { tipsWei }: ReorderInput,
  order: readonly number[],
  [before, after, least]: readonly [before: number, after: number, least: number],
): ReorderReport {
  const { rank } = rankTips(tipsWei, 0);
  const distances = order.map((index, position) => Math.abs(index - position));
  return {
    makespanBeforeCost: before,
    makespanAfterCost: after,
    leastMakespanCost: least,
    moved: distances.filter((distance) => distance > 0).length,
    positionsMoved: distances.reduce((sum, distance) => sum + distance, 0),
    largestDisplacement: distances.reduce((largest, distance) => Math.max(largest, distance), 0),
    feeInversionsBefore: countFeeInversions(rank, [...order.keys()]),
    feeInversionsAfter: countFeeInversions(rank, order),
  };
}
