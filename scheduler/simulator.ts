import { LanecastError } from '../errors.js';
import type { Plan } from './plan.js';
import { at, rowCount, rowOf } from './rows.js';
import { END_OF_READ, SimulatedMemory } from './simulated-memory.js';
import { TaskQueue } from './task-queue.js';
import type { Workload } from './workload.js';

export interface SimulateOptions {
  /** Virtual workers of the machine; the plan may use fewer. */
  readonly workers: number;
  /** Cost of validating a transaction, as a fraction of the transaction's own. 0.05 if absent. */
  readonly validationCost?: number | undefined;
}

/** What one read of the incarnation that counts saw. */
export interface FinalRead {
  readonly key: number;
  /** When it read. */
  readonly atCost: number;
  /** The transactions whose values it saw, ascending: the latest earlier writer and who added since. None: base state. */
  readonly sources: readonly number[];
  /** By source: the incarnation that it saw. */
  readonly sourceIncarnations: readonly number[];
}

/** The incarnation of a transaction that counts, the last one. */
export interface FinalExecution {
  readonly incarnation: number;
  readonly startCost: number;
  /** When its writes became visible. */
  readonly finishCost: number;
  readonly reads: readonly FinalRead[];
}

/** Times are in the unit of the workload's costs, from the start of the block. */
export interface SimulatedRun {
  readonly makespanCost: number;
  /** Executions that ran to their end: one per transaction and one per abort. */
  readonly executions: number;
  /** Failed validations. */
  readonly aborts: number;
  /** Executions that stopped at an ESTIMATE; their cost up to there was in vain. */
  readonly suspensions: number;
  readonly validations: number;
  /** Time that workers had nothing to do, summed over the workers that the run could use. */
  readonly idleCost: number;
  /** By transaction; for verification. */
  readonly final: readonly FinalExecution[];
}

const DEFAULT_VALIDATION_COST = 0.05;

/**
 * Runs a block under a plan on virtual workers by discrete events: Block-STM (PPoPP 23) with multi-version memory.
 * Deterministic: what happens at the same time happens by transaction, then by worker.
 *
 * A run uses no more workers than its plan asks for. A plan for one worker is run in block order without validation.
 * Throws LanecastError INVALID_ARGUMENT for a plan of another block or options out of range.
 */
