import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluateReport } from '../../cli/evaluate/document.js';
import { judgeModel, type JudgeOptions } from '../../cli/evaluate/evaluate.js';
import type { ModelContender, TrainedContender } from '../../cli/evaluate/model-contender.js';
import { renderEvaluation } from '../../cli/evaluate/render.js';
import { requireSplit } from '../../cli/evaluate/split.js';
import { snapshotToJson } from '../../datasets/snapshot.js';
import { MODEL_WITH_PRE_EXECUTION } from '../../model/evaluation/pre-execution.js';
import type { BlockRecord } from '../../types.js';
import { blockOf, streamOf } from '../model/blocks.js';
import { change, tracerJson } from '../datasets/read-fixtures.js';
import { collect } from '../datasets/store-suite.js';
import { generatedRecords, tracedRecords } from '../model/learned.js';
import { hasSharedData } from '../shared-data.js';
import { soundBlock, writeBlocks } from './blocks-on-disk.js';
import { runCli, temporaryFolder } from './run-cli.js';
import { tinyModel } from './tiny-model.js';

/** The model, with all that it says of the judged blocks. */
function listening(model: TrainedContender): { readonly model: ModelContender; readonly said: unknown[] } {
  const said: unknown[] = [];
  const listener: ModelContender = {
    predictor: {
      predict: (block) => {
        const prediction = model.predict(block);
        said.push(structuredClone(prediction));
        return prediction;
      },
      learn: (record) => model.learn(record),
    },
    prepare: () => model.prepare(),
    explainSlots: (record) => model.explainSlots(record),
    get evidence() {
      return model.evidence;
    },
    get model() {
      return model.model;
    },
    get thresholds() {
      return model.thresholds;
    },
    get backend() {
      return model.backend;
    },
    summary: () => model.summary(),
  };
  return { model: listener, said };
}

function judge(records: readonly BlockRecord[], options: Partial<JudgeOptions> = {}): Promise<EvaluateReport> {
  const trainUntil = records[2]?.header.number ?? 0;
  const all = { trainUntil, online: true, model: tinyModel(), baselines: ['sender-only', 'gas-limit'], ...options };
  return judgeModel(streamOf(records), all);
}

async function predictionsOf(records: readonly BlockRecord[], online = true): Promise<unknown[]> {
  const { model, said } = listening(tinyModel());
  await judge(records, { model, online });
  return said;
}

/** The same transactions; what they did to slots, and their gas and time, is that of others. */
function withOtherOutcomes(record: BlockRecord): BlockRecord {
  const { transactions } = record;
  const others = transactions.map((own, index) => {
    const other = transactions[transactions.length - 1 - index] ?? own;
    const accesses = [
      ...own.accesses.filter(({ slot }) => slot === null),
      ...other.accesses.filter(({ slot }) => slot !== null),
    ];
    return { ...own, accesses, gasUsed: other.gasUsed + 1_000, executionNs: 5, logs: other.logs };
  });
  return { ...record, transactions: others };
}

let records: BlockRecord[] = [];
let report: EvaluateReport;
let predictions: unknown[] = [];
beforeAll(async () => {
  records = await generatedRecords('uniswap', 6, 30);
  const { model, said } = listening(tinyModel());
  report = await judge(records, { model });
  predictions = said;
});

