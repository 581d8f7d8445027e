import type { ConflictEdge, LiveBlock, LiveTransaction } from '../../live.js';
import { describeCall, falseAlarms, makespanRows, missedPairs, qualityRows, type MakespanRow } from './accuracy.js';
import { byId, observeWidth, placeholder, table } from './dom.js';
import { formatCount, formatShare, plural } from './format.js';
import { Plot } from './libraries.js';
import { shownBlock } from './state.js';
import { CHART_STYLE, describeGraphic, whenChanged, whyMissing, type View } from './view.js';

/** Rows of a list; more would be no news. */
const LISTED_PAIRS = 100;

const HEIGHT = 230;

/** Times, gas and conflicts of the block as they were predicted, beside what came out. */
export function createAccuracyView(): View {
  const [times, gas] = [byId('times'), byId('gas')];
  const tables = whenChanged(renderTables);
  const charts = whenChanged((block: LiveBlock, timesWidth: number, gasWidth: number) => {
    if (timesWidth === 0 || gasWidth === 0) return;
    times.replaceChildren(drawTimes(block, timesWidth));
    gas.replaceChildren(
      block.transactions.length === 0 ? placeholder('No transactions.', 'empty') : drawGas(block, gasWidth),
    );
  });
  let redraw = (): void => undefined;
  const timesWidth = observeWidth(times, () => redraw());
  const gasWidth = observeWidth(gas, () => redraw());
  return (state) => {
    const block = shownBlock(state);
    if (block === null) {
      for (const target of [times, gas]) {
        target.replaceChildren(whyMissing(state.blocks) ?? placeholder('No block yet.', 'empty'));
      }
      return;
    }
    tables(block);
    redraw = () => charts(block, timesWidth(), gasWidth());
    redraw();
  };
}

const TIME_COLORS: Readonly<Record<string, string>> = {
  'plan: predicted': 'var(--light-blue)',
  'plan: observed': 'var(--blue)',
  'perfect plan': 'var(--cyan)',
};

function drawTimes({ makespans }: LiveBlock, width: number): Element {
  const rows = makespanRows(makespans);
  const longest = Math.max(...rows.map(({ value }) => value), Number.MIN_VALUE);
  const isInside = ({ value }: MakespanRow): boolean => value > longest * 0.55;
  const label = { x: 'value', y: 'label', text: 'text', fontSize: 12 } as const;
  const chart = Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 104,
    marginRight: 8,
    marginTop: 4,
    marginBottom: 4,
    style: CHART_STYLE,
    x: { axis: null, domain: [0, longest] },
    y: { domain: rows.map(({ label: name }) => name), label: null, tickSize: 0, padding: 0.3 },
    marks: [
      Plot.barX(rows, {
        x: 'value',
        y: 'label',
        fill: ({ label: name }: MakespanRow) => TIME_COLORS[name] ?? 'var(--line)',
      }),
      Plot.text(rows.filter(isInside), {
        ...label,
        textAnchor: 'end',
        dx: -6,
        fill: ({ label: name }: MakespanRow) => insideColor(name),
      }),
      Plot.text(
        rows.filter((row) => !isInside(row)),
        { ...label, textAnchor: 'start', dx: 6, fill: 'currentColor' },
      ),
      Plot.ruleX([0], { stroke: 'var(--muted)' }),
    ],
  });
  describeGraphic(chart, rows.map(({ label: name, text }) => `${name}: ${text}`).join('; '));
  return chart;
}

function insideColor(name: string): string {
  if (name === 'plan: observed') return 'white';
  return TIME_COLORS[name] === undefined ? 'currentColor' : '#12151c';
}

function drawGas({ transactions, quality }: LiveBlock, width: number): Element {
  const sizes = transactions.flatMap(({ gasUsed, predictedGas }) => [gasUsed, predictedGas]).filter((gas) => gas > 0);
  const domain = [Math.min(...sizes, 21_000), Math.max(...sizes, 30_000)];
  const axis = { type: 'log', domain, tickFormat: '~s', ticks: 4 } as const;
  const chart = Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 48,
    marginRight: 16,
    marginBottom: 36,
    style: CHART_STYLE,
    x: { ...axis, label: 'predicted median', labelArrow: 'none' },
    y: { ...axis, label: 'used', labelArrow: 'none' },
    marks: [
      Plot.line(
        [domain, domain].map(([from = 1, to = 1], end) => (end === 0 ? from : to)),
        {
          x: (value: number) => value,
          y: (value: number) => value,
          stroke: 'var(--muted)',
          strokeDasharray: '4 3',
        },
      ),
      Plot.dot(
        transactions.filter(({ predictedGas }) => predictedGas > 0),
        {
          x: 'predictedGas',
          y: 'gasUsed',
          r: 2.5,
          fill: 'var(--blue)',
          fillOpacity: 0.6,
          title: (transaction: LiveTransaction) => describeGas(transaction),
          tip: true,
        },
      ),
    ],
  });
  describeGraphic(
    chart,
    `Gas used against predicted, one point a transaction; mean error ${formatShare(quality.gasErrorShare)}.`,
  );
  return chart;
}

function describeGas(transaction: LiveTransaction): string {
  const { index, gasUsed, predictedGas, predictedGasHigh } = transaction;
  return [
    `Transaction ${index}`,
    describeCall(transaction),
    `used ${formatCount(gasUsed)}, predicted ${formatCount(predictedGas)}`,
    `nine in ten below ${formatCount(predictedGasHigh)}`,
  ].join('\n');
}

function renderTables(block: LiveBlock): void {
  byId('quality-table').replaceChildren(
    table(
      'Conflicts through storage',
      ['', 'precision', 'recall', 'F1', 'missed', 'in vain'],
      qualityRows(block).map(({ label, cells }) => [label, ...cells]),
    ),
  );
  const missed = missedPairs(block);
  byId('misses').replaceChildren(
    pairTable(`Missed: ${plural(missed.length, 'pair')}`, missed, block, (edge) =>
      describeCall(block.transactions[edge.earlier]),
    ),
  );
  const alarms = falseAlarms(block);
  byId('false-alarms').replaceChildren(
    pairTable(`Predicted in vain: ${plural(alarms.length, 'pair')}`, alarms, block, (edge) =>
      formatShare(edge.probability, 0),
    ),
  );
}

function pairTable(
  caption: string,
  edges: readonly ConflictEdge[],
  block: LiveBlock,
  last: (edge: ConflictEdge) => string,
): HTMLElement {
  if (edges.length === 0) return placeholder(`${caption.split(':')[0] ?? ''}: none.`, 'empty');
  const listed = edges.slice(0, LISTED_PAIRS);
  const rest = edges.length - listed.length;
  const isMissed = listed[0]?.observed === true;
  const rows = listed.map((edge) => [
    `${edge.earlier} → ${edge.later}`,
    describeCall(block.transactions[edge.later]),
    last(edge),
  ]);
  if (rest > 0) rows.push([`and ${formatCount(rest)} more`, '', '']);
  return table(caption, ['pair', 'the later one', isMissed ? 'the earlier one' : 'probability'], rows);
}
