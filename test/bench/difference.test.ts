import { describe, expect, it } from 'vitest';
import { findDifference, RunCheck } from '../../bench/difference.js';
import type { AccountState, Address, BlockResult, Receipt } from '../../types.js';
import { account, CONTRACT, OTHER, SENDER, slotOf, snapshotOf, ZERO_HASH } from '../executor/reference/snapshots.js';

const snapshot = snapshotOf({ accounts: { [CONTRACT]: account('0x00', { [slotOf(1)]: 5 }) }, transactions: [{}] });
const receipt: Receipt = { type: 0, succeeded: true, gasUsed: 21_000, cumulativeGasUsed: 21_000, logs: [] };
const log = { address: CONTRACT, topics: [ZERO_HASH], data: '0x' } as const;

function resultWith(changes: Partial<BlockResult> = {}): BlockResult {
  const common = { receipts: [receipt], gasUsed: 21_000, receiptsRoot: ZERO_HASH, logsBloom: '0x00' } as const;
  return { ...common, transactionNs: [], postState: stateWith({}), ...changes };
}

function stateWith(changes: Readonly<Record<Address, AccountState | null>>): BlockResult['postState'] {
  return new Map(Object.entries({ [SENDER]: account(), ...changes })) as BlockResult['postState'];
}

const nothing: AccountState = { balanceWei: 0n, nonce: 0, code: '0x', storage: new Map() };

describe('the comparison of results', () => {
  it.each<[string, Partial<BlockResult>]>([
    ['receipt 0', { receipts: [{ ...receipt, succeeded: false }] }],
    ['receipt 0', { receipts: [{ ...receipt, logs: [log] }] }],
    ['0 receipts', { receipts: [] }],
    ['gas used 1', { gasUsed: 1 }],
    ['logs bloom', { logsBloom: '0x01' }],
    ['receipts root', { receiptsRoot: slotOf(1) }],
    ['balance', { postState: stateWith({ [SENDER]: { ...account(), balanceWei: 1n } }) }],
    ['nonce', { postState: stateWith({ [SENDER]: { ...account(), nonce: 1 } }) }],
    ['code', { postState: stateWith({ [CONTRACT]: account('0x01', { [slotOf(1)]: 5 }) }) }],
    ['slot', { postState: stateWith({ [CONTRACT]: account('0x00', { [slotOf(1)]: 6 }) }) }],
    ['slot', { postState: stateWith({ [CONTRACT]: account('0x00') }) }],
    ['one of the two only', { postState: stateWith({ [CONTRACT]: null }) }],
    ['one of the two only', { postState: stateWith({ [OTHER]: account() }) }],
  ])('finds what differs: %s', (expected, changes) => {
    expect(findDifference(resultWith(changes), resultWith(), snapshot)).toContain(expected);
    expect(findDifference(resultWith(), resultWith(changes), snapshot)).not.toBeNull();
  });

  it.each<[string, Partial<BlockResult>]>([
    ['times', { transactionNs: [7] }],
    [
      'an account that is listed though it did not change',
      {
        postState: stateWith({ [CONTRACT]: account('0x00', { [slotOf(1)]: 5 }) }),
      },
    ],
    [
      'a slot of zero that is listed',
      {
        postState: stateWith({ [CONTRACT]: account('0x00', { [slotOf(1)]: 5, [slotOf(2)]: 0 }) }),
      },
    ],
    ['an account of nothing', { postState: stateWith({ [OTHER]: nothing }) }],
  ])('does not mind %s', (_what, changes) => {
    expect(findDifference(resultWith(changes), resultWith(), snapshot)).toBeNull();
  });
});

describe('the check of the runs of a block', () => {
  const right = resultWith();
  const wrong = resultWith({ logsBloom: '0x01' });
  const runs = (outcomes: readonly (readonly [fingerprint: string, result: BlockResult])[]): unknown[] => {
    const last = { fingerprint: '', result: right, described: 0 };
    const describeRun = (): BlockResult => {
      last.described += 1;
      return last.result;
    };
    const check = new RunCheck({ fingerprint: () => last.fingerprint, describe: describeRun }, right, snapshot);
    const problems = outcomes.map(([fingerprint, result]) => {
      Object.assign(last, { fingerprint, result });
      return check.findProblem();
    });
    return [...problems, last.described];
  };

  it('reads the first right one only', () => {
    expect(runs([['a', right] as const, ['a', right] as const, ['a', right] as const])).toEqual([null, null, null, 1]);
  });

  it('says what differs, and takes no wrong run for the right one', () => {
    const outcomes = [['b', wrong] as const, ['b', wrong] as const, ['a', right] as const, ['b', wrong] as const];
    expect(runs(outcomes)).toEqual(['logs bloom', 'logs bloom', null, 'logs bloom', 4]);
  });

  it('minds another fingerprint where nothing that is read differs', () => {
    expect(runs([['a', right] as const, ['b', right] as const])).toEqual([null, 'fingerprint', 2]);
  });
});
