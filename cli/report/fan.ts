import { COLOURS } from './colours.js';
import type { Markup } from './markup.js';
import { areaY, axisX, axisY, chart, dot, gridY, line, ruleX, type Markish } from './plot.js';

export interface FanChart {
  /** Of what was seen before: block numbers, ascending. */
  readonly times: readonly number[];
  /** By time; null where it is unknown. */
  readonly observed: readonly (number | null)[];
  /** Of the quantiles, ascending within (0, 1), symmetric around 0.5, which is among them. */
  readonly levels: readonly number[];
  /** By horizon, from the nearest on, all after the last of `times`. */
  readonly horizons: readonly FanHorizon[];
  /** Of the axis. */
  readonly label: string;
  readonly format?: (value: number) => string;
  readonly width?: number;
}

export interface FanHorizon {
  readonly time: number;
  /** By level. */
  readonly quantiles: readonly number[];
  /** What came, where that is known. */
  readonly observed?: number | null;
}

interface Band {
  readonly time: number;
  readonly low: number;
  readonly high: number;
}

const HEIGHT = 280;
const DEFAULT_WIDTH = 700;

/**
 * A forecast as a fan: what was seen, the median of what is expected, and bands between symmetric quantiles, the wider the fainter.
 * Throws RangeError where lengths, levels or times do not fit each other.
 */
export function fanChart(fan: FanChart): Markup {
  checkFan(fan);
  const { times, observed, levels, horizons, label, format, width = DEFAULT_WIDTH } = fan;
  const past = times.map((time, index) => ({ time, value: observed[index] ?? null }));
  const last = [...past].reverse().find(({ value }) => value !== null) ?? null;
  const median = levels.indexOf(0.5);
  const expected = [
    ...(last === null ? [] : [last]),
    ...horizons.map(({ time, quantiles }) => ({ time, value: quantiles[median] ?? null })),
  ];
  const came = horizons.map((horizon) => ({ time: horizon.time, value: horizon.observed ?? null }));
  const bands: Markish[] = levels.slice(0, median).map((_, index) =>
    areaY(bandOf(fan, index, last), {
      ...{ x: 'time', y1: 'low', y2: 'high', fill: COLOURS.blue },
      fillOpacity: 0.12 + (0.2 * index) / Math.max(1, median),
    }),
  );
  return chart({
    ariaLabel: `${label}: what was seen and what is expected`,
    ...{ width, height: HEIGHT, marginLeft: 64, marginRight: 16, marginTop: 28, marginBottom: 40 },
    marks: [
      gridY({ stroke: COLOURS.grey, strokeOpacity: 0.25 }),
      ...bands,
      line(expected, { x: 'time', y: 'value', stroke: COLOURS.blue, strokeWidth: 2, strokeDasharray: '5 3' }),
      line(past, { x: 'time', y: 'value', stroke: COLOURS.text, strokeWidth: 1.5 }),
      dot(
        came.filter(({ value }) => value !== null),
        { x: 'time', y: 'value', fill: COLOURS.text, r: 3 },
      ),
      ...(last === null ? [] : [ruleX([last.time], { stroke: COLOURS.grey, strokeDasharray: '2 3' })]),
      axisX({ label: 'block', ticks: 6, tickSize: 4, tickFormat: (time: number) => `${time}` }),
      axisY({ label, tickSize: 0, ticks: 6, ...(format === undefined ? {} : { tickFormat: format }) }),
    ],
  });
}

/** Between the quantile at this place and the one opposite; it opens from the last observation. */
function bandOf(
  { levels, horizons }: FanChart,
  index: number,
  last: { time: number; value: number | null } | null,
): Band[] {
  const opposite = levels.length - 1 - index;
  const start = last?.value ?? null;
  return [
    ...(last === null || start === null ? [] : [{ time: last.time, low: start, high: start }]),
    ...horizons.map(({ time, quantiles }) => ({
      time,
      low: quantiles[index] ?? NaN,
      high: quantiles[opposite] ?? NaN,
    })),
  ];
}

function checkFan({ times, observed, levels, horizons }: FanChart): void {
  if (times.length !== observed.length) refuse(`${times.length} times for ${observed.length} observations`);
  const isSymmetric = levels.every((level, index) => Math.abs(level + (levels.at(-1 - index) ?? NaN) - 1) < 1e-9);
  if (!levels.includes(0.5) || !isSymmetric || !isAscending(levels)) {
    refuse(`levels ${levels.join(', ')}: expected ascending ones, symmetric around 0.5, which is among them`);
  }
  if (!isAscending([...times, ...horizons.map(({ time }) => time)]))
    refuse('expected ascending times, those of horizons last');
  const wrong = horizons.find(({ quantiles }) => quantiles.length !== levels.length);
  if (wrong !== undefined) refuse(`${wrong.quantiles.length} quantiles for ${levels.length} levels at ${wrong.time}`);
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value > (values[index - 1] ?? Infinity));
}

function refuse(problem: string): never {
  throw new RangeError(`a fan chart: ${problem}`);
}
