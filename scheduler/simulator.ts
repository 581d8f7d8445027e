import { LanecastError } from '../errors.js';
import { UNCALIBRATED, type Overheads } from './overheads.js';
import type { Plan } from './plan.js';
import { rowCount } from './rows.js';
import { SimulatedCosts } from './simulated-costs.js';
import type { SimulatedRun } from './simulated-run.js';
import { Simulation } from './simulation.js';
import type { Workload } from './workload.js';

export type { FinalExecution, FinalRead, SimulatedRun, TracedInterval } from './simulated-run.js';

export interface SimulateOptions {
  /** Virtual workers of the machine; the plan may use fewer. */
  readonly workers: number;
  /** Cost of validating a transaction, as a fraction of the transaction's own. 0.05 if absent, 0 with `overheads`. */
  readonly validationCost?: number | undefined;
  /** Of the machine and engine that the run is to resemble; costs are ns then. None if absent. */
  readonly overheads?: Overheads | undefined;
  /** Whether one worker may do the rest where too much is executed in vain. True if absent. */
  readonly mayContinueInOrder?: boolean | undefined;
  /** Whether the run tells what ran where and when. False if absent. */
  readonly trace?: boolean | undefined;
}

const DEFAULT_VALIDATION_COST = 0.05;

/**
 * Runs a block under a plan on virtual workers by discrete events: Block-STM (PPoPP 23) with multi-version memory, by the
 * rules of the engine: who validates before who executes, commits in block order, waits for senders.
 * Deterministic: what happens at the same time happens by transaction, then by worker.
 *
 * A run uses no more workers than its plan asks for. A plan for one worker is run in block order without validation.
 * Throws LanecastError INVALID_ARGUMENT for a plan of another block or options out of range.
 */
export function simulate(workload: Workload, plan: Plan, options: SimulateOptions): SimulatedRun {
  checkArguments(workload, plan, options);
  const { overheads, mayContinueInOrder = true, trace: isTraced = false } = options;
  const validationShare = options.validationCost ?? (overheads === undefined ? DEFAULT_VALIDATION_COST : 0);
  const costs = new SimulatedCosts(workload, overheads ?? UNCALIBRATED, validationShare);
  const workers = Math.min(plan.workers, options.workers);
  const simulation = new Simulation({ workload, plan, costs, workers, mayContinueInOrder, isTraced });
  return plan.workers === 1 ? simulation.runInOrder() : simulation.run();
}

function checkArguments(
  { transactions }: Workload,
  plan: Plan,
  { workers, validationCost = 0 }: SimulateOptions,
): void {
  const lengths = [plan.priority.length, rowCount(plan.blockers), rowCount(plan.writes)];
  const wrong = lengths.find((length) => length !== transactions.length);
  if (wrong !== undefined) refuse(`expected a plan for ${transactions.length} transactions, got one for ${wrong}`);
  for (const count of [workers, plan.workers]) {
    if (!Number.isSafeInteger(count) || count < 1) refuse(`expected a whole number of workers from 1, got ${count}`);
  }
  if (!(validationCost >= 0 && validationCost < Infinity)) {
    refuse(`expected a validation cost from 0, as a fraction of the transaction's, got ${validationCost}`);
  }
}

function refuse(message: string): never {
  throw new LanecastError('INVALID_ARGUMENT', message);
}
