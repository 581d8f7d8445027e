import type { ReplayBlock, ReplayDocument, ReplaySummary } from '../../replay/document.js';
import { formatFactor } from '../../table.js';
import { colourOfPolicy, COLOURS } from '../colours.js';
import { markup, type Content, type Markup } from '../markup.js';
import { picture, type LegendItem } from '../parts.js';
import { axisX, axisY, chart, dot, gridY, line, ruleX, ruleY, text, tickX, type Markish } from '../plot.js';

/** A strip of more blocks than this shows so many of them, evenly spaced from the slowest to the fastest. */
const MOST_TICKS = 200;
const WIDTH = 440;

/** Both charts; nothing without a parallel policy. */
export function speedupCharts(document: ReplayDocument): Content {
  const rows = document.summary.filter(({ policy }) => policy !== 'sequential');
  if (rows.length === 0) return null;
  return markup`<div class="pair">${byWorkers(rows)}<div>${distributions(document, rows)}</div></div>
`;
}

function byWorkers(rows: readonly ReplaySummary[]): Markup {
  const simulated = rows.filter((row) => row.simulated);
  const real = rows.filter((row) => !row.simulated);
  const counts = [...new Set(rows.map(({ workers }) => workers))].sort((a, b) => a - b);
  const marks: Markish[] = [
    gridY({ stroke: COLOURS.grey, strokeOpacity: 0.25 }),
    ruleY([1], { stroke: COLOURS.grey, strokeDasharray: '2 3' }),
    axisX({ ticks: counts, tickFormat: (count: number) => `${count}`, label: 'workers', tickSize: 4 }),
    axisY({ label: 'speed-up', tickFormat: (value: number) => `${value}×`, tickSize: 0, ticks: 6 }),
    line(simulated, { x: 'workers', y: speedupOf, z: 'policy', stroke: colourOf, strokeDasharray: '5 3' }),
    dot(simulated, { x: 'workers', y: speedupOf, stroke: colourOf, fill: COLOURS.page, r: 4, title: describe }),
    dot(real, { x: 'workers', y: speedupOf, fill: colourOf, r: 6, stroke: COLOURS.page, title: describe }),
  ];
  return picture({
    title: 'Speed-up of all blocks together by number of workers.',
    caption: 'Filled: measured on threads of this machine. Rings: simulated.',
    legend: [...policyLegend(rows), ...kindLegend(real.length > 0, simulated.length > 0)],
    charts: chart({
      ariaLabel: 'Speed-up by number of workers, a line for each policy',
      ...{ width: WIDTH, height: 300, marginLeft: 44, marginBottom: 40, marginTop: 28 },
      x: { type: 'log', base: 2, domain: [counts[0] ?? 1, Math.max(2, counts.at(-1) ?? 2)] },
      y: { domain: [0, Math.max(1.2, ...rows.map(speedupOf)) * 1.05] },
      marks,
    }),
  });
}

/** One for real threads, one for the simulated machine of 8 workers or of the largest number below. */
function distributions({ blocks }: ReplayDocument, rows: readonly ReplaySummary[]): Markup[] {
  const counts = rows.filter((row) => row.simulated).map(({ workers }) => workers);
  const workers = Math.max(...counts.filter((count) => count <= 8), Math.min(...counts));
  const real = rows.filter((row) => !row.simulated);
  const simulated = rows.filter((row) => row.simulated && row.workers === workers);
  return [
    ...(real.length === 0 ? [] : [distribution(blocks, real, `on ${real[0]?.workers ?? 1} threads of this machine`)]),
    ...(simulated.length === 0 ? [] : [distribution(blocks, simulated, `on ${workers} simulated workers`)]),
  ];
}

