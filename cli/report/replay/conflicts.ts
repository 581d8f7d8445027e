import type { BlockPicture, HotKey, PicturedDependency } from '../../replay/picture-document.js';
import { formatNumber } from '../../table.js';
import { COLOURS, RANK_COLOURS } from '../colours.js';
import type { Markup } from '../markup.js';
import { markup, type Content } from '../markup.js';
import { figure, picture, table, type LegendItem } from '../parts.js';
import { arrow, axisX, axisY, chart, dot, ruleY, tickX, type Markish } from '../plot.js';

const WIDTH = 1068;
const [LEFT, RIGHT] = [224, 16];
const ROW_PX = 20;
/** Of the longest arc; the others are alike, and none is more than half a circle. */
const ARC_PX = 170;
const MOST_BEND_DEGREES = 90;

/** Arcs from whom to whom, below them who uses the hottest slots, and these by their full names. */
export function conflictGraph(block: BlockPicture): Content {
  if (block.dependencies.length === 0) {
    return markup`<p>No transaction of block ${block.number} depends on another one through a storage slot.</p>`;
  }
  const { hotKeys } = block;
  return [
    picture({
      title: `Conflicts of block ${block.number} in its order.`,
      caption:
        'An arc leads from a transaction to a later one that uses a storage slot that it wrote last, in the colour of the hottest ' +
        'such slot. Below: the transactions that use the hottest slots.',
      legend: legendOf(block),
      charts: [arcs(block), users(block)],
      isWide: true,
    }),
    table({
      columns: [
        { name: 'hot key', isText: true },
        { name: 'transactions that write it' },
        { name: 'that only read it' },
        { name: 'that depend through it' },
      ],
      rows: hotKeys.map(({ address, slot, writers, readers, dependents }, rank) => ({
        cells: [
          markup`<div class="key">${swatch(rank)}<code>${address}</code> slot <code>${shortSlot(slot)}</code></div>`,
          formatNumber(writers.length),
          formatNumber(readers.length),
          figure(dependents, formatNumber),
        ],
      })),
    }),
  ];
}

function swatch(rank: number): Markup {
  return markup`<span class="swatch" style="background: ${colourOfRank(rank)}"></span>`;
}

function legendOf({ hotKeys, dependencies }: BlockPicture): LegendItem[] {
  const hasOthers = dependencies.some(({ hotKey }) => hotKey === null || hotKey >= RANK_COLOURS.length);
  const others: LegendItem = { name: 'any other slot', colour: COLOURS.grey, mark: 'line' };
  return [
    ...hotKeys
      .slice(0, RANK_COLOURS.length)
      .map((key, rank): LegendItem => ({ name: nameOf(key), colour: colourOfRank(rank), mark: 'line' })),
    ...(hasOthers ? [others] : []),
    { name: 'writes', colour: COLOURS.text, mark: 'dot' },
    { name: 'only reads', colour: COLOURS.text, mark: 'cross' },
  ];
}

function colourOfRank(rank: number | null): string {
  return RANK_COLOURS[rank ?? Infinity] ?? COLOURS.grey;
}

function arcs({ transactions, dependencies, hotKeys }: BlockPicture): Markup {
  const pxPerTransaction = (WIDTH - LEFT - RIGHT) / Math.max(1, transactions - 1);
  const longest = Math.max(...dependencies.map(({ earlier, later }) => later - earlier));
  const longestPx = longest * pxPerTransaction;
  const bend = Math.min(MOST_BEND_DEGREES, (Math.atan((2 * ARC_PX) / longestPx) * 360) / Math.PI);
  const heightPx = (longestPx / 2) * Math.tan((bend / 360) * Math.PI) + 16;
  // The hottest last, so that they lie above the others.
  const drawn = [...dependencies].sort((a, b) => (b.hotKey ?? Infinity) - (a.hotKey ?? Infinity) || 0);
  const opacity = dependencies.length > 400 ? 0.45 : 0.7;
  return chart({
    ariaLabel: 'Which transactions depend on which earlier ones',
    ...{ width: WIDTH, height: heightPx, marginLeft: LEFT, marginRight: RIGHT, marginTop: 4, marginBottom: 6 },
    x: { domain: [0, Math.max(1, transactions - 1)], axis: null },
    y: { domain: [0, 1], axis: null },
    marks: [
      arrow(drawn, {
        ...{ x1: 'earlier', x2: 'later', y1: 0, y2: 0, bend, headLength: 0 },
        ...{
          stroke: ({ hotKey }: PicturedDependency) => colourOfRank(hotKey),
          strokeOpacity: opacity,
          strokeWidth: 1.2,
        },
        title: ({ earlier, later, hotKey }: PicturedDependency) => {
          const key = hotKey === null ? undefined : hotKeys[hotKey];
          return `${earlier} → ${later}${key === undefined ? '' : `: ${nameOf(key)}`}`;
        },
      }),
      ruleY([0], { stroke: COLOURS.grey }),
    ],
  });
}

interface Use {
  readonly transaction: number;
  readonly name: string;
  readonly colour: string;
}

function users({ transactions, hotKeys }: BlockPicture): Markup {
  const uses = (pick: (key: HotKey) => readonly number[]): Use[] =>
    hotKeys.flatMap((key, rank) =>
      pick(key).map((transaction) => ({ transaction, name: rowName(key, rank), colour: colourOfRank(rank) })),
    );
  const names = hotKeys.map(rowName);
  const marks: Markish[] = [
    ruleY(names, { y: (name: string) => name, stroke: COLOURS.grey, strokeOpacity: 0.3 }),
    tickX(
      uses(({ readers }) => readers),
      { x: 'transaction', y: 'name', stroke: 'colour', strokeWidth: 1.6, inset: 3 },
    ),
    dot(
      uses(({ writers }) => writers),
      { x: 'transaction', y: 'name', fill: 'colour', r: transactions > 300 ? 3 : 4 },
    ),
    axisX({
      label: 'transaction, by its place in the block',
      tickSize: 4,
      ticks: 12,
      tickFormat: (index: number) => `${index}`,
    }),
    axisY({ tickSize: 0, label: null, tickFormat: (name: string) => name.slice(name.indexOf(' ') + 1) }),
  ];
  return chart({
    ariaLabel: 'Which transactions use the hottest slots',
    ...{
      width: WIDTH,
      height: hotKeys.length * ROW_PX + 50,
      marginLeft: LEFT,
      marginRight: RIGHT,
      marginTop: 4,
      marginBottom: 42,
    },
    x: { domain: [0, Math.max(1, transactions - 1)] },
    y: { type: 'band', domain: names },
    marks,
  });
}

/** Two slots may have the same short name; the rank tells them apart, and is not shown. */
function rowName(key: HotKey, rank: number): string {
  return `${rank} ${nameOf(key)}`;
}

function nameOf({ address, slot }: HotKey): string {
  const short = shortSlot(slot);
  return `${address.slice(0, 6)}…${address.slice(-4)} · ${short.length > 10 ? `${short.slice(0, 6)}…${short.slice(-4)}` : short}`;
}

/** Leading zeros say nothing. */
function shortSlot(slot: string): string {
  return `0x${slot.replace(/^0x0*(?=.)/, '')}`;
}
