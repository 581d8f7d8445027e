import type { ForecastTarget } from '../../../model/forecast/forecast-model.js';
import type { HorizonScores } from '../../../model/forecast/judge.js';
import type { ForecastDocument } from '../../forecast/document.js';
import { TARGET_TEXTS } from '../../forecast/target-texts.js';
import { formatCount, formatNumber, formatShare } from '../../table.js';
import { FAN_NOTES, fanPicture } from '../fan-picture.js';
import { markup, type Content } from '../markup.js';
import { renderPage, type PageFacts } from '../page.js';
import { facts, figure, section, table, type Fact, type Row } from '../parts.js';

const WEI_PER_GWEI = 1e9;

/** The page of a forecast. The same document and facts give the same text; it has no figures that the document has not. */
export function forecastReport(document: ForecastDocument, pageFacts: PageFacts): string {
  return renderPage({
    title: `Forecast of ${pageFacts.source}`,
    facts: pageFacts,
    environment: document.environment,
    body: [
      markup`<p class="lead">${leadOf(document)}</p>
`,
      facts(factsOf(document)),
      section(
        'The next blocks',
        document.model.targets.map((target) => fanOf(document, target)),
        FAN_NOTES,
      ),
      hotKeys(document),
      document.judged === null ? null : section('How such forecasts did', judgedNote(document), scores(document)),
      section('About the model', modelNote(document)),
    ],
  });
}

function leadOf({ series, model }: ForecastDocument): string {
  const { blocks, firstBlock, lastBlock, feeRule } = series;
  const rule = feeRule === 'none' ? 'no rule was found for the base fee' : `base fees follow EIP-1559 (${feeRule})`;
  return (
    `${formatCount(blocks, 'block')}, ${firstBlock} to ${lastBlock}; ${rule}. ` +
    `Forecast from blocks up to the last one, by a model that was trained up to ${model.trainUntil}.`
  );
}

function factsOf({ next, targets, series }: ForecastDocument): Fact[] {
  const fee = Number(next.baseFeePerGasWei) / WEI_PER_GWEI;
  const far = Object.entries(targets.baseFee ?? {}).at(-1);
  const linear = far?.[1].baselines['linear'];
  return [
    {
      name: `Base fee of block ${next.fromBlock}`,
      value: `${formatNumber(fee, 3)} gwei`,
      note: series.feeRule === 'none' ? 'as the last one' : 'by the rule, exactly',
    },
    ...(next.blobBaseFeePerGasWei === null
      ? []
      : [
          {
            name: 'Its blob base fee',
            value: `${formatNumber(Number(next.blobBaseFeePerGasWei))} wei`,
            note: `by the schedule of ${next.blobSchedule ?? '–'}`,
          },
        ]),
    ...(far === undefined || linear === undefined
      ? []
      : [
          {
            name: `Base fee ${far[0]} blocks ahead`,
            value: figure(linear.crpsGain.gain, formatShare),
            note: 'smaller CRPS than linear autoregression',
          },
          {
            name: 'In the 90 % range',
            value: figure(far[1].model.coverage90, formatShare),
            note: `of base fees ${far[0]} blocks ahead`,
          },
        ]),
  ];
}

function fanOf({ observed, next, model }: ForecastDocument, target: ForecastTarget): Content {
  const { title, factor, digits } = TARGET_TEXTS[target];
  const past = observed.values[target] ?? [];
  const horizons = model.horizons.flatMap((horizon) => {
    const quantiles = next.quantiles[target]?.[horizon] ?? null;
    if (quantiles === null) return [];
    return [{ time: next.fromBlock - 1 + horizon, quantiles: quantiles.map((value) => value * factor) }];
  });
  if (horizons.length === 0) return null;
  return fanPicture(title.charAt(0).toUpperCase() + title.slice(1), {
    times: past.map((_, index) => observed.fromBlock + index),
    observed: past.map((value) => (value === null ? null : value * factor)),
    ...{ levels: model.levels, horizons, label: title, isMean: target !== 'baseFee' },
    format: (value) => formatNumber(value, digits),
  });
}

