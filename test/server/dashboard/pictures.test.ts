import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeCall,
  falseAlarms,
  makespanRows,
  missedPairs,
  qualityRows,
  speedupOf,
} from '../../../server/dashboard/browser/accuracy.js';
import { arcPath, describeArcs, layOutArcs, mostNeeded } from '../../../server/dashboard/browser/arcs.js';
import { coverageOf, fansOf } from '../../../server/dashboard/browser/fan.js';
import { SCORE_SERIES, calibrationPoints, seriesOf } from '../../../server/dashboard/browser/history.js';
import { describeLanes, shareByKind, stretchesOf } from '../../../server/dashboard/browser/lanes.js';
import type { LiveBlock } from '../../../server/live.js';
import { type ConflictEdge, type Lanes } from '../../../server/live.js';
import { FIRST_BLOCK, makeBlock, makeForecast, makeModel } from './live-fixture.js';

const block = makeBlock({ sequence: 120 });

const empty: LiveBlock = {
  ...makeBlock({ sequence: 1, transactions: 1 }),
  transactions: [],
  edges: [],
  hotKeys: [],
  lanes: { ...block.lanes, makespan: 0, intervals: [], executions: 0, aborts: 0, suspensions: 0 },
  makespans: { unit: 'gas', sequential: 0, predicted: 0, observed: 0, optimistic: 0, oracle: 0 },
};

describe('lanes', () => {
  const lanes: Lanes = {
    ...block.lanes,
    workers: 2,
    makespan: 100,
    intervals: [
      { transaction: 0, incarnation: 0, worker: 0, start: 0, end: 40, outcome: 'final' },
      { transaction: 1, incarnation: 0, worker: 1, start: 0, end: 30, outcome: 'aborted' },
      { transaction: 1, incarnation: 1, worker: 1, start: 40, end: 80, outcome: 'final' },
    ],
  };

  it('tell executions that were repeated from those that were not', () => {
    expect(stretchesOf(lanes).map(({ kind }) => kind)).toEqual(['once', 'aborted', 'again']);
  });

  it('share out the time of all workers, waiting included', () => {
    expect(Object.fromEntries(shareByKind(lanes).map(({ kind, share }) => [kind, share]))).toEqual({
      once: 0.2,
      again: 0.2,
      aborted: 0.15,
      suspended: 0,
      waiting: 0.45,
    });
    const sum = shareByKind(block.lanes).reduce((total, { share }) => total + share, 0);
    expect(sum).toBeCloseTo(1, 9);
    expect(describeLanes(lanes)).toContain('workers wait 45 percent of the time');
  });

  it('of nothing are no time', () => {
    expect(shareByKind(empty.lanes).every(({ share }) => share === 0)).toBe(true);
  });
});

describe('arcs', () => {
  const edge = (earlier: number, later: number, probability: number | null, observed = true): ConflictEdge => ({
    earlier,
    later,
    probability,
    observed,
    hotKey: null,
  });

  it('are in a row of their key, the hottest first, and the rest in the last', () => {
    const diagram = layOutArcs(block, 3);
    expect(diagram.rows.map(({ key }) => key)).toEqual([...block.hotKeys.slice(0, 3), null]);
    expect(diagram.rows.reduce((sum, { arcs }) => sum + arcs.length, 0)).toBe(block.edges.length);
    expect(diagram.transactions.length).toBeLessThan(block.transactions.length);
  });

  it('belong to the key that joins them, if there is a row for it', () => {
    const edges = [edge(0, 1, 0.9), edge(0, 2, 0.9), edge(1, 2, null)].map((each, hotKey) => ({ ...each, hotKey }));
    const rows = layOutArcs({ ...block, edges }, 2).rows;
    expect(rows.map((row) => [row.key, row.arcs.length])).toEqual([
      [block.hotKeys[0], 1],
      [block.hotKeys[1], 1],
      [null, 1],
    ]);
  });

  it('say what was predicted, and which blocker is the last', () => {
    const edges = [edge(0, 2, 0.9), edge(1, 2, null), edge(1, 3, 0.5, false)];
    const [row] = layOutArcs({ ...block, hotKeys: [], edges }, 6).rows;
    expect(row?.arcs.map(({ outcome, isNearest }) => [outcome, isNearest])).toEqual([
      ['hit', false],
      ['missed', true],
      ['falseAlarm', true],
    ]);
    expect(row?.transactions).toEqual([0, 1, 2, 3]);
  });

  it('are none where nothing conflicts', () => {
    expect(layOutArcs(empty, 6)).toEqual({ transactions: [], rows: [] });
    expect(describeArcs(layOutArcs(empty, 6), empty)).toMatch(/^0 of 0 transactions/);
    expect(mostNeeded(empty)).toBeNull();
  });

  it('name the transaction that most others conflict with', () => {
    expect(
      mostNeeded({ ...block, edges: [edge(0, 2, null), edge(1, 2, 0.9), edge(1, 3, 1), edge(4, 9, 1, false)] }),
    ).toBe(1);
  });

  it('never leave their row', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1000, noNaN: true }),
        fc.double({ min: 0, max: 1000, noNaN: true }),
        (a, b) => {
          const path = arcPath(Math.min(a, b), Math.max(a, b), { y: 50, height: 30, isBelow: a > b });
          const [, radii = ''] = path.split('A');
          expect(Number(radii.split(' ')[0]?.split(',')[1])).toBeLessThanOrEqual(30);
          expect(path.endsWith(`${Math.max(a, b)},50`)).toBe(true);
        },
      ),
    );
  });
});

