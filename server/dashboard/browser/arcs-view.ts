import type { HotKey, LiveBlock } from '../../live.js';
import { describeCall } from './accuracy.js';
import { arcPath, describeArcs, layOutArcs, type Arc, type ArcDiagram, type ArcRow } from './arcs.js';
import { byId, legend, observeWidth, placeholder, setText } from './dom.js';
import { formatCount, formatShare, formatSlot, plural, shortHex } from './format.js';
import { d3 } from './libraries.js';
import { shownBlock } from './state.js';
import type { Tooltip } from './tooltip.js';
import { describeGraphic, whenChanged, whyMissing, type Dispatch, type View } from './view.js';

/** Red means missed, so no key has it or what is close to it. */
const KEY_COLORS = ['--blue', '--orange', '--cyan', '--purple', '--green', '--light-blue'] as const;

/** Colours alone would not tell everybody what was missed. */
const DASHES: Readonly<Record<Arc['outcome'], string | null>> = { hit: null, missed: '8 3', falseAlarm: '3 3' };

const HEIGHT = 520;
const AXIS_HEIGHT = 24;
const NAME_HEIGHT = 18;
const MARGIN = 10;
/** So many arcs of full strength are as dark as all faint ones of a row together. */
const SHADE_ARCS = 14;
/** Of what a row has for arcs, the part above its line, where that is which was observed. */
const SHARE_ABOVE = 0.72;

/** Which transactions conflict, by the key that they conflict through. */
export function createArcsView(dispatch: Dispatch, tooltip: Tooltip): View {
  const target = byId('graph');
  const render = whenChanged((block: LiveBlock, transaction: number | null, width: number) => {
    tooltip.hide();
    const diagram = layOutArcs(block, KEY_COLORS.length);
    setText(byId('graph-note'), leftOutText(block));
    if (diagram.rows.length === 0) {
      target.replaceChildren(
        placeholder('No transactions of this block conflict, and none were predicted to.', 'empty'),
      );
      return;
    }
    if (width > 0) target.replaceChildren(drawArcs({ block, diagram, transaction, width, dispatch, tooltip }));
  });
  byId('graph-legend').replaceChildren(
    legend([
      { label: 'above the line: predicted and observed', mark: 'stroke rainbow' },
      { label: 'above the line: missed', mark: 'stroke dashed red' },
      { label: 'below the line: predicted in vain', mark: 'stroke dashed muted' },
    ]),
  );
  let redraw = (): void => undefined;
  const width = observeWidth(target, () => redraw());
  return (state) => {
    const block = shownBlock(state);
    if (block === null) {
      target.replaceChildren(whyMissing(state.blocks) ?? placeholder('No conflicts yet.', 'empty'));
      return;
    }
    redraw = () => render(block, state.transaction, width());
    redraw();
  };
}

function leftOutText({ edgesLeftOut }: LiveBlock): string {
  return edgesLeftOut === 0 ? '' : `${plural(edgesLeftOut, 'less probable pair')} not drawn.`;
}

interface ArcsInput {
  readonly block: LiveBlock;
  readonly diagram: ArcDiagram;
  readonly transaction: number | null;
  readonly width: number;
  readonly dispatch: Dispatch;
  readonly tooltip: Tooltip;
}

/** A row on the screen: its line, and the room for arcs above and below it. */
interface PlacedRow {
  readonly row: ArcRow;
  readonly color: string;
  readonly top: number;
  readonly line: number;
  readonly above: number;
  readonly below: number;
}

function placeRows(diagram: ArcDiagram, block: LiveBlock): PlacedRow[] {
  const height = Math.min(150, (HEIGHT - AXIS_HEIGHT) / diagram.rows.length);
  const room = height - NAME_HEIGHT - 6;
  return diagram.rows.map((row, index) => {
    const top = index * height;
    const color = row.key === null ? '--muted' : (KEY_COLORS[block.hotKeys.indexOf(row.key)] ?? '--muted');
    const line = top + NAME_HEIGHT + room * SHARE_ABOVE;
    return { row, color: `var(${color})`, top, line, above: room * SHARE_ABOVE, below: room * (1 - SHARE_ABOVE) };
  });
}

