import type { ModelState } from '../../live.js';
import { tile } from './block-view.js';
import { byId, legend, observeWidth, placeholder, setText } from './dom.js';
import { formatCount, formatScore, formatShare, plural, threeDigits } from './format.js';
import {
  SCORE_SERIES,
  SPEEDUP_SERIES,
  calibrationPoints,
  seriesOf,
  type CalibrationPoint,
  type SeriesPoint,
} from './history.js';
import { Plot } from './libraries.js';
import { CHART_STYLE, describeGraphic, whenChanged, whyMissing, type View } from './view.js';

const HEIGHT = 230;
/** Lines of more blocks than this are drawn without dots. */
const DOTTED_BLOCKS = 60;

const COLORS: Readonly<Record<string, string>> = {
  'conflicting pairs': 'blue',
  'dependent transactions': 'orange',
  plan: 'blue',
  'without a plan': 'orange',
  'perfect plan': 'cyan',
};

/** How good the model was over the blocks that the service observed. */
export function createQualityView(): View {
  const targets = ['scores', 'speedups', 'calibration'].map(byId);
  renderLegends();
  const facts = whenChanged(renderFacts);
  const render = whenChanged((model: ModelState, ...widths: number[]) => {
    if (model.history.length === 0) {
      for (const target of targets) target.replaceChildren(placeholder('No block has been judged yet.', 'empty'));
      return;
    }
    if (widths.includes(0)) return;
    const [scores, speedups, calibration] = widths;
    targets[0]?.replaceChildren(drawScores(model, scores ?? 0));
    targets[1]?.replaceChildren(drawSpeedups(model, speedups ?? 0));
    targets[2]?.replaceChildren(drawCalibration(model, calibration ?? 0));
  });
  let redraw = (): void => undefined;
  const widths = targets.map((target) => observeWidth(target, () => redraw()));
  return ({ model }) => {
    if (model.status !== 'ready') {
      for (const target of targets) target.replaceChildren(whyMissing(model) ?? '');
      return;
    }
    const { value } = model;
    facts(value);
    redraw = () => render(value, ...widths.map((width) => width()));
    redraw();
  };
}

function renderLegends(): void {
  for (const [id, series] of [
    ['scores-legend', SCORE_SERIES],
    ['speedups-legend', SPEEDUP_SERIES],
  ] as const) {
    byId(id).replaceChildren(
      legend(series.map(([, name]) => ({ label: name, mark: `stroke ${COLORS[name] ?? 'muted'}` }))),
    );
  }
}

function renderFacts({ model, quality, artifact }: ModelState): void {
  const trained =
    artifact === null
      ? ''
      : ` Networks: ${artifact.name}, trained on ${plural(artifact.blocks, 'block')} up to ${formatCount(artifact.lastBlock)}.`;
  setText(
    byId('quality-note'),
    `Each of ${plural(quality.blocks, 'block')} was judged before it was learned; ${plural(model.learnedBlocks, 'block')} learned in all.${trained}`,
  );
  const { conflicts, dependent } = quality;
  byId('quality-facts').replaceChildren(
    tile('F1 of conflicts', formatScore(conflicts.f1), `precision ${formatShare(conflicts.precision)}`),
    tile('Conflicts found', formatShare(conflicts.recall), `${formatCount(conflicts.falseNegatives)} missed`),
    tile('F1 of dependents', formatScore(dependent.f1), `${formatShare(dependent.recall)} found`),
    tile('Calibration error', formatShare(quality.expectedCalibrationError), 'expected, of probabilities'),
    tile('Error of gas', formatShare(quality.gasErrorShare), 'mean, of the gas used'),
    tile('Aborts', formatCount(quality.aborts), `of ${formatCount(quality.executions)} executions`),
  );
}

function drawScores({ history }: ModelState, width: number): Element {
  const points = seriesOf(history, SCORE_SERIES);
  return drawLines(points, { width, name: 'F1 by block', y: { domain: [0, 1] }, text: formatScore });
}

function drawSpeedups({ history }: ModelState, width: number): Element {
  const points = seriesOf(history, SPEEDUP_SERIES);
  const text = (value: number): string => `${threeDigits(value)}×`;
  return drawLines(points, {
    width,
    name: 'Speed-up by block',
    y: { zero: true, tickFormat: (value: number) => `${value}×` },
    text,
  });
}

interface LinesSetting {
  readonly width: number;
  readonly name: string;
  readonly y: object;
  readonly text: (value: number) => string;
}

function drawLines(points: readonly SeriesPoint[], { width, name, y, text }: LinesSetting): Element {
  const place = { x: 'block', y: 'value' } as const;
  const stroke = ({ series }: SeriesPoint): string => `var(--${COLORS[series] ?? 'muted'})`;
  const blocks = new Set(points.map(({ block }) => block)).size;
  const chart = Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 40,
    marginRight: 14,
    marginTop: 12,
    marginBottom: 34,
    style: CHART_STYLE,
    x: {
      label: 'block',
      labelArrow: 'none',
      ticks: 3,
      tickFormat: (at: number) => (Number.isInteger(at) ? formatCount(at) : ''),
    },
    y: { label: null, grid: true, ticks: 5, ...y },
    marks: [
      Plot.lineY(points, { ...place, z: 'series', stroke, strokeWidth: 1.75 }),
      Plot.dot(blocks <= DOTTED_BLOCKS ? points : [], { ...place, fill: stroke, r: 2.5 }),
      Plot.tip(
        points,
        Plot.pointer({
          ...place,
          title: ({ block, series, value }: SeriesPoint) => `Block ${formatCount(block)}\n${series}: ${text(value)}`,
        }),
      ),
    ],
  });
  describeGraphic(chart, `${name}. Latest: ${latestText(points, text)}.`);
  return chart;
}

function latestText(points: readonly SeriesPoint[], text: (value: number) => string): string {
  const latest = new Map(points.filter(({ value }) => !Number.isNaN(value)).map((point) => [point.series, point]));
  return [...latest.values()].map(({ series, value }) => `${series} ${text(value)}`).join(', ');
}

function drawCalibration({ quality }: ModelState, width: number): Element {
  const points = calibrationPoints(quality.calibration);
  const place = { x: 'predicted', y: 'observed' } as const;
  const axis = { domain: [0, 1], tickFormat: '.0%', ticks: 5, labelArrow: 'none' } as const;
  const chart = Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 46,
    marginRight: 18,
    marginTop: 22,
    marginBottom: 36,
    style: CHART_STYLE,
    x: { ...axis, label: 'predicted' },
    y: { ...axis, label: 'came true', grid: true },
    r: { range: [2, 11] },
    marks: [
      Plot.line([0, 1], {
        x: (at: number) => at,
        y: (at: number) => at,
        stroke: 'var(--muted)',
        strokeDasharray: '4 3',
      }),
      Plot.lineY(points, { ...place, stroke: 'var(--blue)' }),
      Plot.dot(points, {
        ...place,
        r: 'predictions',
        fill: 'var(--blue)',
        fillOpacity: 0.8,
        title: ({ predicted, observed, predictions }: CalibrationPoint) =>
          `${plural(predictions, 'pair')}\npredicted ${formatShare(predicted)}\ncame true ${formatShare(observed)}`,
        tip: true,
      }),
    ],
  });
  describeGraphic(
    chart,
    points
      .map(({ predicted, observed }) => `predicted ${formatShare(predicted, 0)}, came true ${formatShare(observed, 0)}`)
      .join('; '),
  );
  return chart;
}
