import { describe, expect, it } from 'vitest';
import { LoadForecastSource } from '../../../server/forecast/forecast-source.js';
import type { Forecast } from '../../../server/live.js';
import type { BlockRecord } from '../../../types.js';
import { address, hash, slotAccess } from '../../datasets/store-records.js';
import { blockOf } from '../../model/blocks.js';
import { chainOf, FIRST_BLOCK, nextFeeWei, plainModel, withHeader } from './chain.js';

type Answer = Omit<Forecast, 'model'>;

function after(blocks: readonly BlockRecord[], horizons?: readonly number[]): LoadForecastSource {
  const trained = horizons === undefined ? null : { model: plainModel(horizons), version: 'abc' };
  const source = new LoadForecastSource(trained);
  for (const block of blocks) source.observe(block);
  return source;
}

function answerOf(source: LoadForecastSource): Answer {
  const latest = source.latest();
  if (latest === null) throw new Error('Blocks were observed.');
  return latest;
}

function targetOf({ targets }: Answer, name: string): Forecast['targets'][number] | undefined {
  return targets.find((target) => target.name === name);
}

describe('forecasts by baselines', () => {
  const chain = chainOf(80);

  it('are none before the first block', () => {
    expect(new LoadForecastSource(null).latest()).toBeNull();
  });

  it('have the next fee from the first block on, and say why there is little else', () => {
    const answer = answerOf(after(chain.slice(0, 1)));
    expect(answer).toMatchObject({
      chainId: 1,
      lastBlock: FIRST_BLOCK,
      forecaster: { kind: 'baseline', version: null },
    });
    expect(answer.nextBaseFeePerGasWei).toBe(String(chain[1]?.header.baseFeePerGasWei));
    expect(answer.forecaster.notice).toContain('--forecast');
    expect(answer.forecaster.notice).toContain('fewer than 20');
    expect(targetOf(answer, 'baseFeePerGas')?.horizons.map(({ blocksAhead }) => blocksAhead)).toEqual([1]);
    expect(targetOf(answer, 'transactions')?.horizons).toEqual([]);
  });

  it('tell all quantities at all horizons once enough came due', () => {
    const answer = answerOf(after(chain));
    expect(answer.targets.map(({ name, unit }) => [name, unit])).toEqual([
      ['baseFeePerGas', 'wei'],
      ['gasUsed', 'gas'],
      ['gasUsedRatio', 'ratio'],
      ['transactions', 'transactions'],
      ['conflictDensity', 'ratio'],
      ['parallelism', 'ratio'],
    ]);
    for (const { horizons, history } of answer.targets) {
      expect(horizons.map(({ blocksAhead }) => blocksAhead)).toEqual([1, 2, 5, 10, 50]);
      expect(horizons[4]?.blockNumber).toBe(answer.lastBlock + 50);
      expect(horizons.every(({ values }) => values.length === answer.levels.length)).toBe(true);
      expect(history).toHaveLength(50);
      expect(history.at(-1)?.blockNumber).toBe(answer.lastBlock);
    }
    expect(answer.forecaster.notice).not.toContain('fewer');
    expect(targetOf(answer, 'transactions')?.horizons[0]?.values[9]).toBeCloseTo(3, 3);
    // One pair of three conflicts, and two transactions of three are a chain.
    expect(targetOf(answer, 'conflictDensity')?.horizons[1]?.values[9]).toBeCloseTo(1 / 3, 3);
    expect(targetOf(answer, 'parallelism')?.history.at(-1)?.value).toBeCloseTo(1.5, 5);
    const last = chain.at(-1)?.header;
    expect(targetOf(answer, 'gasUsed')?.history.at(-1)?.value).toBe(last?.gasUsed);
    expect(targetOf(answer, 'gasUsedRatio')?.history.at(-1)?.value).toBeCloseTo((last?.gasUsed ?? 0) / 3e7, 5);
  });

  it('answer the same until the next block', () => {
    const source = after(chain);
    expect(source.latest()).toBe(source.latest());
  });

  it('rank slots by the conflicts that are to be expected, and leave out those without any', () => {
    const [hottest, ...others] = answerOf(after(chain)).hotKeys;
    expect(others).toEqual([]);
    expect(hottest).toEqual({
      ...{ address: address(1), slot: hash(1) },
      ...{ touchProbability: 1, expectedTransactions: 2, expectedConflicts: 1 },
    });
  });

  it('let what slots were used for fade', () => {
    const busy = [slotAccess('write', 7, 7)];
    const start = chain[0]?.header.number ?? 0;
    const old = blockOf(start - 21, [{ accesses: busy }, { accesses: busy }, { accesses: busy }]);
    const key = answerOf(after([old, ...chain.slice(0, 20)])).hotKeys.find((each) => each.slot === hash(7));
    // Forty blocks later a quarter is left, of twenty newer blocks' weight and its own.
    const kept = 2 ** (-40 / 20);
    const weights = kept + Array.from({ length: 20 }, (_, age) => 2 ** (-age / 20)).reduce((a, b) => a + b, 0);
    expect(key?.touchProbability).toBeCloseTo(kept / weights, 4);
    expect(key?.expectedTransactions).toBeCloseTo((3 * kept) / weights, 4);
    expect(key?.expectedConflicts).toBeCloseTo((3 * kept) / weights, 4);
  });
});

