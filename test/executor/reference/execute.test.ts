import { describe, expect, it } from 'vitest';
import { LanecastError } from '../../../errors.js';
import { createReferenceExecutor } from '../../../executor/reference/index.js';
import type { BlockResult, BlockSnapshot } from '../../../types.js';
import { CONTRACT, FEE_RECIPIENT, OTHER, SENDER, account, code, push, slotOf, snapshotOf } from './snapshots.js';

const BLOCKHASH = 0x40;
const SSTORE = 0x55;

const executor = createReferenceExecutor();

async function codeOfFailure(snapshot: BlockSnapshot): Promise<[code: string, message: string]> {
  const error: unknown = await executor.execute(snapshot).catch((reason: unknown) => reason);
  if (!(error instanceof LanecastError)) throw new Error(`expected a LanecastError, got ${String(error)}`);
  return [error.code, error.message];
}

describe('the reference executor', () => {
  it('answers receipts and the accounts that changed, whole', async () => {
    const accounts = { [CONTRACT]: account(code(push(5), push(1), SSTORE), { [slotOf(2)]: 9 }) };
    const result = await executor.execute(snapshotOf({ accounts, transactions: [{ valueWei: 3n }] }));
    expect(result.receipts).toMatchObject([{ type: 0, succeeded: true, gasUsed: 43_106, cumulativeGasUsed: 43_106 }]);
    expect([...result.postState.keys()].sort()).toEqual([SENDER, CONTRACT, FEE_RECIPIENT].sort());
    expect(result.postState.get(CONTRACT)).toEqual({
      ...accounts[CONTRACT],
      balanceWei: 10n ** 18n + 3n,
      storage: new Map([
        [slotOf(2), slotOf(9)],
        [slotOf(1), slotOf(5)],
      ]),
    });
    expect(result.postState.get(FEE_RECIPIENT)?.balanceWei).toBe(43_106n * 3n);
  });

  it('does the same whether or not it records', async () => {
    const accounts = { [CONTRACT]: account(code(push(5), push(1), SSTORE)) };
    const snapshot = snapshotOf({ accounts, transactions: [{ valueWei: 3n }, { to: OTHER, valueWei: 1n }] });
    const comparable = ({ transactionNs, ...result }: BlockResult): object => ({ ...result, n: transactionNs.length });
    const { result } = await executor.record(snapshot);
    expect(comparable(result)).toEqual(comparable(await executor.execute(snapshot)));
  });

  it('drops slots that are set to zero, and accounts that are destroyed', async () => {
    const selfdestruct = account(code(push(OTHER), 0xff), { [slotOf(1)]: 1 });
    const clearing = account(code(push(0), push(2), SSTORE), { [slotOf(2)]: 9 });
    const other = `0x${'dd'.repeat(20)}` as const;
    const accounts = { [CONTRACT]: selfdestruct, [other]: clearing };
    const snapshot = snapshotOf({ accounts, transactions: [{}, { to: other }], fork: 'shanghai' });
    const { postState } = await executor.execute(snapshot);
    expect(postState.get(CONTRACT)).toBe(null);
    expect(postState.get(other)?.storage).toEqual(new Map());
  });

  it('credits withdrawals after the last transaction', async () => {
    const withdrawal = { index: 0, validatorIndex: 1, address: OTHER, amountGwei: 2n };
    const snapshot = { ...snapshotOf({ transactions: [] }), withdrawals: [withdrawal] };
    const { postState } = await executor.execute(snapshot);
    expect(postState.get(OTHER)?.balanceWei).toBe(2_000_000_000n);
  });

  it.each([
    ['nonce', { nonce: 3 }, /transaction 0: .*nonce/],
    ['balance', { valueWei: 10n ** 20n }, /transaction 0: .*enough funds/],
    ['gas', { gasLimit: 20_000 }, /transaction 0: .*gas limit/],
    ['share of the block', { gasLimit: 40_000_000 }, /transaction 0: gas limit 40000000 exceeds/],
  ])('refuses a transaction that its block cannot hold: %s', async (_what, fields, message) => {
    const [errorCode, text] = await codeOfFailure(snapshotOf({ transactions: [fields] }));
    expect(errorCode).toBe('EXECUTION_FAILED');
    expect(text).toMatch(message);
  });

  it('names the ancestor whose hash is missing', async () => {
    const accounts = { [CONTRACT]: account(code(push(998), BLOCKHASH)) };
    const [errorCode, text] = await codeOfFailure(snapshotOf({ accounts, transactions: [{}] }));
    expect(errorCode).toBe('INVALID_INPUT');
    expect(text).toContain('field blockHashes.998');
  });

  it('reads the ancestors that are there', async () => {
    const accounts = { [CONTRACT]: account(code(push(998), BLOCKHASH, push(1), SSTORE)) };
    const blockHashes = new Map([[998, slotOf(0xabc)]]);
    const { postState } = await executor.execute(snapshotOf({ accounts, transactions: [{}], blockHashes }));
    expect(postState.get(CONTRACT)?.storage.get(slotOf(1))).toBe(slotOf(0xabc));
  });
});
