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
  /** By transaction; for verification. */
  readonly final: readonly FinalExecution[];
}