describe('forecasts of what is no plain chain', () => {
  const chain = chainOf(40);

  it('follow a reorganisation: the block that came again is the last', () => {
    const source = after(chain);
    const again = chain[37];
    if (again === undefined) throw new Error('The chain is longer.');
    const other = withHeader(again, { gasUsed: 0, hash: hash(0xbad) });
    source.observe(other);
    const answer = answerOf(source);
    expect(answer.lastBlock).toBe(again.header.number);
    expect(answer.nextBaseFeePerGasWei).toBe(String(nextFeeWei(other.header)));
    const { history } = targetOf(answer, 'gasUsed') ?? { history: [] };
    expect(history.map(({ blockNumber }) => blockNumber)).toEqual(
      chain.slice(0, 38).map(({ header }) => header.number),
    );
    expect(history.at(-1)?.value).toBe(0);
  });

  it('go on after a gap, and pass over what comes late', () => {
    const source = after([...chain.slice(0, 30), ...chain.slice(35, 37)]);
    expect(answerOf(source).lastBlock).toBe(FIRST_BLOCK + 36);
    const before = answerOf(source);
    const late = chain[32];
    if (late === undefined) throw new Error('The chain is longer.');
    source.observe(late);
    expect(answerOf(source)).toEqual(before);
  });

  it('leave out base fees before London, and fullness without gas limits', () => {
    const plain = chain.map((block) => withHeader(block, { baseFeePerGasWei: null }));
    const answer = answerOf(after(plain));
    expect(answer.nextBaseFeePerGasWei).toBeNull();
    expect(targetOf(answer, 'baseFeePerGas')).toBeUndefined();
    expect(targetOf(answer, 'gasUsedRatio')?.horizons.length).toBeGreaterThan(0);
    const unlimited = answerOf(after(chain.map((block) => withHeader(block, { gasLimit: 0 }))));
    expect(targetOf(unlimited, 'gasUsedRatio')).toBeUndefined();
    expect(targetOf(unlimited, 'gasUsed')?.horizons).toEqual([]);
  });
});

describe('forecasts by a trained forecaster', () => {
  const chain = chainOf(40);

  it('name it, and what it does not forecast', () => {
    const answer = answerOf(after(chain, [1, 2]));
    expect(answer.forecaster).toMatchObject({ kind: 'trained', version: 'abc' });
    expect(answer.forecaster.notice).toContain('seen 40 blocks');
    expect(answer.forecaster.notice).toContain('transactions, conflictDensity, parallelism');
    const fee = targetOf(answer, 'baseFeePerGas');
    expect(fee?.horizons.map(({ blocksAhead }) => blocksAhead)).toEqual([1, 2]);
    expect(fee?.horizons[0]?.values[0]).toBeCloseTo(Number(answer.nextBaseFeePerGasWei), -2);
    expect(targetOf(answer, 'gasUsedRatio')?.horizons[0]?.values[0]).toBeCloseTo(0.5, 1);
    expect(targetOf(answer, 'transactions')?.horizons).toEqual([]);
  });

  it('are left to baselines where a block lacks what it needs, which the answer says', () => {
    const last = chain.at(-1);
    if (last === undefined) throw new Error('The chain has blocks.');
    const next = withHeader(last, { number: last.header.number + 1, baseFeePerGasWei: null });
    const answer = answerOf(after([...chain, next], [1, 2]));
    expect(answer.forecaster).toMatchObject({ kind: 'baseline', version: null });
    expect(answer.forecaster.notice).toContain('which the trained forecaster needs');
    expect(targetOf(answer, 'gasUsedRatio')?.horizons.map(({ blocksAhead }) => blocksAhead)).toEqual([1, 2]);
  });
});
