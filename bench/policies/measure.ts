import type { ReplayBlock } from '../../cli/replay/document.js';
import { measureOverheads } from '../../cli/replay/measure-overheads.js';
import { POLICIES } from '../../scheduler/policy.js';
import type { SourceBlock } from '../../types.js';
import type { Bench } from '../engine/bench.js';
import { executableBlocks, hasBlocks } from '../engine/mainnet.js';
import { summariseGroup } from './aggregate.js';
import { mixedRows } from './aggregate-mixed.js';
import { measureCorruption } from './corruption.js';
import type { GroupReport, MeasuredGroup, PoliciesReport, PolicyPart } from './document.js';
import { LearningRun, untaughtHints, type PolicyBench } from './learning-run.js';
import { inOrder, mixedOrder } from './mixed-order.js';
import { isPairCase, measurePairs } from './pairs.js';
import { profileBlocks, traceBlocks } from './sources.js';
import { worstGroup } from './worst-group.js';

/** Consecutive blocks after which what is learned is taken for settled. */
const SETTLING_BLOCKS = 16;
const MIXED_BLOCKS_PER_PROFILE = 2;
const MIXED_NAME = 'mixed';

interface MeasuredReport {
  readonly measured: MeasuredGroup;
  readonly reports: readonly GroupReport[];
}

/** Compares all policies on all groups of blocks. Each group is learned anew, block by block, the first one cold. */
export async function measurePolicies(bench: Bench): Promise<PoliciesReport> {
  bench.progress('measuring what parallel execution costs on this machine');
  await bench.engine.warmUp(bench.engine.workers);
  const policyBench = { bench, overheads: await measureOverheads(bench.engine) };
  const generated = wants(bench, 'generated') ? await measureProfiles(policyBench) : [];
  const traces = wants(bench, 'traces') ? await measureTraces(policyBench) : null;
  const blocks = wants(bench, 'blocks') ? await measureIsolated(policyBench) : null;
  const mixed = wants(bench, 'mixed') ? await measureMixed(policyBench) : null;
  const worst = worstGroup(
    generated.flatMap(({ reports }) => reports),
    isPairCase,
  );
  const all = [...generated, traces, blocks, mixed].filter((group) => group !== null);
  return {
    groups: all.flatMap(({ reports }) => reports),
    mixed: mixed === null ? [] : mixedRows(mixed.measured.blocks),
    pairs: wants(bench, 'pairs') ? await measurePairs(policyBench, worst) : [],
    corruption: wants(bench, 'corruption') ? await measureCorruption(policyBench) : [],
    measured: all.map(({ measured }) => measured),
  };
}

function wants({ settings }: Bench, part: PolicyPart): boolean {
  return settings.policies.parts.includes(part);
}

interface Group {
  readonly name: string;
  readonly note: string;
  readonly blocks: AsyncIterable<SourceBlock>;
  /** More reports on the same blocks. */
  readonly also?: (blocks: readonly ReplayBlock[]) => readonly GroupReport[];
}

async function measureGroup(policyBench: PolicyBench, { name, note, blocks, also }: Group): Promise<MeasuredReport> {
  const { simulatedWorkers } = policyBench.bench.settings.policies;
  const run = new LearningRun(policyBench, { name, policies: POLICIES, simulatedWorkers, hints: untaughtHints() });
  const measured = await run.measureAll(blocks);
  const errorsOf = run.scheduling.simulationErrors.bind(run.scheduling);
  const reports = [summariseGroup({ name, note, blocks: measured, errorsOf }), ...(also?.(measured) ?? [])];
  return { measured: { name, blocks: measured }, reports };
}

async function measureProfiles(policyBench: PolicyBench): Promise<MeasuredReport[]> {
  const { bench } = policyBench;
  const { profiles, profileBlocks: count } = bench.settings.policies;
  const groups: MeasuredReport[] = [];
  for (const name of profiles) {
    const note = 'Generated blocks of one chain; the first one is cold.';
    groups.push(await measureGroup(policyBench, { name, note, blocks: profileBlocks(bench, name, count) }));
  }
  return groups;
}

async function measureTraces(policyBench: PolicyBench): Promise<MeasuredReport | null> {
  const blocks = traceBlocks(policyBench.bench);
  if (blocks === null) return null;
  const note = 'Consecutive mainnet blocks as recorded transactions: gas stands for work. The first one is cold.';
  const settled = `Of the same run, the blocks after the first ${SETTLING_BLOCKS}.`;
  return measureGroup(policyBench, {
    ...{ name: 'traces', note, blocks },
    also: (measured) => {
      const later = measured.slice(SETTLING_BLOCKS);
      return later.length === 0 ? [] : [summariseGroup({ name: 'traces, settled', note: settled, blocks: later })];
    },
  });
}

async function measureIsolated(policyBench: PolicyBench): Promise<MeasuredReport | null> {
  const { bench } = policyBench;
  if (!hasBlocks(bench)) return null;
  const note =
    'A cold start: single mainnet blocks, mostly far apart. Hints of a block are learned from those with lower numbers.';
  return measureGroup(policyBench, { name: 'mainnet blocks', note, blocks: executableBlocks(bench) });
}

async function measureMixed(policyBench: PolicyBench): Promise<MeasuredReport> {
  const { bench } = policyBench;
  const { settings } = bench;
  const order = mixedOrder(settings.policies.profiles, { times: MIXED_BLOCKS_PER_PROFILE, seed: settings.seed });
  const blocks = inOrder(order, (name) => profileBlocks(bench, name, MIXED_BLOCKS_PER_PROFILE));
  const note = `${MIXED_BLOCKS_PER_PROFILE} blocks of each profile in a shuffled order, all learned by one scheduler.`;
  return measureGroup(policyBench, { name: MIXED_NAME, note, blocks });
}
