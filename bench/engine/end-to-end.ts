import type { BlockSnapshot } from '../../types.js';
import { RunCheck } from '../difference.js';
import type { Bench, Expected } from './bench.js';
import type { EndToEnd, EndToEndSample, ExecutionSample } from './document.js';
import { warmUpRoundsFor, type BlockToMeasure } from './measure-block.js';
import { measureRecovery } from './recovery.js';

/** Takes one block all the way, round after round: loading, executing straight and in parallel, root, reading. */
export async function measureEndToEnd(bench: Bench, { name, snapshot }: BlockToMeasure): Promise<EndToEnd> {
  const transactions = snapshot.transactions.length;
  bench.progress(`measuring from end to end: ${name}, ${transactions} transactions`);
  const expected: Expected = { snapshot, result: await bench.reference.execute(snapshot) };
  await warmUp(bench, snapshot);
  const samples: EndToEndSample[] = [];
  for (let round = 0; round < bench.settings.rounds; round += 1) {
    samples.push(await measureRound(bench, { expected, name, round }));
  }
  const { gasUsed } = expected.result;
  return { name, transactions, gasUsed, samples, recovery: measureRecovery(bench, snapshot) };
}

interface Round {
  readonly expected: Expected;
  readonly name: string;
  readonly round: number;
}

async function measureRound(bench: Bench, { expected, name, round }: Round): Promise<EndToEndSample> {
  const { snapshot, result } = expected;
  bench.settle();
  const block = await bench.engine.load(snapshot);
  const check = new RunCheck(block, result, snapshot);
  const executions: ExecutionSample[] = [];
  for (const workers of workersInTurn(bench, round)) {
    bench.settle();
    const { wallNs } = await block.run({ workers });
    const root = timed(() => block.receiptsRoot());
    const outcome = timed(() => block.read());
    executions.push({ workers, wallNs, receiptsRootNs: root.elapsedNs, readNs: outcome.elapsedNs });
    const where = { block: name, variant: `end to end, ${workers} workers` };
    const problem = root.value === result.receiptsRoot ? check.findProblem() : 'receipts root';
    if (problem !== null) bench.failDifferent(where, problem);
  }
  executions.sort((a, b) => a.workers - b.workers);
  return { round, ...block.loadTimes, executions };
}

/** One, and the others: every other round the other way round. */
function workersInTurn({ settings }: Bench, round: number): number[] {
  const workers = [...new Set([1, ...settings.workers])];
  return round % 2 === 0 ? workers : workers.reverse();
}

async function warmUp(bench: Bench, snapshot: BlockSnapshot): Promise<void> {
  for (let round = 0; round < warmUpRoundsFor(bench, snapshot.transactions.length); round += 1) {
    const block = await bench.engine.load(snapshot);
    for (const workers of workersInTurn(bench, round)) await block.run({ workers });
    block.describe([]);
  }
}

function timed<Value>(run: () => Value): { readonly value: Value; readonly elapsedNs: number } {
  const startMs = performance.now();
  const value = run();
  return { value, elapsedNs: (performance.now() - startMs) * 1e6 };
}
