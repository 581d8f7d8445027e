import type { ReplayBlock, ReplaySummary } from '../../cli/replay/document.js';
import type { Mode } from '../../scheduler/ways.js';

/** What the section `policies` is made of. `generated`, `traces` and `blocks`: groups of blocks, each learned anew. */
export const POLICY_PARTS = ['generated', 'traces', 'blocks', 'mixed', 'pairs', 'corruption'] as const;
export type PolicyPart = (typeof POLICY_PARTS)[number];

export interface PolicySettings {
  readonly parts: readonly PolicyPart[];
  /** Generated ones; names of groups. */
  readonly profiles: readonly string[];
  readonly profileBlocks: number;
  /** Per block; `mainnet` has its own size. */
  readonly profileTransactions: number;
  /** Timed runs of each policy on each block; the median counts. */
  readonly repeats: number;
  readonly simulatedWorkers: readonly number[];
  /** Rounds in which the policies of a comparison take turns. */
  readonly pairs: number;
  readonly tracesFolder: string;
}

/** A policy on a machine, over the blocks of a group. */
export interface PolicyRow extends ReplaySummary {
  /**
   * 1 − (executions − transactions) / the same of optimistic execution on the same machine; null where that executed nothing
   * again.
   */
  readonly reExecutionsAvoided: number | null;
}

/** Processor time in ns. */
export interface OffClockCost {
  /** When transactions arrive. */
  readonly arrivalNsPerTransaction: number;
  /** Between blocks, for all machines of the group together. */
  readonly idleNsPerTransaction: number;
}

export interface GroupReport {
  readonly name: string;
  /** What is to be known to read the rows. */
  readonly note: string;
  readonly blocks: number;
  readonly verifiedBlocks: number;
  readonly transactions: number;
  readonly rows: readonly PolicyRow[];
  readonly offClock: OffClockCost;
}

/** Blocks as they were measured, in the order in which they were learned. */
export interface MeasuredGroup {
  readonly name: string;
  readonly blocks: readonly ReplayBlock[];
}

/** What a policy took for all blocks of the mixed trace, prediction and plan included. */
export interface MixedRow {
  /** Of the machine. */
  readonly machineWorkers: number;
  readonly simulated: boolean;
  readonly policy: string;
  /** Most workers that it may use: fewer than those of the machine where their number is fixed. */
  readonly workers: number;
  readonly totalNs: number;
  /** Time of the adaptive policy on the machine by this time: under 1 where the adaptive policy is faster. */
  readonly adaptiveRatio: number;
}

/** The median of some figures, and between which of them that of all would lie. */
export interface MedianInterval {
  readonly count: number;
  readonly median: number;
  /** Null where there are too few figures for the confidence that was asked. */
  readonly interval: { readonly low: number; readonly high: number; readonly confidence: number } | null;
}

export type PairCase = 'conflict-free' | 'chain' | 'worst of the mixed';

/** The adaptive policy against another one on one block, in turns. */
export interface PairRow {
  readonly profile: string;
  readonly pairCase: PairCase;
  readonly transactions: number;
  readonly verified: boolean;
  /** What the adaptive policy chose in most rounds. */
  readonly mode: Mode;
  readonly rival: string;
  /** Whether no other rival was faster, by medians. */
  readonly isBestRival: boolean;
  /** Times of the adaptive policy by times of the rival, prediction and plan included, round by round. */
  readonly timeRatio: MedianInterval;
  /** Processors in use on average: processor time over time on the clock. */
  readonly adaptiveProcessors: number;
  readonly rivalProcessors: number;
}

/** Blocks that were run with so many wrong hints. */
export interface CorruptionRow {
  readonly group: string;
  readonly workers: number;
  readonly simulated: boolean;
  /** Of the transactions. */
  readonly percent: number;
  readonly blocks: number;
  readonly verifiedBlocks: number;
  /** Time of the adaptive policy by that of sequential or optimistic execution, whichever took less. */
  readonly timeRatio: number;
  /** Of the time that the adaptive policy saved with right hints, the share that it still saves; null where that was under 3 %. */
  readonly keptGainShare: number | null;
}

export interface PoliciesReport {
  readonly groups: readonly GroupReport[];
  readonly mixed: readonly MixedRow[];
  readonly pairs: readonly PairRow[];
  readonly corruption: readonly CorruptionRow[];
  /** What the groups and the mixed trace come from. */
  readonly measured: readonly MeasuredGroup[];
}
