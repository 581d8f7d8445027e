import type { ForecastTarget } from '../../model/forecast/forecast-model.js';
import type { HorizonScores } from '../../model/forecast/judge.js';
import { formatCount, formatNumber, formatShare, renderTable } from '../table.js';
import type { ForecastDocument } from './document.js';
import { scaleOf, sparkline } from './sparkline.js';
import { TARGET_TEXTS } from './target-texts.js';

const PAST_BLOCKS = 32;
const WEI_PER_GWEI = 1e9;
const FAN = [
  { name: '95 %', level: 0.95 },
  { name: '50 %', level: 0.5 },
  { name: '5 %', level: 0.05 },
];

/** The whole report for people: the next blocks, then how well such forecasts did. */
export function renderForecast(document: ForecastDocument): string {
  const parts = [
    renderScope(document),
    renderNext(document),
    renderHotKeys(document),
    ...renderScores(document),
    renderModel(document),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderScope({ series }: ForecastDocument): string {
  const { blocks, firstBlock, lastBlock, slotSeconds, feeRule, feesAgainstRule, unknownTransactionCounts } = series;
  const rule =
    feeRule === 'none'
      ? 'base fees follow no EIP-1559 rule, and are taken to stay'
      : `base fees follow EIP-1559 with elasticity/denominator ${feeRule}, but for ${formatNumber(feesAgainstRule)}`;
  const unknown =
    unknownTransactionCounts === 0 ? '' : `; ${formatNumber(unknownTransactionCounts)} have no transaction count`;
  return `${formatCount(blocks, 'block')}, ${firstBlock} to ${lastBlock}, one in ${slotSeconds} s; ${rule}${unknown}.`;
}

function renderHotKeys({ hotKeys }: ForecastDocument): string {
  if (hotKeys === null) return '';
  const rows = hotKeys.map(({ key, usesPerBlock, lastBlock }) => [
    key,
    formatNumber(usesPerBlock, 2),
    String(lastBlock),
  ]);
  return `Slots that the next blocks will probably use most\n${renderTable(['address:slot', 'transactions a block', 'last in block'], rows, 1)}`;
}

function renderNext(document: ForecastDocument): string {
  const { next, model } = document;
  const rows = model.targets.flatMap((target) => nextRows(document, target));
  const head = ['', `last ${PAST_BLOCKS}`, 'next', '', ...model.horizons.map((horizon) => `+${horizon}`)];
  const fee = formatNumber(Number(next.baseFeePerGasWei) / WEI_PER_GWEI, 9);
  const exact = document.series.feeRule === 'none' ? '' : ` Base fee of block ${next.fromBlock}: ${fee} gwei, exactly.`;
  const blobs =
    next.blobBaseFeePerGasWei === null
      ? ''
      : ` Its blob base fee: ${formatNumber(Number(next.blobBaseFeePerGasWei))} wei, by the schedule of ${next.blobSchedule ?? '–'}.`;
  return `The next blocks, from ${next.fromBlock} on.${exact}${blobs}\n${renderTable(head, rows, 4)}`;
}

function nextRows({ next, model, observed }: ForecastDocument, target: ForecastTarget): string[][] {
  const { title, factor, digits } = TARGET_TEXTS[target];
  const past = (observed.values[target] ?? []).slice(-PAST_BLOCKS).map((value) => (value ?? NaN) * factor);
  const fan = FAN.map(({ name, level }) => {
    const place = model.levels.indexOf(level);
    const values = model.horizons.map((horizon) => {
      const quantiles = next.quantiles[target]?.[`${horizon}`] ?? null;
      const value = quantiles === null ? undefined : quantiles[place];
      return value === undefined ? NaN : value * factor;
    });
    return { name, values };
  });
  const scale = scaleOf([...past, ...fan.flatMap(({ values }) => values)]);
  return fan.map(({ name, values }, row) => [
    row === 0 ? title : '',
    row === 1 ? sparkline(past, scale) : '',
    sparkline(values, scale),
    name,
    ...values.map((value) => (Number.isNaN(value) ? '–' : formatNumber(value, digits))),
  ]);
}

function renderScores({ judged, targets, model }: ForecastDocument): string[] {
  if (judged === null) return [];
  const { blocks, firstBlock, lastBlock } = judged;
  const split =
    `${formatCount(model.trainedBlocks, 'block')} learned, up to ${model.trainUntil}; ${formatCount(blocks, 'later block')} judged, ` +
    `${firstBlock} to ${lastBlock}. Gain: how much smaller the model's CRPS is, with the bounds that hold it with 95 %.`;
  const tables = model.targets.map((target) => {
    const scores = targets[target];
    return scores === undefined ? '' : renderTarget(target, scores);
  });
  return [split, ...tables];
}

function renderTarget(target: ForecastTarget, byHorizon: Readonly<Record<string, HorizonScores>>): string {
  const { scoreTitle, scoreDigits } = TARGET_TEXTS[target];
  const hasGwei = target === 'baseFee';
  const rows = Object.entries(byHorizon).flatMap(([horizon, { model, baselines }]) => [
    [`+${horizon}`, 'model', ...cells(model), '', ''],
    ...Object.entries(baselines).map(([name, scores]) => {
      const { gain, interval } = scores.crpsGain;
      const bounds = `${formatShare(interval[0])} to ${formatShare(interval[1])}`;
      return ['', name, ...cells(scores), formatShare(gain), bounds];
    }),
  ]);
  function cells({ mae, crps, coverage90, gwei }: HorizonScores['model']): string[] {
    const figures = [mae.toFixed(scoreDigits), crps.toFixed(scoreDigits), formatShare(coverage90)];
    return hasGwei ? [...figures, formatNumber(gwei?.mae ?? NaN, 3), formatNumber(gwei?.crps ?? NaN, 3)] : figures;
  }
  const gwei = hasGwei ? ['MAE gwei', 'CRPS gwei'] : [];
  const head = ['', '', 'MAE', 'CRPS', 'in 90 %', ...gwei, 'gain', 'bounds'];
  return `${scoreTitle}:\n${renderTable(head, rows, 2)}`;
}

function renderModel({ model, timings }: ForecastDocument): string {
  const { trainSeconds, trainCpuSeconds, forecastMs } = timings;
  const trained =
    trainSeconds === null || trainCpuSeconds === null
      ? ''
      : ` Trained in ${formatNumber(trainSeconds)} s, ${formatNumber(trainCpuSeconds)} s of processor time.`;
  const abstains =
    model.abstains.length === 0 ? '' : ` Known of too few blocks to be forecast: ${model.abstains.join(', ')}.`;
  const kept = model.artifact === null ? '' : ` The model is in ${model.artifact}.`;
  return (
    `${formatNumber(model.parameters)} parameters; a block taken in and all forecast anew takes ${formatNumber(forecastMs, 3)} ms.` +
    `${trained}${abstains}${kept}`
  );
}
