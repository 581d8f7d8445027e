import type { BlockPicture, LaneExecution, PolicyLanes } from '../../replay/picture-document.js';
import { formatNumber } from '../../table.js';
import { COLOURS } from '../colours.js';
import { markup, type Content, type Markup } from '../markup.js';
import { picture, type LegendItem } from '../parts.js';
import { axisX, axisY, chart, line, rect, ruleX, text, type Markish } from '../plot.js';

const WIDTH = 1068;
const [LEFT, RIGHT] = [76, 12];
const LANE_PX = 16;
/** Of the text that names a transaction, in pixels. */
const [DIGIT_PX, LABEL_PADDING_PX] = [6.5, 5];

const OUTCOMES: Readonly<Record<LaneExecution['outcome'], { readonly name: string; readonly colour: string }>> = {
  committed: { name: 'executed, and counts', colour: 'var(--ran)' },
  aborted: { name: 'executed in vain, and again later', colour: COLOURS.red },
  suspended: { name: 'stopped to wait for another, and started again later', colour: COLOURS.orange },
};

/** Lanes over time, the policies one above the other on the same time axis. */
export function gantt(block: BlockPicture): Markup {
  const drawn = block.lanes.filter(({ executions }) => executions.length > 0);
  const lastNs = Math.max(1, ...drawn.map(({ predictNs, planNs, wallNs }) => predictNs + planNs + wallNs));
  const isPlanned = drawn.some(({ predictNs, planNs }) => predictNs + planNs > 0);
  return picture({
    title: `Block ${block.number} on ${block.workers} simulated workers, policy by policy on the same time axis.`,
    caption:
      'A lane is a worker; numbers are transactions, where there is room. An empty stretch of a lane is a worker that waits for ' +
      'others, or validates.',
    legend: legendOf(isPlanned),
    charts: drawn.map((lanes) => [heading(lanes, block.workers), lanesOf(lanes, block.workers, lastNs)]),
    isWide: true,
  });
}

function legendOf(isPlanned: boolean): LegendItem[] {
  const outcomes = Object.values(OUTCOMES).map((item): LegendItem => ({ ...item, mark: 'square' }));
  const plan: LegendItem = { name: 'prediction and plan, before it starts', colour: COLOURS.grey, mark: 'square' };
  return [...outcomes, ...(isPlanned ? [plan] : [])];
}

function heading({ policy, mode, workers, wallNs, predictNs, planNs, executions }: PolicyLanes, most: number): Content {
  const count = (outcome: LaneExecution['outcome']): number =>
    executions.filter((execution) => execution.outcome === outcome).length;
  const notes = [
    ...(mode === null ? [] : [`chose ${mode}`]),
    ...(workers < most ? [`${workers} of ${most} workers`] : []),
    `${formatMs(wallNs)} ms${predictNs + planNs > 0 ? ` after ${formatMs(predictNs + planNs)} ms of prediction and plan` : ''}`,
    `${formatNumber(count('aborted'))} executed in vain`,
    `${formatNumber(count('suspended'))} stopped to wait`,
  ];
  return markup`<h3>${policy} <span class="muted">${notes.join(', ')}</span></h3>`;
}

/** An execution with its place in its lane. */
interface Stretch extends LaneExecution {
  readonly isEven: boolean;
}