export function simulate(workload: Workload, plan: Plan, options: SimulateOptions): SimulatedRun {
  checkArguments(workload, plan, options);
  const validationCost = options.validationCost ?? DEFAULT_VALIDATION_COST;
  const workers = Math.min(plan.workers, options.workers);
  const sequential = plan.workers === 1;
  const order = sequential ? workload.transactions.map((_, index) => index) : orderOf(plan);
  const settings = { workers, order, validationCost: sequential ? null : validationCost };
  return new Simulation(workload, plan, settings).run();
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

/** The transactions by priority, then in block order. */
function orderOf({ priority }: Plan): number[] {
  return [...priority.keys()].sort((a, b) => at(priority, a) - at(priority, b) || a - b);
}

interface SimulationOptions {
  readonly workers: number;
  /** All transactions, the first to start first. */
  readonly order: readonly number[];
  /** Null: no validation. */
  readonly validationCost: number | null;
}

/**
 * The state of a transaction:
 *
 *   waiting ─#release→ ready ─#startExecution→ executing ─#finishExecution→ executed
 *                        ↑                          │ #suspend                 │ #abort
 *                        ├──── #finishExecution ── suspended                   │
 *                        └──── of the blocker ─────────────────────────────────┘
 */
type State = 'waiting' | 'ready' | 'executing' | 'suspended' | 'executed';

/** What a worker is at. `untilCost` is the time of its next event. */
interface Task {
  readonly kind: 'execution' | 'validation';
  readonly transaction: number;
  /** Of the transaction when the task started. */
  readonly incarnation: number;
  readonly startCost: number;
  untilCost: number;
  /** The next read of an execution. */
  nextRead: number;
}

/** The last execution of a transaction so far. */
interface Execution {
  readonly startCost: number;
  readonly finishCost: number;
  readonly versions: readonly number[];
  readonly readTimes: readonly number[];
}

class Simulation {
  readonly #workload: Workload;
  readonly #memory: SimulatedMemory;
  readonly #validationCost: number | null;
  readonly #executions: TaskQueue;
  readonly #validations: TaskQueue;
  readonly #states: State[];
  /** By transaction: predicted blockers without a completed execution, and who waits for it by prediction. */
  readonly #missing: Uint32Array;
  readonly #predictedDependents: number[][];
  /** By transaction: those that met one of its ESTIMATEs. */
  readonly #suspended: number[][];
  readonly #last: (Execution | undefined)[];
  /** By worker; null when idle. */
  readonly #tasks: (Task | null)[];
  /** By worker: what its running execution has seen, and when. */
  readonly #versions: number[][];
  readonly #readTimes: number[][];
  readonly #scratch: number[] = [];
  #nowCost = 0;
  #busyCost = 0;
  #highestExecuted = -1;
  #executionCount = 0;
  #suspensionCount = 0;
  #validationCount = 0;
  #abortCount = 0;

  constructor(workload: Workload, plan: Plan, { workers, order, validationCost }: SimulationOptions) {
    const { length } = workload.transactions;
    this.#workload = workload;
    this.#memory = new SimulatedMemory(workload, plan);
    this.#validationCost = validationCost;
    const ranks = new Uint32Array(length);
    for (const [rank, transaction] of order.entries()) ranks[transaction] = rank;
    this.#executions = new TaskQueue(ranks);
    this.#validations = new TaskQueue(ranks);
    this.#states = Array.from({ length }, () => 'waiting');
    this.#missing = new Uint32Array(length);
    this.#predictedDependents = Array.from({ length }, () => []);
    this.#suspended = Array.from({ length }, () => []);
    this.#last = Array.from({ length }, () => undefined);
    this.#tasks = Array.from({ length: workers }, () => null);
    this.#versions = Array.from({ length: workers }, () => []);
    this.#readTimes = Array.from({ length: workers }, () => []);
    for (let index = 0; index < length; index++) this.#awaitBlockers(index, plan);
  }

  run(): SimulatedRun {
    this.#dispatch();
    for (let worker = this.#nextWorker(); worker !== null; worker = this.#nextWorker()) {
      const untilCost = this.#tasks[worker]?.untilCost ?? 0;
      // Whoever is idle takes its task after all that happens at one time has happened.
      if (untilCost > this.#nowCost && this.#dispatch()) continue;
      this.#nowCost = untilCost;
      this.#advance(worker);
      if (this.#nextWorker() === null) this.#dispatch();
    }
    return this.#summarise();
  }

  /** A blocker that is not earlier could wait for its dependent in turn: it is left out. */
  #awaitBlockers(index: number, plan: Plan): void {
    for (const blocker of new Set(rowOf(plan.blockers, index))) {
      if (blocker >= index) continue;
      this.#missing[index] = at(this.#missing, index) + 1;
      this.#predictedDependents[blocker]?.push(index);
    }
    if (at(this.#missing, index) === 0) this.#release(index);
  }

  #release(index: number): void {
    this.#states[index] = 'ready';
    this.#executions.push(index);
  }

  /** The worker whose event comes next: by time, transaction, worker. */
  #nextWorker(): number | null {
    let next: number | null = null;
    let first: Task | null = null;
    for (const [worker, task] of this.#tasks.entries()) {
      if (task === null || (first !== null && !isBefore(task, first))) continue;
      next = worker;
      first = task;
    }
    return next;
  }

  /** Gives tasks to idle workers; false where none could start. */
  #dispatch(): boolean {
    let started = false;
    for (const [worker, task] of this.#tasks.entries()) {
      if (task !== null) continue;
      const next = this.#nextTask(worker);
      if (next === null) break;
      this.#tasks[worker] = next;
      started = true;
    }
    return started;
  }

  /** The first by rank, be it to execute or to validate. */
  #nextTask(worker: number): Task | null {
    while (this.#validations.nextRank <= this.#executions.nextRank) {
      const index = this.#validations.pop();
      if (index === null) return null;
      if (this.#states[index] === 'executed') return this.#startValidation(index);
    }
    const index = this.#executions.pop();
    return index === null ? null : this.#startExecution(index, worker);
  }

  #startExecution(index: number, worker: number): Task {
    this.#states[index] = 'executing';
    this.#versions[worker] = [];
    this.#readTimes[worker] = [];
    const nextRead = at(this.#memory.readOffsets, index);
    return this.#toNextEvent({ ...this.#newTask('execution', index), nextRead });
  }

  #startValidation(index: number): Task {
    this.#validationCount++;
    const task = this.#newTask('validation', index);
    task.untilCost = this.#nowCost + (this.#validationCost ?? 0) * this.#costOf(index);
    return task;
  }

  #newTask(kind: Task['kind'], transaction: number): Task {
    const [startCost, untilCost] = [this.#nowCost, this.#nowCost];
    return {
      kind,
      transaction,
      incarnation: this.#memory.incarnations(transaction),
      startCost,
      untilCost,
      nextRead: 0,
    };
  }

  #costOf(index: number): number {
    return this.#workload.transactions[index]?.cost ?? 0;
  }

  #hasReadsLeft({ transaction, nextRead }: Task): boolean {
    return nextRead < at(this.#memory.readOffsets, transaction + 1);
  }

  #toNextEvent(task: Task): Task {
    const position = this.#hasReadsLeft(task) ? at(this.#memory.readPositions, task.nextRead) : 1;
    task.untilCost = task.startCost + position * this.#costOf(task.transaction);
    return task;
  }

  #advance(worker: number): void {
    const task = this.#tasks[worker];
    if (task === null || task === undefined) return;
    if (task.kind === 'validation') this.#finishValidation(task, worker);
    else if (this.#hasReadsLeft(task)) this.#readOne(task, worker);
    else this.#finishExecution(task, worker);
  }

  #readOne(task: Task, worker: number): void {
    const blocker = this.#memory.read(task.transaction, task.nextRead, this.#versions[worker] ?? []);
    if (blocker !== null) {
      this.#suspend(task, worker, blocker);
      return;
    }
    this.#readTimes[worker]?.push(this.#nowCost);
    task.nextRead++;
    this.#toNextEvent(task);
  }

  #suspend(task: Task, worker: number, blocker: number): void {
    this.#suspensionCount++;
    this.#states[task.transaction] = 'suspended';
    this.#suspended[blocker]?.push(task.transaction);
    this.#leave(task, worker);
  }

  #leave(task: Task, worker: number): void {
    this.#busyCost += this.#nowCost - task.startCost;
    this.#tasks[worker] = null;
  }

  #finishExecution(task: Task, worker: number): void {
    const { transaction: index, startCost } = task;
    this.#leave(task, worker);
    this.#executionCount++;
    this.#states[index] = 'executed';
    const [versions, readTimes] = [this.#versions[worker] ?? [], this.#readTimes[worker] ?? []];
    this.#last[index] = { startCost, finishCost: this.#nowCost, versions, readTimes };
    const surprises = this.#memory.changesUnpredicted(index);
    this.#memory.publish(index);
    this.#highestExecuted = Math.max(this.#highestExecuted, index);
    this.#wake(this.#suspended, index);
    if (task.incarnation === 0) this.#countDown(index);
    if (this.#validationCost === null) return;
    this.#validations.push(index);
    // Access sets are static: only a first execution writes where there was no entry before.
    if (task.incarnation === 0 && surprises) this.#validateAbove(index);
  }

  #wake(suspended: number[][], index: number): void {
    for (const dependent of suspended[index] ?? []) this.#release(dependent);
    suspended[index] = [];
  }

  #countDown(index: number): void {
    for (const dependent of this.#predictedDependents[index] ?? []) {
      this.#missing[dependent] = at(this.#missing, dependent) - 1;
      if (at(this.#missing, dependent) === 0) this.#release(dependent);
    }
  }

  #validateAbove(index: number): void {
    for (let higher = index + 1; higher <= this.#highestExecuted; higher++) this.#validateAgain(higher);
  }

  #validateAgain(index: number): void {
    if (this.#states[index] === 'executed') this.#validations.push(index);
  }

  /** The outcome counts only for the incarnation for which the validation was started. */
  #finishValidation(task: Task, worker: number): void {
    const { transaction: index, incarnation } = task;
    this.#leave(task, worker);
    if (this.#states[index] !== 'executed' || this.#memory.incarnations(index) !== incarnation) return;
    if (this.#memory.readsAgain(index, this.#last[index]?.versions ?? [], this.#scratch)) return;
    this.#abort(index);
  }

  #abort(index: number): void {
    this.#abortCount++;
    this.#memory.markEstimates(index);
    this.#release(index);
    this.#validateAbove(index);
  }

  #summarise(): SimulatedRun {
    return {
      makespanCost: this.#nowCost,
      executions: this.#executionCount,
      aborts: this.#abortCount,
      suspensions: this.#suspensionCount,
      validations: this.#validationCount,
      idleCost: this.#tasks.length * this.#nowCost - this.#busyCost,
      final: this.#last.map((execution, index) => this.#finalOf(execution, index)),
    };
  }

  #finalOf(execution: Execution | undefined, index: number): FinalExecution {
    if (execution === undefined) throw new Error(`the simulation ended without executing transaction ${index}`);
    const { startCost, finishCost } = execution;
    return {
      incarnation: this.#memory.incarnations(index) - 1,
      startCost,
      finishCost,
      reads: finalReads(execution, this.#memory, index),
    };
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.untilCost < b.untilCost || (a.untilCost === b.untilCost && a.transaction < b.transaction);
}

function finalReads({ versions, readTimes }: Execution, memory: SimulatedMemory, index: number): FinalRead[] {
  const firstRead = at(memory.readOffsets, index);
  let place = 0;
  return readTimes.map((atCost, read) => {
    const [sources, sourceIncarnations]: [number[], number[]] = [[], []];
    for (; at(versions, place) !== END_OF_READ; place += 2) {
      sources.unshift(at(versions, place));
      sourceIncarnations.unshift(at(versions, place + 1));
    }
    place++;
    return { key: at(memory.readKeys, firstRead + read), atCost, sources, sourceIncarnations };
  });
}
