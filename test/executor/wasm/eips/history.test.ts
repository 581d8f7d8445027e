import { describe, expect, it } from 'vitest';
import type { BlockSnapshot, Hex } from '../../../../types.js';
import { CONTRACT, account, code, push, slotOf } from '../../reference/snapshots.js';
import { LABEL, blockOf, bytesOf, callEach, compare, executeOnEngine, slotAfter, statusOf } from './compare.js';
import { HISTORY, SYSTEM_CALLER, deployed, word } from './system-contracts.js';

const SERVED = 8_191n;
/** Of the blocks made by hand. */
const NUMBER = 1_000n;
const PARENT_HASH = 999n;

describe(`${LABEL}2935, historical block hashes`, () => {
  it.each([
    [1_000, 999n],
    [8_191, 8_190n],
    [8_192, 0n],
    [8_193, 1n],
    [23_000_000, 22_999_999n % SERVED],
  ])('stores the parent of block %i in the ring before the transactions', async (number, slot) => {
    const accounts = { [HISTORY.address]: deployed(HISTORY, [[slot, 5n]]) };
    const block = numbered(blockOf({ accounts, transactions: [] }), number);
    const result = await compare(block);
    expect(slotAfter(result, block, [HISTORY.address, word(slot)])).toBe(PARENT_HASH);
    expect(result.postState.has(SYSTEM_CALLER)).toBe(false);
  });

  it('serves the hash of the parent, stored in the same block, and of those before', async () => {
    const stored = [998n, 500n, 0n];
    const accounts = {
      [HISTORY.address]: deployed(
        HISTORY,
        stored.map((slot) => [slot, slot + 7n] as const),
      ),
    };
    const outcomes = await ask([999n, ...stored, 997n], accounts);
    const outputs = [PARENT_HASH, ...stored.map((slot) => slot + 7n), 0n].map((hash) => word(hash));
    expect(outcomes.map(({ output }) => output)).toEqual(outputs);
  });

  it.each<[string, Hex]>([
    ['the block itself', word(NUMBER)],
    ['a block to come', word(NUMBER + 1n)],
    ['a number near 2²⁵⁶', word(2n ** 256n - 1n)],
    ['no input', '0x'],
    ['31 bytes', bytesOf(999, 31)],
    ['33 bytes', bytesOf(999, 33)],
  ])('reverts when asked for %s', async (_name, input) => {
    const [outcome] = await callEach('prague', [{ to: HISTORY.address, input }], {
      [HISTORY.address]: deployed(HISTORY),
    });
    expect(outcome).toMatchObject({ succeeded: false, output: '0x' });
    expect(outcome?.gasUsed).toBeLessThan(10_000);
  });

  it('serves 8,191 blocks: the oldest of them, and no older one', async () => {
    const number = 20_000n;
    const program = (asked: bigint): Hex =>
      code(
        push(word(asked)),
        push(0),
        0x52,
        ...[push(32), push(0), push(32), push(0), push(HISTORY.address)],
        ...RECORD,
      );
    for (const [asked, served] of [
      [number - SERVED, true],
      [number - SERVED - 1n, false],
    ] as const) {
      const history = deployed(HISTORY, [[asked % SERVED, 77n]]);
      const accounts = { [HISTORY.address]: history, [CONTRACT]: account(program(asked)) };
      const block = numbered(blockOf({ accounts, transactions: [{}] }), Number(number));
      const result = await compare(block);
      expect(slotAfter(result, block, [CONTRACT, slotOf(1)])).toBe(served ? 1n : 0n);
      // Where the call reverts, memory keeps the question.
      expect(slotAfter(result, block, [CONTRACT, slotOf(2)])).toBe(served ? 77n : asked);
    }
  });

  it('stores nothing for callers other than the system', async () => {
    const transaction = { to: HISTORY.address, input: word(998n) };
    const accounts = { [HISTORY.address]: deployed(HISTORY, [[998n, 7n]]) };
    const block = blockOf({ accounts, transactions: [transaction, { ...transaction, input: word(NUMBER) }] });
    const result = await compare(block);
    expect(statusOf(result)).toEqual([true, false]);
    expect(slotAfter(result, block, [HISTORY.address, word(998n)])).toBe(7n);
  });

  it('leaves the warmth of the slot to the transactions: the system call is none of them', async () => {
    const accounts = { [HISTORY.address]: deployed(HISTORY) };
    const [first, second] = await ask([999n, 999n], accounts);
    expect(first?.gasUsed).toBe(second?.gasUsed);
    // Cold account and cold slot, less the 100 of a warm account.
    expect(first?.gasUsed).toBeGreaterThan(2_500 + 2_100);
  });

  it('does nothing where the contract is not deployed, and before Prague', async () => {
    const empty = await compare(blockOf({ transactions: [] }));
    expect(empty.postState.has(HISTORY.address)).toBe(false);
    const accounts = { [HISTORY.address]: deployed(HISTORY) };
    const cancun = await compare(blockOf({ fork: 'cancun', accounts, transactions: [] }));
    expect(cancun.postState.get(HISTORY.address)?.storage.get(word(999n))).toBeUndefined();
  });

  it('calls whatever code is there; the reference stores by itself, so the engine alone', async () => {
    const accounts = { [HISTORY.address]: account(code(push(0), 0x35, push(1), 0x55)) };
    const block = blockOf({ accounts, transactions: [] });
    const result = await executeOnEngine(block);
    expect(slotAfter(result, block, [HISTORY.address, slotOf(1)])).toBe(PARENT_HASH);
  });

  it('leaves the balance and the nonce of the system caller alone', async () => {
    const caller = { balanceWei: 5n, nonce: 3, code: '0x' as const, storage: new Map() };
    const accounts = { [HISTORY.address]: deployed(HISTORY), [SYSTEM_CALLER]: caller };
    const result = await compare(blockOf({ accounts, transactions: [] }));
    expect(result.postState.has(SYSTEM_CALLER)).toBe(false);
  });
});

/** STATICCALL with what gas there is; success to slot 1, the word at 0 to slot 2. */
const RECORD = [0x5a, 0xfa, push(1), 0x55, push(0), 0x51, push(2), 0x55] as const;

function ask(
  numbers: readonly bigint[],
  accounts: Record<Hex, ReturnType<typeof deployed>>,
): ReturnType<typeof callEach> {
  return callEach(
    'prague',
    numbers.map((number) => ({ to: HISTORY.address, input: word(number) })),
    accounts,
  );
}

function numbered(block: BlockSnapshot, number: number): BlockSnapshot {
  return { ...block, header: { ...block.header, number } };
}
