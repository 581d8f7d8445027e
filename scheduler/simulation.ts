import { CHAIN_LENGTH } from './engine-rules.js';
import type { Plan } from './plan.js';
import { at } from './rows.js';
import type { SimulatedCosts } from './simulated-costs.js';
import { describeExecution, type Execution } from './simulated-execution.js';
import { SimulatedMemory } from './simulated-memory.js';
import type { FinalExecution, SimulatedRun } from './simulated-run.js';
import { SimulatedSchedule } from './simulated-schedule.js';
import { SimulatedTrace } from './simulated-trace.js';
import { SimulatedWorkers, type Task } from './simulated-workers.js';
import type { Workload } from './workload.js';

export interface SimulationOptions {
  readonly workload: Workload;
  readonly plan: Plan;
  readonly costs: SimulatedCosts;
  readonly workers: number;
  readonly mayContinueInOrder: boolean;
  readonly isTraced: boolean;
}

/** One run of a block, once: either of its methods. */
export class Simulation {
  readonly #memory: SimulatedMemory;
  readonly #schedule: SimulatedSchedule;
  readonly #costs: SimulatedCosts;
  readonly #workers: SimulatedWorkers;
  readonly #last: (Execution | undefined)[];
  /** By worker: what its running execution has seen, and when. */
  readonly #versions: number[][];
  readonly #readTimes: number[][];
  readonly #scratch: number[] = [];
  readonly #trace: SimulatedTrace | null;
  #isCommitting = false;
  #executionCount = 0;
  #validationCount = 0;
  #inOrderFrom: number | null = null;

  constructor({ workload, plan, costs, workers, mayContinueInOrder, isTraced }: SimulationOptions) {
    this.#memory = new SimulatedMemory(workload, plan);
    this.#schedule = new SimulatedSchedule(workload, plan, { workers, mayContinueInOrder });
    this.#costs = costs;
    this.#trace = isTraced ? new SimulatedTrace() : null;
    this.#workers = new SimulatedWorkers(workers, costs);
    this.#last = Array.from(workload.transactions, () => undefined);
    this.#versions = Array.from({ length: workers }, () => []);
    this.#readTimes = Array.from({ length: workers }, () => []);
  }

  /** One transaction after the other; nothing is tracked. */
  runInOrder(): SimulatedRun {
    this.#continueInOrder();
    return this.#summarise();
  }

  /** Block-STM on all workers. */
  run(): SimulatedRun {
    const { count } = this.#workers;
    for (let worker = 0; worker < count; worker++) this.#arriveAt(this.#costs.start(worker + 1), worker);
    while (!this.#schedule.isDone && !this.#isOver()) this.#step();
    if (this.#schedule.isLeftToOne && !this.#schedule.isDone) {
      this.#inOrderFrom = this.#schedule.frontier;
      this.#continueInOrder();
    }
    // A worker that comes too late is waited for all the same.
    this.#workers.advanceTo(this.#costs.start(count));
    return this.#summarise();
  }

  /** Whether all have left who were told to. */
  #isOver(): boolean {
    return this.#schedule.isLeftToOne && this.#workers.busy === 0;
  }

  #step(): void {
    const worker = this.#workers.next();
    const untilCost = worker === null ? Infinity : (this.#workers.task(worker)?.untilCost ?? 0);
    // Whoever is idle takes its task after all that happens at one time has happened.
    if (untilCost > this.#workers.nowCost && !this.#schedule.isLeftToOne) {
      if (this.#dispatch()) return;
      this.#refuseStandstill();
    }
    if (worker === null) return;
    this.#workers.advanceTo(untilCost);
    this.#advance(worker);
  }

  #refuseStandstill(): void {
    if (this.#workers.busy + this.#workers.arriving > 0) return;
    throw new Error(`the simulation came to no end at transaction ${this.#schedule.frontier}`);
  }

  // ----------------------------------------------------------------------------------------------------- taking tasks

  /** Gives tasks to idle workers; the others may sleep. False where nothing changed. */
  #dispatch(): boolean {
    let hasStarted = false;
    for (let worker = this.#workers.lastIdle(); worker !== null; worker = this.#workers.lastIdle()) {
      const next = this.#nextTask(worker);
      if (next === null) break;
      this.#workers.start(next, worker);
      hasStarted = true;
    }
    return this.#goToSleep() || hasStarted;
  }

