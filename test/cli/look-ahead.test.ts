import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluateReport } from '../../cli/evaluate/document.js';
import { judgeModel, type JudgeOptions } from '../../cli/evaluate/evaluate.js';
import { LookAhead } from '../../cli/evaluate/look-ahead.js';
import { renderEvaluation } from '../../cli/evaluate/render.js';
import { recordsOf } from '../../cli/record-of.js';
import { createReferenceExecutor } from '../../executor/reference/index.js';
import { MODEL_WITH_PRE_EXECUTION } from '../../model/evaluation/pre-execution.js';
import type { BlockRecord, BlockSnapshot, SourceBlock } from '../../types.js';
import { collect } from '../datasets/store-suite.js';
import { streamOf } from '../model/blocks.js';
import { generatedSnapshots } from '../model/learned.js';
import { tinyModel } from './tiny-model.js';

describe('a judged model that looks ahead', () => {
  let snapshots: BlockSnapshot[] = [];
  let traces: BlockRecord[] = [];
  beforeAll(async () => {
    snapshots = await collect(generatedSnapshots('uniswap', 4, 12));
    traces = await collect(recordsOf(streamOf(snapshots), createReferenceExecutor()));
  });

  function judgingAfter(trainUntil: number): JudgeOptions {
    return { trainUntil, online: true, model: tinyModel(), baselines: ['sender-only', 'gas-limit'] };
  }

  /** Blocks after the second are judged. */
  async function lookAhead(blocks: readonly SourceBlock[]): Promise<{ report: EvaluateReport; notices: string[] }> {
    const notices: string[] = [];
    const trainUntil = blocks[1]?.header.number ?? 0;
    const notice = (text: string): number => notices.push(text);
    const ahead = new LookAhead({ executor: createReferenceExecutor(), trainUntil, notice });
    const options = { ...judgingAfter(trainUntil), lookAhead: ahead };
    const report = await judgeModel(ahead.records(streamOf(blocks)), options);
    return { report, notices };
  }

  it('is judged beside the model, which it leaves as it is, in every table and with its price below', async () => {
    const { report, notices } = await lookAhead(snapshots);
    const without = await judgeModel(streamOf(traces), judgingAfter(report.trainUntil));
    expect(notices).toEqual([]);
    expect(without.preExecution).toBeNull();
    for (const part of ['conflicts', 'conflictsWithAccounts', 'accesses', 'writes', 'gas'] as const) {
      const { [MODEL_WITH_PRE_EXECUTION]: ahead, ...others } = report[part].baselines;
      expect(ahead, part).toBeDefined();
      expect({ ...report[part], baselines: others }, part).toEqual(without[part]);
    }
    const accesses = report.accesses.baselines[MODEL_WITH_PRE_EXECUTION];
    expect(accesses?.recall).toBeGreaterThan(report.accesses.model?.recall ?? 1);
    expect(report.preExecution).toMatchObject({ blocks: 2, transactions: 24, notRun: 0 });
    expect(report.preExecution?.preExecuted).toBeGreaterThan(0);
    expect(report.preExecution?.share).toBe((report.preExecution?.preExecuted ?? 0) / 24);

    const text = renderEvaluation(report);
    const tables = text.split('\n\n').filter((table) => /\nmodel /.test(table));
    expect(tables.length).toBeGreaterThanOrEqual(6);
    for (const table of tables) expect(table).toMatch(/\nmodel .*\nmodel\+pre-execution /);
    expect(text).toMatch(
      /\n\nExecuted ahead of 2 blocks: \d+ of 24 transactions \([\d.]+ %\)\. That took [\d,.]+ ms: [\d,.]+ ms for each of them, /,
    );
  });

  it('leaves out traces after the first judged block, and says so once', async () => {
    const [last] = traces.slice(-1);
    if (last === undefined) throw new Error('there are no traces');
    const later = { ...last, header: { ...last.header, number: last.header.number + 1 } };
    const { report, notices } = await lookAhead([...traces.slice(0, 2), ...snapshots.slice(2, 3), last, later]);
    expect(report).toMatchObject({ blocks: 3, preExecution: { blocks: 1, transactions: 12 } });
    expect(notices).toEqual([
      expect.stringMatching(
        new RegExp(`block ${last.header.number}: a trace can't be executed ahead; of such blocks model\\+pre-`),
      ),
    ]);
  });
});
