import type { ClassificationScores } from '../../../model/evaluation/classification.js';
import type { Judged } from '../../../model/evaluation/document.js';
import type { QuantityScores } from '../../../model/evaluation/quantity.js';
import type { EvaluateReport } from '../../evaluate/document.js';
import { formatNumber } from '../../table.js';
import { COLOURS } from '../colours.js';
import { markup, type Content, type Markup } from '../markup.js';
import { picture, type LegendItem } from '../parts.js';
import { axisX, axisY, barX, chart, dot, gridX, gridY, line, link, text, type Markish } from '../plot.js';

const WIDTH = 440;
const WIDE = 1068;
const LEFT = 196;
const ROW_PX = 26;
export const MODEL = 'model';

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
