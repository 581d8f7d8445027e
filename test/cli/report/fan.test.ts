import { describe, expect, it } from 'vitest';
import { fanChart, type FanChart } from '../../../cli/report/fan.js';
import { markup } from '../../../cli/report/markup.js';
import { parsePage } from './pages.js';

const FAN: FanChart = {
  times: [100, 101, 102],
  observed: [10, null, 12],
  levels: [0.05, 0.25, 0.5, 0.75, 0.95],
  horizons: [
    { time: 103, quantiles: [9, 11, 12, 13, 16], observed: 12.5 },
    { time: 107, quantiles: [6, 10, 12, 14, 20] },
  ],
  label: 'base fee, gwei',
};

describe('a fan chart', () => {
  it('has a band for each pair of quantiles, what was seen and what is expected', () => {
    const svg = parsePage(`<!doctype html><html><body>${fanChart(FAN).text}</body></html>`);
    expect([...svg.querySelectorAll('g[aria-label="area"]')]).toHaveLength(2);
    expect([...svg.querySelectorAll('g[aria-label="line"]')]).toHaveLength(2);
    expect([...svg.querySelectorAll('g[aria-label="dot"] circle')]).toHaveLength(1);
    expect(fanChart(FAN).text).not.toContain('NaN');
  });

  it('is the same for the same forecast, and does without observations', () => {
    expect(fanChart(FAN).text).toBe(fanChart(FAN).text);
    expect(fanChart({ ...FAN, times: [], observed: [] }).text).toContain('</svg>');
    expect(fanChart({ ...FAN, format: (value) => `${value} gwei` }).text).toContain(' gwei</text>');
  });

  it('escapes its label', () => {
    const { text } = fanChart({ ...FAN, label: '"><script>alert(1)</script>' });
    const page = parsePage(`<!doctype html><html><body>${text}</body></html>`);
    expect([...page.querySelectorAll('script')]).toEqual([]);
    expect(page.textContent).toContain('"><script>alert(1)</script>');
  });

  it.each([
    ['lengths that differ', { observed: [1] }],
    ['levels without a median', { levels: [0.1, 0.9] }],
    ['levels that are not symmetric', { levels: [0.1, 0.5, 0.8] }],
    ['levels that do not ascend', { levels: [0.9, 0.5, 0.1] }],
    ['horizons in the past', { times: [100, 101, 103] }],
    ['missing quantiles', { horizons: [{ time: 103, quantiles: [1, 2] }] }],
  ])('refuses %s', (_, fields) => {
    expect(() => fanChart({ ...FAN, ...fields })).toThrow(RangeError);
  });
});

it('text is escaped in a template, markup is not', () => {
  expect(markup`<a>${'<&>"\''}${markup`<b>${null}${[1, 'x<']}</b>`}</a>`.text).toBe(
    '<a>&#60;&#38;&#62;&#34;&#39;<b>1x&#60;</b></a>',
  );
});
