import { LONDON } from '../../model/forecast/fee-rule.js';
import { readHistory, type LoadHistory } from '../../model/forecast/history.js';
import { judgeForecasts, type ForecastJudgement } from '../../model/forecast/judge.js';
import { trainForecaster, trainingOrigins } from '../../model/forecast/train-forecaster.js';
import type { TensorflowRuntime } from '../../model/network/tensorflow.js';
import { regimeSeries } from './regimes.js';

export interface BurstStage {
  readonly name: string;
  readonly blocks: number;
  readonly judgement: ForecastJudgement;
}

const HORIZONS = [1, 2, 5, 10, 50];
/** Blocks before the end of a stage whose outcomes would be of the next one. */
const LAST = 50;
const TRAINED = 40_000;
const STAGE = 4000;
/** The first block of a made-up chain. */
const FIRST = 1;
/** Blocks in which a rule that nobody announced is found, and the largest horizon. */
const FORK_SETTLES = 100;

/** One made-up chain, one model, judged on blocks like those that it was trained on and on what came to be otherwise. */
export async function judgeBursts(options: {
  readonly runtime: TensorflowRuntime;
  readonly seed: number;
}): Promise<BurstStage[]> {
  const { runtime, seed } = options;
  const stageStart = (stage: number): number => TRAINED + stage * STAGE;
  const series = regimeSeries({
    ...{ blocks: TRAINED + 3 * STAGE, seed, unknownShare: 0.1 },
    regimes: [
      { fromBlock: FIRST, gasLimit: 30_000_000, rule: LONDON },
      { fromBlock: FIRST + stageStart(1), gasLimit: 36_000_000, rule: LONDON },
      { fromBlock: FIRST + stageStart(2), gasLimit: 60_000_000, rule: { elasticity: 4, denominator: 24 } },
    ],
  });
  const history = readHistory(series, { until: TRAINED });
  const columns = ['transactionCount', 'conflictDensity', 'parallelism'] as const;
  const model = await trainForecaster(history, { runtime, seed, horizons: HORIZONS, until: TRAINED, columns });
  const judge = (history: LoadHistory, from: number, to: number): ForecastJudgement =>
    judgeForecasts(history, model, {
      training: trainingOrigins(TRAINED, HORIZONS),
      judged: { from, to },
      bootstrap: { seed, blockLength: 200, resamples: 300 },
    });
  const stages = [
    { name: 'as in training', from: stageStart(0) - 1, to: stageStart(1) - LAST },
    { name: 'gas limit 30 → 36 million', from: stageStart(1), to: stageStart(2) - LAST },
    { name: 'fork: 60 million, elasticity 4, denominator 24', from: stageStart(2), to: stageStart(3) },
    { name: 'the same without its first 100 blocks', from: stageStart(2) + FORK_SETTLES, to: stageStart(3) },
  ];
  return stages.map(({ name, from, to }) => ({ name, blocks: to - from, judgement: judge(history, from, to) }));
}