  /** What is to be validated comes first. */
  #nextTask(worker: number): Task | null {
    const toValidate = this.#schedule.nextToValidate();
    if (toValidate !== null) return this.#newValidation('validation', toValidate);
    const toExecute = this.#schedule.claim();
    if (toExecute === null) return null;
    this.#versions[worker] = [];
    this.#readTimes[worker] = [];
    return this.#toNextEvent(this.#newTask('execution', toExecute));
  }

  #newValidation(kind: 'validation' | 'commit', index: number): Task {
    this.#validationCount++;
    const task = this.#newTask(kind, index);
    task.untilCost += this.#costs.validation(index);
    return task;
  }

  #newTask(kind: Task['kind'], transaction: number): Task {
    const { nowCost, busy } = this.#workers;
    const isExecution = kind === 'execution';
    return {
      kind,
      transaction,
      startCost: nowCost,
      untilCost: nowCost,
      incarnation: transaction === Infinity ? 0 : this.#memory.incarnations(transaction),
      cost: isExecution ? this.#costs.execution(transaction, busy + 1) : 0,
      nextRead: isExecution ? at(this.#memory.readOffsets, transaction) : 0,
      range: this.#schedule.validationRange,
      attempts: this.#schedule.attempts,
    };
  }

  #arriveAt(untilCost: number, worker: number): void {
    this.#workers.start({ ...this.#newTask('arrival', Infinity), untilCost }, worker);
  }

  /** Only where somebody will look after a while. */
  #goToSleep(): boolean {
    if (this.#costs.sleep === Infinity) return false;
    const idle = this.#workers.withoutTask();
    const untilCost = this.#workers.nowCost + this.#costs.sleep;
    for (const worker of idle) this.#workers.start({ ...this.#newTask('sleep', Infinity), untilCost }, worker);
    return idle.length > 0;
  }

  /** Where one worker alone went on while all others slept, it does the rest. */
  #endSleep({ attempts }: Task, worker: number): void {
    const isChain = this.#schedule.attempts - attempts >= CHAIN_LENGTH;
    if (isChain && this.#workers.busy <= 1) this.#schedule.leaveToOne();
    this.#workers.leave(worker);
  }

  #wakeSleepers(): void {
    for (const worker of this.#workers.sleepers(this.#schedule.takeWakes())) {
      this.#arriveAt(this.#workers.nowCost + this.#costs.wake, worker);
    }
  }

  // ----------------------------------------------------------------------------------------------------- executing

  #hasReadsLeft({ transaction, nextRead }: Task): boolean {
    return nextRead < at(this.#memory.readOffsets, transaction + 1);
  }

  #toNextEvent(task: Task): Task {
    const position = this.#hasReadsLeft(task) ? at(this.#memory.readPositions, task.nextRead) : 1;
    task.untilCost = task.startCost + position * task.cost;
    return task;
  }

  #advance(worker: number): void {
    const task = this.#workers.task(worker);
    if (task === null) return;
    if (task.kind === 'arrival') this.#workers.leave(worker);
    else if (task.kind === 'sleep') this.#endSleep(task, worker);
    else if (task.kind === 'validation') this.#finishValidation(task, worker);
    else if (task.kind === 'commit') this.#finishCommit(task, worker);
    else if (this.#hasReadsLeft(task)) this.#read(task, worker);
    else this.#finishExecution(task, worker);
  }

  /** The next read, and those at the same time: nothing else happens between them. */
  #read(task: Task, worker: number): void {
    const { transaction } = task;
    const { nowCost } = this.#workers;
    const [versions, readTimes] = [this.#versions[worker] ?? [], this.#readTimes[worker] ?? []];
    do {
      this.#memory.noteReader(transaction, task.nextRead);
      const blocker = this.#memory.read(transaction, task.nextRead, versions);
      if (blocker !== null) {
        this.#workers.leave(worker);
        this.#trace?.suspended({ ...task, worker, endCost: nowCost });
        this.#schedule.suspend(transaction, blocker);
        return;
      }
      readTimes.push(nowCost);
      task.nextRead++;
      this.#toNextEvent(task);
    } while (task.untilCost === nowCost && this.#hasReadsLeft(task));
  }

  #finishExecution(task: Task, worker: number): void {
    const { transaction: index, startCost, incarnation, range } = task;
    this.#workers.leave(worker);
    this.#executionCount++;
    this.#trace?.executed({ ...task, worker, endCost: this.#workers.nowCost });
    const [versions, readTimes] = [this.#versions[worker] ?? [], this.#readTimes[worker] ?? []];
    this.#last[index] = { startCost, finishCost: this.#workers.nowCost, versions, readTimes };
    const endOfReaders = this.#memory.publish(index);
    this.#schedule.finish(index, incarnation === 0);
    this.#wakeSleepers();
    if (endOfReaders > 0) this.#schedule.validateBetween(index + 1, endOfReaders);
    // A write that came while it was executing found nothing to validate.
    if (this.#schedule.validationRange === range) this.#commitNext(worker);
    else this.#workers.start(this.#newValidation('validation', index), worker);
  }

  // ----------------------------------------------------------------------------------------------------- validating

  #finishValidation(task: Task, worker: number): void {
    this.#workers.leave(worker);
    if (this.#isStill(task) && !this.#readsAgain(task.transaction)) this.#abort(task.transaction);
    this.#commitNext(worker);
  }

  /** The outcome counts only for the incarnation for which the validation was started. */
  #isStill({ transaction, incarnation }: Task): boolean {
    return this.#schedule.isExecuted(transaction) && this.#memory.incarnations(transaction) === incarnation;
  }

  #readsAgain(index: number): boolean {
    return this.#memory.readsAgain(index, this.#last[index]?.versions ?? [], this.#scratch);
  }

  #abort(index: number): void {
    this.#memory.markEstimates(index);
    this.#schedule.abort(index);
    this.#wakeSleepers();
  }

  /** Looks whether the first that is not committed can be, unless somebody else is at it. */
  #commitNext(worker: number): void {
    const { frontier, isLeftToOne } = this.#schedule;
    if (this.#isCommitting || isLeftToOne || !this.#schedule.isExecuted(frontier)) return;
    this.#isCommitting = true;
    this.#workers.start(this.#newValidation('commit', frontier), worker);
  }

  #finishCommit(task: Task, worker: number): void {
    this.#workers.leave(worker);
    this.#isCommitting = false;
    if (this.#isStill(task)) {
      if (this.#readsAgain(task.transaction)) this.#schedule.commit();
      else this.#abort(task.transaction);
    }
    this.#commitNext(worker);
  }

  // ----------------------------------------------------------------------------------------------------- in order

  #continueInOrder(): void {
    for (let index = this.#schedule.frontier; index < this.#last.length; index++) this.#executeInOrder(index);
  }

  #executeInOrder(index: number): void {
    const [startCost, cost] = [this.#workers.nowCost, this.#costs.inOrder(index)];
    const [versions, readTimes]: [number[], number[]] = [[], []];
    for (let read = at(this.#memory.readOffsets, index); read < at(this.#memory.readOffsets, index + 1); read++) {
      this.#memory.read(index, read, versions);
      readTimes.push(startCost + at(this.#memory.readPositions, read) * cost);
    }
    this.#workers.workAlone(cost);
    this.#executionCount++;
    const [incarnation, finishCost] = [this.#memory.incarnations(index), this.#workers.nowCost];
    this.#trace?.executed({ transaction: index, incarnation, worker: 0, startCost, endCost: finishCost });
    this.#memory.publish(index);
    this.#last[index] = { startCost, finishCost, versions, readTimes };
  }

  // ----------------------------------------------------------------------------------------------------- summing up

  /** Who only wants to know how long it takes does not pay for what each read saw. */
  #summarise(): SimulatedRun {
    const describe = (): FinalExecution[] => this.#last.map((execution, index) => this.#finalOf(execution, index));
    let final: FinalExecution[] | undefined;
    return {
      makespanCost: this.#workers.nowCost,
      executions: this.#executionCount,
      aborts: this.#schedule.aborts,
      suspensions: this.#schedule.suspensions,
      validations: this.#validationCount,
      inOrderFrom: this.#inOrderFrom,
      idleCost: this.#workers.idleCost,
      get final() {
        return (final ??= describe());
      },
      trace: this.#trace?.describe((index) => this.#memory.incarnations(index) - 1) ?? null,
    };
  }

  #finalOf(execution: Execution | undefined, index: number): FinalExecution {
    if (execution === undefined) throw new Error(`the simulation ended without executing transaction ${index}`);
    return describeExecution(execution, this.#memory, index);
  }
}
