import { LanecastError } from '../../errors.js';
import type { Policy } from '../../scheduler/policy.js';
import type { SourceBlock } from '../../types.js';
import type { Bench } from '../engine/bench.js';
import { corruptionRows, type CorruptedBlocks } from './aggregate-corruption.js';
import { CorruptedHints } from './corrupted-hints.js';
import type { CorruptionRow } from './document.js';
import { LearningRun, untaughtHints, type PolicyBench } from './learning-run.js';
import { MAINNET_PROFILE, profileBlocks, traceBlocks } from './sources.js';

const PERCENTS = [0, 10, 25, 50, 100];
const SIMULATED_WORKERS = [8];
const POLICIES_COMPARED: readonly Policy[] = ['sequential', 'optimistic', 'adaptive'];

/** Runs the same blocks with more and more wrong hints, learning anew each time. */
export async function measureCorruption(policyBench: PolicyBench): Promise<CorruptionRow[]> {
  const { bench } = policyBench;
  const { profiles, profileBlocks: count } = bench.settings.policies;
  const rows: CorruptionRow[] = [];
  if (profiles.includes(MAINNET_PROFILE)) {
    const blocks = await collect(bench, MAINNET_PROFILE, profileBlocks(bench, MAINNET_PROFILE, count));
    rows.push(...corruptionRows(MAINNET_PROFILE, await measureLevels(policyBench, MAINNET_PROFILE, blocks)));
  }
  const traces = traceBlocks(bench);
  if (traces !== null) {
    const blocks = await collect(bench, 'traces', traces);
    rows.push(...corruptionRows('traces', await measureLevels(policyBench, 'traces', blocks)));
  }
  return rows;
}

async function measureLevels(
  policyBench: PolicyBench,
  name: string,
  blocks: readonly SourceBlock[],
): Promise<CorruptedBlocks[]> {
  const { seed } = policyBench.bench.settings;
  const levels: CorruptedBlocks[] = [];
  for (const percent of PERCENTS) {
    const run = new LearningRun(policyBench, {
      name: `${name} with ${percent} % of wrong hints`,
      ...{ policies: POLICIES_COMPARED, simulatedWorkers: SIMULATED_WORKERS },
      hints: new CorruptedHints(untaughtHints(), { percent, seed }),
    });
    levels.push({ percent, blocks: await run.measureAll(blocks) });
  }
  return levels;
}

/** Those up to the first that is not to be had, which is a failure of the benchmark. */
async function collect(bench: Bench, name: string, blocks: AsyncIterable<SourceBlock>): Promise<SourceBlock[]> {
  const all: SourceBlock[] = [];
  try {
    for await (const block of blocks) all.push(block);
  } catch (error) {
    if (!(error instanceof LanecastError)) throw error;
    bench.fail({ block: name, variant: 'blocks', problem: error.message });
  }
  return all;
}
