import { describe, expect, it } from 'vitest';
import type { ForecastDocument } from '../../../cli/forecast/document.js';
import { forecastReport } from '../../../cli/report/forecast/report.js';
import { FACTS, fetchedBy, numbersIn, parsePage, textsOf } from './pages.js';

const LEVELS = [0.05, 0.5, 0.95];
const SCORES = { mae: 0.25, crps: 0.125, coverage90: 0.9, gwei: { mae: 2.5, crps: 1.5, coverage90: 0.9 } };

const DOCUMENT: ForecastDocument = {
  schema: 'lanecast.forecast/1',
  environment: { node: '20', cpu: 'a <b>processor</b>', cores: 2, tfBackend: 'wasm' },
  series: {
    ...{ origin: 'a.csv', blocks: 4, firstBlock: 1, lastBlock: 4, slotSeconds: 12, feeRule: '2/8' },
    ...{ feesAgainstRule: 0, unknownTransactionCounts: 0 },
  },
  model: {
    ...{ artifact: null, seed: 1, horizons: [1, 2], levels: LEVELS, trainUntil: 3, trainedBlocks: 3, parameters: 17 },
    ...{ targets: ['baseFee', 'gasUsedRatio'], abstains: ['transactionCount'] },
  },
  judged: { blocks: 1, firstBlock: 4, lastBlock: 4, bootstrap: { seed: 1, blockLength: 1, resamples: 1 } },
  targets: {
    baseFee: {
      2: {
        outcomes: 1,
        model: SCORES,
        baselines: { linear: { ...SCORES, crpsGain: { gain: 0.0625, interval: [0.03125, 0.1] } } },
      },
    },
  },
  next: {
    fromBlock: 5,
    baseFeePerGasWei: '20000000000',
    blobBaseFeePerGasWei: '1234',
    blobSchedule: 'prague',
    quantiles: {
      baseFee: { 1: [20e9, 20e9, 20e9], 2: [18e9, 20e9, 22e9] },
      gasUsedRatio: { 1: [0.25, 0.5, 0.75], 2: null },
    },
  },
  observed: { fromBlock: 1, values: { baseFee: [19e9, 21e9, 20e9, 20e9], gasUsedRatio: [0.5, null, 0.25, 1] } },
  hotKeys: [{ key: '0xab:<script>alert(1)</script>', score: 3, usesPerBlock: 1.5, lastBlock: 4 }],
  timings: { trainSeconds: 2, trainCpuSeconds: 3, judgeSeconds: 1, forecastMs: 0.5 },
};

describe('the page of a forecast', () => {
  const page = forecastReport(DOCUMENT, FACTS);
  const parsed = parsePage(page);

  it('draws a fan for each target that is forecast', () => {
    expect([...parsed.querySelectorAll('figure svg[aria-label*="what is expected"]')]).toHaveLength(2);
    expect(textsOf(parsed, '.lead').join()).toContain('4 blocks, 1 to 4');
    expect(textsOf(parsed, '.facts').join()).toContain('20.000 gwei');
    expect(textsOf(parsed, '.facts').join()).toContain('1,234 wei');
  });

  it('has no figure that the document has not', () => {
    const known = new Set(numbersIn(DOCUMENT));
    const shown = [...parsed.querySelectorAll('data')].map((each) => Number(each.getAttribute('value')));
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.filter((value) => !known.has(value))).toEqual([]);
  });

  it('fetches nothing, and runs nothing that stands in the document', () => {
    expect(fetchedBy(page)).toEqual([]);
    expect([...parsed.querySelectorAll('script')]).toEqual([]);
    expect(textsOf(parsed, 'code').join()).toContain('<script>alert(1)</script>');
  });

  it('is the same for the same document, and leaves out what was not judged', () => {
    expect(forecastReport(DOCUMENT, FACTS)).toBe(page);
    const unjudged = forecastReport({ ...DOCUMENT, judged: null, targets: {} }, FACTS);
    expect(unjudged).not.toContain('How such forecasts did');
  });
});
