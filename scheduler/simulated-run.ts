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

/**
 * `committed`: the incarnation that counts. `aborted`: it ran to its end, and its outcome was thrown away, by a failed validation or
 * because one worker did the rest in order. `suspended`: it stopped at an ESTIMATE.
 */
export type IntervalOutcome = 'committed' | 'aborted' | 'suspended';

/** One execution of a transaction on one worker, whether or not it ran to its end. */
export interface TracedInterval {
  readonly transaction: number;
  /** A suspended one has the number of the one that is started in its place. */
  readonly incarnation: number;
  /** From 0; worker 0 does what is done in order. */
  readonly worker: number;
  readonly startCost: number;
  readonly endCost: number;
  readonly outcome: IntervalOutcome;
}

/** Times are in the unit of the workload's costs, from the start of the block. */
export interface SimulatedRun {
  readonly makespanCost: number;
  /** Executions that ran to their end, and those of the transactions that one worker did in order. */
  readonly executions: number;
  /** Failed validations. */
  readonly aborts: number;
  /** Executions that stopped at an ESTIMATE; their cost up to there was in vain. */
  readonly suspensions: number;
  /** At commit, and early ones. */
  readonly validations: number;
  /** From this transaction on one worker did the rest, in block order; null where they did it together. */
  readonly inOrderFrom: number | null;
  /** Time that workers had nothing to do, summed over the workers that the run could use. */
  readonly idleCost: number;
  /** By transaction; for verification. Worked out when it is first asked for. */
  readonly final: readonly FinalExecution[];
  /** All executions, by the time of their end, where they were asked for; else null. Validations are not among them. */
  readonly trace: readonly TracedInterval[] | null;
}
