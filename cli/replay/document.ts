import type { HeaderCheck } from '../../types.js';

/** What `lanecast replay --json` prints. Fields may be added; none is renamed or removed. */
export interface ReplayDocument {
  readonly schema: 'lanecast.replay/1';
  readonly environment: ReplayEnvironment;
  readonly blocks: readonly ReplayBlock[];
  readonly summary: readonly ReplaySummary[];
  /** The mean over the blocks of their critical-path bounds; null without blocks. */
  readonly criticalPathBound: BoundSummary | null;
  /** Input that could not be replayed; filled with `--keep-going` only. */
  readonly leftOut: readonly LeftOut[];
}

export interface ReplayEnvironment {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** Null while no network takes part in the replay. */
  readonly tfBackend: string | null;
}

/**
 * `evm`: executed from a snapshot. `recorded`: recorded accesses on real workers. `simulated`: only simulated, because
 * the source holds accesses but no code.
 */
export type Execution = 'evm' | 'recorded' | 'simulated';

/** `wasm`: the engine in executor/engine. `reference`: @ethereumjs/vm. */
export type EngineName = 'wasm' | 'reference';

/**
 * What stands for time in simulated runs. `time`: measured sequential times. `gas`: gas used. `gas-less-intrinsic`: gas
 * used less 15,000, closer to work done. Where the block was executed the costs are scaled to its sequential time; where
 * not, one nanosecond stands for one gas, and only ratios mean anything.
 */
export type CostModel = 'time' | 'gas' | 'gas-less-intrinsic';

export interface ReplayBlock {
  readonly origin: string;
  readonly chainId: number;
  readonly number: number;
  readonly transactions: number;
  readonly gasUsed: number;
  readonly execution: Execution;
  /** What executed it; null where nothing was executed. */
  readonly engine: EngineName | null;
  /** Why the engine that was asked for did not execute it; null where it did. */
  readonly fallback: string | null;
  /** Null: the fork does not allow the check, or nothing was executed. */
  readonly header: HeaderCheck;
  readonly cost: CostModel;
  /**
   * What all runs are compared with. Executed: the median over the repeats of the time of all transactions, without
   * recording. Not executed: the sum of their costs, with a gas cost nominal.
   */
  readonly sequentialNs: number;
  /** Gas of the block over that of its longest chain of dependent transactions, without lazy balances. Null for no work. */
  readonly criticalPathBound: number | null;
  /** Storage conflicts: ordered pairs of transactions, and the transactions that depend on an earlier one. */
  readonly conflictPairs: number;
  readonly dependentTransactions: number;
  readonly runs: readonly ReplayRun[];
}

export interface ReplayRun {
  readonly policy: string;
  readonly workers: number;
  readonly simulated: boolean;
  readonly verified: boolean;
  readonly wallNs: number;
  readonly predictNs: number;
  readonly planNs: number;
  /** Executions that ran to their end. */
  readonly executions: number;
  /** Failed validations. */
  readonly aborts: number;
  /** Executions that stopped at an ESTIMATE, to be started again. */
  readonly suspensions: number;
  readonly validations: number;
  /** sequentialNs / (wallNs + predictNs + planNs); 1 for a block without work. */
  readonly speedup: number;
}

export interface ReplaySummary {
  readonly policy: string;
  readonly workers: number;
  readonly simulated: boolean;
  readonly blocks: number;
  /** How many of the blocks verified. */
  readonly verified: number;
  /** Null where no block was measured in real time. */
  readonly transactionsPerSecond: number | null;
  readonly gasPerSecond: number | null;
  readonly speedup: { readonly min: number; readonly p50: number; readonly max: number; readonly total: number };
  readonly executionsPerTransaction: number;
  readonly predictNsPerTransaction: number;
  readonly planNsPerTransaction: number;
}

export interface BoundSummary {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

export interface LeftOut {
  readonly code: string;
  readonly message: string;
}
