import { LanecastError } from '../../errors.js';
import type { LoadedBlock, RunOptions } from '../../executor/wasm/index.js';
import type { BlockSnapshot } from '../../types.js';
import { findDifference, RunCheck } from '../difference.js';
import type { Bench, Expected } from './bench.js';
import type { BlockKind, MeasuredBlock, VariantName } from './document.js';
import { interleave, type Contender, type ContenderRun } from './interleave.js';

export interface BlockToMeasure {
  readonly name: string;
  readonly kind: BlockKind;
  readonly perCore: boolean;
  readonly snapshot: BlockSnapshot;
}

/** Which runs of a block are wanted besides the straight one. */
export interface WantedRuns {
  readonly reference: boolean;
  readonly tracked: boolean;
  readonly parallel: boolean;
}

/** Measures one block in all wanted ways, interleaved. Null, after the failure was kept, where it can't be run at all. */
export async function measureBlock(
  bench: Bench,
  { snapshot, ...block }: BlockToMeasure,
  wanted: WantedRuns,
): Promise<MeasuredBlock | null> {
  const count = snapshot.transactions.length;
  bench.progress(`measuring ${block.name}: ${count} transactions`);
  try {
    // What every run is compared with is also what warms the reference up.
    const expected: Expected = { snapshot, result: await bench.reference.execute(snapshot) };
    if (block.kind === 'mainnet') bench.verifyHeader(expected, block.name);
    const loaded = await bench.engine.load(snapshot);
    await bench.engine.warmUp(bench.engine.workers);
    const contenders = contendersFor(bench, { loaded, expected }, wanted);
    const variants = await interleave(contenders, {
      rounds: bench.settings.rounds,
      warmUpRounds: warmUpRoundsFor(bench, count),
      settle: () => bench.settle(),
      differs: ({ variant, workers }, difference) =>
        bench.failDifferent({ block: block.name, variant: nameOf(variant, workers) }, difference),
      giveUp: ({ variant, workers }, { message }) =>
        bench.fail({ block: block.name, variant: nameOf(variant, workers), problem: message }),
    });
    const isVerified = !bench.hasFailed(block.name);
    return { ...block, isVerified, transactions: count, gasUsed: expected.result.gasUsed, variants };
  } catch (error) {
    if (!(error instanceof LanecastError)) throw error;
    bench.fail({ block: block.name, variant: 'loading', problem: error.message });
    return null;
  }
}

function nameOf(variant: VariantName, workers: number): string {
  return variant === 'parallel' ? `${workers} workers` : variant;
}

/** Enough rounds for V8 to compile with optimisation what this block runs. */
export function warmUpRoundsFor({ settings }: Bench, transactions: number): number {
  const forTransactions = Math.ceil(settings.warmUpTransactions / Math.max(1, transactions));
  return Math.max(settings.warmUpRounds, Math.min(forTransactions, MOST_WARM_UP_ROUNDS));
}

const MOST_WARM_UP_ROUNDS = 50;

interface Loaded {
  readonly loaded: LoadedBlock;
  readonly expected: Expected;
}

function contendersFor(bench: Bench, { loaded, expected }: Loaded, wanted: WantedRuns): Contender[] {
  const check = new RunCheck(loaded, expected.result, expected.snapshot);
  const { rounds, referenceRounds, workers } = bench.settings;
  const onEngine = (variant: VariantName, options: RunOptions): Contender => ({
    variant,
    workers: options.workers,
    rounds,
    warmsUp: true,
    run: () => runOnEngine({ loaded, check }, options),
  });
  const contenders = [onEngine('straight', { workers: 1 })];
  if (wanted.tracked) {
    contenders.push(onEngine('straight again', { workers: 1 }), onEngine('tracked', { workers: 1, tracked: true }));
  }
  if (wanted.parallel) contenders.push(...workers.map((count) => onEngine('parallel', { workers: count })));
  if (wanted.reference) {
    const run = (): Promise<ContenderRun> => runOnReference(bench, expected);
    contenders.push({ variant: 'reference', workers: 1, rounds: referenceRounds, warmsUp: false, run });
  }
  return contenders;
}

interface CheckedBlock {
  readonly loaded: LoadedBlock;
  readonly check: RunCheck;
}

async function runOnEngine({ loaded, check }: CheckedBlock, options: RunOptions): Promise<ContenderRun> {
  const { wallNs, executions, aborts, suspensions, validations, inOrderFrom, heapBytes } = await loaded.run(options);
  const sample = { wallNs, executions, aborts, suspensions, validations, inOrderFrom, heapBytes };
  return { sample, findProblem: () => check.findProblem() };
}

/** Of the reference the transactions alone count: no set-up, no root. */
async function runOnReference({ reference }: Bench, { snapshot, result: expected }: Expected): Promise<ContenderRun> {
  const result = await reference.execute(snapshot);
  const wallNs = result.transactionNs.reduce((sum, timeNs) => sum + timeNs, 0);
  const counters = { aborts: 0, suspensions: 0, validations: 0, inOrderFrom: null, heapBytes: 0 };
  return {
    sample: { wallNs, executions: snapshot.transactions.length, ...counters },
    findProblem: () => findDifference(result, expected, snapshot),
  };
}