function distribution(blocks: readonly ReplayBlock[], rows: readonly ReplaySummary[], where: string): Markup {
  const strips = rows.flatMap((row) => stripOf(blocks, row));
  const isThinned = blocks.length > MOST_TICKS;
  const policies = rows.map(({ policy }) => policy);
  const most = Math.max(1, ...rows.map(({ speedup }) => speedup.max));
  return picture({
    title: `Speed-up block by block, ${where}.`,
    caption:
      `Each line is a block${isThinned ? `, ${MOST_TICKS} of ${blocks.length}, evenly spaced by rank` : ''}; ` +
      'the dot is the median.',
    charts: chart({
      ariaLabel: `Distribution of speed-ups by policy, ${where}`,
      ...{
        width: WIDTH,
        height: 62 + 34 * rows.length,
        marginLeft: 104,
        marginRight: 56,
        marginBottom: 40,
        marginTop: 12,
      },
      x: { domain: [0, most * 1.02] },
      y: { domain: policies, type: 'band', padding: 0.25 },
      marks: [
        axisX({ label: 'speed-up', tickFormat: (value: number) => `${value}×`, ticks: 4, tickSize: 4 }),
        axisY({ tickSize: 0, label: null }),
        ruleX([1], { stroke: COLOURS.grey, strokeDasharray: '2 3' }),
        tickX(strips, {
          x: 'speedup',
          y: 'policy',
          stroke: 'colour',
          strokeOpacity: 0.45,
          strokeWidth: 1.5,
          title: 'title',
        }),
        dot(rows, { x: medianOf, y: 'policy', fill: colourOf, stroke: COLOURS.page, strokeWidth: 1.5, r: 6 }),
        text(rows, {
          ...{ x: most * 1.02, y: 'policy', textAnchor: 'start', dx: 6, fill: COLOURS.text },
          text: (row: ReplaySummary) => formatFactor(row.speedup.p50),
        }),
      ],
    }),
  });
}

interface Tick {
  readonly policy: string;
  readonly speedup: number;
  readonly colour: string;
  readonly title: string;
}

function stripOf(blocks: readonly ReplayBlock[], row: ReplaySummary): Tick[] {
  const { policy } = row;
  const ticks = blocks
    .flatMap((block) => {
      const run = block.runs.find((each) => {
        const isSameMachine = each.simulated === row.simulated && (!each.simulated || each.workers === row.workers);
        return each.policy === policy && isSameMachine;
      });
      return run === undefined || block.transactions === 0 ? [] : [{ block, run }];
    })
    .sort((a, b) => a.run.speedup - b.run.speedup)
    .map(({ block, run: { speedup } }) => ({
      ...{ policy, speedup, colour: colourOfPolicy(policy) },
      title: `block ${block.number}: ${formatFactor(speedup)}`,
    }));
  return thin(ticks);
}

function thin<Item>(items: readonly Item[]): Item[] {
  if (items.length <= MOST_TICKS) return [...items];
  const step = (items.length - 1) / (MOST_TICKS - 1);
  return Array.from({ length: MOST_TICKS }, (_, index) => items[Math.round(index * step)]).filter(
    (item): item is Item => item !== undefined,
  );
}

function speedupOf({ speedup }: ReplaySummary): number {
  return speedup.total;
}

function medianOf({ speedup }: ReplaySummary): number {
  return speedup.p50;
}

function colourOf({ policy }: ReplaySummary): string {
  return colourOfPolicy(policy);
}

function describe(row: ReplaySummary): string {
  const where = row.simulated ? 'simulated workers' : 'threads';
  return `${row.policy} on ${row.workers} ${where}: ${formatFactor(row.speedup.total)}`;
}

function policyLegend(rows: readonly { readonly policy: string }[]): LegendItem[] {
  const policies = [...new Set(rows.map(({ policy }) => policy))];
  return policies.map((name) => ({ name, colour: colourOfPolicy(name), mark: 'square' }));
}

function kindLegend(hasReal: boolean, hasSimulated: boolean): LegendItem[] {
  const real: LegendItem = { name: 'measured', colour: COLOURS.text, mark: 'dot' };
  const simulated: LegendItem = { name: 'simulated', colour: COLOURS.text, mark: 'ring' };
  return [...(hasReal ? [real] : []), ...(hasSimulated ? [simulated] : [])];
}
