import type { ReliabilityBin } from '../../model/evaluation/metrics.js';
import { formatNumber } from '../table.js';
import { COLOURS } from './colours.js';
import type { Markup } from './markup.js';
import { picture } from './parts.js';
import { axisX, axisY, chart, dot, gridY, line, link, rectY, text } from './plot.js';

const WIDTH = 440;
/** The line of probabilities below which nothing is judged. */
const FLOOR = 0.05;

/** Predicted probability against observed frequency, with the number of pairs below. Nothing without predictions. */
export function calibrationChart(reliability: readonly ReliabilityBin[] | null): Markup | null {
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

function show(share: number | null): string {
  return share === null ? '–' : share.toFixed(3);
}
