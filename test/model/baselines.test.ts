import { describe, expect, it } from 'vitest';
import { Bep456 } from '../../model/baselines/bep-456.js';
import {
  GasLimitStatistics,
  LastValue,
  MeanSeries,
  MedianSeries,
  TieredStatistics,
} from '../../model/baselines/cost-statistics.js';
import { CostBaseline } from '../../model/baselines/costs.js';
import { DeclaredAccessLists } from '../../model/baselines/declared-access-lists.js';
import { createBaselines } from '../../model/baselines/index.js';
import { LastSeenKeys } from '../../model/baselines/last-seen-keys.js';
import {
  PairRule,
  sameContract,
  sameContractSelector,
  sameContractSender,
  senderOnly,
} from '../../model/baselines/pair-rules.js';
import type { PartialPredictor } from '../../model/evaluation/contender.js';
import { pendingOf } from '../../model/pending.js';
import type { PredictedQuantiles } from '../../scheduler/predictor.js';
import type { BlockRecord, Hex } from '../../types.js';
import { accountAccess, address, hash, slotAccess } from '../datasets/store-records.js';
import { blockOf, describeAccesses, pairsIn, type Draft } from './blocks.js';

function pairsOf(predictor: PartialPredictor, drafts: readonly Draft[]): [number, number][] {
  const { conflicts } = predictor.predict(pendingOf(blockOf(9, drafts)));
  if (conflicts === undefined) throw new Error('expected conflicts');
  expect(conflicts.probability.every((probability) => probability === 1)).toBe(true);
  return pairsIn(conflicts);
}

function call(contract: number, selector: Hex, draft: Draft = {}): Draft {
  return { to: address(contract), input: selector, ...draft };
}

function tokenCall(selector: Hex, from: number, ...accounts: readonly number[]): Draft {
  const words = accounts.map((account) => account.toString(16).padStart(64, '0')).join('');
  return { from: address(from), to: address(100), input: `${selector}${words}` };
}

describe('rules for pairs', () => {
  const drafts = [
    call(1, '0x11111111aa'),
    call(1, '0x11111111bb', { from: address(7) }),
    call(1, '0x22222222'),
    call(2, '0x11111111'),
    call(1, '0x'),
    call(1, '0x', { from: address(7) }),
    { to: null, input: '0x11111111' as const, from: address(8) },
    { to: null, input: '0x11111111' as const, from: address(9) },
  ];

  it.each([
    ['same contract and selector', sameContractSelector, ['0,1']],
    ['same contract', sameContract, ['0,1', '0,2', '1,2']],
    ['same contract and sender', sameContractSender, ['0,2']],
    ['same sender', senderOnly, ['0,2', '0,3', '2,3', '0,4', '2,4', '3,4', '1,5']],
  ] as const)('%s', (_, groupOf, expected) => {
    expect(pairsOf(new PairRule(groupOf), drafts).map(String)).toEqual(expected);
  });
});

describe('keys of the last such transaction', () => {
  const seen = blockOf(1, [
    call(1, '0x11111111', { from: address(5), accesses: [slotAccess('write', 1, 9)] }),
    call(1, '0x11111111', {
      from: address(5),
      accesses: [
        slotAccess('read', 1, 1),
        slotAccess('write', 1, 1),
        slotAccess('read', 1, 2),
        accountAccess('write', 5),
      ],
    }),
  ]);
  const drafts = [call(1, '0x11111111'), call(1, '0x11111111'), call(1, '0x22222222'), call(2, '0x11111111')];

  it('are nothing for a function that was not seen', () => {
    const predictor = new LastSeenKeys({ unseenFunction: 'nothing' });
    predictor.learn(seen);
    expect(pairsOf(predictor, drafts)).toEqual([[0, 1]]);
    const { accesses } = predictor.predict(pendingOf(blockOf(2, [drafts[0] ?? {}, drafts[2] ?? {}])));
    expect(describeAccesses(accesses)).toEqual([['1 account 1 1', '1 1 1 1', '1 2 1 0'], ['1 account 1 1']]);
  });

  it('may be those of the contract instead', () => {
    const predictor = new LastSeenKeys({ unseenFunction: 'same-contract' });
    predictor.learn(seen);
    expect(pairsOf(predictor, drafts).map(String)).toEqual(['0,1', '0,2', '1,2']);
  });
});

describe('declared access lists', () => {
  it('are taken as reads and writes', () => {
    const accessList = [{ address: address(3), storageKeys: [hash(4)] }];
    const drafts = [{ accessList }, {}, { accessList }];
    expect(pairsOf(new DeclaredAccessLists(), drafts)).toEqual([[0, 2]]);
    const { accesses } = new DeclaredAccessLists().predict(pendingOf(blockOf(1, drafts)));
    expect(describeAccesses(accesses)).toEqual([['3 4 1 1'], [], ['3 4 1 1']]);
  });
});

