import { isVerified, summarise } from '../../cli/replay/aggregate.js';
import type { ReplayBlock } from '../../cli/replay/document.js';
import { sumOf } from '../../cli/replay/statistics.js';
import type { SimulationErrors } from '../../scheduler/calibrator.js';
import type { Policy } from '../../scheduler/policy.js';
import type { GroupReport, OffClockCost, PolicyRow } from './document.js';

export interface GroupToSummarise {
  readonly name: string;
  readonly note: string;
  readonly blocks: readonly ReplayBlock[];
  /** Of the blocks; absent where they are not known of exactly these. */
  readonly errorsOf?: (policy: Policy) => SimulationErrors | null;
}

export function summariseGroup({ name, note, blocks, errorsOf }: GroupToSummarise): GroupReport {
  return {
    ...{ name, note },
    blocks: blocks.length,
    verifiedBlocks: blocks.filter(isVerified).length,
    transactions: sumOf(blocks.map(({ transactions }) => transactions)),
    rows: policyRows(blocks, errorsOf),
    offClock: offClockCost(blocks),
  };
}

/** One row a policy and machine. */
export function policyRows(
  blocks: readonly ReplayBlock[],
  errorsOf?: (policy: Policy) => SimulationErrors | null,
): PolicyRow[] {
  const summaries = summarise(blocks, errorsOf);
  return summaries.map((summary) => {
    const optimistic = summaries.find(
      ({ policy, simulated, workers }) =>
        policy === 'optimistic' && simulated === summary.simulated && (!simulated || workers === summary.workers),
    );
    const avoided =
      optimistic === undefined
        ? null
        : reExecutionsAvoided(summary.executionsPerTransaction, optimistic.executionsPerTransaction);
    return { ...summary, reExecutionsAvoided: avoided };
  });
}

/** Of executions per transaction, which are 1 where nothing is executed again. */
export function reExecutionsAvoided(own: number, ofOptimistic: number): number | null {
  return ofOptimistic > 1 ? 1 - (own - 1) / (ofOptimistic - 1) : null;
}

export function offClockCost(blocks: readonly ReplayBlock[]): OffClockCost {
  const transactions = Math.max(1, sumOf(blocks.map((block) => block.transactions)));
  return {
    arrivalNsPerTransaction: sumOf(blocks.map(({ arrivalNs }) => arrivalNs)) / transactions,
    idleNsPerTransaction: sumOf(blocks.map(({ idleNs }) => idleNs)) / transactions,
  };
}
