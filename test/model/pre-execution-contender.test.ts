import { describe, expect, it } from 'vitest';
import type { Contender } from '../../model/evaluation/contender.js';
import type { EvaluateDocument } from '../../model/evaluation/document.js';
import { evaluate } from '../../model/evaluation/evaluate.js';
import {
  MODEL_WITH_PRE_EXECUTION,
  PreExecutionContender,
  type PreExecutionOptions,
} from '../../model/evaluation/pre-execution.js';
import { ModelPredictor } from '../../model/predictor.js';
import type { PendingBlock } from '../../scheduler/predictor.js';
import type { BlockRecord, PreExecution } from '../../types.js';
import { address, slotAccess } from '../datasets/store-records.js';
import { blockOf, streamOf, type Draft } from './blocks.js';
import { learn, modelOf } from './learned.js';

/** Blocks of a function that is always the same, and of one that touches other slots in each. */
const chain = Array.from({ length: 6 }, (_, block) => {
  const always: Draft = { to: address(9), input: '0xaaaaaaaa', accesses: [slotAccess('write', 9, 1)] };
  const [input, slot] = [`0xbbbbbb0${block}`, 50 + block] as const;
  const varying: Draft = {
    to: address(8),
    input,
    accesses: [slotAccess('write', 8, slot), slotAccess('read', 8, slot)],
  };
  const drafts = [always, varying, always, varying, { to: address(7), input: '0x' } as const];
  return blockOf(
    block + 1,
    drafts.map((draft, index) => ({ gasLimit: 100_000, ...draft, from: address(100 * block + index + 1000) })),
  );
});

/** Tells what the transactions will do, and remembers what it was asked. */
class Clairvoyant {
  readonly asked: [number: number, indices: readonly number[]][] = [];
  readonly #refused: ReadonlySet<number>;

  constructor(refused: readonly number[] = []) {
    this.#refused = new Set(refused);
  }

  readonly preExecute = (
    { number }: PendingBlock,
    indices: readonly number[],
  ): Promise<Map<number, PreExecution | null>> => {
    this.asked.push([number, indices]);
    const found = indices.map((index) => [index, this.#tell(number, index)] as const);
    return Promise.resolve(new Map(found));
  };

  #tell(number: number, index: number): PreExecution | null {
    const outcome = chain.find(({ header }) => header.number === number)?.transactions[index];
    if (outcome === undefined || this.#refused.has(index)) return null;
    return { accesses: outcome.accesses, gasUsed: outcome.gasUsed, succeeded: true, executionNs: 500 };
  }
}

async function judge(
  options: Partial<PreExecutionOptions> & Pick<PreExecutionOptions, 'preExecute'>,
): Promise<{ document: EvaluateDocument; contender: PreExecutionContender; learned: number }> {
  const model = modelOf(learn(chain.slice(0, 3)));
  let learned = 0;
  const predictor = new ModelPredictor(model);
  const counted = {
    predict: (block: PendingBlock) => predictor.predict(block),
    learn: (record: BlockRecord) => {
      learned += 1;
      predictor.learn(record);
    },
  };
  const contender = new PreExecutionContender(
    { evidence: model.evidence, model },
    { budget: {}, looksInto: ({ header }) => header.number > 3, ...options },
  );
  const contenders = new Map<string, Contender>([
    ['model', { predictor: counted, thresholds: model.thresholds }],
    [MODEL_WITH_PRE_EXECUTION, contender],
  ]);
  const blocks = contender.ahead(streamOf(chain.slice(3)));
  return { document: await evaluate(blocks, { trainUntil: 3, online: true, contenders }), contender, learned };
}

describe('the model with pre-execution', () => {
  it('looks into what the model does not know, and is judged beside it', async () => {
    const clairvoyant = new Clairvoyant();
    const { document, contender } = await judge(clairvoyant);
    const unsure = [1, 3];
    expect(clairvoyant.asked).toEqual([4, 5, 6].map((number) => [number, unsure]));
    expect(document.accesses.model?.recall).toBeLessThan(0.7);
    expect(document.accesses.baselines[MODEL_WITH_PRE_EXECUTION]).toMatchObject({ precision: 1, recall: 1 });
    expect(document.conflicts.baselines[MODEL_WITH_PRE_EXECUTION]?.recall).toBe(1);
    expect(contender.report()).toMatchObject({
      ...{ blocks: 3, transactions: 15, preExecuted: 6, share: 0.4, notRun: 0 },
      ...{ totalNs: 3000, nsPerPreExecuted: 500, nsPerTransaction: 200 },
    });
    expect(contender.report().trust.succeeded.touched).toBeGreaterThan(0.9);
  });

  it('leaves the model as it would be without', async () => {
    const { preExecute } = new Clairvoyant();
    const [withIt, without] = [
      await judge({ preExecute }),
      await judge({ preExecute, budget: { maxTransactions: 0 } }),
    ];
    expect(withIt.document.accesses.model).toEqual(without.document.accesses.model);
    expect(withIt.document.conflicts.model).toEqual(without.document.conflicts.model);
    expect(withIt.learned).toBe(3);
  });

  it('says what the model says where it looks at nothing', async () => {
    const clairvoyant = new Clairvoyant();
    const { document, contender } = await judge({ preExecute: clairvoyant.preExecute, budget: { maxTransactions: 0 } });
    expect(clairvoyant.asked).toEqual([]);
    expect(document.accesses.baselines[MODEL_WITH_PRE_EXECUTION]).toEqual(document.accesses.model);
    expect(document.gas.baselines[MODEL_WITH_PRE_EXECUTION]).toEqual(document.gas.model);
    expect(contender.report()).toMatchObject({ preExecuted: 0, share: 0, nsPerPreExecuted: null, nsPerTransaction: 0 });
  });

  it('does without what could not run', async () => {
    const { document, contender } = await judge(new Clairvoyant([1]));
    expect(contender.report()).toMatchObject({ preExecuted: 3, notRun: 3 });
    const recall = document.accesses.baselines[MODEL_WITH_PRE_EXECUTION]?.recall ?? 0;
    expect(recall).toBeGreaterThan(document.accesses.model?.recall ?? 1);
    expect(recall).toBeLessThan(1);
  });

  it('spends time on as many as the budget has room for, priced by what they cost so far', async () => {
    const clairvoyant = new Clairvoyant();
    await judge({ preExecute: clairvoyant.preExecute, budget: { maxTotalNs: 3_000_000 } });
    expect(clairvoyant.asked).toEqual([
      [4, [1]],
      [5, [1, 3]],
      [6, [1, 3]],
    ]);
  });
});
