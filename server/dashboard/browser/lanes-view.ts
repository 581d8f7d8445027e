import type { Markish, Plot as PlotFigure } from '@observablehq/plot';
import type { LiveBlock } from '../../live.js';
import { describeCall } from './accuracy.js';
import { byId, legend, observeWidth, placeholder, setText } from './dom.js';
import { costScale, formatCost, formatCount, formatShare, plural, threeDigits, type CostScale } from './format.js';
import { KIND_LABELS, describeLanes, shareByKind, stretchesOf, type Stretch } from './lanes.js';
import { Plot } from './libraries.js';
import { shownBlock } from './state.js';
import type { Tooltip } from './tooltip.js';
import { CHART_STYLE, describeGraphic, whenChanged, whyMissing, type Dispatch, type View } from './view.js';

const COLORS: Readonly<Record<Stretch['kind'], string>> = {
  once: 'var(--blue)',
  again: 'var(--purple)',
  aborted: 'var(--red)',
  suspended: 'var(--orange)',
};

/** A predicted makespan further away than this is named in words only, or it would squeeze the lanes. */
const LONGEST_PREDICTION = 1.4;

/** The lanes of the block over time; a transaction can be chosen in them. */
export function createLanesView(dispatch: Dispatch, tooltip: Tooltip): View {
  const target = byId('lanes');
  const render = whenChanged((block: LiveBlock, transaction: number | null, width: number) => {
    tooltip.hide();
    renderText(block);
    if (width > 0) target.replaceChildren(drawLanes(block, transaction, { width, dispatch, tooltip }));
  });
  let redraw = (): void => undefined;
  const width = observeWidth(target, () => redraw());
  return (state) => {
    const block = shownBlock(state);
    if (block === null) {
      target.replaceChildren(whyMissing(state.blocks) ?? placeholder('Nothing has run yet.', 'empty'));
      return;
    }
    redraw = () => render(block, state.transaction, width());
    redraw();
  };
}

function renderText({ lanes, makespans }: LiveBlock): void {
  setText(
    byId('lanes-note'),
    `Simulated on ${plural(lanes.workers, 'worker')} (${lanes.mode}) with the true accesses and costs: ` +
      `${formatCost(lanes.makespan, lanes.unit)}, predicted ${formatCost(makespans.predicted, lanes.unit)}.`,
  );
  byId('lanes-legend').replaceChildren(
    legend(
      shareByKind(lanes).map(({ kind, share }) => ({
        label: `${KIND_LABELS[kind]} ${formatShare(share, 0)}`,
        mark: kind,
      })),
    ),
  );
}

interface LanesSetting {
  readonly width: number;
  readonly dispatch: Dispatch;
  readonly tooltip: Tooltip;
}

/** Without a title or legends of its own, a plot is an SVG. */
type Chart = SVGSVGElement & PlotFigure;

function drawLanes(block: LiveBlock, transaction: number | null, { width, dispatch, tooltip }: LanesSetting): Chart {
  const { lanes, makespans } = block;
  const stretches = stretchesOf(lanes);
  const isPredictionNear = makespans.predicted <= lanes.makespan * LONGEST_PREDICTION;
  const end = Math.max(lanes.makespan, isPredictionNear ? makespans.predicted : 0, Number.MIN_VALUE);
  const scale = costScale(end, lanes.unit);
  const chart = Plot.plot({
    width,
    height: Math.max(250, 60 + Math.min(24, lanes.workers) * 20),
    marginLeft: 34,
    marginRight: 14,
    marginTop: 22,
    marginBottom: 40,
    style: CHART_STYLE,
    x: {
      domain: [0, end],
      label: `${scale.name} since the block began`,
      labelAnchor: 'right',
      labelArrow: 'none',
      ticks: Math.max(3, Math.floor(width / 110)),
      tickFormat: (value: number) => tickText(value, scale),
    },
    y: {
      domain: Array.from({ length: lanes.workers }, (_, worker) => worker),
      label: null,
      padding: 0.14,
      tickSize: 0,
    },
    marks: laneMarks({ block, stretches, transaction, width, end, isPredictionNear }),
  }) as Chart;
  describeGraphic(chart, describeLanes(lanes));
  followPointer(chart, block, stretches, { width, dispatch, tooltip });
  return chart;
}

function tickText(value: number, { divisor }: CostScale): string {
  return value === 0 ? '0' : String(Number((value / divisor).toPrecision(3)));
}