describe('a judged model', () => {
  it('is the same for the same seed, and the document is too', async () => {
    const [first, second, other] = [report, await judge(records), await judge(records, { model: tinyModel(2) })];
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(first).toMatchObject({
      schema: 'lanecast.evaluate/1',
      trainingBlocks: 3,
      blocks: 3,
      transactions: 90,
      environment: { tfBackend: 'wasm' },
      model: {
        ...{ artifact: null, seed: 1, halfLifeBlocks: 100, tooLittleFor: ['gasUsed', 'executionNs'] },
        networks: { conflicts: 1, accesses: 1, gasUsed: 0, executionNs: 0 },
      },
    });
    expect(first.conflicts.model?.threshold).toBe(first.model.thresholds.conflict);
    expect(other.model.thresholds).not.toEqual(first.model.thresholds);
    expect(Object.keys(first.conflicts.baselines)).toEqual(['sender-only']);
    expect(Object.keys(first.gas.baselines)).toEqual(['gas-limit']);
  });

  it('says of a block what it says whatever that block and later ones do', async () => {
    const expected = predictions;
    const altered = records.map((record, index) => (index >= 4 ? withOtherOutcomes(record) : record));
    const said = await predictionsOf(altered);
    expect(said).toHaveLength(3);
    // Blocks 3 and 4 by position; only the last one comes after an altered one.
    expect(said.slice(0, 2)).toEqual(expected.slice(0, 2));
    expect(said[2]).not.toEqual(expected[2]);
  });

  it('learns judged blocks only where it is online', async () => {
    const [online, frozen] = [predictions, await predictionsOf(records, false)];
    expect(frozen[0]).toEqual(online[0]);
    expect(frozen[2]).not.toEqual(online[2]);
    const altered = records.map((record, index) => (index >= 3 ? withOtherOutcomes(record) : record));
    expect(await predictionsOf(altered, false)).toEqual(frozen);
  });

  it('is rendered as tables, the model first', () => {
    const text = renderEvaluation(report);
    expect(text).toMatch(
      /^3 blocks learned, up to \d+; 3 later blocks judged, each learned after it was judged: 90 trans/,
    );
    expect(text).toMatch(
      /\nConflicts:\n +precision +recall +F1 +avg\. precision +ECE +threshold\nmodel +.*\nsender-only /,
    );
    for (const title of [
      'Conflicts, accounts counted too',
      'Storage slots that it writes',
      'Gas used',
      'Execution time',
    ]) {
      expect(text).toContain(`\n\n${title}:\n`);
    }
    expect(text).toMatch(
      /\nThe model had too little to train on: gas, execution time; there its statistics speak alone\.$/,
    );
  });
});

describe.runIf(hasSharedData)('a judged model of mainnet blocks', () => {
  it('finds conflicts and costs better than chance', async () => {
    const report = await judge(await tracedRecords(5, 60));
    expect(report).toMatchObject({
      trainUntil: 15_000_003,
      blocks: 2,
      executionNs: null,
      model: { networks: { conflicts: 1 } },
    });
    expect(report.conflicts.model?.prAuc).toBeGreaterThan(0.1);
    expect(report.accesses.model?.prAuc).toBeGreaterThan(0.1);
    expect(report.gas.model?.mae).toBeLessThan(report.gas.baselines['gas-limit']?.mae ?? 0);
    expect(report.perBlock.map(({ number }) => number)).toEqual([15_000_004, 15_000_005]);
  });
});

/** Numbers by these names. */
function named(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name): [string, unknown] => [name, expect.any(Number)]));
}

