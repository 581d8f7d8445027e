import { TrainingData } from '../../model/artifact/training-data.js';
import type { Evidence } from '../../model/evidence.js';
import type { BlockRecord } from '../../types.js';
import { judgeModel } from '../evaluate/evaluate.js';
import { TrainedContender, type TrainedContenderOptions } from '../evaluate/model-contender.js';
import { rollingOriginOf, type RollingOrigin } from './document.js';
import type { History } from './history.js';

export interface TrainModelOptions {
  readonly training: TrainedContenderOptions;
  /** Whether a second model, of the first three quarters, is judged on the last quarter. */
  readonly judges: boolean;
  /** Gives evidence a history before any block is learned. */
  readonly begin?: ((evidence: Evidence) => Promise<void>) | undefined;
  readonly progress?: ((record: BlockRecord) => void) | undefined;
}

export interface TrainedModel {
  /** Prepared. */
  readonly contender: TrainedContender;
  readonly data: TrainingData;
  readonly rollingOrigin: RollingOrigin | null;
}

/** With fewer there is too little on either side of the split. */
const MIN_JUDGED_HISTORY = 4;

/** Learns blocks in one pass and trains on them. */
export async function trainModel(history: History, options: TrainModelOptions): Promise<TrainedModel> {
  const contender = new TrainedContender(options.training);
  const data = new TrainingData();
  await options.begin?.(contender.evidence);
  async function* learned(): AsyncGenerator<BlockRecord> {
    for await (const record of history.records()) {
      data.add(record);
      contender.learn(record);
      options.progress?.(record);
      yield record;
    }
  }
  const rollingOrigin = await judge(learned(), history.numbers, options);
  await contender.prepare();
  return { contender, data, rollingOrigin };
}

async function judge(
  records: AsyncIterable<BlockRecord>,
  numbers: readonly number[],
  { training, judges, begin }: TrainModelOptions,
): Promise<RollingOrigin | null> {
  const trainUntil = numbers[Math.floor((numbers.length * 3) / 4) - 1];
  if (!judges || numbers.length < MIN_JUDGED_HISTORY || trainUntil === undefined) {
    await drain(records);
    return null;
  }
  const model = new TrainedContender(training);
  await begin?.(model.evidence);
  return rollingOriginOf(await judgeModel(records, { trainUntil, online: true, model, baselines: [] }));
}

async function drain(records: AsyncIterable<BlockRecord>): Promise<void> {
  const iterator = records[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}
