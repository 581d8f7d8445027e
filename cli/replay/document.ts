import type { ReliabilityBin } from '../../model/evaluation/metrics.js';
import type { SimulationErrors } from '../../scheduler/calibrator.js';
import type { Mode } from '../../scheduler/ways.js';
import type { HeaderCheck } from '../../types.js';
import type { Forecast } from '../../server/live.js';
import type { Environment } from '../environment.js';
import type { BlockPicture } from './picture-document.js';
import type { ReplayReorder, ReplayShards } from './reorder-document.js';

/** What `lanecast replay --json` prints. Fields may be added; none is renamed or removed. */
export interface ReplayDocument {
  readonly schema: 'lanecast.replay/1';
  readonly environment: Environment;
  readonly blocks: readonly ReplayBlock[];
  readonly summary: readonly ReplaySummary[];
  /** The mean over the blocks of their critical-path bounds; null without blocks. */
  readonly criticalPathBound: BoundSummary | null;
  /** Input that could not be replayed; filled with `--keep-going` only. */
  readonly leftOut: readonly LeftOut[];
  /** The block up to which the store had learned before, where the replay went on from it; null where it learned anew. */
  readonly learnedUpTo: number | null;
  /** One block in detail; null where no report is written. */
  readonly picture: BlockPicture | null;
  /** Of all blocks; null where no report is written, or no policy predicts. */
  readonly predictedConflicts: JudgedConflicts | null;
  /** Of the load after the last block; null where no report is written, or the blocks are of several chains. */
  readonly forecast: ReplayForecast | null;
}

/** As `GET /v1/forecast` of the service tells it. */
export type ReplayForecast = Omit<Forecast, 'model'>;

/** How well the conflicting pairs of a block were predicted before it was learned; null where a score is not defined. */
export interface JudgedConflicts {
  /** Of pairs with a probability of `threshold` or more. */
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly threshold: number;
  /** Expected calibration error over pairs with p ≥ 0.05. */
  readonly ece: number | null;
  readonly reliability: readonly ReliabilityBin[];
}

/**
 * `evm`: executed from a snapshot. `recorded`: the source holds accesses but no code; real workers make the recorded
 * accesses, with work in proportion to the costs in between. `simulated`: such a source, and only simulated.
 */
export type Execution = 'evm' | 'recorded' | 'simulated';

/** `wasm`: the engine in executor/engine. `reference`: @ethereumjs/vm. */
export type EngineName = 'wasm' | 'reference';

/**
 * What stands for time in simulated runs, and for work in recorded ones. `time`: measured sequential times. `gas`: gas
 * used. `gas-less-intrinsic`: gas used less 15,000, closer to work done. In recorded runs a unit of work, about a
 * nanosecond, stands for a unit of cost. Simulated costs are scaled to the sequential time of the block; where nothing
 * ran, one nanosecond stands for one gas, and only ratios mean anything.
 */
export type CostModel = 'time' | 'gas' | 'gas-less-intrinsic';

export interface ReplayBlock {
  readonly origin: string;
  readonly chainId: number;
  readonly number: number;
  readonly transactions: number;
  readonly gasUsed: number;
  readonly execution: Execution;
  /** What ran it; null where nothing ran. */
  readonly engine: EngineName | null;
  /** Why the engine that was asked for did not run it; null where it did. */
  readonly fallback: string | null;
  /** Null: the fork does not allow the check, or nothing was executed. */
  readonly header: HeaderCheck;
  readonly cost: CostModel;
  /**
   * What all runs are compared with: the median over the repetitions of a sequential run, without recording. On the WASM
   * engine from decoded transactions with known senders to receipts, blooms and the differences of the state, in memory;
   * on the reference the transactions alone. Where nothing ran: the sum of the costs.
   */
  readonly sequentialNs: number;
  /**
   * Whether every repetition of the sequential run gave what the reference and the header say; of recorded transactions,
   * whether their reads saw what they see in block order. True where nothing ran.
   */
  readonly sequentialVerified: boolean;
  /** What it took to bring the block into the WASM engine; null where it was not executed there. */
  readonly loadNs: { readonly state: number; readonly transactions: number } | null;
  /** Most that a run took of the WASM engine's heap for a block, with the block's own data; null where it did not run there. */
  readonly heapBytes: number | null;
  /** Gas of the block over that of its longest chain of dependent transactions, without lazy balances. Null for no work. */
  readonly criticalPathBound: number | null;
  /** Storage conflicts: ordered pairs of transactions, and the transactions that depend on an earlier one. */
  readonly conflictPairs: number;
  readonly dependentTransactions: number;
  /** Processor time when its transactions arrived, off the clock: preparing what is predicted of them. */
  readonly arrivalNs: number;
  /**
   * Processor time after it was executed, off the clock: learning, and simulating what other ways would have taken on the threads of
   * this machine. What it takes to record accesses is not among it.
   */
  readonly idleNs: number;
  readonly runs: readonly ReplayRun[];
  /** The order that a builder would give the block by what is predicted of it; null where it was not asked for. */
  readonly reorder: ReplayReorder | null;
  /** The block on shards, as predicted; null where it was not asked for. */
  readonly shards: ReplayShards | null;
}

