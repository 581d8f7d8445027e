import { COLOURS } from './colours.js';
import { fanChart, type FanChart } from './fan.js';
import { markup, type Markup } from './markup.js';
import { picture } from './parts.js';

export interface FanPicture extends FanChart {
  /** Whether values are means of the blocks up to there. */
  readonly isMean: boolean;
}

/** A fan chart with what its marks mean. */
export function fanPicture(title: string, { isMean, ...fan }: FanPicture): Markup {
  return picture({
    title,
    ...(isMean ? { caption: 'Expected: means of the blocks up to there.' } : {}),
    legend: [
      { name: 'seen', colour: COLOURS.text, mark: 'line' },
      { name: 'median of what is expected', colour: COLOURS.blue, mark: 'dashes' },
      { name: 'ranges, the widest from 0.05 to 0.95', colour: COLOURS.blue, mark: 'square' },
    ],
    charts: fanChart(fan),
  });
}

export const FAN_NOTES = markup`<p class="muted">Each band lies between two quantiles that are as far from the median: with a probability of 90 % the truth is expected
within the widest.</p>
`;
