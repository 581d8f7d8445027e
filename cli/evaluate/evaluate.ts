import { createBaselines } from '../../model/baselines/index.js';
import type { Contender } from '../../model/evaluation/contender.js';
import { evaluate, MODEL } from '../../model/evaluation/evaluate.js';
import {
  MODEL_WITH_PRE_EXECUTION,
  PreExecutionContender,
  type PreExecutionOptions,
} from '../../model/evaluation/pre-execution.js';
import type { BlockRecord } from '../../types.js';
import { describeEnvironment } from '../environment.js';
import type { EvaluateReport } from './document.js';
import type { ModelContender } from './model-contender.js';

export interface JudgeOptions {
  /** Blocks up to this number are learned, later ones judged. */
  readonly trainUntil: number;
  /** Whether a judged block is learned after it was judged. */
  readonly online: boolean;
  readonly model: ModelContender;
  /** Names of `createBaselines`. */
  readonly baselines: readonly string[];
  /** With it the model is also judged with a look ahead at each transaction that it is unsure of. */
  readonly lookAhead?: Pick<PreExecutionOptions, 'preExecute' | 'looksInto'> | undefined;
  readonly progress?: ((record: BlockRecord, step: 'learned' | 'judged') => void) | undefined;
}

/** Judges the model beside baselines on recorded blocks of one chain, in their order; reads each block once. */
export async function judgeModel(records: AsyncIterable<BlockRecord>, options: JudgeOptions): Promise<EvaluateReport> {
  const { trainUntil, online, model, baselines, lookAhead, progress } = options;
  const all = createBaselines();
  const contenders = new Map<string, Contender>([[MODEL, model]]);
  const ahead =
    lookAhead === undefined ? null : new PreExecutionContender(model, { ...lookAhead, budget: {}, accounts: true });
  if (ahead !== null) contenders.set(MODEL_WITH_PRE_EXECUTION, ahead);
  for (const name of baselines) {
    const baseline = all.get(name);
    if (baseline !== undefined) contenders.set(name, baseline);
  }
  const document = await evaluate(ahead?.ahead(records) ?? records, { trainUntil, online, contenders, progress });
  const environment = describeEnvironment(model.backend);
  return { ...document, environment, model: model.summary(), preExecution: ahead?.report() ?? null };
}
