import type { IntervalOutcome } from '../../scheduler/simulated-run.js';
import type { Mode } from '../../scheduler/ways.js';

/**
 * `picture` of a replay: one block in detail, as a report draws it. Lanes are simulated, as the run of the same policy and workers in
 * `blocks` is. Conflicts are through storage slots.
 */
export interface BlockPicture {
  readonly number: number;
  readonly transactions: number;
  /** Of the simulated machine. */
  readonly workers: number;
  readonly lanes: readonly PolicyLanes[];
  /** The slots through which most transactions depend on earlier ones, the hottest first. */
  readonly hotKeys: readonly HotKey[];
  /**
   * By later transaction, then by earlier one: whose writes it reads or overwrites, the latest writer of each slot. Its distinct
   * later ones are the dependent transactions of the block.
   */
  readonly dependencies: readonly PicturedDependency[];
}

/** What a policy ran where and when, in ns from the start of execution. */
export interface PolicyLanes {
  readonly policy: string;
  /** What the adaptive policy chose; null for other policies. */
  readonly mode: Mode | null;
  /** Those of the machine that the run used. */
  readonly workers: number;
  /** Before execution began. */
  readonly predictNs: number;
  readonly planNs: number;
  readonly wallNs: number;
  readonly executions: readonly LaneExecution[];
}

/** One execution of a transaction, whether or not it counts. */
export interface LaneExecution {
  readonly transaction: number;
  readonly incarnation: number;
  readonly worker: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly outcome: IntervalOutcome;
}

export interface HotKey {
  readonly address: string;
  readonly slot: string;
  /** Transactions that write it, and those that only read it, by index. */
  readonly writers: readonly number[];
  readonly readers: readonly number[];
  /** Transactions that depend on an earlier one through it. */
  readonly dependents: number;
}

export interface PicturedDependency {
  readonly earlier: number;
  readonly later: number;
  /** The hottest slot that connects the two, as an index of `hotKeys`; null where it is none of these. */
  readonly hotKey: number | null;
}
