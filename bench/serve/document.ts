import type { BenchEnvironment } from '../engine/document.js';

/** What a load came to. Times in ms, as the client saw them. */
export interface LoadResult {
  readonly section: string;
  /** Of one request. */
  readonly bodyBytes: number;
  readonly connections: number;
  /** Asked for; null for as many as go. */
  readonly targetPerSecond: number | null;
  readonly seconds: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Connections that failed, timeouts, and answers other than 2xx. */
  readonly errors: number;
}

/** What the service used while it was asked for long. */
export interface MemorySample {
  readonly afterSeconds: number;
  readonly residentBytes: number;
}

export interface ServeDocument {
  readonly environment: BenchEnvironment;
  readonly block: { readonly number: number; readonly transactions: number; readonly learnedBlocks: number };
  readonly loads: readonly LoadResult[];
  readonly sustained: { readonly load: LoadResult; readonly memory: readonly MemorySample[] } | null;
}