function hotKeys({ hotKeys: keys }: ForecastDocument): Content {
  if (keys === null) return null;
  const shown = table({
    columns: [{ name: 'Address:slot', isText: true }, { name: 'Transactions a block' }, { name: 'Last in block' }],
    rows: keys.map(({ key, usesPerBlock, lastBlock }) => ({
      cells: [markup`<code>${key}</code>`, figure(usesPerBlock, (value) => formatNumber(value, 2)), `${lastBlock}`],
    })),
  });
  return section('Slots that the next blocks will probably use most', shown);
}

function judgedNote({ judged, model }: ForecastDocument): Content {
  if (judged === null) return null;
  const { blocks, firstBlock, lastBlock } = judged;
  return markup`<p>${formatCount(model.trainedBlocks, 'block')} were learned, up to ${model.trainUntil}; ${formatCount(blocks, 'later block')}, ${firstBlock} to ${lastBlock}, were forecast
and judged. CRPS, the continuous ranked probability score, is twice the mean pinball loss over the quantiles: less is better. Gain: how much smaller the model's is, with the bounds that hold
it with 95 % (moving-block bootstrap).</p>
`;
}

function scores({ targets, model }: ForecastDocument): Content {
  return model.targets.map((target) => {
    const byHorizon = targets[target];
    if (byHorizon === undefined) return null;
    return markup`<h3>${TARGET_TEXTS[target].scoreTitle}</h3>
${scoreTable(target, byHorizon)}`;
  });
}

function scoreTable(target: ForecastTarget, byHorizon: Readonly<Record<string, HorizonScores>>): Content {
  const { scoreDigits } = TARGET_TEXTS[target];
  const score = (value: number): Content => figure(value, (each) => each.toFixed(scoreDigits));
  const inGwei = (value: number | undefined): Content => figure(value, (each) => formatNumber(each, 3));
  const cells = ({ mae, crps, coverage90, gwei }: HorizonScores['model']): Content[] => [
    ...[score(mae), score(crps), figure(coverage90, formatShare)],
    ...(target === 'baseFee' ? [inGwei(gwei?.mae), inGwei(gwei?.crps)] : []),
  ];
  const rows = Object.entries(byHorizon).flatMap(([horizon, { model, baselines }]): Row[] => [
    { isOwn: true, cells: [`+${horizon}`, 'model', ...cells(model), '', ''] },
    ...Object.entries(baselines).map(([name, baseline]) => {
      const { gain, interval } = baseline.crpsGain;
      const bounds = `${formatShare(interval[0])} to ${formatShare(interval[1])}`;
      return { cells: ['', name, ...cells(baseline), figure(gain, formatShare), bounds] };
    }),
  ]);
  const gwei = target === 'baseFee' ? [{ name: 'MAE, gwei' }, { name: 'CRPS, gwei' }] : [];
  return table({
    columns: [
      ...[{ name: 'Blocks ahead', isText: true }, { name: 'By', isText: true }, { name: 'MAE' }, { name: 'CRPS' }],
      ...[{ name: 'In the 90 % range' }, ...gwei, { name: 'Gain in CRPS' }, { name: 'Bounds' }],
    ],
    rows,
  });
}

function modelNote({ model, timings }: ForecastDocument): Content {
  const { trainSeconds, forecastMs } = timings;
  const trained =
    trainSeconds === null ? '' : ` It was trained in ${formatNumber(trainSeconds)} s, with seed ${model.seed}.`;
  const abstains =
    model.abstains.length === 0 ? '' : ` Known of too few blocks to be forecast: ${model.abstains.join(', ')}.`;
  return markup`<p>${formatNumber(model.parameters)} parameters. To take a block in and forecast anew takes ${figure(forecastMs, (ms) => `${formatNumber(ms, 3)} ms`)}.${trained}${abstains}</p>
`;
}
