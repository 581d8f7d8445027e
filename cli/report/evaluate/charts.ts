import type { ClassificationScores } from '../../../model/evaluation/classification.js';
import type { Judged } from '../../../model/evaluation/document.js';
import type { ReliabilityBin } from '../../../model/evaluation/metrics.js';
import type { QuantityScores } from '../../../model/evaluation/quantity.js';
import type { EvaluateReport } from '../../evaluate/document.js';
import { formatNumber } from '../../table.js';
import { COLOURS } from '../colours.js';
import { markup, type Content, type Markup } from '../markup.js';
import { picture, type LegendItem } from '../parts.js';
import { axisX, axisY, barX, chart, dot, gridX, gridY, line, link, rectY, text, type Markish } from '../plot.js';

const WIDTH = 440;
const WIDE = 1068;
const LEFT = 196;
const ROW_PX = 26;
export const MODEL = 'model';
/** The line of probabilities below which nothing is judged. */
const FLOOR = 0.05;

/** The model first, then the baselines. */
export function contendersOf<Scores>({ model, baselines }: Judged<Scores>): (readonly [string, Scores])[] {
  return [...(model === null ? [] : [[MODEL, model] as const]), ...Object.entries(baselines)];
}

/** F1 and average precision of everybody. */
export function classificationChart(title: string, judged: Judged<ClassificationScores>): Markup | null {
  const rows = contendersOf(judged).map(([name, { f1, prAuc }]) => ({ name, f1, prAuc }));
  if (rows.length === 0) return null;
  const names = rows.map(({ name }) => name);
  const colour = ({ name }: { name: string }): string => (name === MODEL ? COLOURS.blue : COLOURS.grey);
  return picture({
    title: `${title}.`,
    legend: [
      { name: 'F1', colour: COLOURS.text, mark: 'dot' },
      { name: 'average precision', colour: COLOURS.text, mark: 'ring' },
    ],
    charts: chart({
      ariaLabel: `${title}: F1 and average precision of the model and of baselines`,
      ...{
        width: WIDTH,
        height: names.length * ROW_PX + 46,
        marginLeft: LEFT,
        marginRight: 12,
        marginTop: 4,
        marginBottom: 38,
      },
      x: { domain: [0, 1] },
      y: { type: 'band', domain: names },
      marks: [
        gridX({ stroke: COLOURS.grey, strokeOpacity: 0.25 }),
        link(
          rows.filter(({ f1, prAuc }) => f1 !== null && prAuc !== null),
          { x1: 'f1', x2: 'prAuc', y: 'name', stroke: colour, strokeOpacity: 0.5 },
        ),
        dot(rows, {
          x: 'f1',
          y: 'name',
          fill: colour,
          r: 5.5,
          title: ({ name, f1 }: Scored) => `${name}: F1 ${show(f1)}`,
        }),
        dot(rows, {
          ...{ x: 'prAuc', y: 'name', stroke: colour, strokeWidth: 2, fill: COLOURS.page, r: 4.5 },
          title: ({ name, prAuc }: Scored) => `${name}: average precision ${show(prAuc)}`,
        }),
        axisX({ label: 'score', tickSize: 4, ticks: 5 }),
        axisY({ tickSize: 0, label: null }),
      ],
    }),
  });
}

interface Scored {
  readonly name: string;
  readonly f1: number | null;
  readonly prAuc: number | null;
}

function show(score: number | null): string {
  return score === null ? '–' : score.toFixed(3);
}

/** Mean absolute errors of everybody. */
export function quantityChart(title: string, unit: string, judged: Judged<QuantityScores>): Markup | null {
  const rows = contendersOf(judged).flatMap(([name, { mae }]) => (mae === null ? [] : [{ name, mae }]));
  if (rows.length === 0) return null;
  const most = Math.max(...rows.map(({ mae }) => mae));
  return picture({
    title: `${title}: mean absolute error of the median, in ${unit} (less is better).`,
    charts: chart({
      ariaLabel: `${title}: mean absolute error of the model and of baselines`,
      ...{
        width: WIDTH,
        height: rows.length * ROW_PX + 46,
        marginLeft: LEFT,
        marginRight: 74,
        marginTop: 4,
        marginBottom: 38,
      },
      x: { domain: [0, most] },
      y: { type: 'band', domain: rows.map(({ name }) => name), padding: 0.25 },
      marks: [
        barX(rows, {
          x: 'mae',
          y: 'name',
          fill: ({ name }: { name: string }) => (name === MODEL ? COLOURS.blue : COLOURS.grey),
        }),
        text(rows, {
          ...{ x: 'mae', y: 'name', textAnchor: 'start', dx: 5, fill: COLOURS.text },
          text: ({ mae }: { mae: number }) => formatNumber(mae),
        }),
        axisX({ label: unit, tickSize: 4, ticks: 4, tickFormat: 's' }),
        axisY({ tickSize: 0, label: null }),
      ],
    }),
  });
}

