const BARS = '▁▂▃▄▅▆▇█';

export interface SparklineScale {
  readonly least: number;
  readonly most: number;
}

/** The range of values that are numbers. */
export function scaleOf(values: readonly number[]): SparklineScale {
  const known = values.filter((value) => Number.isFinite(value));
  return { least: Math.min(...known), most: Math.max(...known) };
}

/** One bar for each value, a blank where it is not known. */
export function sparkline(values: readonly number[], { least, most }: SparklineScale): string {
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return ' ';
      const share = most > least ? (value - least) / (most - least) : 0.5;
      return BARS[Math.min(BARS.length - 1, Math.max(0, Math.floor(share * BARS.length)))] ?? ' ';
    })
    .join('');
}