interface LaneMarksInput {
  readonly block: LiveBlock;
  readonly stretches: readonly Stretch[];
  readonly transaction: number | null;
  readonly width: number;
  readonly end: number;
  readonly isPredictionNear: boolean;
}

function laneMarks({ block, stretches, transaction, width, end, isPredictionNear }: LaneMarksInput): Markish[] {
  const { lanes, makespans } = block;
  const workers = Array.from({ length: lanes.workers }, (_, worker) => worker);
  const place = { x1: 'start', x2: 'end', y: 'worker', insetRight: 0.5 } as const;
  const pixels = (width - 48) / end;
  const labelled = stretches.filter((stretch) => (stretch.end - stretch.start) * pixels > labelWidth(stretch));
  const opacity = ({ transaction: own }: Stretch): number => (transaction === null || own === transaction ? 1 : 0.35);
  return [
    Plot.barX(workers, { x1: 0, x2: lanes.makespan, y: (worker: number) => worker, fill: 'var(--lane)' }),
    Plot.barX(stretches, { ...place, fill: ({ kind }: Stretch) => COLORS[kind], fillOpacity: opacity }),
    Plot.barX(
      stretches.filter(({ kind }) => kind === 'aborted'),
      { ...place, fill: 'url(#hatch)' },
    ),
    Plot.barX(
      stretches.filter((stretch) => stretch.transaction === transaction),
      { ...place, stroke: 'var(--text)', strokeWidth: 2, fill: 'none' },
    ),
    Plot.text(labelled, {
      x: ({ start, end: until }: Stretch) => (start + until) / 2,
      y: 'worker',
      text: 'transaction',
      fill: ({ kind }: Stretch) => (kind === 'once' ? 'white' : '#12151c'),
      fillOpacity: opacity,
      fontSize: 11,
    }),
    Plot.ruleX([lanes.makespan], { stroke: 'var(--text)' }),
    Plot.ruleX(isPredictionNear ? [makespans.predicted] : [], { stroke: 'var(--text)', strokeDasharray: '4 3' }),
    Plot.text(isPredictionNear ? [makespans.predicted] : [], {
      x: (value: number) => value,
      frameAnchor: 'top',
      text: () => 'predicted end',
      textAnchor: makespans.predicted > end * 0.85 ? 'end' : 'middle',
      dy: -14,
      fill: 'currentColor',
    }),
  ];
}

function labelWidth({ transaction }: Stretch): number {
  return 7 * String(transaction).length + 5;
}

function followPointer(chart: Chart, block: LiveBlock, stretches: readonly Stretch[], setting: LanesSetting): void {
  const stretchAt = (event: MouseEvent): Stretch | null => findStretch(chart, stretches, event);
  chart.addEventListener('pointermove', (event) => {
    const stretch = stretchAt(event);
    if (stretch === null) setting.tooltip.hide();
    else setting.tooltip.show(describeStretch(stretch, block), event.clientX, event.clientY);
  });
  chart.addEventListener('pointerleave', () => setting.tooltip.hide());
  chart.addEventListener('click', (event) => {
    setting.dispatch({ type: 'transaction', index: stretchAt(event)?.transaction ?? null });
  });
}

/** The stretch under the pointer, or within three pixels of it. */
function findStretch(chart: Chart, stretches: readonly Stretch[], event: MouseEvent): Stretch | null {
  const [x, y] = [chart.scale('x'), chart.scale('y')];
  if (x?.invert === undefined || y === undefined) return null;
  const box = chart.getBoundingClientRect();
  const at = Number(x.invert(event.clientX - box.left));
  const reach = Number(x.invert(event.clientX - box.left + 3)) - at;
  const row = event.clientY - box.top;
  const candidates = stretches.filter(({ worker, start, end }) => {
    const top = Number(y.apply(worker));
    return row >= top && row <= top + (y.bandwidth ?? 0) && at >= start - reach && at <= end + reach;
  });
  const distance = ({ start, end }: Stretch): number => Math.max(start - at, at - end, 0);
  return candidates.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

function describeStretch(stretch: Stretch, block: LiveBlock): string {
  const { unit } = block.lanes;
  const scale = costScale(stretch.end, unit);
  const [start, end] = [stretch.start, stretch.end].map((value) => threeDigits(value / scale.divisor));
  return [
    `Transaction ${formatCount(stretch.transaction)}, ${KIND_LABELS[stretch.kind]}`,
    describeCall(block.transactions[stretch.transaction]),
    `worker ${stretch.worker}, ${start ?? ''} to ${end ?? ''} ${scale.name}, incarnation ${stretch.incarnation}`,
  ].join('\n');
}