describe('predicted against observed', () => {
  it('lists what was missed and what was predicted in vain, as the figures count them', () => {
    expect(missedPairs(block)).toHaveLength(block.quality.conflicts.falseNegatives);
    const alarms = falseAlarms(block);
    expect(alarms).toHaveLength(block.quality.conflicts.falsePositives);
    const probabilities = alarms.map(({ probability }) => probability ?? 0);
    expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
    expect(qualityRows(block)[0]?.cells.slice(3)).toEqual([
      String(missedPairs(block).length),
      String(falseAlarms(block).length),
    ]);
  });

  it('tells times as factors of the sequential one, and of nothing none', () => {
    const [sequential] = makespanRows(block.makespans);
    expect(sequential?.text).toMatch(/ms · 1\.00×$/);
    expect(makespanRows(empty.makespans).map(({ text }) => text)).toEqual(Array.from({ length: 5 }, () => '0 gas · –'));
    expect(speedupOf(empty.makespans)).toBeNull();
  });

  it('says what a transaction calls', () => {
    const [first] = block.transactions;
    if (first === undefined) throw new Error('The block has transactions.');
    const to = `0x${'12'.repeat(20)}`;
    expect(describeCall({ ...first, to: null })).toBe('creates a contract');
    expect(describeCall({ ...first, to, selector: '0x' })).toBe('pays 0x1212…1212');
    expect(describeCall({ ...first, to, selector: '0xa9059cbb' })).toBe('0x1212…1212 0xa9059cbb');
    expect(describeCall(undefined)).toBe('');
  });
});

describe('the fan', () => {
  const forecast = makeForecast(10);
  const [fee, fullness] = fansOf(forecast);

  it('shows the last 50 blocks, and opens at the last of them', () => {
    expect(fee?.observed).toHaveLength(50);
    expect(fee?.observed.at(-1)).toEqual(fee?.median[0]);
    expect(fee?.bands.map(({ points }) => points[0])).toEqual(
      [1, 2].map(() => ({ block: FIRST_BLOCK + 10, lower: fee?.median[0]?.value, upper: fee?.median[0]?.value })),
    );
  });

  it('has its bands around the median, the widest first, in gwei', () => {
    expect(fee?.bands.map(coverageOf).map((share) => share.toFixed(2))).toEqual(['0.90', '0.50']);
    expect(fee?.median.at(-1)?.value).toBeCloseTo(8, 1);
    for (const band of fee?.bands ?? []) expect(band.points.every(({ lower, upper }) => lower <= upper)).toBe(true);
  });

  it('leaves out what is not forecast, and an even number of levels has bands and a median too', () => {
    expect([fee?.title, fullness?.title]).toEqual(['Base fee', 'Fullness of blocks']);
    const even = { ...forecast, levels: [0.1, 0.9] };
    const [fan] = fansOf({ ...even, targets: even.targets.slice(0, 1) });
    expect(fan?.bands).toHaveLength(1);
    expect(fan?.median).toHaveLength(51);
    expect(fansOf({ ...forecast, targets: [] })).toEqual([]);
  });

  it('shows what was observed where nothing is forecast, and the other way round', () => {
    const [target] = forecast.targets;
    if (target === undefined) throw new Error('There are targets.');
    const [unknown] = fansOf({ ...forecast, targets: [{ ...target, horizons: [] }] });
    expect(unknown?.median).toHaveLength(1);
    const [fresh] = fansOf({ ...forecast, targets: [{ ...target, history: [] }] });
    expect([fresh?.observed.length, fresh?.median.length]).toEqual([0, 50]);
  });
});

describe('quality over time', () => {
  const model = makeModel(120);

  it('breaks a line where there is nothing to judge', () => {
    const points = seriesOf(model.history, SCORE_SERIES);
    expect(points).toHaveLength(240);
    const broken = model.history.filter(({ conflictF1 }) => conflictF1 === null).length;
    expect(broken).toBeGreaterThan(0);
    expect(points.filter(({ value }) => Number.isNaN(value))).toHaveLength(broken);
  });

  it('has no calibration of bins that hold nothing', () => {
    const bins = [
      { from: 0, to: 0.1, predictions: 0, meanProbability: null, observedShare: null },
      ...model.quality.calibration,
    ];
    expect(calibrationPoints(bins)).toHaveLength(10);
  });
});
