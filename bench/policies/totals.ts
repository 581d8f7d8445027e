import type { ReplayBlock, ReplayRun } from '../../cli/replay/document.js';
import { sumOf } from '../../cli/replay/statistics.js';

/** Threads of this machine, or so many simulated workers. */
export interface MachineOfRuns {
  readonly workers: number;
  readonly simulated: boolean;
}

/** Prediction and plan included. */
export function onClockNs({ wallNs, predictNs, planNs }: Pick<ReplayRun, 'wallNs' | 'predictNs' | 'planNs'>): number {
  return wallNs + predictNs + planNs;
}

/** Simulated machines in ascending order after the real one, whose runs use fewer threads at times. */
export function machinesOf(blocks: readonly ReplayBlock[]): MachineOfRuns[] {
  const runs = blocks.flatMap((block) => block.runs);
  const real = runs.filter(({ simulated }) => !simulated);
  const simulated = runs.filter((run) => run.simulated && run.policy !== 'sequential').map(({ workers }) => workers);
  const machines = [...new Set(simulated)].sort((a, b) => a - b).map((workers) => ({ workers, simulated: true }));
  if (real.length === 0) return machines;
  return [{ workers: Math.max(...real.map(({ workers }) => workers)), simulated: false }, ...machines];
}

/** Time of all blocks with a policy on a machine; null where it ran on none. Sequential execution is the same on all machines. */
export function totalNs(
  blocks: readonly ReplayBlock[],
  policy: string,
  { workers, simulated }: MachineOfRuns,
): number | null {
  if (policy === 'sequential') return sumOf(blocks.map(({ sequentialNs }) => sequentialNs));
  const runs = blocks.flatMap((block) =>
    block.runs.filter(
      (run) => run.policy === policy && run.simulated === simulated && (!simulated || run.workers === workers),
    ),
  );
  return runs.length === 0 ? null : sumOf(runs.map(onClockNs));
}
