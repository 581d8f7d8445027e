import { describe, expect, it } from 'vitest';
import { readBlocks } from '../../datasets/read.js';
import { AccessRowsBuilder } from '../../model/access-rows.js';
import { PairRule, sameContractSelector, sameContract } from '../../model/baselines/pair-rules.js';
import { createBaselines } from '../../model/baselines/index.js';
import type { Contender, PartialPrediction, PartialPredictor } from '../../model/evaluation/contender.js';
import type { EvaluateDocument } from '../../model/evaluation/document.js';
import { evaluate, type EvaluateOptions } from '../../model/evaluation/evaluate.js';
import { truthOf } from '../../model/evaluation/truth.js';
import type { PendingBlock } from '../../scheduler/predictor.js';
import type { BlockRecord } from '../../types.js';
import { accountAccess, address, FEE_RECIPIENT, slotAccess } from '../datasets/store-records.js';
import { hasSharedData, sharedData } from '../shared-data.js';
import { blockOf, rowsOf, streamOf, type Draft } from './blocks.js';

function runOn(
  records: readonly BlockRecord[],
  contenders: Readonly<Record<string, Contender>>,
  options: Partial<EvaluateOptions> = {},
): Promise<EvaluateDocument> {
  const all = { trainUntil: 1, online: true, contenders: new Map(Object.entries(contenders)), ...options };
  return evaluate(streamOf(records), all);
}

/** Says the same of every block. */
function saying(prediction: PartialPrediction): PartialPredictor {
  return { predict: () => prediction, learn: () => undefined };
}

/** Knows the blocks beforehand. */
function oracleOf(records: readonly BlockRecord[]): PartialPredictor {
  const predict = (block: PendingBlock): PartialPrediction => {
    const record = records.find(({ header }) => header.number === block.number);
    if (record === undefined) throw new Error('expected a known block');
    const { accesses, conflicts } = truthOf(record);
    const levels = [0.5];
    const values = Float64Array.from(record.transactions, ({ gasUsed }) => gasUsed);
    const probability = new Float32Array(conflicts.earlier.length).fill(1);
    return { accesses, conflicts: { ...conflicts, probability }, gasUsed: { levels, values } };
  };
  return { predict, learn: () => undefined };
}

const chain: readonly Draft[] = [
  { from: address(1), to: address(9), input: '0xaaaaaaaa', accesses: [slotAccess('write', 9, 1)] },
  {
    from: address(1),
    to: address(9),
    input: '0xaaaaaaaa',
    accesses: [slotAccess('write', 9, 1), accountAccess('write', 1)],
  },
  {
    from: address(2),
    to: address(9),
    input: '0xbbbbbbbb',
    accesses: [slotAccess('read', 9, 1), accountAccess('read', 1)],
  },
  { from: address(3), to: address(8), input: '0x', accesses: [accountAccess('add', 1)] },
];
const twoBlocks = [blockOf(1, chain), blockOf(2, chain)];

async function readTraces(): Promise<BlockRecord[]> {
  const records: BlockRecord[] = [];
  for await (const outcome of readBlocks(sharedData('mainnet-traces'))) {
    if (!outcome.ok || outcome.block.kind !== 'record') throw new Error('expected recorded blocks');
    records.push(outcome.block);
  }
  return records;
}

