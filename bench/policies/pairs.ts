import { takeTurns } from '../../cli/replay/engine-runs.js';
import { LanecastError } from '../../errors.js';
import type { EngineRun, LoadedBlock, RunOptions } from '../../executor/wasm/index.js';
import { pendingOf } from '../../model/pending.js';
import type { Policy } from '../../scheduler/policy.js';
import { createWorkload } from '../../scheduler/workload.js';
import type { BlockSnapshot } from '../../types.js';
import { RunCheck } from '../difference.js';
import type { Bench } from '../engine/bench.js';
import { pairRows, type PairsOfBlock, type ProcessorTime } from './aggregate-pairs.js';
import type { PairCase, PairRow } from './document.js';
import { LearningRun, untaughtHints, type PolicyBench } from './learning-run.js';
import { profileBlocks } from './sources.js';

/** Blocks that are learned before one of the same profile is run time and again. */
const LEARNED_BLOCKS = 4;
const POLICIES_COMPARED: readonly Policy[] = ['sequential', 'optimistic', 'adaptive'];
const NOTHING: ProcessorTime = { cpuNs: 0, elapsedNs: 0 };
const CASES: readonly (readonly [string, PairCase])[] = [
  ['gigagas-erc20', 'conflict-free'],
  ['gigagas-swaps', 'conflict-free'],
  ['chain', 'chain'],
  ['erc20-chain', 'chain'],
  ['erc20-one-sender', 'chain'],
];

/** Whether a profile is compared in pairs whatever came out for it. */
export function isPairCase(profile: string): boolean {
  return CASES.some(([name]) => name === profile);
}

/** `worstProfile`: one more to compare; null for none. */
export async function measurePairs(policyBench: PolicyBench, worstProfile: string | null): Promise<PairRow[]> {
  const { profiles } = policyBench.bench.settings.policies;
  const worst: typeof CASES = worstProfile === null ? [] : [[worstProfile, 'worst of the mixed']];
  const rows: PairRow[] = [];
  for (const [profile, pairCase] of [...CASES, ...worst]) {
    if (!profiles.includes(profile)) continue;
    const pairs = await unlessRefused(policyBench.bench, profile, () => measureProfile(policyBench, profile));
    if (pairs !== null) rows.push(...pairRows(profile, pairCase, pairs));
  }
  return rows;
}

async function unlessRefused<Value>(bench: Bench, profile: string, run: () => Promise<Value>): Promise<Value | null> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LanecastError)) throw error;
    bench.fail({ block: profile, variant: 'pairs', problem: error.message });
    return null;
  }
}

async function measureProfile(policyBench: PolicyBench, profile: string): Promise<PairsOfBlock | null> {
  const name = `pairs of ${profile}`;
  const run = new LearningRun(policyBench, {
    ...{ name, policies: POLICIES_COMPARED, simulatedWorkers: [], hints: untaughtHints() },
  });
  let learned = 0;
  for await (const snapshot of profileBlocks(policyBench.bench, profile, LEARNED_BLOCKS + 1)) {
    if (learned === LEARNED_BLOCKS) return runInTurns(policyBench.bench, { name, run, snapshot });
    if ((await run.measure(snapshot)) === null) return null;
    learned += 1;
  }
  policyBench.bench.notice(`notice: ${profile} has too few blocks to be compared in pairs`);
  return null;
}

interface KnownBlock {
  readonly name: string;
  /** That learned the blocks before. */
  readonly run: LearningRun;
  readonly snapshot: BlockSnapshot;
}

async function runInTurns(bench: Bench, { name, run, snapshot }: KnownBlock): Promise<PairsOfBlock> {
  const { pairs } = bench.settings.policies;
  const { scheduling, machine } = run;
  bench.progress(`${name}: block ${snapshot.header.number}, ${pairs} rounds`);
  const { record, result } = await bench.reference.record(snapshot);
  const block = { pending: pendingOf(record), workload: createWorkload(record, { cost: 'time' }) };
  scheduling.arrive(block.pending);
  const loaded = await bench.engine.load(snapshot);
  await bench.engine.warmUp(machine.workers);
  const check = new RunCheck(loaded, result, snapshot);
  bench.settle();
  const clocks = new WeakMap<EngineRun, ProcessorTime>();
  const { series } = await takeTurns(
    { run: (how) => runWithClock(loaded, how, clocks), isRight: () => check.findProblem() === null },
    { policies: POLICIES_COMPARED, repeats: pairs, plan: (policy) => scheduling.plan(policy, machine, block) },
  );
  for (const { policy } of series.filter(({ isSteady }) => !isSteady)) {
    bench.fail({ block: name, variant: policy, problem: 'differs from the reference' });
  }
  return { transactions: snapshot.transactions.length, series, processorTimeOf: (run) => clocks.get(run) ?? NOTHING };
}

/** Times of the process and of the clock over the same span, which is a little longer than the run. */
async function runWithClock(
  loaded: LoadedBlock,
  how: RunOptions,
  clocks: WeakMap<EngineRun, ProcessorTime>,
): Promise<EngineRun> {
  const [startMs, before] = [performance.now(), process.cpuUsage()];
  const run = await loaded.run(how);
  const { user, system } = process.cpuUsage(before);
  clocks.set(run, { cpuNs: (user + system) * 1e3, elapsedNs: (performance.now() - startMs) * 1e6 });
  return run;
}
