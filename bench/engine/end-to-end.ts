import type { TransactionType } from '@ethereumjs/tx';
import { hexToBytes } from '@ethereumjs/util';
import { Bloom, type TxReceipt } from '@ethereumjs/vm';
import { receiptsRootOf } from '../../executor/reference/receipts.js';
import type { BlockResult, BlockSnapshot } from '../../types.js';
import type { Bench, Expected } from './bench.js';
import type { EndToEnd, EndToEndSample, ExecutionSample } from './document.js';
import { warmUpRoundsFor, type BlockToMeasure } from './measure-block.js';
import { measureRecovery } from './recovery.js';

/** Takes one block all the way, round after round: loading, executing straight and in parallel, root, reading. */
export async function measureEndToEnd(bench: Bench, { name, snapshot }: BlockToMeasure): Promise<EndToEnd> {
  const transactions = snapshot.transactions.length;
  bench.progress(`measuring from end to end: ${name}, ${transactions} transactions`);
  const expected: Expected = { snapshot, result: await bench.reference.execute(snapshot) };
  const encodable = encodableOf(expected.result);
  await warmUp(bench, snapshot);
  const samples: EndToEndSample[] = [];
  for (let round = 0; round < bench.settings.rounds; round += 1) {
    samples.push(await measureRound(bench, { expected, encodable, name, round }));
  }
  const { gasUsed } = expected.result;
  return { name, transactions, gasUsed, samples, recovery: measureRecovery(bench, snapshot) };
}

interface Round {
  readonly expected: Expected;
  readonly encodable: readonly TxReceipt[];
  readonly name: string;
  readonly round: number;
}

async function measureRound(bench: Bench, { expected, encodable, name, round }: Round): Promise<EndToEndSample> {
  const { snapshot } = expected;
  bench.settle();
  const block = await bench.engine.load(snapshot);
  const executions: ExecutionSample[] = [];
  for (const workers of workersInTurn(bench, round)) {
    bench.settle();
    const { wallNs } = await block.run({ workers });
    const described = await timed(() => block.describe([]));
    executions.push({ workers, wallNs, describeNs: described.elapsedNs });
    bench.verify(described.value, expected, { block: name, variant: `end to end, ${workers} workers` });
  }
  bench.settle();
  const types = snapshot.transactions.map(({ type }) => type as TransactionType);
  const root = await timed(() => receiptsRootOf(encodable, types));
  if (root.value !== expected.result.receiptsRoot) {
    bench.fail({ block: name, variant: 'receipts root', problem: `root ${root.value}` });
  }
  executions.sort((a, b) => a.workers - b.workers);
  return { round, ...block.loadTimes, executions, receiptsRootNs: root.elapsedNs };
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
    if (round < bench.settings.warmUpRounds) await block.describe([]);
  }
}

async function timed<Value>(run: () => Promise<Value>): Promise<{ readonly value: Value; readonly elapsedNs: number }> {
  const startMs = performance.now();
  const value = await run();
  return { value, elapsedNs: (performance.now() - startMs) * 1e6 };
}

// ------------------------------------------------------------------------------------------------- receipts to encode

function encodableOf({ receipts }: BlockResult): TxReceipt[] {
  return receipts.map(({ succeeded, cumulativeGasUsed, logs }): TxReceipt => {
    const encoded = logs.map(({ address, topics, data }): TxReceipt['logs'][number] => [
      hexToBytes(address),
      topics.map((topic) => hexToBytes(topic)),
      hexToBytes(data),
    ]);
    const cumulativeBlockGasUsed = BigInt(cumulativeGasUsed);
    return { status: succeeded ? 1 : 0, cumulativeBlockGasUsed, bitvector: bloomOf(encoded), logs: encoded };
  });
}

function bloomOf(logs: TxReceipt['logs']): Uint8Array {
  const bloom = new Bloom();
  for (const [address, topics] of logs) {
    bloom.add(address);
    for (const topic of topics) bloom.add(topic);
  }
  return bloom.bitvector;
}