describe('BEP-456', () => {
  const [transfer, transferFrom, approve, mint] = ['0xa9059cbb', '0x23b872dd', '0x095ea7b3', '0x40c10f19'] as const;

  it.each<[string, Draft, Draft, boolean]>([
    ['transfers from one account', tokenCall(transfer, 1, 2, 10), tokenCall(transfer, 1, 3, 10), true],
    ['transfers to one account', tokenCall(transfer, 1, 2, 10), tokenCall(transfer, 3, 2, 10), true],
    ['transfers among others', tokenCall(transfer, 1, 2, 10), tokenCall(transfer, 3, 4, 10), false],
    ['a transfer by a spender', tokenCall(transfer, 1, 2, 10), tokenCall(transferFrom, 9, 2, 5, 10), true],
    ['an approval and its use', tokenCall(approve, 1, 9, 10), tokenCall(transferFrom, 9, 1, 5, 10), true],
    ['an approval and a transfer', tokenCall(approve, 1, 9, 10), tokenCall(transfer, 1, 5, 10), false],
    ['another call, then a transfer', tokenCall(mint, 1, 2, 10), tokenCall(transfer, 3, 4, 10), true],
    ['a transfer, then another call', tokenCall(transfer, 3, 4, 10), tokenCall(mint, 1, 2, 10), true],
    ['other calls', tokenCall(mint, 1, 2, 10), tokenCall('0xdeadbeef', 3), true],
    ['a transfer that is cut short', tokenCall(transfer, 1, 2), tokenCall(transfer, 3, 4, 10), true],
    ['plain transfers', call(5, '0x'), call(5, '0x'), false],
  ])('%s', (_, first, second, conflict) => {
    expect(pairsOf(new Bep456(), [first, second])).toEqual(conflict ? [[0, 1]] : []);
  });

  it('has sender and recipient as accounts, declared lists as reads', () => {
    const accessList = [{ address: address(3), storageKeys: [hash(4)] }];
    const block = blockOf(1, [{ from: address(1), to: address(2), valueWei: 5n, accessList }]);
    const { accesses } = new Bep456().predict(pendingOf(block));
    expect(describeAccesses(accesses)).toEqual([['1 account 1 1', '2 account 1 1', '3 4 1 0']]);
  });
});

describe('baselines of costs', () => {
  const medians = ({ levels, values }: PredictedQuantiles): number[] =>
    [...values].filter((_, index) => index % levels.length === levels.indexOf(0.5));
  const used = (contract: number, gasUsed: number, draft: Draft = {}): Draft =>
    call(contract, '0x11111111', { gasUsed, ...draft });
  const history = blockOf(1, [used(1, 10), used(1, 20), used(1, 90), used(2, 200), call(3, '0x', { gasUsed: 1000 })]);
  const asked = blockOf(2, [call(1, '0x11111111'), call(9, '0x11111111'), call(9, '0x99'), call(9, '0x')]);

  function gasOf(create: () => MeanSeries | MedianSeries | LastValue, learned: readonly BlockRecord[]): number[] {
    const baseline = new CostBaseline(new TieredStatistics(create), new TieredStatistics(create));
    for (const record of learned) baseline.learn(record);
    return medians(baseline.predict(pendingOf(asked)).gasUsed);
  }

  it('fall back from the function to the selector to all', () => {
    expect(gasOf(() => new MeanSeries(), [history])).toEqual([40, 80, 264, 1000]);
    expect(gasOf(() => new MedianSeries(), [history])).toEqual([20, 55, 90, 1000]);
    expect(gasOf(() => new LastValue(), [history])).toEqual([90, 200, 1000, 1000]);
  });

  it('start from the gas limit', () => {
    expect(gasOf(() => new MeanSeries(), [])).toEqual([100_000, 100_000, 100_000, 100_000]);
  });

  it('know no time before they learned one', () => {
    const baseline = new CostBaseline(new GasLimitStatistics(1), new GasLimitStatistics(null));
    baseline.learn(blockOf(1, [{ gasUsed: 50_000 }]));
    expect(baseline.predict(pendingOf(asked)).executionNs).toBeNull();
    baseline.learn(blockOf(2, [{ gasLimit: 100_000, executionNs: 5_000 }]));
    const { gasUsed, executionNs } = baseline.predict(pendingOf(blockOf(3, [{ gasLimit: 300_000 }])));
    expect(medians(gasUsed)).toEqual([300_000]);
    expect(executionNs === null ? null : medians(executionNs)).toEqual([15_000]);
  });

  it('spread as their errors did', () => {
    const baseline = new CostBaseline(
      new TieredStatistics(() => new LastValue()),
      new TieredStatistics(() => new LastValue()),
      [0, 0.5, 1],
    );
    for (const [index, gas] of [100, 50, 100].entries()) baseline.learn(blockOf(index + 1, [used(1, gas)]));
    expect([...baseline.predict(pendingOf(blockOf(9, [used(1, 0)]))).gasUsed.values]).toEqual([50, 100, 200]);
  });

  it('take the quantiles of the function where it was seen often', () => {
    const baseline = new CostBaseline(
      new TieredStatistics(() => new MedianSeries()),
      new TieredStatistics(() => new MedianSeries()),
      [0, 0.25, 0.5, 1],
    );
    baseline.learn(
      blockOf(
        1,
        Array.from({ length: 41 }, (_, index) => used(1, index)),
      ),
    );
    expect([...baseline.predict(pendingOf(blockOf(9, [used(1, 0)]))).gasUsed.values]).toEqual([0, 10, 20, 40]);
  });

  it('have ascending quantiles throughout', () => {
    for (const { predictor } of createBaselines().values()) {
      predictor.learn(history);
      const { gasUsed } = predictor.predict(pendingOf(asked));
      if (gasUsed === undefined) continue;
      for (const index of asked.transactions.keys()) {
        const row = gasUsed.values.slice(index * gasUsed.levels.length, (index + 1) * gasUsed.levels.length);
        expect(row).toEqual(row.toSorted());
      }
    }
  });
});
