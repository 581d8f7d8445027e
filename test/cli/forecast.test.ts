import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { regimeSeries } from '../../bench/forecast/regimes.js';
import type { ForecastDocument } from '../../cli/forecast/document.js';
import { feeRules } from '../../cli/forecast/fee-rule-option.js';
import { scaleOf, sparkline } from '../../cli/forecast/sparkline.js';
import { toCsv } from '../helpers/series-csv.js';
import { runCli, temporaryFolder } from './run-cli.js';

function writeSeries(blocks: number): { readonly folder: string; readonly series: string } {
  const folder = temporaryFolder();
  const series = join(folder, 'series.csv.gz');
  writeFileSync(series, gzipSync(toCsv(regimeSeries({ blocks, seed: 2, unknownShare: 0.6 }))));
  return { folder, series };
}

describe('lanecast forecast', () => {
  it('trains, judges, saves, and forecasts the same from what it saved', async () => {
    const { folder, series } = writeSeries(2600);
    const model = join(folder, 'model');
    const trained = await runCli('forecast', series, '--horizons', '1,3', '--seed', '4', '--save', model, '--json');
    expect(trained.exitCode).toBe(0);
    const document = JSON.parse(trained.stdout) as ForecastDocument;
    expect(document).toMatchObject({
      schema: 'lanecast.forecast/1',
      series: { blocks: 2600, firstBlock: 1, lastBlock: 2600, feeRule: '2/8', feesAgainstRule: 0, slotSeconds: 12 },
      model: { artifact: model, seed: 4, horizons: [1, 3], trainUntil: 2080, trainedBlocks: 2080 },
      judged: { blocks: 520, firstBlock: 2081, lastBlock: 2600 },
      next: { fromBlock: 2601 },
    });
    expect(document.model.targets).toEqual(['baseFee', 'gasUsedRatio']);
    expect(document.model.abstains).toEqual(['transactionCount', 'conflictDensity', 'parallelism']);
    for (const target of ['baseFee', 'gasUsedRatio'] as const) {
      for (const horizon of ['1', '3']) {
        const scores = document.targets[target]?.[horizon];
        expect(Object.keys(scores?.model ?? {}).slice(0, 3)).toEqual(['mae', 'crps', 'coverage90']);
        expect(Object.keys(scores?.baselines ?? {})).toEqual([
          ...[
            'persistence',
            'eip1559',
            'climatology',
            'ewma',
            'seasonal',
            'linear',
            'linear-online',
            'linear-features',
          ],
        ]);
      }
    }
    expect(document.next.quantiles['baseFee']?.['1']?.[9]).toBeCloseTo(Number(document.next.baseFeePerGasWei), -3);

    const read = await runCli('forecast', series, '--model', model, '--json');
    expect(read.exitCode).toBe(0);
    const again = JSON.parse(read.stdout) as ForecastDocument;
    expect(again.next).toEqual(document.next);
    expect(again.timings.trainSeconds).toBeNull();

    const shown = await runCli('forecast', series, '--model', model, '--no-judge');
    expect(shown.stdout).toMatch(/The next blocks, from 2601 on\. Base fee of block 2601: [\d.]+ gwei, exactly\./);
    expect(shown.stdout).toMatch(/[▁▂▃▄▅▆▇█]{32}/);

    const seen = await runCli('forecast', series, '--model', model, '--train-until', '2000');
    expect(seen).toMatchObject({ exitCode: 2, stdout: '' });
    expect(seen.stderr).toMatch(/trained up to block 2080/);
    const contradiction = await runCli('forecast', series, '--model', model, '--seed', '3');
    expect(contradiction).toMatchObject({ exitCode: 2, stdout: '' });
    const occupied = await runCli('forecast', series, '--save', model);
    expect(occupied).toMatchObject({ exitCode: 2, stdout: '' });
  }, 120_000);

  it('refuses what it cannot use, and says why', async () => {
    const { series } = writeSeries(300);
    const few = await runCli('forecast', series);
    expect(few).toMatchObject({ exitCode: 2, stdout: '' });
    expect(few.stderr).toMatch(/240 blocks to train on, and a forecaster needs at least/);
    const outside = await runCli('forecast', series, '--train-until', '7000');
    expect(outside).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outside.stderr).toMatch(/expected a block of .*, 1 to 300, got 7000/);
    for (const args of [
      ['store:'],
      ['nowhere.csv'],
      [series, '--horizons', '0'],
      [series, '--horizons', '2000'],
      [series, '--fee-rule', '2'],
      [series, '--fee-rule', '2/8@9,6/250@3'],
    ]) {
      expect(await runCli('forecast', ...args), args.join(' ')).toMatchObject({ exitCode: 2, stdout: '' });
    }
  });

  it('reads fee rules', () => {
    expect(feeRules('2/8,6/250@105235063')).toEqual([
      { fromBlock: 0, rule: { elasticity: 2, denominator: 8 } },
      { fromBlock: 105_235_063, rule: { elasticity: 6, denominator: 250 } },
    ]);
  });

  it('draws values between the least and the most of them', () => {
    expect(sparkline([0, 5, 10, NaN], scaleOf([0, 5, 10, NaN]))).toBe('▁▅█ ');
    expect(sparkline([3, 3], scaleOf([3, 3]))).toBe('▅▅');
  });
});