describe('lanecast evaluate', () => {
  it('executes blocks, learns, judges, and prints one JSON document', async () => {
    const blocks = [7, 8, 9, 10].map((number) => soundBlock(number, {}, 'prague', 3));
    const folder = writeBlocks(temporaryFolder(), ...(await Promise.all(blocks)));
    const args = ['--train-until', '8', '--baselines', 'same-contract,last-seen', '--json'];
    const { exitCode, stdout } = await runCli('evaluate', folder, ...args);
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout) as EvaluateReport;
    expect(report).toMatchObject({
      ...{ schema: 'lanecast.evaluate/1', trainUntil: 8, online: true, trainingBlocks: 2, blocks: 2, transactions: 24 },
      environment: { node: process.versions.node },
      model: { artifact: null, seed: 1, halfLifeBlocks: 50_000 },
    });
    expect(report.conflicts.model?.recall).toBeGreaterThan(0);
    expect(report.executionNs?.baselines['last-seen']?.count).toBe(24);
    expect(report.reliability).toHaveLength(10);
    const classification = ['precision', 'recall', 'f1', 'prAuc', 'ece'];
    for (const part of ['conflicts', 'conflictsWithAccounts', 'accesses', 'writes'] as const) {
      expect(report[part].model, part).toMatchObject(named(classification));
    }
    expect(report.gas.model).toMatchObject(named(['mae', 'mape', 'pinball', 'coverage']));
    expect(report.perTransaction).toMatchObject({
      dependent: named(['precision', 'recall', 'f1']),
      ...named(['latestBlockerAccuracy']),
    });
  });

  it('works with next to no history, and says so', async () => {
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7), await soundBlock(8));
    const args = ['--train-until', '7', '--baselines', 'none', '--online', 'false', '--seed', '3', '--half-life', '10'];
    const { exitCode, stdout } = await runCli('evaluate', folder, ...args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/1 block learned, up to 7; 1 later block judged, none of them learned: 4 transactions/);
    expect(stdout).toMatch(/too little to train on: .*gas, execution time; there its statistics speak alone\.\n$/);
    expect(stdout).not.toMatch(/same-contract/);
  });

  it('executes ahead what it is unsure of', async () => {
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7), await soundBlock(8));
    const args = ['--train-until', '7', '--baselines', 'none', '--pre-execute'];
    const { exitCode, stdout } = await runCli('evaluate', folder, ...args, '--json');
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout) as EvaluateReport;
    expect(Object.keys(report.accesses.baselines)).toEqual([MODEL_WITH_PRE_EXECUTION]);
    // The counter was called twice, which says little of it; payments run no code.
    expect(report.preExecution).toMatchObject({
      ...{ blocks: 1, transactions: 4, preExecuted: 2, share: 0.5, notRun: 0 },
      ...named(['totalNs', 'nsPerPreExecuted', 'nsPerTransaction']),
    });
  });

  it('refuses to execute traces ahead', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '100.json'), JSON.stringify(tracerJson()));
    writeFileSync(join(folder, '101.json'), JSON.stringify(change(tracerJson(), 'block.number', '0x65')));
    for (const [source, message] of [
      [folder, /101\.json, block 101: a trace can't be executed ahead; --pre-execute is for executable blocks/],
      ['store:1', /--pre-execute is for executable blocks, and the store holds only what blocks did/],
    ] as const) {
      const { exitCode, stdout, stderr } = await runCli('evaluate', source, '--train-until', '100', '--pre-execute');
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(message);
    }
  });

  it.each([
    [[], /needs --train-until BLOCK_NUMBER, or --model FOLDER/],
    [['--train-until', '6'], /no block up to 6 to learn: the source holds blocks 7 to 8\./],
    [['--train-until', '8'], /no block after 8 to judge: the source holds blocks 7 to 8\./],
    [['--train-until', 'x'], /--train-until/],
    [['--train-until', '7', '--online', 'perhaps'], /none of true, false/],
    [['--train-until', '7', '--baselines', 'oracle'], /"oracle" is none of same-contract-selector/],
    [['--train-until', '7', '--blocks', '3'], /--blocks is for generated sources and nodes only/],
    [['--model', 'nowhere'], /nowhere.*expected a file of a model/],
    [['--model', 'nowhere', '--half-life', '5'], /--half-life is for training/],
    [['--model', 'nowhere', '--seed', '5'], /--seed is for training/],
  ])('refuses %j', async (args, message) => {
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7), await soundBlock(8));
    const { exitCode, stdout, stderr } = await runCli('evaluate', folder, ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('refuses blocks that go backwards, or are of another chain', async () => {
    const file = join(temporaryFolder(), 'blocks.jsonl');
    const blocks = [await soundBlock(8), await soundBlock(7)];
    writeFileSync(file, blocks.map((block) => JSON.stringify(snapshotToJson(block))).join('\n'));
    const { exitCode, stderr } = await runCli('evaluate', file, '--train-until', '8');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/block 7.*expected a block above 8/);

    const split = { trainUntil: 8, needsHistory: true };
    const backwards = requireSplit(streamOf([blockOf(8, []), blockOf(8, [])]), split);
    await expect(collect(backwards)).rejects.toMatchObject({
      location: { blockNumber: 8, field: 'block.number' },
    });
    const mixed = requireSplit(streamOf([blockOf(8, []), blockOf(9, [], 10)]), split);
    await expect(collect(mixed)).rejects.toMatchObject({ location: { blockNumber: 9, field: 'chainId' } });
  });
});
