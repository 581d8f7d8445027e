import { describe, expect, it } from 'vitest';
import { policyRows, reExecutionsAvoided, summariseGroup } from '../../../bench/policies/aggregate.js';
import { corruptionRows } from '../../../bench/policies/aggregate-corruption.js';
import { mixedRows } from '../../../bench/policies/aggregate-mixed.js';
import { worstGroup } from '../../../bench/policies/worst-group.js';
import { replayBlock, replayRun } from './fixtures.js';

const simulated = (workers: number): { simulated: true; workers: number } => ({ simulated: true, workers });

describe('the rows of a group', () => {
  const block = replayBlock([
    replayRun('optimistic', 80, { executions: 15 }),
    replayRun('adaptive', 60, { predictNs: 3, planNs: 2, executions: 12 }),
    replayRun('oracle', 55),
    replayRun('optimistic', 40, { ...simulated(8), executions: 10 }),
    replayRun('adaptive', 30, { ...simulated(8), executions: 11 }),
  ]);
  const find = (policy: string, isSimulated: boolean) =>
    policyRows([block]).find((row) => row.policy === policy && row.simulated === isSimulated);

  it('say which share of the re-executions of optimistic execution a policy avoids', () => {
    expect(find('adaptive', false)?.reExecutionsAvoided).toBeCloseTo(0.6);
    expect(find('optimistic', false)?.reExecutionsAvoided).toBe(0);
    expect(find('oracle', false)?.reExecutionsAvoided).toBe(1);
    expect(find('adaptive', true)?.reExecutionsAvoided).toBeNull();
    expect(reExecutionsAvoided(1.5, 1.25)).toBe(-1);
  });

  it('give the share of the gain of the oracle with and without prediction and plan', () => {
    expect(find('adaptive', false)?.oracleGainShare).toBeCloseTo(15 / 25);
    expect(find('adaptive', false)?.oracleGainShareOfRuns).toBeCloseTo(20 / 25);
  });

  it('count what is verified, and what was spent off the clock', () => {
    const wrong = replayBlock([replayRun('optimistic', 50, { verified: false })], { transactions: 30 });
    const report = summariseGroup({ name: 'group', note: '', blocks: [block, wrong] });
    expect(report).toMatchObject({ blocks: 2, verifiedBlocks: 1, transactions: 40 });
    expect(report.offClock).toEqual({ arrivalNsPerTransaction: 2.5, idleNsPerTransaction: 10 });
    expect(report.rows.find(({ policy }) => policy === 'optimistic')).toMatchObject({ verified: 1, blocks: 2 });
  });
});

describe('the totals of the mixed trace', () => {
  const blocks = [
    replayBlock([
      replayRun('optimistic', 60),
      replayRun('adaptive', 90, { workers: 1, predictNs: 5, planNs: 5 }),
      replayRun('optimistic', 50, simulated(4)),
      replayRun('adaptive', 40, simulated(4)),
      replayRun('optimistic', 30, simulated(8)),
      replayRun('adaptive', 20, simulated(8)),
    ]),
    replayBlock([replayRun('optimistic', 140), replayRun('adaptive', 60)]),
  ];
  const rows = mixedRows(blocks);
  const on = (machineWorkers: number) => rows.filter((row) => row.machineWorkers === machineWorkers);

  it('add up run, prediction and plan of all blocks, and compare with the adaptive policy', () => {
    expect(on(2)).toEqual([
      { machineWorkers: 2, simulated: false, policy: 'sequential', workers: 1, totalNs: 200, adaptiveRatio: 0.8 },
      { machineWorkers: 2, simulated: false, policy: 'optimistic', workers: 2, totalNs: 200, adaptiveRatio: 0.8 },
      { machineWorkers: 2, simulated: false, policy: 'adaptive', workers: 2, totalNs: 160, adaptiveRatio: 1 },
    ]);
  });

  it('set simulated machines against fewer threads, too', () => {
    const optimistic = on(8).filter(({ policy }) => policy === 'optimistic');
    expect(optimistic.map(({ workers, adaptiveRatio }) => [workers, adaptiveRatio])).toEqual([
      [4, 20 / 50],
      [8, 20 / 30],
    ]);
  });

  it('leave out blocks that do not run on the engine', () => {
    const foreign = replayBlock([], { fallback: 'too large', sequentialNs: 9_999 });
    expect(mixedRows([...blocks, foreign])).toEqual(rows);
  });
});

describe('the rows of wrong hints', () => {
  const level = (percent: number, adaptiveNs: number) => ({
    percent,
    blocks: [replayBlock([replayRun('optimistic', 80), replayRun('adaptive', adaptiveNs)])],
  });

  it('are relative to the better of sequential and optimistic, and to the gain of right hints', () => {
    const rows = corruptionRows('group', [level(0, 60), level(50, 75), level(100, 84)]);
    expect(rows.map(({ percent, timeRatio }) => [percent, timeRatio])).toEqual([
      [0, 0.75],
      [50, 0.9375],
      [100, 1.05],
    ]);
    expect(rows[0]?.keptGainShare).toBe(1);
    expect(rows[1]?.keptGainShare).toBe(0.25);
    expect(rows[2]?.keptGainShare).toBeCloseTo(-0.2);
    expect(rows[0]).toMatchObject({ group: 'group', workers: 2, simulated: false, blocks: 1, verifiedBlocks: 1 });
  });

  it('say nothing of a gain that right hints hardly bring', () => {
    expect(corruptionRows('group', [level(0, 79), level(50, 79)]).map(({ keptGainShare }) => keptGainShare)).toEqual([
      null,
      null,
    ]);
  });
});

describe('the worst group', () => {
  const group = (name: string, optimisticNs: number, adaptiveNs: number) => {
    const speedup = (wallNs: number) => ({ speedup: 100 / wallNs });
    const runs = [
      replayRun('optimistic', optimisticNs, speedup(optimisticNs)),
      replayRun('adaptive', adaptiveNs, speedup(adaptiveNs)),
    ];
    return summariseGroup({ name, note: '', blocks: [replayBlock(runs)] });
  };
  const groups = [group('good', 80, 70), group('bad', 50, 80), group('left out', 10, 90)];

  it('is that where the adaptive policy loses most', () => {
    expect(worstGroup(groups, (name) => name === 'left out')).toBe('bad');
    expect(worstGroup(groups, () => false)).toBe('left out');
    expect(worstGroup([], () => false)).toBeNull();
  });
});
