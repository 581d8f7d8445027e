import { describe, expect, it } from 'vitest';
import { isSameResult } from '../../executor/same-result.js';
import type { AccountState, Address, BlockResult, BlockSnapshot, PostState, Receipt } from '../../types.js';
import { CONTRACT, OTHER, account, slotOf, snapshotOf } from './reference/snapshots.js';

const BLOCK: BlockSnapshot = snapshotOf({ accounts: { [CONTRACT]: account() }, transactions: [] });
const RECEIPT: Receipt = { type: 2, succeeded: true, gasUsed: 21_000, cumulativeGasUsed: 21_000, logs: [] };
const BEFORE = BLOCK.preState.get(CONTRACT) ?? account();

function result(
  fields: Partial<BlockResult> = {},
  post: Readonly<Record<Address, AccountState | null>> = {},
): BlockResult {
  return {
    receipts: [RECEIPT],
    gasUsed: 21_000,
    receiptsRoot: slotOf(1),
    logsBloom: '0x00',
    transactionNs: [],
    postState: new Map(Object.entries(post)) as PostState,
    ...fields,
  };
}

const withSlots = (...slots: [number, number][]): AccountState => ({
  ...BEFORE,
  storage: new Map(slots.map(([slot, value]) => [slotOf(slot), slotOf(value)])),
});
const NOTHING: AccountState = { balanceWei: 0n, nonce: 0, code: '0x', storage: new Map() };

describe('two results of a block', () => {
  it.each([
    ['equal ones', result(), result()],
    ['times', result(), result({ transactionNs: [5] })],
    ['an account that is listed and has not changed', result(), result({}, { [CONTRACT]: BEFORE })],
    ['an account that holds nothing and none', result({}, { [OTHER]: NOTHING }), result({}, { [OTHER]: null })],
    ['an empty account and one not listed', result({}, { [OTHER]: NOTHING }), result()],
    [
      'zero slots',
      result({}, { [CONTRACT]: withSlots([1, 2], [3, 0]) }),
      result({}, { [CONTRACT]: withSlots([1, 2]) }),
    ],
  ])('are the same whatever the %s', (_name, a, b) => {
    expect([isSameResult(a, b, BLOCK), isSameResult(b, a, BLOCK)]).toEqual([true, true]);
  });

  it.each([
    ['gas', result({ gasUsed: 1 })],
    ['receipts root', result({ receiptsRoot: slotOf(2) })],
    ['bloom', result({ logsBloom: '0x01' })],
    ['a status', result({ receipts: [{ ...RECEIPT, succeeded: false }] })],
    ['a log', result({ receipts: [{ ...RECEIPT, logs: [{ address: OTHER, topics: [], data: '0x' }] }] })],
    ['a balance', result({}, { [CONTRACT]: { ...BEFORE, balanceWei: BEFORE.balanceWei + 1n } })],
    ['a nonce', result({}, { [CONTRACT]: { ...BEFORE, nonce: BEFORE.nonce + 1 } })],
    ['code', result({}, { [CONTRACT]: { ...BEFORE, code: '0x00' } })],
    ['a slot', result({}, { [CONTRACT]: withSlots([1, 2]) })],
    ['an account that is gone', result({}, { [CONTRACT]: null })],
    ['a new account', result({}, { [OTHER]: { ...NOTHING, nonce: 1 } })],
  ])('differ in %s', (_name, other) => {
    expect([isSameResult(result(), other, BLOCK), isSameResult(other, result(), BLOCK)]).toEqual([false, false]);
  });
});
