import { describe, expect, it } from 'vitest';
import { createWorkload, type WorkItem, type WorkloadOptions } from '../../scheduler/workload.js';
import type { Access, AccessField, AccessKind, Address, BlockRecord, Hash, TransactionRecord } from '../../types.js';

const FEE: Address = '0xfee';
const ALICE: Address = '0xa';
const POOL: Address = '0xb';

function access(address: Address, field: AccessField, kind: AccessKind, atGas: number | null = null): Access {
  const slot: Hash | null = field === 'slot' ? '0x1' : null;
  return { address, field, slot, kind, atGas, value: null };
}

type Part = Partial<Pick<TransactionRecord, 'gasUsed' | 'executionNs' | 'accesses'>>;

function recordOf(...parts: Part[]): BlockRecord {
  const transactions = parts.map((part, index) => ({
    transaction: { index, from: `0x${index}` },
    gasUsed: 100_000,
    executionNs: null,
    accesses: [],
    ...part,
  }));
  return {
    kind: 'record',
    origin: 'made',
    header: { number: 7, feeRecipient: FEE },
    transactions,
  } as unknown as BlockRecord;
}

function itemsOf(
  accesses: readonly (readonly Access[])[],
  options: Partial<WorkloadOptions> = {},
): readonly WorkItem[] {
  return createWorkload(recordOf(...accesses.map((list) => ({ accesses: list }))), { cost: 'gas', ...options })
    .transactions;
}

/** As `key kind position`. */
function show(items: readonly WorkItem[]): string[][] {
  return items.map((item) => item.accesses.map(({ key, kind, position }) => `${key} ${kind} ${position}`));
}

describe('a workload', () => {
  it.each([
    ['gas', [21_000, 14_000]],
    ['gas-less-intrinsic', [6_000, 1]],
    ['time', [0, 5]],
  ] as const)('costs %s', (cost, expected) => {
    const record = recordOf({ gasUsed: 21_000, executionNs: 0 }, { gasUsed: 14_000, executionNs: 5 });
    expect(createWorkload(record, { cost }).transactions.map((item) => item.cost)).toEqual(expected);
  });

  it('names the last transaction of the same sender', () => {
    const record = recordOf({}, {}, {}, {});
    const senders = [ALICE, POOL, ALICE, ALICE];
    const transactions = record.transactions.map((transaction, index) => ({
      ...transaction,
      transaction: { ...transaction.transaction, from: senders[index] ?? ALICE },
    }));
    const workload = createWorkload({ ...record, transactions }, { cost: 'gas' });
    expect(workload.transactions.map(({ previous }) => previous)).toEqual([undefined, undefined, 0, 2]);
  });

  it('refuses to cost time that was not measured', () => {
    expect(() => createWorkload(recordOf({ executionNs: 1 }, {}), { cost: 'time' })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'made, block 7, transaction 1: no measured time; expected cost "gas" or "gas-less-intrinsic"',
      }),
    );
  });

  it('puts accesses where their gas says, else reads at the start and writes at the end', () => {
    const slot = (kind: AccessKind, atGas: number | null): Access => access(POOL, 'slot', kind, atGas);
    expect(show(itemsOf([[slot('write', 75_000), slot('read', 25_000)]]))).toEqual([['0 read 0.25', '0 write 0.75']]);
    expect(show(itemsOf([[slot('write', null), slot('read', null)]]))).toEqual([['0 read 0', '0 write 1']]);
    expect(show(itemsOf([[slot('read', 200_000)]]))).toEqual([['0 read 1']]);
  });

  it('lets a write see the old value', () => {
    expect(show(itemsOf([[access(POOL, 'slot', 'write')]]))).toEqual([['0 read 0', '0 write 1']]);
  });

  it('names each key once, with account, code and slot of an address apart', () => {
    const all = (['account', 'code', 'slot'] as const).map((field) => access(POOL, field, 'write'));
    const workload = createWorkload(recordOf({ accesses: all }, { accesses: all }), { cost: 'gas' });
    expect(workload.keyCount).toBe(3);
    expect(show(workload.transactions)[1]).toEqual(show(workload.transactions)[0]);
  });

  it('leaves out code that nobody writes', () => {
    const calls = [access(POOL, 'code', 'read')];
    expect(show(itemsOf([calls, calls]))).toEqual([[], []]);
    expect(show(itemsOf([[access(POOL, 'code', 'write')], calls]))).toEqual([['0 read 0', '0 write 1'], ['0 read 0']]);
  });

  it('keeps a credit apart when lazy, makes it a change when strict or beside another access', () => {
    const credit = access(ALICE, 'account', 'add');
    expect(show(itemsOf([[credit]]))).toEqual([['0 add 1']]);
    expect(show(itemsOf([[credit]], { balances: 'strict' }))).toEqual([['0 read 0', '0 write 1']]);
    expect(show(itemsOf([[credit, access(ALICE, 'account', 'read')]]))).toEqual([['0 read 0', '0 write 1']]);
  });

  it('leaves out credits to the fee recipient when lazy, its account when strict, never its slots', () => {
    const fee = access(FEE, 'account', 'add');
    const payout = [access(FEE, 'account', 'read'), access(FEE, 'account', 'write')];
    const slot = [access(FEE, 'slot', 'read')];
    expect(show(itemsOf([[fee], payout, slot]))).toEqual([[], ['0 read 0', '0 write 1'], ['1 read 0']]);
    expect(show(itemsOf([[fee], payout, slot], { balances: 'strict' }))).toEqual([[], [], ['0 read 0']]);
  });
});