describe('evaluate', () => {
  it('finds nothing to fault in the truth', async () => {
    const document = await runOn(twoBlocks, { model: { predictor: oracleOf(twoBlocks) } });
    const perfect = { precision: 1, recall: 1, f1: 1, prAuc: 1, ece: 0 };
    for (const part of ['conflicts', 'conflictsWithAccounts', 'accesses', 'writes'] as const) {
      expect(document[part].model, part).toMatchObject(perfect);
    }
    expect(document.gas.model).toMatchObject({ mae: 0, mape: 0, pinball: 0, coverage: 1 });
    expect(document.perTransaction).toMatchObject({ dependent: { f1: 1 }, latestBlockerAccuracy: 1 });
    expect(document.errors).toEqual({
      conflicts: { falsePositives: {}, falseNegatives: {} },
      accesses: { invented: {}, missed: {} },
      writes: { invented: {}, missed: {} },
    });
  });

  it('counts the pairs, blocks and transactions that it judges', async () => {
    const document = await runOn(twoBlocks, { rule: { predictor: new PairRule(sameContractSelector) } });
    expect(document).toMatchObject({
      schema: 'lanecast.evaluate/1',
      trainingBlocks: 1,
      blocks: 1,
      transactions: 4,
      conflictPairs: 3,
      conflictPairsWithAccounts: 4,
      dependentTransactions: 2,
      conflicts: { model: null, baselines: { rule: { truePositives: 1, falsePositives: 0, falseNegatives: 2 } } },
      accesses: { model: null, baselines: {} },
      executionNs: null,
      perTransaction: {
        dependent: null,
        baselines: { rule: { dependent: { recall: 0.5 }, latestBlockerAccuracy: 0.5 } },
      },
      reliability: null,
      errors: null,
    });
    expect(document.perBlock).toMatchObject([
      { number: 2, conflictPairs: 3, conflicts: { baselines: { rule: { f1: 0.5 } } } },
    ]);
    expect(document.perKind).toMatchObject({
      'other-call': { transactions: 3, conflictPairs: 3, conflicts: { baselines: { rule: { recall: 1 / 3 } } } },
      transfer: { transactions: 1, conflictPairs: 0 },
    });
  });

  it('hands out what is known before execution, and the record only after all have predicted', async () => {
    const log: string[] = [];
    const watcher = (name: string): Contender => ({
      predictor: {
        predict: (block) => {
          log.push(`${name} predicts ${block.number}: ${Object.keys(block).sort().join(' ')}`);
          expect(block.transactions).toEqual(chain.map((_, index) => twoBlocks[1]?.transactions[index]?.transaction));
          return {};
        },
        learn: ({ header }) => log.push(`${name} learns ${header.number}`),
      },
    });
    await runOn(twoBlocks, { a: watcher('a'), b: watcher('b') });
    const known = 'chainId feeRecipient number recipientCodeHashes transactions';
    expect(log).toEqual([
      'a learns 1',
      'b learns 1',
      `a predicts 2: ${known}`,
      `b predicts 2: ${known}`,
      'a learns 2',
      'b learns 2',
    ]);
  });

  it('prepares a contender once, before the first judged block, and asks for thresholds then', async () => {
    const log: string[] = [];
    let threshold = 0.9;
    const conflicts = rowsOf(4, [[0, 1, 0.7]]);
    const contender: Contender = {
      predictor: {
        predict: ({ number }) => {
          log.push(`predicts ${number}`);
          return number === 2 ? { conflicts } : {};
        },
        learn: ({ header }) => log.push(`learns ${header.number}`),
      },
      prepare: async () => {
        await Promise.resolve();
        threshold = 0.7;
        log.push('prepares');
      },
      get thresholds() {
        return { conflict: threshold };
      },
    };
    const document = await runOn([...twoBlocks, blockOf(3, [])], { model: contender });
    expect(log).toEqual(['learns 1', 'prepares', 'predicts 2', 'learns 2', 'predicts 3', 'learns 3']);
    expect(document.conflicts.model).toMatchObject({ threshold: 0.7, truePositives: 1 });
  });

  it('learns nothing after the split where it is not online', async () => {
    const learned: number[] = [];
    const predictor: PartialPredictor = { predict: () => ({}), learn: ({ header }) => learned.push(header.number) };
    const steps: string[] = [];
    const progress = ({ header }: BlockRecord, step: string): number => steps.push(`${header.number} ${step}`);
    await runOn([...twoBlocks, blockOf(3, [])], { model: { predictor } }, { online: false, progress });
    expect(learned).toEqual([1]);
    expect(steps).toEqual(['1 learned', '2 judged', '3 judged']);
  });

  it('takes thresholds, dependence and latest blockers as the predictor states them', async () => {
    const conflicts = rowsOf(4, [
      [0, 1, 0.7],
      [1, 2, 0.7],
    ]);
    const prediction = {
      conflicts,
      dependentProbability: Float32Array.of(0, 0, 1, 1),
      latestBlocker: Int32Array.of(-1, -1, 1, -1),
    };
    const document = await runOn(twoBlocks, {
      strict: { predictor: saying({ conflicts }), thresholds: { conflict: 0.75 } },
      exact: { predictor: saying({ conflicts }), thresholds: { conflict: 0.7 } },
      stating: { predictor: saying(prediction) },
    });
    expect(document.conflicts.baselines).toMatchObject({
      strict: { recall: 0 },
      exact: { recall: 2 / 3, precision: 1 },
    });
    expect(document.perTransaction.baselines).toMatchObject({
      strict: { dependent: { recall: 0 }, latestBlockerAccuracy: 0 },
      exact: { dependent: { f1: 1 }, latestBlockerAccuracy: 1 },
      stating: { dependent: { precision: 0.5, recall: 0.5 }, latestBlockerAccuracy: 0.5 },
    });
  });

  it('finds conflicts through predicted accounts, the fee recipient’s own aside', async () => {
    const builder = new AccessRowsBuilder();
    for (let transaction = 0; transaction < 2; transaction += 1) {
      builder.use({ address: FEE_RECIPIENT, slot: null }, { touch: 1, write: 1 });
      if (transaction === 0) builder.use({ address: address(1), slot: null }, { touch: 1, write: 0.5 });
      builder.endTransaction();
    }
    builder.use({ address: address(1), slot: null }, { touch: 1, write: 0 });
    builder.endTransaction();
    const accounts = [1, 2].map((number) =>
      blockOf(number, [{ accesses: [accountAccess('add', 1)] }, {}, { accesses: [accountAccess('read', 1)] }]),
    );
    const model = { predictor: saying({ accesses: builder.build(), conflicts: rowsOf(3, []) }) };
    const document = await runOn(accounts, { model });
    expect(document.conflictsWithAccounts.model).toMatchObject({ truePositives: 1, falsePositives: 0, ece: 0.5 });
    expect(document.conflicts.model).toMatchObject({ precision: null, recall: null });
  });

  it('names causes of errors, the predictor’s own first', async () => {
    const seen = blockOf(1, [{ to: address(9), input: '0xaaaaaaaa' }]);
    const judged = blockOf(2, [
      ...chain,
      { to: address(7), input: '0xcccccccc', accesses: [slotAccess('read', 9, 1)] },
    ]);
    const conflicts = rowsOf(5, [
      [0, 1, 0.25],
      [0, 3, 1],
    ]);
    const model = { predictor: saying({ conflicts }) };
    const { errors } = await runOn([seen, judged], { model });
    expect(errors?.conflicts).toEqual({
      falsePositives: { transfer: { 'unseen-contract': 1 } },
      falseNegatives: { 'other-call': { 'below-threshold': 1, 'unseen-function': 2, 'unseen-contract': 2 } },
    });
    const explained = await runOn([seen, judged], {
      model: { ...model, explain: (_, earlier, later) => (earlier === 0 && later === 1 ? 'proxy' : null) },
    });
    expect(explained.errors?.conflicts.falseNegatives['other-call']).toMatchObject({ proxy: 1, 'unseen-function': 2 });
  });

  it('judges times where the records have them', async () => {
    const timed = [1, 2].map((number) => blockOf(number, [{ executionNs: 1_000 }, {}]));
    const executionNs = { levels: [0.5], values: Float64Array.of(1_500, 7) };
    const document = await runOn(timed, { model: { predictor: saying({ executionNs }) } });
    expect(document.executionNs?.model).toMatchObject({ count: 1, mae: 500, mape: 0.5 });
  });

  it('refuses blocks that go backwards on a chain, and nothing to judge', async () => {
    const contenders = { rule: { predictor: new PairRule(sameContract) } };
    await expect(runOn([blockOf(5, []), blockOf(5, [])], contenders)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      location: { blockNumber: 5, field: 'block.number' },
    });
    await expect(runOn([blockOf(5, []), blockOf(4, [], 10), blockOf(6, [])], contenders)).resolves.toMatchObject({
      blocks: 3,
    });
    await expect(runOn([blockOf(1, [])], contenders)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('comes to a document that JSON can hold', async () => {
    const document = await runOn(twoBlocks, {
      ...Object.fromEntries(createBaselines()),
      model: { predictor: oracleOf(twoBlocks) },
    });
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});

describe.runIf(hasSharedData)('evaluate on mainnet blocks 15,000,017 to 15,000,024', () => {
  it('comes to the known figures of the baselines', async () => {
    const records = await readTraces();
    const options = { trainUntil: 15_000_016, online: true, contenders: createBaselines() };
    const document = await evaluate(streamOf(records), options);
    expect(document).toMatchObject({
      blocks: 8,
      transactions: 1_099,
      conflictPairs: 1_783,
      dependentTransactions: 213,
    });
    const figures = Object.entries(document.conflicts.baselines).map(([name, { f1 }]) => [name, f1?.toFixed(3)]);
    expect(Object.fromEntries(figures)).toEqual({
      'same-contract-selector': '0.880',
      'same-contract': '0.772',
      'same-contract-sender': '0.648',
      'sender-only': '0.430',
      'last-seen-keys': '0.577',
      'last-seen-keys-or-contract': '0.890',
      'declared-access-lists': '0.001',
      'bep-456': '0.882',
    });
    const gas = Object.entries(document.gas.baselines).map(([name, { mae }]) => [name, Math.round(mae ?? 0)]);
    expect(Object.fromEntries(gas)).toEqual({
      'gas-limit': 78_928,
      'per-function-mean': 38_678,
      'per-function-median': 38_197,
      'last-seen': 42_301,
    });
  });
});
