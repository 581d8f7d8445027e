import type { ForecastTarget } from '../../model/forecast/forecast-model.js';
import type { BaselineScores, HorizonScores } from '../../model/forecast/judge.js';
import type { BurstStage } from './bursts.js';
import type { SeriesRun } from './judge-series.js';

const TITLES: Readonly<Record<ForecastTarget, string>> = {
  baseFee: 'base fee, log',
  gasUsedRatio: 'gas used / limit',
  transactionCount: 'transactions',
  conflictDensity: 'conflict density',
  parallelism: 'parallelism',
};

type Row = readonly string[];

function markdown(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Every target and horizon of a run, with the scores of the model and its gains over the baselines. */
export function renderRun(run: SeriesRun): string {
  const { trainedBlocks, trainUntil, judgedBlocks, tfBackend } = run;
  const scope = `${trainedBlocks} blocks learned, up to ${trainUntil}; ${judgedBlocks} judged; TensorFlow.js on ${tfBackend}.`;
  const names = baselineNames(run);
  const rows = eachHorizon(run).map(([target, horizon, { model, baselines }]) => [
    ...[TITLES[target], horizon, figure(model.mae), figure(model.crps), percent(model.coverage90)],
    ...names.map((name) => gainCell(baselines[name])),
  ]);
  const gwei = eachHorizon(run).flatMap(([, horizon, { model, baselines }]) =>
    model.gwei === undefined
      ? []
      : [
          [
            ...[horizon, figure(model.gwei.mae), figure(model.gwei.crps)],
            ...names.flatMap((name) => [figure(baselines[name]?.gwei?.mae), figure(baselines[name]?.gwei?.crps)]),
          ],
        ],
  );
  const maes = eachHorizon(run).map(([target, horizon, { model, baselines }]) => [
    ...[TITLES[target], horizon, figure(model.mae)],
    ...names.map((name) => figure(baselines[name]?.mae)),
  ]);
  const gweiHead = ['h', 'model MAE', 'CRPS', ...names.flatMap((name) => [`${name} MAE`, 'CRPS'])];
  return [
    scope,
    `Gain in CRPS over each baseline, with 95 % bounds:\n\n${markdown(['', 'h', 'MAE', 'CRPS', 'in 90 %', ...names], rows)}`,
    `MAE:\n\n${markdown(['', 'h', 'model', ...names], maes)}`,
    `Base fee in gwei:\n\n${markdown(gweiHead, gwei)}`,
  ].join('\n\n');
}

/** What a larger model gains over the small one. */
export function renderLarger(small: SeriesRun, large: SeriesRun): string {
  const others = new Map(eachHorizon(large).map(([target, horizon, scores]) => [`${target} ${horizon}`, scores]));
  const rows = eachHorizon(small).map(([target, horizon, { model, baselines }]) => {
    const other = others.get(`${target} ${horizon}`);
    return [
      ...[TITLES[target], horizon, gainCell(baselines['linear']), gainCell(other?.baselines['linear'])],
      other === undefined || model.crps === 0 ? '–' : percent(1 - other.model.crps / model.crps),
    ];
  });
  const ratio = (large.trainCpuSeconds / small.trainCpuSeconds).toFixed(1);
  const head = ['', 'h', 'small over linear', 'large over linear', 'large over small'];
  return `A larger model, ${ratio} times the processor time to train:\n\n${markdown(head, rows)}`;
}

/** Gains by stage, for the baselines that matter there. */
export function renderBursts(stages: readonly BurstStage[]): string {
  const names = ['persistence', 'climatology', 'ewma', 'linear', 'linear-online'];
  const tables = stages.map(({ name, blocks, judgement }) => {
    const rows = eachHorizon({ judgement }).map(([target, horizon, { model, baselines }]) => [
      ...[TITLES[target], horizon, figure(model.crps), percent(model.coverage90)],
      ...names.map((baseline) => gainCell(baselines[baseline])),
    ]);
    return `${name}, ${blocks} blocks:\n\n${markdown(['', 'h', 'CRPS', 'in 90 %', ...names], rows)}`;
  });
  return tables.join('\n\n');
}

function eachHorizon({ judgement }: Pick<SeriesRun, 'judgement'>): [ForecastTarget, string, HorizonScores][] {
  const targets = Object.keys(TITLES) as ForecastTarget[];
  return targets.flatMap((target) =>
    Object.entries(judgement[target] ?? {}).map(([horizon, scores]): [ForecastTarget, string, HorizonScores] => [
      target,
      horizon,
      scores,
    ]),
  );
}

function baselineNames(run: SeriesRun): string[] {
  return [...new Set(eachHorizon(run).flatMap(([, , { baselines }]) => Object.keys(baselines)))];
}

function gainCell(scores: BaselineScores | undefined): string {
  if (scores === undefined) return '–';
  const { gain, interval } = scores.crpsGain;
  return `${percent(gain)} (${percent(interval[0])} to ${percent(interval[1])})`;
}

function figure(value: number | undefined): string {
  return value === undefined ? '–' : value === 0 ? '0' : value.toPrecision(4);
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
