import type { ReplayBlock } from '../../cli/replay/document.js';
import { POLICIES } from '../../scheduler/policy.js';
import type { MixedRow } from './document.js';
import { machinesOf, totalNs, type MachineOfRuns } from './totals.js';

/** By machine: what each policy took for all blocks, and optimistic execution with the fixed numbers of threads of smaller machines. */
export function mixedRows(blocks: readonly ReplayBlock[]): MixedRow[] {
  const alike = blocks.filter(({ fallback }) => fallback === null);
  const machines = machinesOf(alike);
  return machines.flatMap((machine) => rowsOf(alike, machine, machines));
}

function rowsOf(
  blocks: readonly ReplayBlock[],
  machine: MachineOfRuns,
  machines: readonly MachineOfRuns[],
): MixedRow[] {
  const adaptiveNs = totalNs(blocks, 'adaptive', machine);
  if (adaptiveNs === null) return [];
  const { workers: machineWorkers, simulated } = machine;
  const row = (policy: string, of: MachineOfRuns): MixedRow[] => {
    const taken = totalNs(blocks, policy, of);
    if (taken === null) return [];
    const workers = policy === 'sequential' ? 1 : of.workers;
    return [{ machineWorkers, simulated, policy, workers, totalNs: taken, adaptiveRatio: adaptiveNs / taken }];
  };
  const smaller = machines.filter((other) => other.simulated === simulated && other.workers < machineWorkers);
  return POLICIES.flatMap((policy) => [
    ...(policy === 'optimistic' ? smaller.flatMap((other) => row(policy, other)) : []),
    ...row(policy, machine),
  ]);
}
