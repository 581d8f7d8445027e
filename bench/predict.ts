import { Command } from 'commander';
import { integerFrom } from '../cli/arguments.js';
import { openSource } from '../cli/source.js';
import { printNotice, printResult } from '../cli/terminal.js';
import { createTools } from '../cli/tools.js';
import { LanecastError } from '../errors.js';
import { openTensorflow } from '../model/network/tensorflow.js';
import { DEFAULT_HALF_LIFE_BLOCKS, DEFAULT_PLANS, Trainer, type Model, type Plans } from '../model/training/trainer.js';
import type { BlockRecord } from '../types.js';
import { runCommand } from './command.js';
import { PredictionBench } from './predict/measure.js';
import { measureMemory } from './predict/memory.js';
import { renderMeasurements, renderMemory } from './predict/render.js';

interface PredictFlags {
  readonly blocks: number;
  readonly transactions: number;
  readonly until?: number;
  readonly predictions: number;
  readonly epochs: number;
  readonly functions: number;
  readonly seed: number;
}

const WARM_UP_ROUNDS = 30;

const EPILOGUE = `
SOURCE is a file or folder of blocks, store: or generated:PROFILE (default: generated:mainnet). A model is trained on the first
two thirds of the blocks, with few epochs: its networks have their usual size. Each later block is predicted once, then again and
again, and then learned. Every prediction is of new copies of its transactions: they are decoded anew.
On arrival: what does not depend on the block, and can be done while transactions wait for it. Parts are timed apart from the
whole, so that they need not sum up. Other work on the machine shows: compare least with least.`;

const command = new Command('bench:predict')
  .description('Measures predictions of blocks, by phase, and the memory of statistics.')
  .argument('[source]', 'blocks', 'generated:mainnet')
  .option('--blocks <count>', 'blocks of a generated source', integerFrom(3), 9)
  .option('--transactions <count>', 'transactions per block of a generated source', integerFrom(1), 200)
  .option('--until <number>', 'leave out blocks beyond this number', integerFrom(0))
  .option('--predictions <count>', 'of each block', integerFrom(20), 40)
  .option('--epochs <count>', 'of training', integerFrom(1), 2)
  .option('--functions <count>', 'of the synthetic statistics; 0 for none', integerFrom(0), 100_000)
  .option('--seed <number>', 'of everything', integerFrom(0), 1)
  .addHelpText('after', EPILOGUE);

process.exitCode = await runCommand(command, async () => {
  const flags = command.opts<PredictFlags>();
  const tools = createTools({ store: false });
  try {
    const records = await recordsOf(command.args[0] ?? 'generated:mainnet', flags, tools);
    const known = records.slice(0, Math.ceil((records.length * 2) / 3));
    const bench = new PredictionBench(await train(known, flags, tools.keccak256));
    const last = known.at(-1);
    if (last !== undefined) bench.warmUp(last, WARM_UP_ROUNDS);
    const measured = records.slice(known.length).map((record) => bench.measure(record, flags.predictions));
    printResult(renderMeasurements(measured));
    if (flags.functions > 0) printResult(renderMemory(measureMemory(flags.functions, flags.seed, tools.keccak256)));
    return true;
  } finally {
    await tools.close();
  }
});

async function recordsOf(
  source: string,
  { blocks, transactions, seed, until = Infinity }: PredictFlags,
  tools: ReturnType<typeof createTools>,
): Promise<BlockRecord[]> {
  const size = source.startsWith('generated:') ? { blocks, transactions, seed } : {};
  const records: BlockRecord[] = [];
  for await (const outcome of openSource(source, size, tools)) {
    if (!outcome.ok) throw outcome.error;
    const { block } = outcome;
    if (block.header.number > until) continue;
    records.push(block.kind === 'record' ? block : (await tools.executor.record(block, [])).record);
  }
  if (records.length < 3) {
    throw new LanecastError('INVALID_ARGUMENT', `${source} has ${records.length} blocks, expected 3 or more.`);
  }
  return records;
}

async function train(
  records: readonly BlockRecord[],
  { epochs, seed }: PredictFlags,
  keccak256: (data: Uint8Array) => Uint8Array,
): Promise<Model> {
  const shorter = (plan: Plans['conflicts']): Plans['conflicts'] => ({ ...plan, maxEpochs: epochs });
  const { conflicts, accesses, costs } = DEFAULT_PLANS;
  const trainer = new Trainer({
    ...{ keccak256, seed, halfLifeBlocks: DEFAULT_HALF_LIFE_BLOCKS, progress: printNotice },
    plans: { conflicts: shorter(conflicts), accesses: shorter(accesses), costs: shorter(costs) },
  });
  for (const record of records) trainer.learn(record);
  return trainer.finish(await openTensorflow());
}