function lanesOf(
  { policy, executions, predictNs, planNs, wallNs }: PolicyLanes,
  workers: number,
  lastNs: number,
): Markup {
  const leadNs = predictNs + planNs;
  const nsPerPx = lastNs / (WIDTH - LEFT - RIGHT);
  const stretches = alternate(executions);
  const lanes = [...Array(workers).keys()];
  const at = (ns: number): number => (leadNs + ns) / 1e6;
  const marks: Markish[] = [
    rect(lanes, { x1: 0, x2: lastNs / 1e6, y1: top, y2: bottom, fill: 'var(--lane)' }),
    rect(leadNs > 0 ? [0] : [], { x1: 0, x2: leadNs / 1e6, y1: 0, y2: workers, fill: COLOURS.grey }),
    rect(stretches, {
      ...{ x1: ({ startNs }: Stretch) => at(startNs), x2: ({ endNs }: Stretch) => at(endNs) },
      ...{ y1: ({ worker }: Stretch) => top(worker), y2: ({ worker }: Stretch) => bottom(worker) },
      ...{ fill: ({ outcome }: Stretch) => OUTCOMES[outcome].colour },
      ...{ fillOpacity: ({ isEven }: Stretch) => (isEven ? 1 : 0.85), title: describe },
    }),
    text(
      stretches.filter((each) => (each.endNs - each.startNs) / nsPerPx >= labelPx(each)),
      {
        ...{ x: ({ startNs, endNs }: Stretch) => at((startNs + endNs) / 2), y: ({ worker }: Stretch) => worker + 0.5 },
        ...{ text: ({ transaction }: Stretch) => `${transaction}`, fontSize: 11 },
        fill: ({ outcome }: Stretch) => (outcome === 'committed' ? '#fff' : '#111'),
      },
    ),
    line(ticksOf(stretches, nsPerPx), {
      ...{ x: ({ ns }: Point) => at(ns), y: 'lane', stroke: COLOURS.orange, strokeWidth: 1.2 },
    }),
    ruleX([at(wallNs)], { stroke: COLOURS.text, strokeWidth: 1.5 }),
    axisX({ label: 'ms from the start of the block', ticks: 10, tickSize: 4 }),
    axisY(
      lanes.map((lane) => lane + 0.5),
      { tickFormat: laneName, tickSize: 0, label: null },
    ),
  ];
  return chart({
    ariaLabel: `What ${policy} ran on which worker and when`,
    ...{
      width: WIDTH,
      height: workers * LANE_PX + 46,
      marginLeft: LEFT,
      marginRight: RIGHT,
      marginTop: 4,
      marginBottom: 42,
    },
    x: { domain: [0, lastNs / 1e6] },
    y: { domain: [workers, 0] },
    opacity: { type: 'identity' },
    marks,
  });
}

function top(lane: number): number {
  return lane + 0.08;
}

function bottom(lane: number): number {
  return lane + 0.92;
}

function laneName(middle: number): string {
  return `worker ${Math.floor(middle)}`;
}

/** Neighbours in a lane differ in shade, so that one can be told from the next. */
function alternate(executions: readonly LaneExecution[]): Stretch[] {
  const counts = new Map<number, number>();
  return [...executions]
    .sort((a, b) => a.startNs - b.startNs || a.worker - b.worker)
    .map((execution) => {
      const count = counts.get(execution.worker) ?? 0;
      counts.set(execution.worker, count + 1);
      return { ...execution, isEven: count % 2 === 0 };
    });
}

interface Point {
  readonly ns: number;
  readonly lane: number;
}

/** Executions that stopped at once are too short to be seen: they get a tick in the lower half of the lane, all as one line with gaps. */
function ticksOf(stretches: readonly Stretch[], nsPerPx: number): Point[] {
  return stretches
    .filter(({ outcome, startNs, endNs }) => outcome === 'suspended' && (endNs - startNs) / nsPerPx < 1.5)
    .flatMap(({ startNs: ns, worker }) => [
      { ns, lane: worker + 0.5 },
      { ns, lane: bottom(worker) },
      { ns: NaN, lane: NaN },
    ]);
}

function labelPx({ transaction }: Stretch): number {
  return `${transaction}`.length * DIGIT_PX + LABEL_PADDING_PX;
}

function describe({ transaction, incarnation, outcome, startNs, endNs }: Stretch): string {
  const again = incarnation === 0 ? '' : `, incarnation ${incarnation}`;
  return `transaction ${transaction}${again}: ${outcome}, ${formatNumber((endNs - startNs) / 1e3, 1)} µs`;
}

function formatMs(ns: number): string {
  return formatNumber(ns / 1e6, ns < 1e6 ? 3 : 2);
}
