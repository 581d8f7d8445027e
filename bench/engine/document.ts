import type { PoliciesReport, PolicySettings } from '../policies/document.js';

/** What `npm run bench -- --json` prints. Times are in nanoseconds, gas per second in gas. */

export const SECTIONS = ['per-core', 'tracking', 'parallel', 'end-to-end', 'mainnet', 'policies'] as const;
export type Section = (typeof SECTIONS)[number];

/**
 * `straight`: one thread, nothing tracked. `straight again`: the same once more, which shows the noise. `tracked`: one
 * worker that runs Block-STM. `parallel`: several that do. `reference`: @ethereumjs/vm.
 */
export type VariantName = 'straight' | 'straight again' | 'tracked' | 'parallel' | 'reference';

/** One timed run. */
export interface RunSample {
  readonly round: number;
  readonly wallNs: number;
  readonly executions: number;
  readonly aborts: number;
  readonly suspensions: number;
  readonly validations: number;
  /** From this transaction on one thread did the rest; null where none had to. */
  readonly inOrderFrom: number | null;
  readonly heapBytes: number;
}

export interface MeasuredVariant {
  readonly variant: VariantName;
  readonly workers: number;
  readonly samples: readonly RunSample[];
}

/** `contended`: most transactions meet on few keys; `mixed`: generated to be like mainnet; `mainnet`: a block of it. */
export type BlockKind = 'conflict-free' | 'contended' | 'mixed' | 'mainnet';

export interface MeasuredBlock {
  readonly name: string;
  readonly kind: BlockKind;
  /** Whether it is one of the blocks that the rates per core are stated for. */
  readonly perCore: boolean;
  /** Whether every run of it came to the right result; else its times mean nothing. */
  readonly isVerified: boolean;
  readonly transactions: number;
  readonly gasUsed: number;
  readonly variants: readonly MeasuredVariant[];
}

/** One run, and what came after it: the receipts root, and reading receipts, logs and post-state as JavaScript objects. */
export interface ExecutionSample {
  readonly workers: number;
  readonly wallNs: number;
  readonly receiptsRootNs: number;
  readonly readNs: number;
}

export interface EndToEndSample {
  readonly round: number;
  readonly stateNs: number;
  readonly transactionsNs: number;
  readonly executions: readonly ExecutionSample[];
}

export interface RecoverySample {
  readonly method: string;
  readonly signatures: number;
  /** By round, for one signature. */
  readonly nsPerSignature: readonly number[];
}

export interface EndToEnd {
  readonly name: string;
  readonly transactions: number;
  readonly gasUsed: number;
  readonly samples: readonly EndToEndSample[];
  readonly recovery: RecoverySample;
}

/** What is not as it should be: a result that differs, or a run that came to no result. */
export interface Failure {
  readonly block: string;
  readonly variant: string;
  readonly problem: string;
  /** How often. */
  readonly times: number;
}

export interface BenchSettings {
  readonly sections: readonly Section[];
  readonly rounds: number;
  readonly referenceRounds: number;
  readonly warmUpRounds: number;
  readonly warmUpTransactions: number;
  readonly workers: readonly number[];
  readonly seed: number;
  /** Most transactions of a generated block; null: as many as each is meant to have. */
  readonly mostTransactions: number | null;
  /** Whether the blocks of one gigagas have all of it. */
  readonly gigagas: boolean;
  readonly blocksFolder: string;
  readonly policies: PolicySettings;
}

export interface BenchEnvironment {
  readonly node: string;
  readonly v8: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Over one minute: how many threads wanted to run. */
  readonly loadAverage: { readonly before: number; readonly after: number };
}

/** The middle, the best and the worst of the rounds. */
export interface Spread {
  readonly median: number;
  readonly best: number;
  readonly worst: number;
}

export interface PerCoreRow {
  readonly name: string;
  readonly transactions: number;
  readonly transactionsPerSecond: Spread;
  readonly gasPerSecond: Spread;
  readonly reference: { readonly transactionsPerSecond: number; readonly gasPerSecond: number } | null;
  /** Straight against the reference. */
  readonly ratio: number | null;
}

export interface TrackingRow {
  readonly name: string;
  readonly variant: VariantName;
  /** Time against that of the straight run of the same round. */
  readonly timeRatio: Spread;
}

export interface ParallelRow {
  readonly name: string;
  readonly kind: BlockKind;
  readonly transactions: number;
  readonly workers: number;
  /** Against the straight run of the same round. */
  readonly speedup: Spread;
  readonly executionsPerTransaction: number;
  readonly transactionsPerSecond: number;
  readonly inOrder: { readonly rounds: number; readonly medianFrom: number } | null;
}

export interface EndToEndRow {
  readonly name: string;
  readonly totalNs: Spread;
  readonly nsPerTransaction: number;
  /** Null where the step takes no time that can be told from noise. */
  readonly transactionsPerSecond: number | null;
}

export interface MainnetRow {
  readonly name: string;
  readonly transactions: number;
  readonly gasUsed: number;
  readonly straight: Spread;
  readonly reference: number | null;
  readonly ratio: number | null;
  readonly parallel: readonly ParallelRow[];
}

export interface MainnetSummary {
  readonly rows: readonly MainnetRow[];
  /** With transactions; the totals and the worst are of those that are verified. */
  readonly blocks: number;
  readonly verifiedBlocks: number;
  readonly gasUsed: number;
  readonly gasPerSecond: number;
  readonly ratio: number | null;
  /** By number of workers: the time of all blocks, straight, against that on so many workers. */
  readonly speedups: readonly { readonly workers: number; readonly total: number }[];
  /** What is worst, and by which figure. */
  readonly worst: readonly { readonly figure: string; readonly name: string; readonly value: number }[];
}

export interface BenchDocument {
  readonly schema: 'lanecast.bench/1';
  readonly environment: BenchEnvironment;
  readonly settings: BenchSettings;
  readonly perCore: readonly PerCoreRow[];
  readonly tracking: readonly TrackingRow[];
  readonly parallel: readonly ParallelRow[];
  readonly endToEnd: { readonly measured: EndToEnd; readonly rows: readonly EndToEndRow[] } | null;
  readonly mainnet: MainnetSummary | null;
  readonly policies: PoliciesReport | null;
  /** Every run that the rows come from. */
  readonly blocks: readonly MeasuredBlock[];
  readonly notices: readonly string[];
  readonly failures: readonly Failure[];
}
