import type { Forecast } from '../../live.js';
import { byId, element, legend, observeWidth, placeholder, setText, table } from './dom.js';
import { coverageOf, fansOf, type Fan, type FanPoint } from './fan.js';
import { formatCount, formatGwei, formatShare, formatSlot, plural, shortHex, threeDigits } from './format.js';
import { Plot } from './libraries.js';
import { CHART_STYLE, describeGraphic, whenChanged, whyMissing, type View } from './view.js';

const HEIGHT = 230;
const NARROW = 420;
/** As in the style sheet. */
const COLUMN_GAP = 24;

/** The next blocks as quantiles, beside the last that were observed. */
export function createForecastView(): View {
  const target = byId('fans');
  const keys = whenChanged(renderKeys);
  const render = whenChanged((forecast: Forecast, width: number) => {
    if (width === 0) return;
    const fans = fansOf(forecast);
    renderLegend(fans);
    const columns = width >= 664 ? 2 : 1;
    const cardWidth = Math.floor((width - COLUMN_GAP * (columns - 1)) / columns);
    target.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    target.replaceChildren(...fans.map((fan) => card(fan, cardWidth)));
  });
  let redraw = (): void => undefined;
  const width = observeWidth(target, () => redraw());
  return ({ forecast }) => {
    const missing = whyMissing(forecast);
    if (missing !== null) target.replaceChildren(missing);
    if (forecast.status !== 'ready') return;
    const { value } = forecast;
    setText(byId('forecast-note'), noteOf(value));
    setText(byId('forecast-notice'), value.forecaster.notice ?? '');
    keys(value);
    redraw = () => render(value, width());
    redraw();
  };
}

function noteOf({ lastBlock, nextBaseFeePerGasWei, forecaster }: Forecast): string {
  const fee = nextBaseFeePerGasWei === null ? '' : ` · next base fee, exactly: ${formatGwei(nextBaseFeePerGasWei)}`;
  const by = forecaster.kind === 'baseline' ? 'by baselines' : `by a trained forecaster, ${forecaster.version ?? ''}`;
  return `after block ${formatCount(lastBlock)}, ${by}${fee}`;
}

function renderLegend(fans: readonly Fan[]): void {
  const bands = fans[0]?.bands ?? [];
  byId('fan-legend').replaceChildren(
    legend([
      { label: 'observed', mark: 'stroke text' },
      { label: 'median', mark: 'stroke dashed blue' },
      ...bands.map((band) => ({
        label: `${formatShare(coverageOf(band), 0)} of the cases`,
        mark: band.rank === 0 && bands.length > 1 ? 'band wide' : 'band narrow',
      })),
    ]),
  );
}

function card(fan: Fan, width: number): HTMLElement {
  const chart = element('div', { class: 'chart fan' });
  const isEmpty = fan.median.length < 2 && fan.observed.length < 2;
  chart.append(isEmpty ? placeholder('Nothing is forecast yet.', 'empty') : drawFan(fan, width));
  return element(
    'div',
    {},
    element('div', { class: 'fan-head' }, element('h3', {}, fan.title), element('span', { class: 'note' }, fan.unit)),
    element('p', { class: 'note' }, summaryOf(fan)),
    chart,
  );
}

/** Small shares, as those of conflicts, have decimals. */
function valueText(value: number | undefined, isShare: boolean): string {
  if (value === undefined) return '–';
  return isShare ? formatShare(value, value < 0.1 ? 2 : 0) : threeDigits(value);
}

/** In words: now, and the widest band at the end. */
function summaryOf({ observed, bands, isShare }: Fan): string {
  const [band] = bands;
  const end = band?.points.at(-1);
  const last = observed.at(-1);
  const now = `now ${valueText(last?.value, isShare)}`;
  if (band === undefined || end === undefined || last === undefined) return now;
  if (end.block === last.block) return `${now}; nothing is forecast yet`;
  const ahead = `${now}, in ${plural(end.block - last.block, 'block')}`;
  if (end.lower === end.upper) return `${ahead} ${valueText(end.lower, isShare)}`;
  const range = `${valueText(end.lower, isShare)} to ${valueText(end.upper, isShare)}`;
  return `${ahead} ${range} (${formatShare(coverageOf(band), 0)} of the cases)`;
}

function drawFan(fan: Fan, width: number): Element {
  const last = fan.observed.at(-1);
  const point = { x: 'block', y: 'value' } as const;
  const chart = Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 46,
    marginRight: 12,
    marginTop: 12,
    marginBottom: 34,
    style: CHART_STYLE,
    x: { label: 'block', labelArrow: 'none', ticks: width < NARROW ? 2 : 3, tickFormat: blockTick },
    y: {
      label: null,
      grid: true,
      nice: true,
      ticks: 5,
      zero: fan.isShare,
      ...(fan.isShare ? { tickFormat: shareTick } : {}),
    },
    marks: [
      ...fan.bands.map((band) =>
        Plot.areaY(band.points, {
          x: 'block',
          y1: 'lower',
          y2: 'upper',
          fill: 'var(--blue)',
          fillOpacity: band.rank === 0 ? 0.18 : 0.3,
        }),
      ),
      Plot.lineY(fan.median, { ...point, stroke: 'var(--blue)', strokeWidth: 2, strokeDasharray: '4 3' }),
      Plot.lineY(fan.observed, { ...point, stroke: 'currentColor', strokeWidth: 1.5 }),
      Plot.ruleX(last === undefined ? [] : [last.block], { stroke: 'var(--muted)' }),
      Plot.ruleX(
        [...fan.observed, ...fan.median],
        Plot.pointerX({ x: 'block', stroke: 'var(--muted)', strokeOpacity: 0.5 }),
      ),
      Plot.tip(
        [...fan.observed, ...fan.median.slice(1)],
        Plot.pointerX({ ...point, title: (at: FanPoint) => describePoint(fan, at) }),
      ),
    ],
  });
  describeGraphic(chart, `${fan.title}: ${summaryOf(fan)}`);
  return chart;
}

/** As many decimals as it takes. */
function shareTick(share: number): string {
  return `${Number((share * 100).toPrecision(3))}\u00a0%`;
}

/** Blocks are whole. */
function blockTick(block: number): string {
  return Number.isInteger(block) ? formatCount(block) : '';
}

function describePoint({ bands, isShare }: Fan, { block, value }: FanPoint): string {
  const ranges = bands.flatMap((band) => {
    const at = band.points.findIndex((point) => point.block === block);
    const range = band.points[at];
    if (range === undefined || at === 0) return [];
    return [
      `${formatShare(coverageOf(band), 0)}: ${valueText(range.lower, isShare)} to ${valueText(range.upper, isShare)}`,
    ];
  });
  return [`Block ${formatCount(block)}`, valueText(value, isShare), ...ranges].join('\n');
}

function renderKeys({ hotKeys }: Forecast): void {
  const target = byId('forecast-keys');
  if (hotKeys.length === 0) {
    target.replaceChildren(placeholder('No hot keys are expected.', 'empty'));
    return;
  }
  const rows = hotKeys.map(({ address, slot, touchProbability, expectedTransactions, expectedConflicts }) => [
    `${shortHex(address)} ${formatSlot(slot)}`,
    formatShare(touchProbability, 0),
    threeDigits(expectedTransactions),
    threeDigits(expectedConflicts),
  ]);
  target.replaceChildren(table('Hot keys of the next block', ['key', 'is touched', 'transactions', 'conflicts'], rows));
}
