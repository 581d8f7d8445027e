import { isVerified } from '../../cli/replay/aggregate.js';
import type { ReplayBlock } from '../../cli/replay/document.js';
import type { CorruptionRow } from './document.js';
import { machinesOf, totalNs, type MachineOfRuns } from './totals.js';

/** The blocks of a group, with wrong hints for so many of the transactions. */
export interface CorruptedBlocks {
  readonly percent: number;
  readonly blocks: readonly ReplayBlock[];
}

/** What is saved with right hints, as a share of the time, says nothing where it is less. */
const LEAST_GAIN = 0.03;

/** By machine, in the order of the levels. */
export function corruptionRows(group: string, levels: readonly CorruptedBlocks[]): CorruptionRow[] {
  const alike = levels.map(({ percent, blocks }) => ({
    percent,
    blocks: blocks.filter(({ fallback }) => fallback === null),
  }));
  return machinesOf(alike.flatMap(({ blocks }) => blocks)).flatMap((machine) => {
    const ratios = alike.map(({ blocks }) => ratioToBest(blocks, machine));
    const right = ratios[alike.findIndex(({ percent }) => percent === 0)] ?? null;
    const gain = right === null ? 0 : 1 - right;
    return alike.flatMap(({ percent, blocks }, index): CorruptionRow[] => {
      const timeRatio = ratios[index] ?? null;
      if (timeRatio === null) return [];
      const keptGainShare = gain >= LEAST_GAIN ? (1 - timeRatio) / gain : null;
      const verifiedBlocks = blocks.filter(isVerified).length;
      return [{ group, ...machine, percent, blocks: blocks.length, verifiedBlocks, timeRatio, keptGainShare }];
    });
  });
}

/** Time of the adaptive policy by the least that one without hints takes; null where it did not run. */
function ratioToBest(blocks: readonly ReplayBlock[], machine: MachineOfRuns): number | null {
  const rivals = ['sequential', 'optimistic'].flatMap((policy) => totalNs(blocks, policy, machine) ?? []);
  const adaptiveNs = totalNs(blocks, 'adaptive', machine);
  return adaptiveNs === null ? null : adaptiveNs / Math.min(...rivals);
}
