import type { Forecast, ForecastTarget } from '../../live.js';

/** A band between two quantiles of equal distance from the median. */
export interface FanBand {
  /** From 0, the widest. */
  readonly rank: number;
  readonly lowerLevel: number;
  readonly upperLevel: number;
  readonly points: readonly { readonly block: number; readonly lower: number; readonly upper: number }[];
}

export interface Fan {
  readonly title: string;
  /** What the values are in; empty for plain numbers. */
  readonly unit: string;
  /** Written as a percentage. */
  readonly isShare: boolean;
  readonly observed: readonly FanPoint[];
  readonly median: readonly FanPoint[];
  readonly bands: readonly FanBand[];
}

export interface FanPoint {
  readonly block: number;
  readonly value: number;
}

const SHOWN_HISTORY = 50;
/** More bands than two are not told apart; the inner one holds about this share. */
const INNER_COVERAGE = 0.5;

interface TargetForm {
  readonly title: string;
  readonly unit: string;
  readonly divisor: number;
  readonly isShare?: boolean;
}

/** Gas used is the fullness again, so it is not shown. In this order. */
const FORMS: readonly (readonly [ForecastTarget['name'], TargetForm])[] = [
  ['baseFeePerGas', { title: 'Base fee', unit: 'gwei', divisor: 1e9 }],
  ['gasUsedRatio', { title: 'Fullness of blocks', unit: 'gas used of the limit', divisor: 1, isShare: true }],
  ['transactions', { title: 'Transactions', unit: 'a block', divisor: 1 }],
  ['conflictDensity', { title: 'Conflicts', unit: 'of all pairs of a block', divisor: 1, isShare: true }],
  ['parallelism', { title: 'Parallelism', unit: 'work by longest chain', divisor: 1 }],
];

export function fansOf({ targets, levels }: Forecast): Fan[] {
  return FORMS.flatMap(([name, form]) => {
    const target = targets.find((candidate) => candidate.name === name);
    return target === undefined ? [] : [fanOf(target, levels, form)];
  });
}

/** The fan opens at the last value that was observed. */
function fanOf(target: ForecastTarget, levels: readonly number[], form: TargetForm): Fan {
  const observed = target.history.slice(-SHOWN_HISTORY).map(({ blockNumber, value }) => ({
    block: blockNumber,
    value: value / form.divisor,
  }));
  const last = observed.at(-1);
  const pointsOf = (level: number): FanPoint[] => [
    ...(last === undefined ? [] : [last]),
    ...target.horizons.map(({ blockNumber, values }) => ({
      block: blockNumber,
      value: (values[level] ?? Number.NaN) / form.divisor,
    })),
  ];
  return {
    title: form.title,
    unit: form.unit,
    isShare: form.isShare ?? false,
    observed,
    median: pointsOf(
      levels.reduce((best, level, index) => (distance(level) < distance(levels[best]) ? index : best), 0),
    ),
    bands: shownPlaces(levels).map((place, rank) => {
      const [lower, upper] = [pointsOf(place), pointsOf(levels.length - 1 - place)];
      return {
        rank,
        lowerLevel: levels[place] ?? 0,
        upperLevel: levels[levels.length - 1 - place] ?? 1,
        points: lower.map(({ block, value }, index) => ({ block, lower: value, upper: upper[index]?.value ?? value })),
      };
    }),
  };
}

/** Of the lower levels of the bands that are drawn: the lowest, and one further in. */
function shownPlaces(levels: readonly number[]): number[] {
  const places = Array.from({ length: Math.floor(levels.length / 2) }, (_, place) => place);
  const miss = (place: number): number =>
    Math.abs((levels[levels.length - 1 - place] ?? 1) - (levels[place] ?? 0) - INNER_COVERAGE);
  const [outer, ...inner] = places;
  const closest = inner.reduce<number | undefined>(
    (best, place) => (best === undefined || miss(place) < miss(best) ? place : best),
    undefined,
  );
  return [outer, closest].flatMap((place) => place ?? []);
}

function distance(level: number | undefined): number {
  return Math.abs((level ?? 0) - 0.5);
}

/** How much of the distribution lies in a band. */
export function coverageOf({ lowerLevel, upperLevel }: FanBand): number {
  return upperLevel - lowerLevel;
}