type PointScale = (transaction: number) => number;

function drawArcs(input: ArcsInput): SVGSVGElement {
  const { block, diagram, width, transaction } = input;
  const points = d3
    .scalePoint<number>()
    .domain(diagram.transactions)
    .range([MARGIN, width - MARGIN]);
  const x: PointScale = (index) => points(index) ?? MARGIN;
  const rows = placeRows(diagram, block);
  const svg = d3.create('svg').attr('width', width).attr('height', HEIGHT).attr('viewBox', `0 0 ${width} ${HEIGHT}`);
  const groups = svg.selectAll('g').data(rows).join('g');
  groups.each(function drawEach(placed) {
    drawRow(d3.select(this as SVGGElement), placed, { x, width, transaction });
  });
  const bottom = Math.max(...rows.map(({ line, below }) => line + below)) + 6;
  const axis = svg.append('g').attr('transform', `translate(0,${bottom})`);
  axis.each(function drawHere() {
    drawAxis(d3.select(this), diagram, x, width);
  });
  const node = svg.node();
  if (node === null) throw new Error('d3 made no SVG.');
  describeGraphic(node, describeArcs(diagram, block));
  followPointer(node, rows, x, input);
  return node;
}

type Group = ReturnType<typeof d3.select<SVGGElement, unknown>>;

interface RowSetting {
  readonly x: PointScale;
  readonly width: number;
  readonly transaction: number | null;
}

function drawRow(group: Group, placed: PlacedRow, { x, width, transaction }: RowSetting): void {
  const { row, color, line, top } = placed;
  group
    .append('text')
    .attr('x', 0)
    .attr('y', top + 13)
    .attr('fill', 'currentColor')
    .attr('font-size', 12)
    .call((text) => text.append('tspan').attr('class', 'row-name').text(rowName(row.key)))
    .call((text) =>
      text
        .append('tspan')
        .attr('fill', 'var(--muted)')
        .text(`  ${rowFigures(row, width)}`),
    );
  group.append('line').attr('x1', 0).attr('x2', width).attr('y1', line).attr('y2', line).attr('stroke', 'var(--line)');
  const strength = strengthIn(row, transaction);
  group
    .selectAll('path')
    .data([...row.arcs].sort((a, b) => strength(a) - strength(b)))
    .join('path')
    .attr('d', (arc) => shapeOf(arc, placed, x))
    .attr('fill', 'none')
    .attr('stroke', (arc) => (arc.outcome === 'hit' ? color : arc.outcome === 'missed' ? 'var(--red)' : 'var(--muted)'))
    .attr('stroke-dasharray', (arc) => DASHES[arc.outcome])
    .attr('stroke-width', (arc) => (isAt(arc, transaction) ? 2.5 : 1.5))
    .attr('stroke-opacity', strength);
  group
    .selectAll('circle')
    .data(row.transactions)
    .join('circle')
    .attr('cx', x)
    .attr('cy', line)
    .attr('r', (index) => (index === transaction ? 6 : Math.min(3.5, Math.max(2, width / 160))))
    .attr('fill', color)
    .attr('stroke', (index) => (index === transaction ? 'var(--text)' : 'none'))
    .attr('stroke-width', 2);
}

/**
 * How strong an arc is drawn. Those that are not what a transaction waits for add up to a shade however many there are, and all but
 * those of a chosen transaction step back.
 */
function strengthIn(row: ArcRow, transaction: number | null): (arc: Arc) => number {
  const shade = Math.min(0.14, SHADE_ARCS / Math.max(1, row.arcs.length));
  return (arc) => {
    if (isAt(arc, transaction)) return 1;
    const strength = arc.isNearest ? 0.85 : shade;
    return transaction === null ? strength : strength * 0.3;
  };
}

