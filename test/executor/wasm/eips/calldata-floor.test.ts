import { describe, expect, it } from 'vitest';
import type { Hex } from '../../../../types.js';
import { CONTRACT, OTHER, account, code, push } from '../../reference/snapshots.js';
import { LABEL, blockOf, compare, expectRefused, gasOf, joined, repeated, slotAfter, statusOf } from './compare.js';
import { word } from './system-contracts.js';

const [INVALID_INTRINSIC_GAS, INVALID_FLOOR_GAS] = [108, 109];
const TX = 21_000;
const JUMPDEST = 0x5b;

const ones = (bytes: number): Hex => repeated('0x01', bytes);
const zeros = (bytes: number): Hex => repeated('0x00', bytes);
/** EIP-7623: zero bytes are one token, others four; 4 gas a token, but 10 at the least. */
const tokens = (zeroBytes: number, otherBytes: number): number => zeroBytes + 4 * otherBytes;
const floor = (zeroBytes: number, otherBytes: number): number => TX + 10 * tokens(zeroBytes, otherBytes);
const standard = (zeroBytes: number, otherBytes: number): number => TX + 4 * tokens(zeroBytes, otherBytes);

describe(`${LABEL}7623, calldata floor`, () => {
  it.each<[string, Hex, number]>([
    ['no calldata', '0x', TX],
    ['100 zero bytes', zeros(100), 22_000],
    ['100 other bytes', ones(100), 25_000],
    ['both', joined(zeros(100), ones(100)), 26_000],
  ])('is what a transfer costs: %s', async (_name, input, gas) => {
    const result = await compare(blockOf({ transactions: [{ to: OTHER, input, valueWei: 1n }] }));
    expect(gasOf(result)).toEqual([gas]);
  });

  it('did not hold before Prague', async () => {
    const result = await compare(blockOf({ fork: 'cancun', transactions: [{ to: OTHER, input: ones(100) }] }));
    expect(gasOf(result)).toEqual([standard(0, 100)]);
  });

  it.each([
    ['below', -1, 0],
    ['at', 0, 0],
    ['above', 1, 1],
  ])('holds for executions %s the floor only', async (_name, distance, above) => {
    const execution = floor(0, 100) - standard(0, 100) + distance;
    const accounts = { [CONTRACT]: account(code(...Array<number>(execution).fill(JUMPDEST))) };
    const result = await compare(blockOf({ accounts, transactions: [{ input: ones(100) }] }));
    expect(gasOf(result)).toEqual([floor(0, 100) + above]);
  });

  it.each([
    ['the floor is above what remains', 100, floor(0, 100)],
    ['the floor is below what remains', 8, standard(0, 8) + 5_006 - 4_800],
    ['the floor is above what was used', 300, floor(0, 300)],
  ])('is taken after the refund: %s', async (_name, bytes, gas) => {
    const accounts = { [CONTRACT]: account(code(push(0), push(1), 0x55), { [word(1n)]: 5 }) };
    const block = blockOf({ accounts, transactions: [{ input: ones(bytes) }] });
    const result = await compare(block);
    expect(gasOf(result)).toEqual([gas]);
    expect(slotAfter(result, block, [CONTRACT, word(1n)])).toBe(0n);
  });

  it('holds for executions that revert; those that fail use all their gas', async () => {
    const transaction = { input: ones(100), gasLimit: 60_000 };
    const reverting = { [CONTRACT]: account(code(push(0), push(0), 0xfd)) };
    const failing = { [CONTRACT]: account(code(0xfe)) };
    const reverted = await compare(blockOf({ accounts: reverting, transactions: [transaction] }));
    const failed = await compare(blockOf({ accounts: failing, transactions: [transaction] }));
    expect([...statusOf(reverted), ...statusOf(failed)]).toEqual([false, false]);
    expect([...gasOf(reverted), ...gasOf(failed)]).toEqual([25_000, 60_000]);
  });

  it('must be in the gas limit, though execution may not need it', async () => {
    const transaction = { to: OTHER, input: ones(100) };
    const enough = await compare(blockOf({ transactions: [{ ...transaction, gasLimit: 25_000 }] }));
    expect(gasOf(enough)).toEqual([25_000]);
    const short = { ...transaction, gasLimit: 24_999 };
    await expectRefused(blockOf({ transactions: [short] }), INVALID_FLOOR_GAS);
    await compare(blockOf({ fork: 'cancun', transactions: [short] }));
  });

  it('does not count for the gas of execution', async () => {
    const accounts = { [CONTRACT]: account(code(0x5a, push(1), 0x55)) };
    const block = blockOf({ accounts, transactions: [{ input: ones(1_000), gasLimit: 100_000 }] });
    const result = await compare(block);
    expect(slotAfter(result, block, [CONTRACT, word(1n)])).toBe(BigInt(100_000 - standard(0, 1_000) - 2));
  });

  it.each([
    ['below the price of creation', 100],
    ['above the price of creation', 2_000],
  ])('holds for creations: %s', async (_name, bytes) => {
    // STOP first, so nothing else runs and no code is stored.
    const input = joined(zeros(1), ones(bytes - 1));
    const intrinsic = standard(1, bytes - 1) + 32_000 + 2 * Math.ceil(bytes / 32);
    const least = Math.max(intrinsic, floor(1, bytes - 1));
    const enough = await compare(blockOf({ transactions: [{ to: null, input, gasLimit: least }] }));
    expect([gasOf(enough), statusOf(enough)]).toEqual([[least], [true]]);
    const error = least === intrinsic ? INVALID_INTRINSIC_GAS : INVALID_FLOOR_GAS;
    await expectRefused(blockOf({ transactions: [{ to: null, input, gasLimit: least - 1 }] }), error);
  });

  it.each([
    ['below the price of the list', 20, 2_400 + 2 * 1_900],
    ['above the price of the list', 1_000, 2_400 + 2 * 1_900],
  ])('has no part of access lists: %s', async (_name, bytes, listGas) => {
    const accessList = [{ address: CONTRACT, storageKeys: [word(1n), word(2n)] }];
    const intrinsic = standard(0, bytes) + listGas;
    const least = Math.max(intrinsic, floor(0, bytes));
    const transaction = { type: 1, to: OTHER, input: ones(bytes), accessList };
    const result = await compare(blockOf({ transactions: [{ ...transaction, gasLimit: least }] }));
    expect(gasOf(result)).toEqual([least]);
    const error = least === intrinsic ? INVALID_INTRINSIC_GAS : INVALID_FLOOR_GAS;
    await expectRefused(blockOf({ transactions: [{ ...transaction, gasLimit: least - 1 }] }), error);
  });

  it('is paid by the sender to the fee recipient, and counts for the block', async () => {
    const tip = { type: 2, gasPriceWei: null, maxFeePerGasWei: 10n, maxPriorityFeePerGasWei: 2n } as const;
    const transactions = [{ to: OTHER, input: ones(100), ...tip }, { to: OTHER }];
    const block = blockOf({ transactions });
    const result = await compare(block);
    expect(result.receipts.map(({ cumulativeGasUsed }) => cumulativeGasUsed)).toEqual([25_000, 46_000]);
    expect(result.postState.get(block.header.feeRecipient)?.balanceWei).toBe(25_000n * 2n + 21_000n * 3n);
  });
});
