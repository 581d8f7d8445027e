import type { ReplayBlock, ReplayRun } from '../../../cli/replay/document.js';

/** A run that took `wallNs`, unless told otherwise. */
export function replayRun(policy: string, wallNs: number, changes: Partial<ReplayRun> = {}): ReplayRun {
  return {
    ...{ policy, mode: null, workers: 2, joined: 2, simulated: false, verified: true },
    ...{ wallNs, predictNs: 0, planNs: 0, cpuNs: wallNs },
    ...{ executions: 10, aborts: 0, suspensions: 0, validations: 0, inOrderFrom: null, speedup: 1 },
    ...changes,
  };
}

/** A block of ten transactions that takes 100 ns one after the other. */
export function replayBlock(runs: readonly ReplayRun[], changes: Partial<ReplayBlock> = {}): ReplayBlock {
  return {
    ...{ origin: 'test', chainId: 1, number: 1, transactions: 10, gasUsed: 1_000 },
    ...{ execution: 'evm', engine: 'wasm', fallback: null, cost: 'time' },
    header: { gasUsed: true, receiptsRoot: true, logsBloom: true },
    ...{ sequentialNs: 100, sequentialVerified: true, loadNs: null, heapBytes: null, criticalPathBound: null },
    ...{ conflictPairs: 0, dependentTransactions: 0, arrivalNs: 50, idleNs: 200, reorder: null, shards: null },
    runs: [replayRun('sequential', 100, { workers: 1 }), ...runs],
    ...changes,
  };
}