function isAt({ earlier, later }: Arc, transaction: number | null): boolean {
  return earlier === transaction || later === transaction;
}

function shapeOf(arc: Arc, { line, above, below }: PlacedRow, x: PointScale): string {
  const isBelow = arc.outcome === 'falseAlarm';
  return arcPath(x(arc.earlier), x(arc.later), { y: line, height: isBelow ? below : above, isBelow });
}

function rowName(key: HotKey | null): string {
  return key === null ? 'other keys' : `${shortHex(key.address)} ${formatSlot(key.slot)}`;
}

function rowFigures({ key, arcs, transactions }: ArcRow, width: number): string {
  if (key === null) return `${plural(transactions.length, 'transaction')}, ${plural(arcs.length, 'pair')}`;
  const short = plural(key.conflicts, 'conflict');
  if (width < 560) return short;
  const predicted = key.predicted ? 'was predicted' : 'was not predicted';
  return `${short}, touched by ${formatCount(key.transactions)}, changed by ${formatCount(key.writers)}, ${predicted}`;
}

function drawAxis(group: Group, { transactions }: ArcDiagram, x: PointScale, width: number): void {
  const step = Math.max(1, Math.ceil(transactions.length / Math.max(2, Math.floor(width / 64))));
  const ticks = transactions.filter((_, place) => place % step === 0);
  group
    .selectAll('text')
    .data(ticks)
    .join('text')
    .attr('x', x)
    .attr('y', 10)
    .attr('text-anchor', (index) =>
      x(index) < 2 * MARGIN ? 'start' : x(index) > width - 2 * MARGIN ? 'end' : 'middle',
    )
    .attr('fill', 'var(--muted)')
    .attr('font-size', 11)
    .text((index) => `#${index}`);
}

function followPointer(svg: SVGSVGElement, rows: readonly PlacedRow[], x: PointScale, input: ArcsInput): void {
  const find = (event: MouseEvent): { placed: PlacedRow; index: number } | null => {
    const box = svg.getBoundingClientRect();
    const [left, top] = [event.clientX - box.left, event.clientY - box.top];
    const placed = rows.find((row) => top >= row.top && top <= row.line + row.below);
    const nearest = d3.least(placed?.row.transactions ?? [], (index) => Math.abs(x(index) - left));
    if (placed === undefined || nearest === undefined || Math.abs(x(nearest) - left) > 24) return null;
    return { placed, index: nearest };
  };
  svg.addEventListener('pointermove', (event) => {
    const found = find(event);
    if (found === null) input.tooltip.hide();
    else input.tooltip.show(describeNode(found.placed.row, found.index, input.block), event.clientX, event.clientY);
  });
  svg.addEventListener('pointerleave', () => input.tooltip.hide());
  svg.addEventListener('click', (event) => {
    input.dispatch({ type: 'transaction', index: find(event)?.index ?? null });
  });
}

function describeNode(row: ArcRow, index: number, block: LiveBlock): string {
  const before = row.arcs.filter(({ later }) => later === index);
  const after = row.arcs.filter(({ earlier }) => earlier === index);
  const nearest = before.find(({ isNearest }) => isNearest);
  const lines = [
    `Transaction ${index}`,
    describeCall(block.transactions[index]),
    rowName(row.key),
    `${plural(before.length, 'pair')} with earlier ones, ${formatCount(after.length)} with later ones`,
  ];
  if (nearest !== undefined) lines.push(`last blocker: ${nearest.earlier}, ${describeOutcome(nearest)}`);
  return lines.join('\n');
}

function describeOutcome({ outcome, probability }: Arc): string {
  if (outcome === 'missed') return 'not predicted';
  return `predicted with ${formatShare(probability, 0)}${outcome === 'hit' ? '' : ', did not conflict'}`;
}
