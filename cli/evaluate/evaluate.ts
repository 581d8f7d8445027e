import { createBaselines } from '../../model/baselines/index.js';
import type { Contender } from '../../model/evaluation/contender.js';
import { evaluate, MODEL } from '../../model/evaluation/evaluate.js';
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
  readonly progress?: ((record: BlockRecord, step: 'learned' | 'judged') => void) | undefined;
}

/** Judges the model beside baselines on recorded blocks of one chain, in their order; reads each block once. */
export async function judgeModel(records: AsyncIterable<BlockRecord>, options: JudgeOptions): Promise<EvaluateReport> {
  const { trainUntil, online, model, baselines, progress } = options;
  const all = createBaselines();
  const contenders = new Map<string, Contender>([[MODEL, model]]);
  for (const name of baselines) {
    const baseline = all.get(name);
    if (baseline !== undefined) contenders.set(name, baseline);
  }
  const document = await evaluate(records, { trainUntil, online, contenders, progress });
  return { ...document, environment: describeEnvironment(model.backend), model: model.summary() };
}