/** Predicted probability against observed frequency, with the number of pairs below. Nothing without predictions. */
export function calibrationChart(reliability: EvaluateReport['reliability']): Markup | null {
  const bins = (reliability ?? []).filter(({ count }) => count > 0);
  if (bins.length === 0) return null;
  const box = { width: WIDTH, marginLeft: 56, marginRight: 16 };
  return picture({
    title: 'Calibration of the model’s conflict probabilities.',
    caption:
      'Of the pairs with such a probability, how many did conflict? On the diagonal it is as predicted. Below: how many pairs.',
    charts: [
      chart({
        ariaLabel: 'Predicted probability against observed frequency',
        ...{ ...box, height: 330, marginTop: 28, marginBottom: 26 },
        x: { domain: [0, 1] },
        y: { domain: [0, 1] },
        marks: [
          gridY({ ticks: 5, stroke: COLOURS.grey, strokeOpacity: 0.25 }),
          link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: COLOURS.grey, strokeDasharray: '4 3' }),
          line(bins, { x: 'meanProbability', y: 'frequency', stroke: COLOURS.blue }),
          dot(bins, {
            x: 'meanProbability',
            y: 'frequency',
            fill: COLOURS.blue,
            stroke: COLOURS.page,
            r: 5.5,
            title: describeBin,
          }),
          axisX({ label: null, tickSize: 4, ticks: 5 }),
          axisY({ label: 'share that came true', tickSize: 0, ticks: 5 }),
        ],
      }),
      chart({
        ariaLabel: 'Number of pairs by predicted probability',
        ...{ ...box, height: 132, marginTop: 20, marginBottom: 38 },
        x: { domain: [0, 1] },
        y: { axis: null, type: 'sqrt', domain: [0, Math.max(...bins.map(({ count }) => count))] },
        marks: [
          rectY(bins, {
            x1: 'from',
            x2: 'to',
            y: 'count',
            fill: COLOURS.blue,
            fillOpacity: 0.55,
            inset: 1,
            title: describeBin,
          }),
          text(bins, {
            ...{
              x: ({ from, to }: ReliabilityBin) => (from + to) / 2,
              y: 'count',
              dy: -7,
              fontSize: 11,
              fill: COLOURS.text,
            },
            text: ({ count }: ReliabilityBin) => compact(count),
          }),
          axisX({ label: 'predicted probability', tickSize: 4, ticks: 5 }),
        ],
      }),
    ],
  });
}

function describeBin({ from, to, count, meanProbability, frequency }: ReliabilityBin): string {
  return (
    `${Math.max(from, FLOOR).toFixed(2)} to ${to.toFixed(2)}: ${formatNumber(count)} pairs, ` +
    `mean ${show(meanProbability)}, came true ${show(frequency)}`
  );
}

function compact(count: number): string {
  return count < 1e4
    ? formatNumber(count)
    : count < 1e6
      ? `${formatNumber(count / 1e3)}k`
      : `${formatNumber(count / 1e6, 1)}M`;
}

interface BlockPoint {
  readonly number: number;
  readonly f1: number;
}

/** F1 of predicted conflicts, block by block: the model and the baseline that is best over all blocks. */
export function blocksChart({ perBlock, conflicts }: EvaluateReport): Content {
  const [best] = Object.entries(conflicts.baselines).sort(([, a], [, b]) => (b.f1 ?? 0) - (a.f1 ?? 0));
  const points = (f1Of: (block: EvaluateReport['perBlock'][number]) => number | null | undefined): BlockPoint[] =>
    perBlock.flatMap((block) => {
      const f1 = f1Of(block);
      return f1 === null || f1 === undefined ? [] : [{ number: block.number, f1 }];
    });
  const model = points((block) => block.conflicts.model?.f1);
  const baseline = best === undefined ? [] : points((block) => block.conflicts.baselines[best[0]]?.f1);
  if (model.length + baseline.length === 0) return null;
  const series = (values: BlockPoint[], colour: string): Markish[] => [
    line(values, { x: 'number', y: 'f1', stroke: colour, strokeOpacity: 0.7 }),
    dot(values, { x: 'number', y: 'f1', fill: colour, r: values.length > 100 ? 2 : 4, title: describePoint }),
  ];
  const legend: LegendItem[] = [
    ...(model.length > 0 ? [{ name: MODEL, colour: COLOURS.blue, mark: 'dot' } as const] : []),
    ...(best !== undefined ? [{ name: best[0], colour: COLOURS.orange, mark: 'dot' } as const] : []),
  ];
  return picture({
    title: 'F1 of predicted conflicts, block by block.',
    caption:
      best === undefined
        ? ''
        : 'Beside the model the baseline with the highest F1 over all blocks. Blocks without conflicts have none.',
    legend,
    isWide: true,
    charts: chart({
      ariaLabel: 'F1 of predicted conflicts by block',
      ...{ width: WIDE, height: 260, marginLeft: 48, marginRight: 24, marginTop: 28, marginBottom: 40 },
      x: { nice: false },
      y: { domain: [0, 1] },
      marks: [
        gridY({ ticks: 5, stroke: COLOURS.grey, strokeOpacity: 0.25 }),
        ...series(baseline, COLOURS.orange),
        ...series(model, COLOURS.blue),
        axisX({
          label: 'block',
          tickSize: 4,
          ticks: wholeTicks(perBlock.map(({ number }) => number)),
          tickFormat: (number: number) => `${number}`,
        }),
        axisY({ label: 'F1', tickSize: 0, ticks: 5 }),
      ],
    }),
  });
}

const MOST_BLOCK_TICKS = 8;

/** Numbers of blocks, evenly spaced and whole. */
function wholeTicks(numbers: readonly number[]): number[] {
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const step = Math.max(1, Math.ceil((last - first) / MOST_BLOCK_TICKS));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function describePoint({ number, f1 }: BlockPoint): string {
  return `block ${number}: F1 ${show(f1)}`;
}

/** Charts side by side where there is room. */
export function sideBySide(charts: readonly (Markup | null)[]): Markup {
  return markup`<div class="pair">${charts}</div>
`;
}