/**
 * A run of a block. Of a real one `wallNs` is the median over the repetitions, and the counters are those of the
 * repetition that took that long.
 */
export interface ReplayRun {
  readonly policy: string;
  /** What the adaptive policy chose; null for other policies. */
  readonly mode: Mode | null;
  /**
   * Real ones are the threads that the policy used; 1 without versions and validation. Simulated ones are those of the machine,
   * of which a policy may use fewer.
   */
  readonly workers: number;
  /** Fewest workers that took part in a repetition: a thread that wakes up too late has no part in a short block. */
  readonly joined: number;
  readonly simulated: boolean;
  /**
   * Executed: every repetition gave the receipts, logs, blooms, gas and post-state of the reference executor, and the
   * header says nothing else. Recorded: in every repetition every read saw the version that it sees in block order, and
   * the same values as in the sequential run. Simulated: conflicting accesses happened in block order.
   */
  readonly verified: boolean;
  readonly wallNs: number;
  /**
   * On the clock, and measured once, as the block arrives: looking at it, choosing, putting the hints together. What was prepared
   * before is in `arrivalNs`.
   */
  readonly predictNs: number;
  readonly planNs: number;
  /** Processor time of all threads, prediction and plan included; of a simulated run the time that its workers were busy. */
  readonly cpuNs: number;
  /** Executions that ran to their end. */
  readonly executions: number;
  /** Failed validations. */
  readonly aborts: number;
  /** Executions that stopped at an ESTIMATE, to be started again. */
  readonly suspensions: number;
  readonly validations: number;
  /** From this transaction on one thread did the rest (README says when): 0 where it did all, null where none did. */
  readonly inOrderFrom: number | null;
  /** sequentialNs / (wallNs + predictNs + planNs); of a simulated block without work 1. */
  readonly speedup: number;
}

export interface ReplaySummary {
  readonly policy: string;
  readonly workers: number;
  readonly simulated: boolean;
  readonly blocks: number;
  /** How many of the blocks verified. */
  readonly verified: number;
  /** Null where gas stands for time in a block. */
  readonly transactionsPerSecond: number | null;
  readonly gasPerSecond: number | null;
  readonly speedup: { readonly min: number; readonly p50: number; readonly max: number; readonly total: number };
  readonly executionsPerTransaction: number;
  readonly predictNsPerTransaction: number;
  readonly planNsPerTransaction: number;
  /** Processors in use on average: processor time over time. */
  readonly processors: number;
  /** Processor time beyond that of sequential execution, as a share of the latter. */
  readonly wastedProcessorShare: number;
  /**
   * (T of optimistic − T) / (T of optimistic − T of oracle) on machines of this kind, prediction and plan included; null where
   * the gap is under 3 % or one of the two did not run.
   */
  readonly oracleGainShare: number | null;
  /** The same without the time for prediction and plan. */
  readonly oracleGainShareOfRuns: number | null;
  /**
   * Of simulated rows: how far the simulation of this policy was off from the runs on this machine's threads, each block judged by
   * what earlier ones taught; null where it was not both run and simulated.
   */
  readonly simulationError: SimulationErrors | null;
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
